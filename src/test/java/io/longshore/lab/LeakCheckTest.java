package io.longshore.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LeakCheckTest {
    private static final Duration AT_ONCE = Duration.ofMillis(50);

    @Test
    void passesWhenEverythingIsClosedAgain() throws IOException {
        LeakCheck check = LeakCheck.before();
        try (Selector selector = Selector.open();
                ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                SocketChannel client = SocketChannel.open(server.getLocalSocketAddress())) {
            assertTrue(client.isConnected() && selector.isOpen());
        }
        check.nothingLeft();
    }

    @Test
    void namesTheSocketThatIsLeft() throws IOException {
        LeakCheck check = LeakCheck.before();
        int sockets = LeakCheck.count(LeakCheck.Kind.SOCKET);
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertEquals(sockets + 1, LeakCheck.count(LeakCheck.Kind.SOCKET));
            AssertionError left = assertThrows(AssertionError.class, () -> check.nothingLeft(AT_ONCE));
            String port = String.format(":%04X-", server.getLocalPort());
            assertTrue(left.getMessage().startsWith("1 left open"), left.getMessage());
            assertTrue(left.getMessage().contains(port), left.getMessage());
        }
        check.nothingLeft();
    }

    @Test
    void findsASelectorThatIsLeft() throws IOException {
        LeakCheck check = LeakCheck.before();
        int eventpolls = LeakCheck.count(LeakCheck.Kind.EVENTPOLL);
        try (Selector selector = Selector.open()) {
            assertTrue(selector.isOpen());
            assertEquals(eventpolls + 1, LeakCheck.count(LeakCheck.Kind.EVENTPOLL));
            assertThrows(AssertionError.class, () -> check.nothingLeft(AT_ONCE));
        }
        check.nothingLeft();
    }

    @Test
    void doesNotJudgeFiles(@TempDir Path folder) throws IOException {
        LeakCheck check = LeakCheck.before();
        try (var file = Files.newOutputStream(folder.resolve("open"))) {
            file.write(1);
            assertTrue(LeakCheck.count(LeakCheck.Kind.FILE) > 0);
            check.nothingLeft();
        }
    }

    @Test
    void waitsOnlyUntilTheDeadline() {
        AssertionError late =
                assertThrows(AssertionError.class, () -> Await.until(() -> false, AT_ONCE, "the impossible"));
        assertEquals("not within 50 ms: the impossible", late.getMessage());
    }
}
