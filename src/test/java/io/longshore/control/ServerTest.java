package io.longshore.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.config.Config;
import io.longshore.config.ConfigReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class ServerTest {
    @TempDir
    private Path folder;

    private final PrintStream stderr = System.err;
    private final ByteArrayOutputStream logged = new ByteArrayOutputStream();

    @AfterEach
    void giveStandardErrorBack() {
        System.setErr(stderr);
    }

    @Test
    void namesTheAddressThatSomebodyElseListensOn() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            String address = "127.0.0.1:" + taken.getLocalPort();
            IOException refusal = assertThrows(IOException.class, () -> Server.start(config(address, "")));
            assertEquals("cannot listen on " + address + ": somebody listens there already", refusal.getMessage());
            assertNothingIsLeft();
        }
    }

    @Test
    void refusesAPortThatAnotherServerWouldShare() throws IOException {
        Server first = Server.start(config("127.0.0.1:0", ""));
        String address = first.addresses().get(0).toString();
        IOException refusal = assertThrows(IOException.class, () -> Server.start(config(address, "")));
        assertTrue(refusal.getMessage().contains(address), refusal.getMessage());
        end(first);
    }

    @Test
    void listensAgainWhereAnEndedServerLeftConnections() throws IOException {
        Server first = Server.start(config("127.0.0.1:0", ""));
        int port = first.addresses().get(0).port();
        // The server closes first, so the connection's remains stay on its side for a minute.
        Socket client = new Socket(InetAddress.getByName("127.0.0.1"), port);
        client.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        assertEquals('H', client.getInputStream().read(), "accepted, and refused for its missing Host");
        end(first);
        client.close();
        end(Server.start(config("127.0.0.1:" + port, "")));
    }

    @Test
    void namesAnAddressThatIsNotOfThisHostAndLogsNothingTwice() {
        System.setErr(new PrintStream(logged, true, StandardCharsets.UTF_8));
        for (int port : new int[] {0, 8080}) {
            String address = "192.0.2.1:" + port;
            IOException refusal = assertThrows(IOException.class, () -> Server.start(config(address, "")));
            assertTrue(refusal.getMessage().startsWith("cannot listen on " + address + ": "), refusal.getMessage());
        }
        assertEquals("", logged.toString(StandardCharsets.UTF_8));
        assertNothingIsLeft();
    }

    @Test
    void leavesNoCounterFileBehindAnAccessLogThatCannotBeOpened() {
        String line = "access-log: " + folder + "\n";
        IOException refusal = assertThrows(IOException.class, () -> Server.start(config("127.0.0.1:0", line)));
        assertTrue(refusal.getMessage().contains(folder.toString()), refusal.getMessage());
        assertNothingIsLeft();
    }

    @Test
    void servesWithoutAPlaceForItsCounters() throws IOException {
        System.setErr(new PrintStream(logged, true, StandardCharsets.UTF_8));
        Path noFolder = Files.writeString(folder.resolve("file"), "");
        Server server = Server.start(config("127.0.0.1:0", "", noFolder.resolve("counters")));
        assertNull(server.counters());
        assertTrue(server.readyLine().contains(" loops=2 "), server.readyLine());
        end(server);
        String warning = logged.toString(StandardCharsets.UTF_8);
        assertTrue(warning.contains("level=warn event=counters-not-visible"), warning);
        assertEquals(1, warning.lines().count(), warning);
    }

    private static void end(Server server) {
        server.stop();
        assertTrue(server.awaitEnd());
    }

    private void assertNothingIsLeft() {
        try (Stream<Path> left = Files.walk(folder.resolve("counters"))) {
            assertFalse(left.anyMatch(Files::isRegularFile), "a counter file");
        } catch (IOException e) {
            assertFalse(Files.exists(folder.resolve("counters")), "not even made");
        }
        assertTrue(
                Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().startsWith("longshore-loop-")),
                "a loop");
    }

    private Config config(String address, String more) {
        return config(address, more, folder.resolve("counters"));
    }

    private Config config(String address, String more, Path counters) {
        String yaml = """
                loops: 2
                listeners:
                  - address: %s
                origins:
                  nobody:
                    endpoints: ["127.0.0.1:9"]
                routes:
                  - host: "*"
                    path: /
                    origin: nobody
                counters: %s
                %s""".formatted(address, counters, more);
        ConfigReader.Result result = ConfigReader.parse("test", yaml);
        if (result instanceof ConfigReader.Faulty faulty) {
            throw new AssertionError(faulty.faults());
        }
        return ((ConfigReader.Valid) result).config();
    }
}
