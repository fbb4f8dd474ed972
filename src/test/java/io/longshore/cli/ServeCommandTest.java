package io.longshore.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.lab.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ServeCommandTest {
    @TempDir
    private Path folder;

    @Test
    void tellsEveryFaultOfItsConfigurationAndStartsNothing() throws Exception {
        Path file = Files.writeString(folder.resolve("bad.yaml"), """
                loops: many
                listeners:
                  - adress: 127.0.0.1:0
                """);
        CommandRun run = CommandRun.of("serve", "-c", file.toString());
        assertEquals(2, run.code());
        assertEquals("", run.out());
        assertTrue(run.err().contains(file + ":1:8: loops: "), run.err());
        assertTrue(run.err().contains(file + ":3:5: "), run.err());
    }

    @Test
    void wantsAFileThatIsThere() {
        assertEquals(2, CommandRun.of("serve").code());
        CommandRun run =
                CommandRun.of("serve", "-c", folder.resolve("absent.yaml").toString());
        assertEquals(2, run.code());
        assertTrue(run.err().contains("there is no such file"), run.err());
    }

    @Test
    void failsInOneLineWhenItsPortIsTaken() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            Path file = configuration(taken.getLocalPort(), 9);
            CommandRun run = CommandRun.of("serve", "-c", file.toString());
            assertEquals(1, run.code());
            assertEquals("", run.out());
            assertTrue(run.err().startsWith("longshore serve: "), run.err());
            assertEquals(1, run.err().lines().count(), run.err());
        }
    }

    @Test
    void servesUntilItIsTerminated() throws Exception {
        try (WsPeer origin = WsPeer.echoing();
                MainProcess server = new MainProcess(
                        "serve", "-c", configuration(0, origin.port()).toString())) {
            String address = server.awaitReady();
            CommandRun run = CommandRun.of("ws", "ws://" + address + "/", "--send", "through the proxy");
            assertEquals(0, run.code(), run.err());
            assertEquals("through the proxy\n", run.out());
            origin.awaitEnd();

            server.signal("HUP");
            server.signal("TERM");
            assertEquals(0, server.awaitExit());
            assertTrue(server.errors().contains("event=draining signal=SIGTERM"), server.errors());
        }
    }

    @Test
    void letsNoTunnelKeepItFromStoppingAtOnce() throws Exception {
        for (String[] signals : new String[][] {{"INT"}, {"TERM", "TERM"}, {"TERM", "INT"}}) {
            CountDownLatch opened = new CountDownLatch(1);
            try (WsPeer origin = WsPeer.playing(connection -> {
                        connection.upgrade("");
                        opened.countDown();
                        connection.awaitEnd();
                    });
                    MainProcess server = new MainProcess(
                            "serve", "-c", configuration(0, origin.port()).toString());
                    Socket client = connect(server.awaitReady())) {
                opened.await();
                InetSocketAddress address = (InetSocketAddress) client.getRemoteSocketAddress();
                server.signal(signals[0]);
                if (signals.length > 1) {
                    // The kernel keeps one pending signal of a kind: a second one before the first is heard is no
                    // second one.
                    Await.until(() -> !isListening(address), "the first signal to be heard");
                    server.signal(signals[1]);
                }
                // drain-timeout is five minutes: ending before the patience of this test is ending at once.
                assertEquals(0, server.awaitExit(), String.join(" ", signals));
                assertTrue(server.errors().contains("event=stopping"), server.errors());
                assertTrue(client.isConnected());
            }
        }
    }

    private static boolean isListening(InetSocketAddress address) {
        try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private static Socket connect(String address) throws IOException {
        String[] parts = address.split(":");
        Socket socket = new Socket(InetAddress.getByName(parts[0]), Integer.parseInt(parts[1]));
        socket.getOutputStream()
                .write(("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
                                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n")
                        .getBytes(US_ASCII));
        return socket;
    }

    private Path configuration(int port, int originPort) throws IOException {
        return Files.writeString(
                folder.resolve("longshore.yaml"), """
                drain-timeout: 5m
                counters: %s
                listeners:
                  - address: 127.0.0.1:%d
                origins:
                  echo:
                    endpoints: ["127.0.0.1:%d"]
                routes:
                  - host: "*"
                    path: /
                    origin: echo
                """.formatted(folder.resolve("counters"), port, originPort));
    }
}
