package io.longshore.lab;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The scripted peer against the JDK's plain sockets, and against itself. */
@Timeout(120)
class SocketLabTest {
    private static final String LOOPBACK = "127.0.0.1";
    private static final BytePattern MEGABYTE = new BytePattern(1 << 20, 7);

    private SocketLab lab;
    private ServerSocket server;

    @BeforeEach
    void start() throws IOException {
        lab = SocketLab.start();
        server = new ServerSocket(0, 50, InetAddress.getByName(LOOPBACK));
    }

    @AfterEach
    void stop() throws IOException {
        lab.close();
        server.close();
    }

    @Test
    void talksToAJdkServer() throws IOException {
        SocketLab.Connection client = lab.connect(LOOPBACK, server.getLocalPort());
        try (Socket socket = server.accept()) {
            assertEquals(client.port(), socket.getPort());
            client.send("hello, ").ok();
            client.send("world").ok();
            assertEquals("hello, world", text(socket.getInputStream().readNBytes(12)));
            socket.getOutputStream().write("GET / HTTP/1.1\r\n\r\nrest".getBytes(StandardCharsets.US_ASCII));
            assertEquals(
                    "GET / HTTP/1.1\r\n\r\n", client.receiveUntil("\r\n\r\n").text());
            assertEquals("rest", client.receive(4).text());
        }
        client.expectEof().ok();
    }

    @Test
    void talksToAJdkClient() throws IOException {
        SocketLab.Connection listener = lab.listen(LOOPBACK);
        try (Socket socket = new Socket(LOOPBACK, listener.port())) {
            SocketLab.Connection accepted = listener.accept();
            assertEquals(socket.getLocalPort(), accepted.port());
            SocketLab.Step echo = accepted.echo();
            socket.getOutputStream().write("there and back".getBytes(StandardCharsets.US_ASCII));
            socket.shutdownOutput();
            assertEquals("there and back", text(socket.getInputStream().readAllBytes()));
            assertEquals(14, echo.count());
        }
    }

    @Test
    void makesThePatternThatJavaMakes() throws IOException {
        SocketLab.Connection client = lab.connect(LOOPBACK, server.getLocalPort());
        try (Socket socket = server.accept()) {
            BytePattern pattern = new BytePattern(3001, 0xfedc_ba98L, 13);
            SocketLab.Step sent = client.send(pattern);
            assertArrayEquals(pattern.bytes(), socket.getInputStream().readNBytes(3001));
            sent.ok();
            socket.getOutputStream().write(pattern.bytes());
            assertEquals(3001, client.verify(pattern).count());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4095, 4999})
    void findsTheOneByteThatIsWrong(int position) throws IOException {
        SocketLab.Connection client = lab.connect(LOOPBACK, server.getLocalPort());
        try (Socket socket = server.accept()) {
            byte[] bytes = new BytePattern(5000, 3).bytes();
            bytes[position] ^= 1;
            socket.getOutputStream().write(bytes);
            String why = client.verify(new BytePattern(5000, 3)).failure();
            assertEquals("mismatch after " + position + " bytes", why);
        }
    }

    @Test
    void findsALostAndASwappedPiece() throws IOException {
        byte[] bytes = new BytePattern(4096, 3).bytes();
        for (int variant = 0; variant < 2; variant++) {
            SocketLab.Connection client = lab.connect(LOOPBACK, server.getLocalPort());
            try (Socket socket = server.accept()) {
                OutputStream out = socket.getOutputStream();
                out.write(bytes, 0, 1024);
                if (variant == 1) {
                    out.write(bytes, 2048, 1024);
                    out.write(bytes, 1024, 1024);
                }
                out.write(bytes, 3072, 1024);
                socket.shutdownOutput();
                assertTrue(client.verifyUntilEof(3).failure().startsWith("mismatch after 1024"));
            }
        }
    }

    @Test
    void halfClosesAndStillReceives() throws IOException {
        SocketLab.Connection client = lab.connect(LOOPBACK, server.getLocalPort());
        try (Socket socket = server.accept()) {
            client.send("last words").ok();
            client.fin().ok();
            assertEquals("last words", text(socket.getInputStream().readAllBytes()));
            socket.getOutputStream().write(MEGABYTE.bytes());
            socket.shutdownOutput();
            assertEquals(
                    MEGABYTE.length(), client.verifyUntilEof(MEGABYTE.seed()).count());
        }
    }

    @Test
    void resets() throws IOException {
        SocketLab.Connection client = lab.connect(LOOPBACK, server.getLocalPort());
        try (Socket socket = server.accept()) {
            client.reset();
            SocketException reset = assertThrows(
                    SocketException.class, () -> socket.getInputStream().read());
            assertEquals("Connection reset", reset.getMessage());
        }
    }

    @Test
    void seesAResetAndTheBytesBeforeIt() throws IOException {
        SocketLab.Connection client = lab.connect(LOOPBACK, server.getLocalPort());
        Socket socket = server.accept();
        socket.getOutputStream().write(new byte[5]);
        Await.until(() -> client.stat("unread") == 5, "the five bytes");
        socket.setSoLinger(true, 0);
        socket.close();
        assertEquals(5, client.expectReset().count());
        // The kernel tells a reset once. The lab remembers.
        client.expectReset().ok();
        assertEquals("ECONNRESET after 0 bytes", client.receive(1).failure());
    }

    @Test
    void tellsAnEndFromAReset() throws IOException {
        SocketLab.Connection client = lab.connect(LOOPBACK, server.getLocalPort());
        server.accept().close();
        assertEquals("eof after 0 bytes", client.expectReset().failure());
        client.expectEof().ok();
    }

    @Test
    void tellsBytesFromAnEnd() throws IOException {
        SocketLab.Connection client = lab.connect(LOOPBACK, server.getLocalPort());
        try (Socket socket = server.accept()) {
            socket.getOutputStream().write(1);
            assertTrue(client.expectEof().failure().startsWith("bytes instead of the end"));
        }
    }

    @Test
    void neverReadsUnlessTold() throws IOException {
        SocketLab.Connection listener = lab.listen(LOOPBACK, "rcvbuf=4096");
        SocketLab.Connection sender = lab.connect(LOOPBACK, listener.port(), "sndbuf=4096");
        SocketLab.Connection reader = listener.accept();
        SocketLab.Step stuck = sender.send(MEGABYTE, "timeout=300");
        assertTrue(stuck.failure().startsWith("timeout"));
        long sent = sender.stat("sent");
        assertTrue(sent < 256 * 1024, "the kernel took " + sent);
        assertEquals(0, reader.stat("received"));
        // Now it reads, and slowly; the sender goes on where it was stopped.
        SocketLab.Step rest =
                sender.send(new BytePattern(100_000, MEGABYTE.seed(), sent), "piece=1000", "timeout=60000");
        reader.verify(new BytePattern(sent + 100_000, MEGABYTE.seed()), "piece=8192", "every=1", "timeout=60000")
                .ok();
        rest.ok();
    }

    @Test
    void sendsInPiecesOfItsOwn() throws IOException {
        SocketLab.Connection client = lab.connect(LOOPBACK, server.getLocalPort());
        try (Socket socket = server.accept()) {
            client.trickle("abcd", 1).ok();
            assertEquals("abcd", text(socket.getInputStream().readNBytes(4)));
            SocketLab.Step pieces = client.send(new BytePattern(20_000, 1), "piece=17");
            assertArrayEquals(
                    new BytePattern(20_000, 1).bytes(), socket.getInputStream().readNBytes(20_000));
            assertEquals(20_000, pieces.count());
        }
    }

    @Test
    void doesBothDirectionsOfManyConnectionsAtOnce() {
        SocketLab.Connection listener = lab.listen(LOOPBACK);
        int count = 50;
        SocketLab.Step[] steps = new SocketLab.Step[4 * count];
        for (int i = 0; i < count; i++) {
            SocketLab.Connection client = lab.connect(LOOPBACK, listener.port());
            SocketLab.Connection accepted = listener.accept();
            BytePattern up = new BytePattern(200_000, 2L * i);
            BytePattern down = new BytePattern(300_000, 2L * i + 1);
            steps[4 * i] = client.send(up, "piece=9000");
            client.fin();
            steps[4 * i + 1] = accepted.send(down, "piece=70000");
            accepted.fin();
            steps[4 * i + 2] = client.verifyUntilEof(down.seed());
            steps[4 * i + 3] = accepted.verifyUntilEof(up.seed());
        }
        for (int i = 0; i < count; i++) {
            assertEquals(200_000, steps[4 * i].count());
            assertEquals(300_000, steps[4 * i + 1].count());
            assertEquals(300_000, steps[4 * i + 2].count());
            assertEquals(200_000, steps[4 * i + 3].count());
        }
    }

    @Test
    void isRefusedWhereNobodyListens() throws IOException {
        int port = server.getLocalPort();
        server.close();
        assertTrue(lab.connecting(LOOPBACK, port).failure().startsWith("ECONNREFUSED"));
    }

    @Test
    void aFullAcceptQueueIsABlackHole() {
        SocketLab.Connection listener = lab.listen(LOOPBACK, "backlog=0");
        lab.connect(LOOPBACK, listener.port());
        SocketLab.Step ignored = lab.connecting(LOOPBACK, listener.port(), "timeout=300");
        assertTrue(ignored.failure().startsWith("timeout"));
    }

    @Test
    void dialsFromAChosenAddressAndSpeaksIpv6() {
        SocketLab.Connection listener = lab.listen(LOOPBACK);
        assertEquals(
                "127.0.0.9",
                lab.connect(LOOPBACK, listener.port(), "from=127.0.0.9").address());
        assertEquals("127.0.0.9", listener.accept().address());
        SocketLab.Connection six = lab.listen("::1");
        assertEquals("::1", lab.connect("::1", six.port()).address());
    }

    @Test
    void isQuietUntilSomethingComes() {
        SocketLab.Connection listener = lab.listen(LOOPBACK);
        SocketLab.Connection client = lab.connect(LOOPBACK, listener.port());
        client.expectQuiet(30).ok();
        SocketLab.Step quiet = client.expectQuiet(20_000);
        listener.accept().close();
        assertTrue(quiet.failure().startsWith("eof"));
    }

    @Test
    void refusesWhatItDoesNotUnderstandAndGoesOn() throws IOException {
        try (ChildProcess raw =
                ChildProcess.start(NativeProgram.named("socketlab").toString())) {
            for (String wrong : new String[] {
                "a",
                "a frobnicate 1",
                "a send 1 00",
                "a listen 4096 127.0.0.1 0",
                "a listen 1 localhost 0",
                "a connect 1"
            }) {
                raw.writeLine(wrong);
                assertTrue(raw.nextLine(Await.PATIENCE).startsWith("a err "), wrong);
            }
            raw.writeLine("b listen 1 127.0.0.1 0");
            assertTrue(raw.nextLine(Await.PATIENCE).startsWith("b ok 127.0.0.1 "));
            raw.endInput();
            assertEquals(0, raw.exitCode(Await.PATIENCE));
            assertFalse(raw.isAlive());
        }
    }

    @Test
    void takesItsPeersAlongWhenItsInputEnds() throws IOException {
        SocketLab.Connection client = lab.connect(LOOPBACK, server.getLocalPort());
        try (Socket socket = server.accept()) {
            client.send("x").ok();
            InputStream in = socket.getInputStream();
            assertEquals('x', in.read());
            lab.close();
            assertEquals(-1, in.read());
        }
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
