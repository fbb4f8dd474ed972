package io.longshore.load;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.net.Address;
import io.longshore.net.Engine;
import io.longshore.net.SocketTuning;
import io.longshore.net.nio.NioEngine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The echo origin on real sockets of the loopback, with plain blocking sockets as clients. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class EchoOriginTest {
    /** The example of RFC 6455 section 1.3. */
    private static final String REQUEST = "GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\n"
            + "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";

    private static final String ACCEPTED = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
            + "Connection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";

    /** Not the common pool: on two cores it has one thread, and a reader would wait for its writer. */
    private static final Executor THREADS = task -> {
        Thread thread = new Thread(task, "echo-client");
        thread.setDaemon(true);
        thread.start();
    };

    /** A running origin; when closed it must be at rest. */
    private static final class Running implements AutoCloseable {
        private final Engine engine = new NioEngine(SocketTuning.DEFAULT);
        private final EchoOrigin origin;
        private final int port;
        private final CompletableFuture<Void> ended = new CompletableFuture<>();
        private volatile boolean isStopping;

        Running(boolean isRaw) throws IOException {
            origin = isRaw ? EchoOrigin.raw(engine) : EchoOrigin.frames(engine);
            port = origin.listen(Address.of(InetAddress.getByName("127.0.0.1"), 0))
                    .port();
            Thread thread = new Thread(this::serve, "echo-origin");
            thread.setDaemon(true);
            thread.start();
        }

        private void serve() {
            try {
                while (!isStopping || origin.connections() > 0) {
                    origin.poll(10_000_000);
                }
                assertEquals(0, engine.pages().taken(), "pages");
                assertEquals(0, engine.timers(), "timers");
                assertEquals(0, engine.parkedBytes(), "parked bytes");
                origin.close();
                ended.complete(null);
            } catch (RuntimeException | Error e) {
                ended.completeExceptionally(e);
            }
        }

        Socket connect() throws IOException {
            Socket socket = new Socket(InetAddress.getByName("127.0.0.1"), port);
            socket.setSoTimeout(30_000);
            socket.setTcpNoDelay(true);
            return socket;
        }

        /** Connects, and has the upgrade behind it. */
        Socket upgraded() throws IOException {
            Socket socket = connect();
            write(socket, REQUEST + "\r\n");
            assertEquals(ACCEPTED + "\r\n", readHead(socket));
            return socket;
        }

        /** Waits until every connection is gone by itself, and then for the checks of {@link #serve}. */
        @Override
        public void close() {
            isStopping = true;
            engine.wake();
            try {
                ended.get(30, TimeUnit.SECONDS);
            } catch (InterruptedException | ExecutionException | TimeoutException e) {
                throw new AssertionError("the origin has not come to rest", e);
            }
        }
    }

    @Test
    void answersTheExampleOfTheStandardCutAtEveryByte() throws Exception {
        String request = REQUEST + "Sec-WebSocket-Protocol: chat, superchat\r\n\r\n";
        byte[] hello = OffHeap.clientFrame(true, FrameHead.TEXT, 77, "hello".getBytes(UTF_8));
        byte[] all = concatenate(request.getBytes(ISO_8859_1), hello);
        try (Running running = new Running(false)) {
            for (int split = 0; split <= all.length; split++) {
                try (Socket socket = running.connect()) {
                    socket.getOutputStream().write(all, 0, split);
                    socket.getOutputStream().write(all, split, all.length - split);
                    assertEquals(ACCEPTED + "Sec-WebSocket-Protocol: chat\r\n\r\n", readHead(socket));
                    assertEquals("810568656c6c6f", hex(socket.getInputStream().readNBytes(7)));
                }
            }
        }
    }

    @Test
    void takesAHandshakeByteByByte() throws Exception {
        try (Running running = new Running(false);
                Socket socket = running.connect()) {
            for (byte b : (REQUEST + "\r\n").getBytes(ISO_8859_1)) {
                socket.getOutputStream().write(b);
            }
            assertEquals(ACCEPTED + "\r\n", readHead(socket));
        }
    }

    @Test
    void refusesWhatIsNoUpgrade() throws Exception {
        try (Running running = new Running(false)) {
            assertTrue(answer(running, "GET / HTTP/1.1\r\nHost: a\r\n\r\n").startsWith("HTTP/1.1 426 "));
            assertTrue(answer(running, "POST / HTTP/1.1\r\nHost: a\r\n\r\n").startsWith("HTTP/1.1 405 "));
            assertTrue(answer(running, "nonsense\r\n\r\n").startsWith("HTTP/1.1 400 "));
            assertTrue(answer(running, "GET / HTTP/1.1\r\nHost: a\r\nX: " + "x".repeat(9000) + "\r\n\r\n")
                    .startsWith("HTTP/1.1 431 "));
        }
    }

    @Test
    void echoesMessagesOfEveryLengthAndAnswersTheClose() throws Exception {
        try (Running running = new Running(false);
                Socket socket = running.upgraded()) {
            for (int length : new int[] {0, 1, 125, 126, 65535, 65536, 300_000}) {
                byte[] payload = OffHeap.pattern(length);
                byte[] expected = OffHeap.serverFrame(true, FrameHead.BINARY, payload);
                socket.getOutputStream().write(OffHeap.clientFrame(true, FrameHead.BINARY, 0x1234_5678, payload));
                assertArrayEquals(expected, socket.getInputStream().readNBytes(expected.length));
            }
            socket.getOutputStream().write(OffHeap.clientFrame(true, FrameHead.PING, 9, "ping".getBytes(UTF_8)));
            assertEquals("8a0470696e67", hex(socket.getInputStream().readNBytes(6)));
            socket.getOutputStream().write(OffHeap.clientFrame(true, FrameHead.CLOSE, 9, new byte[] {3, (byte) 0xe9}));
            assertEquals("880203e9", hex(socket.getInputStream().readAllBytes()));
        }
    }

    @Test
    void endsTheConnectionItselfAfterAProtocolError() throws Exception {
        try (Running running = new Running(false);
                Socket socket = running.upgraded()) {
            write(socket, "\u0081\u0001x");
            assertEquals("880203ea", hex(socket.getInputStream().readAllBytes()));
        }
    }

    @Test
    void echoesToAClientThatHalfCloses() throws Exception {
        for (boolean isRaw : new boolean[] {false, true}) {
            byte[] payload = OffHeap.pattern(3_000_000);
            byte[] input = isRaw ? payload : OffHeap.clientFrame(true, FrameHead.BINARY, 5, payload);
            byte[] expected = isRaw ? payload : OffHeap.serverFrame(true, FrameHead.BINARY, payload);
            try (Running running = new Running(isRaw);
                    Socket socket = running.upgraded()) {
                CompletableFuture<Void> sent = writeAndHalfClose(socket, input);
                assertArrayEquals(expected, socket.getInputStream().readAllBytes());
                sent.get(30, TimeUnit.SECONDS);
            }
        }
    }

    @Test
    void echoesSmallFramesCutAnywhereToAClientThatReadsLate() throws Exception {
        Random random = new Random(3);
        ByteArrayOutputStream input = new ByteArrayOutputStream();
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        for (int i = 0; i < 100_000; i++) {
            byte[] payload = OffHeap.pattern(random.nextInt(130));
            input.writeBytes(OffHeap.clientFrame(true, FrameHead.BINARY, random.nextInt(), payload));
            expected.writeBytes(OffHeap.serverFrame(true, FrameHead.BINARY, payload));
        }
        try (Running running = new Running(false);
                Socket socket = running.upgraded()) {
            CompletableFuture<Void> sent = writeAndHalfClose(socket, input.toByteArray());
            assertArrayEquals(expected.toByteArray(), socket.getInputStream().readAllBytes());
            sent.get(30, TimeUnit.SECONDS);
        }
    }

    /** The origin is driven by the test's own thread, so that its memory can be looked at after every cycle. */
    @Test
    void holdsAClientThatDoesNotRead() throws Exception {
        Engine engine = new NioEngine(SocketTuning.DEFAULT);
        try (EchoOrigin origin = EchoOrigin.raw(engine)) {
            int port = origin.listen(Address.of(InetAddress.getByName("127.0.0.1"), 0))
                    .port();
            try (Socket socket = new Socket(InetAddress.getByName("127.0.0.1"), port)) {
                byte[] bytes = OffHeap.pattern(48 << 20);
                CompletableFuture<Void> sent =
                        writeAndHalfClose(socket, concatenate((REQUEST + "\r\n").getBytes(ISO_8859_1), bytes));
                int parkedMax = EchoConnection.UNSENT_BYTES_MAX + engine.receiveBytesMax();
                while (engine.parkedBytes() <= EchoConnection.UNSENT_BYTES_MAX) {
                    origin.poll(1_000_000);
                }
                // Now the client is held: what has been taken from it does not grow, however often it is looked for.
                long parked = engine.parkedBytes();
                for (int i = 0; i < 100; i++) {
                    origin.poll(1_000_000);
                    assertTrue(engine.parkedBytes() <= parked, "parked " + engine.parkedBytes());
                }
                assertTrue(parked <= parkedMax, "parked " + parked);

                CompletableFuture<byte[]> received = CompletableFuture.supplyAsync(() -> readAll(socket), THREADS);
                while (origin.connections() > 0) {
                    origin.poll(1_000_000);
                    assertTrue(engine.parkedBytes() <= parkedMax, "parked " + engine.parkedBytes());
                }
                sent.get(30, TimeUnit.SECONDS);
                byte[] all = received.get(30, TimeUnit.SECONDS);
                assertTrue(Arrays.equals(all, all.length - bytes.length, all.length, bytes, 0, bytes.length));
                assertEquals(0, engine.pages().taken());
            }
        }
    }

    @Test
    void forgetsAClientThatResets() throws Exception {
        try (Running running = new Running(false)) {
            for (String first : new String[] {"", "GET / HT", REQUEST + "\r\n", REQUEST + "\r\n\u0082\u00fe\u0001"}) {
                Socket socket = running.connect();
                write(socket, first);
                socket.setSoLinger(true, 0);
                socket.close();
            }
        }
    }

    private static CompletableFuture<Void> writeAndHalfClose(Socket socket, byte[] bytes) {
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        socket.getOutputStream().write(bytes);
                        socket.shutdownOutput();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                THREADS);
    }

    private static byte[] readAll(Socket socket) {
        try {
            return socket.getInputStream().readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String answer(Running running, String request) throws IOException {
        try (Socket socket = running.connect()) {
            write(socket, request);
            String head = readHead(socket);
            socket.shutdownOutput();
            socket.getInputStream().readAllBytes();
            return head;
        }
    }

    private static void write(Socket socket, String bytes) throws IOException {
        socket.getOutputStream().write(bytes.getBytes(ISO_8859_1));
    }

    private static String readHead(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        StringBuilder text = new StringBuilder();
        while (text.length() < 4 || !text.substring(text.length() - 4).equals("\r\n\r\n")) {
            int next = in.read();
            assertTrue(next >= 0, "the origin left within its answer: " + text);
            text.append((char) next);
        }
        return text.toString();
    }

    private static byte[] concatenate(byte[] a, byte[] b) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(a);
        out.writeBytes(b);
        return out.toByteArray();
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
