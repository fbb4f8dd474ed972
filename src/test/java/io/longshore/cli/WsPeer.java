package io.longshore.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A WebSocket server for one connection that does what its script says, right or wrong; blocking, on its own thread. */
final class WsPeer implements AutoCloseable {
    static final int TEXT = 1;
    static final int BINARY = 2;
    static final int CLOSE = 8;
    static final int PING = 9;
    static final int PONG = 10;

    /** What the peer does with its one connection; when it returns the connection is closed. */
    interface Script {
        void play(Connection connection) throws IOException;
    }

    private final ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    private final CompletableFuture<Void> played = new CompletableFuture<>();

    private WsPeer() throws IOException {}

    static WsPeer playing(Script script) throws IOException {
        WsPeer peer = new WsPeer();
        Thread thread = new Thread(() -> peer.serve(script), "ws-peer");
        thread.setDaemon(true);
        thread.start();
        return peer;
    }

    /** A server that echoes messages, answers pings and closes. */
    static WsPeer echoing() throws IOException {
        return playing(connection -> {
            connection.upgrade("");
            connection.echo();
        });
    }

    String url() {
        return "ws://127.0.0.1:" + port() + "/";
    }

    int port() {
        return listener.getLocalPort();
    }

    /** Waits until the script is through, and fails if it failed. */
    void awaitEnd() throws Exception {
        played.get(20, TimeUnit.SECONDS);
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }

    private void serve(Script script) {
        try (Socket socket = listener.accept()) {
            script.play(new Connection(socket));
            played.complete(null);
        } catch (IOException | RuntimeException | Error e) {
            played.completeExceptionally(e);
        }
    }

    /** A frame as it arrived, unmasked. */
    record Frame(int opcode, byte[] payload) {
        String text() {
            return new String(payload, UTF_8);
        }

        int closeCode() {
            return (payload[0] & 0xff) << 8 | payload[1] & 0xff;
        }
    }

    /** The server's end of the connection. */
    static final class Connection {
        private final Socket socket;
        private final DataInputStream in;
        private final OutputStream out;
        private String head = "";

        private Connection(Socket socket) throws IOException {
            this.socket = socket;
            this.in = new DataInputStream(socket.getInputStream());
            this.out = socket.getOutputStream();
        }

        /** The request's head as it was sent; read on the first call. */
        String head() throws IOException {
            if (head.isEmpty()) {
                head = readHead(in);
            }
            return head;
        }

        /** Answers with a correct 101; {@code more} is further header lines, each with its CRLF. */
        void upgrade(String more) throws IOException {
            write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
                    + "Sec-WebSocket-Accept: " + acceptOf(header("sec-websocket-key")) + "\r\n" + more + "\r\n");
        }

        void write(String bytes) throws IOException {
            out.write(bytes.getBytes(ISO_8859_1));
            out.flush();
        }

        /** The value of a header of the request. */
        String header(String name) throws IOException {
            return head().lines()
                    .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name + ":"))
                    .map(line -> line.substring(name.length() + 1).strip())
                    .findFirst()
                    .orElseThrow();
        }

        void send(int opcode, boolean isLast, byte[] payload) throws IOException {
            assert payload.length < 126;
            out.write((isLast ? 0x80 : 0) | opcode);
            out.write(payload.length);
            out.write(payload);
            out.flush();
        }

        void send(int opcode, String payload) throws IOException {
            send(opcode, true, payload.getBytes(UTF_8));
        }

        void sendClose(int code, String reason) throws IOException {
            byte[] text = reason.getBytes(UTF_8);
            byte[] payload = new byte[2 + text.length];
            payload[0] = (byte) (code >> 8);
            payload[1] = (byte) code;
            System.arraycopy(text, 0, payload, 2, text.length);
            send(CLOSE, true, payload);
        }

        Frame read() throws IOException {
            int first = in.readUnsignedByte();
            int second = in.readUnsignedByte();
            assert (second & 0x80) != 0 : "a client masks";
            int length = second & 0x7f;
            if (length == 126) {
                length = in.readUnsignedShort();
            } else if (length == 127) {
                length = Math.toIntExact(in.readLong());
            }
            byte[] key = in.readNBytes(4);
            byte[] payload = in.readNBytes(length);
            for (int i = 0; i < length; i++) {
                payload[i] ^= key[i & 3];
            }
            return new Frame(first & 15, payload);
        }

        /** Echoes until the close, which it answers. */
        void echo() throws IOException {
            while (true) {
                Frame frame = read();
                send(frame.opcode() == PING ? PONG : frame.opcode(), true, frame.payload());
                if (frame.opcode() == CLOSE) {
                    return;
                }
            }
        }

        /** Waits for the client to end the connection. */
        void awaitEnd() throws IOException {
            while (in.read() >= 0) {
                // What it still says is of no interest.
            }
        }

        void reset() throws IOException {
            socket.setSoLinger(true, 0);
            socket.close();
        }

        private static String readHead(InputStream in) throws IOException {
            StringBuilder text = new StringBuilder();
            while (text.length() < 4 || !text.substring(text.length() - 4).equals("\r\n\r\n")) {
                int next = in.read();
                if (next < 0) {
                    throw new EOFException("the client left within its request");
                }
                text.append((char) next);
            }
            return text.toString();
        }

        private static String acceptOf(String key) {
            try {
                byte[] hash = MessageDigest.getInstance("SHA-1")
                        .digest((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(ISO_8859_1));
                return Base64.getEncoder().encodeToString(hash);
            } catch (NoSuchAlgorithmException e) {
                throw new AssertionError("every JDK has SHA-1", e);
            }
        }
    }
}
