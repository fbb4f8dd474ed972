package io.longshore.lab;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * A TCP peer that does what it is told: a child process of {@code native/socketlab}, whose head comment says what each
 * command does. One thread uses it.
 *
 * <p>Methods that return a {@link Step} only start something; {@link Step#ok()} waits for it. Steps that send and steps
 * that receive run at the same time, also on one connection; among themselves each kind runs in the order given. A
 * connection without a receiving step is never read.
 *
 * <p>The last parameter of many methods is options in socketlab's own words, such as {@code "piece=7"}, {@code
 * "every=20"} (milliseconds), {@code "rcvbuf=4096"} or {@code "timeout=2000"} (milliseconds; {@link Await#PATIENCE} if
 * not given).
 *
 * <p>Closing ends the process, and with it all its connections (with a FIN, or a RST where bytes are unread).
 */
public final class SocketLab implements AutoCloseable {
    private static final String DEFAULT_TIMEOUT = " timeout=" + Await.PATIENCE.toMillis();
    // Every command has a time limit, which is the socketlab's own: this one only guards against a hung program.
    private static final Duration GUARD = Await.PATIENCE.multipliedBy(4);

    private final ChildProcess child;
    private final Map<String, Step> pending = new HashMap<>();
    private int connections;
    private int tags;

    private SocketLab(ChildProcess child) {
        this.child = child;
    }

    /** Starts one in this network namespace. */
    public static SocketLab start() {
        return start(List.of());
    }

    /** Starts one through another program, such as {@code ip netns exec NAME}. */
    public static SocketLab start(List<String> prefix) {
        List<String> command = new ArrayList<>(prefix);
        command.add(NativeProgram.named("socketlab").toString());
        return new SocketLab(ChildProcess.start(command, Map.of()));
    }

    /** Listens on a free port of the address; {@code "backlog=0"} makes a queue of one. */
    public Connection listen(String address, String... options) {
        Connection listener = new Connection();
        listener.place(listener.start("listen", address + " 0", options));
        return listener;
    }

    /** {@link #listen} on a port of the caller's choice, for networks that belong to the test alone. */
    public Connection listenOn(String address, int port, String... options) {
        Connection listener = new Connection();
        listener.place(listener.start("listen", address + " " + port, options));
        return listener;
    }

    /** Connects, and waits until it is done. */
    public Connection connect(String address, int port, String... options) {
        Connection connection = new Connection();
        connection.place(connection.start("connect", address + " " + port, options));
        return connection;
    }

    /** Starts to connect, for what is expected to be refused or to hang; the number is not used again. */
    public Step connecting(String address, int port, String... options) {
        return new Connection().start("connect", address + " " + port, options);
    }

    @Override
    public void close() {
        child.close();
    }

    @Override
    public String toString() {
        return child.toString();
    }

    /** One socket of the socketlab's, listening or connected. */
    public final class Connection {
        private final int number = connections++;
        private String address = "";
        private int port;

        private Connection() {}

        /** A listener's own address, the peer's of an accepted connection, our own of a connecting one. */
        public String address() {
            return address;
        }

        /** The port of {@link #address()}. */
        public int port() {
            return port;
        }

        /** Takes the next connection of a listener, and waits for it. */
        public Connection accept(String... options) {
            Connection accepted = new Connection();
            accepted.place(start("accept", Integer.toString(accepted.number), options));
            return accepted;
        }

        /** Sends; done when the kernel has taken the last byte. */
        public Step send(byte[] bytes, String... options) {
            return start("send", HexFormat.of().formatHex(bytes), options);
        }

        public Step send(String text, String... options) {
            return send(text.getBytes(StandardCharsets.UTF_8), options);
        }

        public Step send(BytePattern pattern, String... options) {
            return start("send", written(pattern), options);
        }

        /** Sends one byte every so many milliseconds. */
        public Step trickle(String text, int everyMs, String... options) {
            String hex = HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
            return start("trickle", hex + " " + everyMs, options);
        }

        /** Half-closes, after everything sent before. */
        public Step fin() {
            return start("fin", "");
        }

        /** Receives exactly so many bytes, at most 64 KiB; {@link Step#bytes()} has them. */
        public Step receive(int length, String... options) {
            return start("recv", Integer.toString(length), options);
        }

        /** Receives up to and with the mark, at most 64 KiB, and not a byte further. */
        public Step receiveUntil(String mark, String... options) {
            return start("recv-until", HexFormat.of().formatHex(mark.getBytes(StandardCharsets.UTF_8)), options);
        }

        /** Receives until the peer's end; {@link Step#count()} bytes, of which {@link Step#bytes()} are the first. */
        public Step receiveUntilEof(String... options) {
            return start("recv-until-eof", "", options);
        }

        /** Receives these bytes and no others. */
        public Step verify(BytePattern pattern, String... options) {
            return start("verify", pattern.length() + " " + pattern.seed() + " offset=" + pattern.offset(), options);
        }

        /** Receives a pattern from its first byte until the peer's end; {@link Step#count()} tells its length. */
        public Step verifyUntilEof(long seed, String... options) {
            return start("verify", "eof " + seed, options);
        }

        public Step expectEof(String... options) {
            return start("expect-eof", "", options);
        }

        /** Waits for a reset; {@link Step#count()} tells how many bytes were received before it. */
        public Step expectReset(String... options) {
            return start("expect-reset", "", options);
        }

        /** Fails if a byte, an end or a reset arrives within so many milliseconds. */
        public Step expectQuiet(int milliseconds) {
            return start("expect-quiet", Integer.toString(milliseconds));
        }

        /** Sends back everything until the peer's end, then half-closes; {@link Step#count()} tells how much it was. */
        public Step echo(String... options) {
            return start("echo", "", options);
        }

        /** Closes with a reset, at once. */
        public void reset() {
            start("rst", "").ok();
        }

        /** Closes, at once. */
        public void close() {
            start("close", "").ok();
        }

        /** What the kernel says of it: sent, received, unread, unacked, retransmits are numbers, state is a word. */
        public Map<String, String> stat() {
            Map<String, String> values = new HashMap<>();
            for (String pair : start("stat", "").ok().split(" ")) {
                values.put(pair.substring(0, pair.indexOf('=')), pair.substring(pair.indexOf('=') + 1));
            }
            return values;
        }

        /** One number of {@link #stat()}. */
        public long stat(String name) {
            return Long.parseLong(stat().get(name));
        }

        private Step start(String command, String argument, String... options) {
            String tag = "t" + tags++;
            String line = (tag + " " + command + " " + number + " " + argument).stripTrailing();
            String all = String.join(" ", options);
            // Quiet is a time limit itself, and the others' is given only once.
            String limit = all.contains("timeout=") ? "" : DEFAULT_TIMEOUT;
            Step step = new Step(line);
            pending.put(tag, step);
            child.writeLine((line + " " + all).stripTrailing() + limit);
            return step;
        }

        private void place(Step step) {
            String[] words = step.ok().split(" ");
            address = words[0];
            port = Integer.parseInt(words[1]);
        }

        private String written(BytePattern pattern) {
            return "@pattern:" + pattern.length() + ":" + pattern.seed() + ":" + pattern.offset();
        }
    }

    /** Something that was started. */
    public final class Step {
        private final String line;
        private String answer;

        private Step(String line) {
            this.line = line.length() > 200 ? line.substring(0, 200) + "..." : line;
        }

        /** Waits for success; returns the answer's words behind "ok". */
        public String ok() {
            await();
            if (!answer.startsWith("ok")) {
                throw new AssertionError(line + " -> " + answer);
            }
            return answer.substring(2).strip();
        }

        /** Waits for failure; returns why, such as "ECONNRESET after 12 bytes". */
        public String failure() {
            await();
            if (!answer.startsWith("err")) {
                throw new AssertionError(line + " -> " + answer + ", and was to fail");
            }
            return answer.substring(3).strip();
        }

        /** Waits for success; returns the bytes received. */
        public byte[] bytes() {
            String[] words = ok().split(" ");
            return HexFormat.of().parseHex(words[words.length - 1]);
        }

        /** The same as text. */
        public String text() {
            return new String(bytes(), StandardCharsets.UTF_8);
        }

        /** Waits for success; returns the number of bytes. */
        public long count() {
            return Long.parseLong(ok().split(" ")[0]);
        }

        private void await() {
            while (answer == null) {
                String[] words = child.nextLine(GUARD).split(" ", 2);
                Step step = pending.remove(words[0]);
                if (step == null) {
                    throw new AssertionError("socketlab says: " + String.join(" ", words));
                }
                step.answer = words[1];
            }
        }
    }
}
