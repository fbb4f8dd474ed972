package io.longshore.live;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.longshore.lab.Await;
import io.longshore.lab.SampleUpgrade;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PushbackInputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/** A client of plain blocking sockets that sends what it is told, byte for byte. Every read has a deadline. */
final class RawClient implements AutoCloseable {
    private final Socket socket;
    private final PushbackInputStream in;
    private final OutputStream out;
    private final boolean resetInConnect;
    private volatile IOException sendFailure;

    private RawClient(Socket socket) throws IOException {
        this.socket = socket;
        socket.setTcpNoDelay(true);
        socket.setSoTimeout((int) Await.PATIENCE.toMillis());
        in = new PushbackInputStream(socket.getInputStream());
        out = socket.getOutputStream();
        resetInConnect = false;
    }

    /** A client whose connection was reset before connect(2) had returned: nothing can be sent, and nothing came. */
    private RawClient() {
        socket = new Socket();
        in = new PushbackInputStream(InputStream.nullInputStream());
        out = OutputStream.nullOutputStream();
        resetInConnect = true;
    }

    static RawClient connect(InetSocketAddress address) {
        return connect(null, address);
    }

    /**
     * Connects from an address of its own, or with null from the kernel's choice. A proxy that resets at once may be so
     * quick that connect(2) itself tells of it, since over loopback the whole handshake is over before it looks at the
     * socket's state; that is the same reset, of which {@link #readToReset} then tells.
     */
    static RawClient connect(InetSocketAddress source, InetSocketAddress address) {
        try {
            Socket socket = new Socket();
            if (source != null) {
                socket.bind(source);
            }
            socket.connect(address, (int) Await.PATIENCE.toMillis());
            return new RawClient(socket);
        } catch (IOException e) {
            if (isReset(e)) {
                return new RawClient();
            }
            throw new UncheckedIOException(e);
        }
    }

    static RawClient connect(ProxyUnderTest proxy) {
        return connect(proxy.address());
    }

    /** Connects and has a tunnel. */
    static RawClient tunnel(ProxyUnderTest proxy) {
        return tunnel(null, proxy);
    }

    /** The same from an address and port of its own. */
    static RawClient tunnel(InetSocketAddress source, ProxyUnderTest proxy) {
        RawClient client = connect(source, proxy.address()).send(SampleUpgrade.request("/"));
        client.head101();
        return client;
    }

    RawClient send(String text) {
        return send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    RawClient send(byte[] bytes) {
        try {
            out.write(bytes);
            out.flush();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends from a thread of its own, and tells how much has been taken so far; an error of the socket ends it. */
    Thread sendInBackground(byte[] bytes, AtomicLong sent) {
        Thread thread = new Thread(
                () -> {
                    try {
                        for (int at = 0; at < bytes.length; at += 4096) {
                            int length = Math.min(4096, bytes.length - at);
                            out.write(bytes, at, length);
                            sent.addAndGet(length);
                        }
                    } catch (IOException e) {
                        sendFailure = e;
                    }
                },
                "raw-client");
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    /** Half-closes. */
    RawClient finish() {
        try {
            socket.shutdownOutput();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How many bytes could be read at once. */
    int available() {
        try {
            return in.available();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until a byte or the end can be read, at most so many milliseconds; takes nothing. */
    void awaitReadable(int milliseconds) {
        try {
            socket.setSoTimeout(milliseconds);
            int b = in.read();
            if (b >= 0) {
                in.unread(b);
            }
        } catch (SocketTimeoutException e) {
            // Quiet, which is an answer too.
            return;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            restorePatience();
        }
    }

    private void restorePatience() {
        try {
            socket.setSoTimeout((int) Await.PATIENCE.toMillis());
        } catch (SocketException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads a head and not a byte further. */
    String head() {
        StringBuilder text = new StringBuilder();
        while (!text.toString().endsWith("\r\n\r\n")) {
            text.append(new String(read(1), StandardCharsets.ISO_8859_1));
        }
        return text.toString();
    }

    /** Reads a head, which must be a 101. */
    String head101() {
        String head = head();
        assertEquals(
                "HTTP/1.1 101 Switching Protocols", head.lines().findFirst().orElse(""), head);
        return head;
    }

    /** Reads exactly so many bytes. */
    byte[] read(int length) {
        try {
            byte[] bytes = in.readNBytes(length);
            if (bytes.length < length) {
                throw new AssertionError("the end came after " + bytes.length + " of " + length + " bytes: "
                        + new String(bytes, StandardCharsets.ISO_8859_1));
            }
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String readText(int length) {
        return new String(read(length), StandardCharsets.ISO_8859_1);
    }

    /** Reads to the proxy's FIN; a reset is a failure. */
    byte[] readToEnd() {
        try {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads a response and the proxy's FIN behind it: every refusal closes. */
    Reply reply() {
        return Reply.parse(new String(readToEnd(), StandardCharsets.ISO_8859_1));
    }

    /** Reads until the proxy's reset; what came before it. A FIN is a failure. */
    byte[] readToReset() {
        if (resetInConnect) {
            return new byte[0];
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        byte[] buffer = new byte[64 << 10];
        try {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                bytes.write(buffer, 0, count);
            }
        } catch (SocketException e) {
            if (isReset(e)) {
                return bytes.toByteArray();
            }
            throw new AssertionError("not a reset", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        throw new AssertionError("a clean end and no reset, after " + bytes.size() + " bytes: "
                + bytes.toString(StandardCharsets.ISO_8859_1));
    }

    /** Waits for the proxy's reset while {@link #sendInBackground} runs: the kernel tells of it only once, there or here. */
    void awaitReset() {
        try {
            in.readAllBytes();
        } catch (IOException e) {
            if (isReset(e)) {
                return;
            }
            throw new UncheckedIOException(e);
        }
        Await.until(() -> sendFailure != null, "the sender hears of a reset");
        if (!isReset(sendFailure)) {
            throw new AssertionError("not a reset", sendFailure);
        }
    }

    /** Who has read the other side's FIN and then sends hears of a reset as EPIPE, says Linux' tcp_reset(). */
    private static boolean isReset(IOException e) {
        String text = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
        return text.contains("reset") || text.contains("broken pipe");
    }

    /** Closes with a reset. */
    void reset() {
        try {
            socket.setSoLinger(true, 0);
        } catch (SocketException e) {
            throw new UncheckedIOException(e);
        }
        close();
    }

    Socket socket() {
        return socket;
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
