package io.longshore.live;

import io.longshore.lab.Await;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * An origin of plain blocking sockets that plays a script with everybody who connects, one thread each, and remembers
 * what it was sent.
 *
 * <p>When a script returns its connection is closed; when it fails the connection is reset, and an AssertionError is
 * thrown again by {@link #close()}. I/O errors are the tests' daily bread and not reported.
 */
final class TestOrigin implements AutoCloseable {
    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    /** What to do with a connection. */
    @FunctionalInterface
    interface Script {
        void play(Connection connection) throws IOException;
    }

    private final ServerSocket listener;
    private final Script script;
    private final Set<Connection> open = ConcurrentHashMap.newKeySet();
    private final BlockingQueue<Connection> accepted = new LinkedBlockingQueue<>();
    private final List<AssertionError> failures = new ArrayList<>();
    private final AtomicInteger connections = new AtomicInteger();

    private TestOrigin(String address, Script script) {
        this.script = script;
        try {
            listener = new ServerSocket(0, 1024, InetAddress.getByName(address));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        thread(this::accept);
    }

    /** Plays this script on 127.0.0.1. */
    static TestOrigin playing(Script script) {
        return new TestOrigin("127.0.0.1", script);
    }

    /** Plays this script on an address. */
    static TestOrigin playing(String address, Script script) {
        return new TestOrigin(address, script);
    }

    /** Agrees to the upgrade, sends back every byte of the tunnel, and ends when the client has. */
    static TestOrigin echoing() {
        return playing(connection -> {
            connection.switchProtocols();
            connection.echo();
        });
    }

    /** Reads the request's head, answers with these bytes, reads on until the proxy closes. */
    static TestOrigin answering(String answer) {
        return playing(connection -> {
            connection.readHead();
            connection.send(answer);
            connection.readToEnd();
        });
    }

    /** The same, but closes (with a FIN) behind the answer. */
    static TestOrigin answeringAndClosing(String answer) {
        return playing(connection -> {
            connection.readHead();
            connection.send(answer);
        });
    }

    /** Where it listens. */
    InetSocketAddress address() {
        return (InetSocketAddress) listener.getLocalSocketAddress();
    }

    /** How many have connected so far. */
    int connections() {
        return connections.get();
    }

    /** Waits for the next connection that was not taken yet. */
    Connection next() {
        try {
            Connection connection = accepted.poll(Await.PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            if (connection == null) {
                throw new AssertionError("nobody has connected");
            }
            return connection;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** Closes every connection that is open, and goes on listening. */
    void closeConnections() {
        open.forEach(Connection::close);
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        closeConnections();
        Await.until(open::isEmpty, "the end of the origin's connections");
        synchronized (failures) {
            if (!failures.isEmpty()) {
                throw failures.get(0);
            }
        }
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Connection connection = new Connection(listener.accept());
                open.add(connection);
                connections.incrementAndGet();
                accepted.add(connection);
                thread(() -> play(connection));
            } catch (IOException e) {
                // The listener was closed; anything else shows as a connection that a test waits for in vain.
                continue;
            }
        }
    }

    private void play(Connection connection) {
        try {
            script.play(connection);
        } catch (IOException e) {
            connection.failure = e;
        } catch (AssertionError e) {
            synchronized (failures) {
                failures.add(e);
            }
            connection.reset();
        } finally {
            connection.close();
            connection.isOver = true;
            open.remove(connection);
        }
    }

    private static void thread(Runnable task) {
        Thread thread = new Thread(task, "test-origin");
        thread.setDaemon(true);
        thread.start();
    }

    /** The Sec-WebSocket-Accept for a key. */
    static String acceptFor(String key) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-1").digest((key + GUID).getBytes(StandardCharsets.US_ASCII));
            return Base64.getEncoder().encodeToString(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    /** One connection; its script's thread uses it, and a test may look at what it has received. */
    static final class Connection {
        private final Socket socket;
        private final InputStream in;
        private final OutputStream out;
        private final ByteArrayOutputStream received = new ByteArrayOutputStream();
        private volatile String head;
        private volatile boolean hasEnded;
        private volatile IOException failure;
        private volatile boolean isOver;

        private Connection(Socket socket) throws IOException {
            this.socket = socket;
            socket.setTcpNoDelay(true);
            in = socket.getInputStream();
            out = socket.getOutputStream();
        }

        /** Reads the request's head and not a byte further. */
        String readHead() throws IOException {
            StringBuilder text = new StringBuilder();
            while (!text.toString().endsWith("\r\n\r\n")) {
                int b = in.read();
                if (b < 0) {
                    throw new EOFException("in the middle of a head: " + text);
                }
                text.append((char) b);
            }
            head = text.toString();
            return head;
        }

        /** The head, once it is read; waits for it. */
        String head() {
            Await.until(() -> head != null, "a head for the origin");
            return head;
        }

        /** The value of a header of the head, null without it; several are joined by a comma. */
        String header(String name) {
            String value = null;
            for (String line : head().split("\r\n")) {
                int colon = line.indexOf(':');
                if (colon > 0 && line.substring(0, colon).equalsIgnoreCase(name)) {
                    String more = line.substring(colon + 1).strip();
                    value = value == null ? more : value + ", " + more;
                }
            }
            return value;
        }

        /** Whether the head has a header of this name. */
        boolean hasHeader(String name) {
            return header(name) != null;
        }

        /** The correct 101 for the head that was read, with further header lines. */
        String switchingAnswer(String... headers) {
            StringBuilder answer = new StringBuilder("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n")
                    .append("Connection: Upgrade\r\nSec-WebSocket-Accept: ")
                    .append(acceptFor(String.valueOf(header("sec-websocket-key"))))
                    .append("\r\n");
            for (String header : headers) {
                answer.append(header).append("\r\n");
            }
            return answer.append("\r\n").toString();
        }

        /** Reads the head and agrees. */
        void switchProtocols(String... headers) throws IOException {
            readHead();
            send(switchingAnswer(headers));
        }

        void send(String text) throws IOException {
            send(text.getBytes(StandardCharsets.ISO_8859_1));
        }

        void send(byte[] bytes) throws IOException {
            out.write(bytes);
            out.flush();
        }

        /** Sends in pieces, and tells after each how much has been taken so far. */
        void send(byte[] bytes, AtomicLong sent) throws IOException {
            for (int at = 0; at < bytes.length; at += 4096) {
                int length = Math.min(4096, bytes.length - at);
                out.write(bytes, at, length);
                sent.addAndGet(length);
            }
        }

        /** How many bytes could be read at once. */
        int available() throws IOException {
            return in.available();
        }

        /** Waits until the proxy has closed (or sent something), at most so many milliseconds; fails if it has. */
        void awaitReadable(int milliseconds) throws IOException {
            socket.setSoTimeout(milliseconds);
            try {
                if (in.read() < 0) {
                    throw new EOFException("the proxy has closed");
                }
            } catch (SocketTimeoutException e) {
                // Quiet, so the script goes on.
                socket.setSoTimeout(0);
            }
        }

        /** Waits, after the other side's FIN, until the connection is gone, by sending nothing and looking on. */
        void awaitHangUp() {
            // A socket that has read the FIN hears of a RST only when it sends; the test closes it in the end.
            Await.until(socket::isClosed, "the end of the test");
        }

        /** Sends back everything until the other side's end. */
        void echo() throws IOException {
            byte[] buffer = new byte[16 << 10];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                out.write(buffer, 0, count);
            }
            hasEnded = true;
        }

        /** Reads and remembers exactly so many bytes. */
        byte[] read(int length) throws IOException {
            byte[] bytes = in.readNBytes(length);
            if (bytes.length < length) {
                throw new EOFException("after " + bytes.length + " of " + length + " bytes");
            }
            remember(bytes, length);
            return bytes;
        }

        /** Reads and remembers everything until the other side's end, or its reset. */
        void readToEnd() throws IOException {
            byte[] buffer = new byte[64 << 10];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                remember(buffer, count);
            }
            hasEnded = true;
        }

        private void remember(byte[] bytes, int length) {
            synchronized (received) {
                received.write(bytes, 0, length);
            }
        }

        /** What {@link #read} and {@link #readToEnd} have received so far. */
        byte[] received() {
            synchronized (received) {
                return received.toByteArray();
            }
        }

        /** The same as text. */
        String receivedText() {
            return new String(received(), StandardCharsets.ISO_8859_1);
        }

        /** Waits until the proxy has ended the connection, by a FIN or a reset, and the script has noticed. */
        void awaitEnd() {
            Await.until(() -> hasEnded || failure != null, "the proxy closes the origin's connection");
        }

        /** Waits until the script is over, for one that is ended by the proxy's close or its reset. */
        void awaitEndOfScript() {
            Await.until(() -> isOver, "the end of the origin's script");
        }

        /** Waits for the proxy's reset. */
        void awaitReset() {
            awaitEnd();
            if (failure == null
                    || !String.valueOf(failure.getMessage())
                            .toLowerCase(Locale.ROOT)
                            .contains("reset")) {
                throw new AssertionError("not reset", failure);
            }
        }

        /** Where the proxy dialled from. */
        InetSocketAddress peer() {
            return (InetSocketAddress) socket.getRemoteSocketAddress();
        }

        Socket socket() {
            return socket;
        }

        /** Half-closes. */
        void finish() throws IOException {
            socket.shutdownOutput();
        }

        /** Closes with a reset. */
        void reset() {
            try {
                socket.setSoLinger(true, 0);
            } catch (IOException e) {
                // Closed already, which is all that a reset could do.
                failure = failure == null ? e : failure;
            }
            close();
        }

        void close() {
            try {
                socket.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
