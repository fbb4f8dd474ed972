package io.longshore.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One open WebSocket, from the first message to the exit code.
 *
 * <p>Three threads meet in one queue: the client's (it prints what arrives, and reports the end), the one that reads
 * lines, and the caller's, which alone sends. The reader stays at most {@link #LINES_AHEAD} lines ahead of the sender, so
 * that a large file on standard input is not held in memory; the client's thread never waits, or two peers that both
 * wait for the other to read would stand still.
 */
final class WsConversation implements WebSocket.Listener {
    private static final int LINES_AHEAD = 64;
    /** The code of a connection that ended without a close frame (RFC 6455 section 7.4.1). */
    private static final int CLOSED_ABNORMALLY = 1006;

    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final Semaphore linesAhead = new Semaphore(LINES_AHEAD);
    private final WsPrinter printer;
    private final Duration timeout;
    private final boolean isBinary;
    private final int expected;
    /** Completed when our close frame has left; until then the JDK's client does not send one of its own accord. */
    private final CompletableFuture<Void> closeAnswered = new CompletableFuture<>();
    /** Messages that have arrived whole; only the client's thread counts. */
    private int received;
    /** Whether {@link Arrived} was taken from the queue while waiting for something else; only the caller's thread. */
    private boolean hasArrived;

    /** What the sending thread waits for. */
    private sealed interface Event {}

    private record Line(String text) implements Event {}

    private record InputEnded() implements Event {}

    /** As many messages as expected have arrived. */
    private record Arrived() implements Event {}

    private record Closed(int code, String reason) implements Event {}

    private record Broken(Throwable cause) implements Event {}

    /**
     * A conversation yet without a socket: this is the listener to open one with.
     *
     * @param timeout how long a send, the wait for the expected messages, and the close may each take
     * @param isBinary whether text is sent as binary messages
     * @param expected the messages to wait for before closing
     */
    WsConversation(WsPrinter printer, Duration timeout, boolean isBinary, int expected) {
        this.printer = printer;
        this.timeout = timeout;
        this.isBinary = isBinary;
        this.expected = expected;
        this.hasArrived = expected == 0;
    }

    /** Sends every message, waits for the expected ones, closes. Returns the exit code. */
    int sendAll(WebSocket socket, List<String> messages) throws InterruptedException {
        try {
            for (String message : messages) {
                await(sendMessage(socket, message));
            }
            return awaitExpected(socket);
        } catch (ExecutionException e) {
            return failedToSend(socket, e.getCause());
        } catch (TimeoutException e) {
            return timedOut(socket, "the peer does not take the message");
        }
    }

    /** Sends nothing; prints until the expected messages are there, or else until the peer closes. */
    int listen(WebSocket socket) throws InterruptedException {
        if (expected > 0) {
            return awaitExpected(socket);
        }
        while (true) {
            Integer code = ended(socket, events.take());
            if (code != null) {
                return code;
            }
        }
    }

    /** Sends the lines of {@code input} until it ends, waits for the expected messages, closes. */
    int talk(WebSocket socket, InputStream input, boolean isInteractive) throws InterruptedException {
        Thread reader = new Thread(() -> readLines(input), "longshore-ws-input");
        reader.setDaemon(true);
        reader.start();
        printer.prompt();
        try {
            while (true) {
                Event event = events.take();
                Integer code = ended(socket, event);
                if (code != null) {
                    return code;
                }
                if (event instanceof InputEnded) {
                    return awaitExpected(socket);
                }
                if (event instanceof Line line) {
                    linesAhead.release();
                    WsInput asked = WsInput.parse(line.text());
                    if (asked instanceof WsInput.Close close) {
                        return close(socket, close.code(), close.reason());
                    }
                    if (!perform(socket, asked) && !isInteractive) {
                        socket.abort();
                        return Main.USAGE;
                    }
                    printer.prompt();
                }
            }
        } catch (ExecutionException e) {
            return failedToSend(socket, e.getCause());
        } catch (TimeoutException e) {
            return timedOut(socket, "the peer does not take the message");
        }
    }

    /** Does what a line asks, except for a close; false if it asks nothing sensible. */
    private boolean perform(WebSocket socket, WsInput asked)
            throws InterruptedException, ExecutionException, TimeoutException {
        if (asked instanceof WsInput.Message message) {
            await(sendMessage(socket, message.text()));
        } else if (asked instanceof WsInput.Binary binary) {
            await(socket.sendBinary(ByteBuffer.wrap(binary.bytes()), true));
        } else if (asked instanceof WsInput.Ping ping) {
            await(socket.sendPing(ByteBuffer.wrap(ping.bytes())));
        } else if (asked instanceof WsInput.Help) {
            WsInput.COMMANDS.lines().forEach(printer::note);
        } else if (asked instanceof WsInput.Fault fault) {
            printer.failure(fault.why());
            return false;
        }
        return true;
    }

    private CompletableFuture<WebSocket> sendMessage(WebSocket socket, String text) {
        return isBinary ? socket.sendBinary(ByteBuffer.wrap(text.getBytes(UTF_8)), true) : socket.sendText(text, true);
    }

    private void await(CompletableFuture<WebSocket> sending)
            throws InterruptedException, ExecutionException, TimeoutException {
        sending.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
    }

    private int awaitExpected(WebSocket socket) throws InterruptedException {
        long deadlineNs = System.nanoTime() + timeout.toNanos();
        while (!hasArrived) {
            Event event = events.poll(deadlineNs - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (event == null) {
                return timedOut(socket, "not all of the " + expected + " expected messages arrived");
            }
            Integer code = ended(socket, event);
            if (code != null) {
                return code;
            }
        }
        return close(socket, 1000, "");
    }

    /** Sends a close frame and waits for the peer's. */
    private int close(WebSocket socket, int closeCode, String reason) throws InterruptedException {
        // From here on an end is what was wanted, whatever has arrived.
        hasArrived = true;
        long deadlineNs = System.nanoTime() + timeout.toNanos();
        try {
            await(socket.sendClose(closeCode, reason));
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IllegalArgumentException) {
                // The JDK's client does not send the codes that only a server may send.
                printer.failure("cannot send this close: " + Main.reason(e.getCause()));
                socket.abort();
                return Main.USAGE;
            }
            return failedToSend(socket, e.getCause());
        } catch (TimeoutException e) {
            return timedOut(socket, "the peer does not take the close");
        }
        while (true) {
            Event event = events.poll(deadlineNs - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (event == null) {
                return timedOut(socket, "the peer does not answer the close");
            }
            Integer code = ended(socket, event);
            if (code != null) {
                return code;
            }
        }
    }

    /** The exit code if this event is the end of the connection, else null. */
    private Integer ended(WebSocket socket, Event event) throws InterruptedException {
        if (event instanceof Arrived) {
            hasArrived = true;
            return null;
        }
        if (event instanceof Broken broken) {
            printer.failure("broken: " + Main.reason(broken.cause()));
            return WsCommand.ABNORMAL;
        }
        if (!(event instanceof Closed closed)) {
            return null;
        }
        answerClose(socket, closed.code());
        boolean isNormal = closed.code() == 1000 || closed.code() == 1001 || closed.code() == 1005;
        if (!isNormal) {
            printer.failure(describe(closed));
            return WsCommand.ABNORMAL;
        }
        printer.note(describe(closed));
        if (!hasArrived) {
            printer.failure("closed before the " + expected + " expected messages arrived");
            return WsCommand.ABNORMAL;
        }
        return Main.OK;
    }

    /**
     * Answers the peer's close and waits until the answer has left: the JDK's client would answer behind our back, and
     * the process might end first, which the peer would see as a broken connection.
     */
    private void answerClose(WebSocket socket, int code) throws InterruptedException {
        if (code == CLOSED_ABNORMALLY || socket.isOutputClosed()) {
            closeAnswered.complete(null);
            return;
        }
        // 1005 says that the frame had no code; it must not stand in a frame (RFC 6455 section 7.4.1).
        int answer = code == 1005 ? 1000 : code;
        try {
            CompletableFuture<WebSocket> sending = socket.sendClose(answer, "");
            if (sending.isCompletedExceptionally()) {
                // The JDK's client does not send codes that only a server may send.
                sending = socket.sendClose(1000, "");
            }
            await(sending);
        } catch (ExecutionException | TimeoutException e) {
            // The peer has not waited for the answer, which is its right; how it ended is known already.
            socket.abort();
        } finally {
            closeAnswered.complete(null);
        }
    }

    private static String describe(Closed closed) {
        if (closed.code() == CLOSED_ABNORMALLY) {
            return "broken: the connection ended without a close (1006)";
        }
        return "closed " + closed.code() + (closed.reason().isEmpty() ? "" : " " + closed.reason());
    }

    private int timedOut(WebSocket socket, String what) {
        printer.failure("timeout: " + what + " within " + WsCommand.text(timeout));
        socket.abort();
        return WsCommand.TIMED_OUT;
    }

    /** A send fails when the connection has ended; the reason of the end tells more than the failed send does. */
    private int failedToSend(WebSocket socket, Throwable cause) throws InterruptedException {
        hasArrived = true;
        Event event;
        while ((event = events.poll(timeout.toNanos(), TimeUnit.NANOSECONDS)) != null) {
            Integer code = ended(socket, event);
            if (code != null) {
                return code == Main.OK ? WsCommand.ABNORMAL : code;
            }
        }
        printer.failure("cannot send: " + Main.reason(cause));
        socket.abort();
        return WsCommand.ABNORMAL;
    }

    private void readLines(InputStream input) {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(input, UTF_8))) {
            String line;
            while ((line = lines.readLine()) != null) {
                linesAhead.acquire();
                events.add(new Line(line));
            }
        } catch (IOException e) {
            printer.failure("cannot read the input: " + Main.reason(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        events.add(new InputEnded());
    }

    // ---- The client's thread.

    /** Nothing arrives before the first request, so this note is the first line. */
    @Override
    public void onOpen(WebSocket socket) {
        String chosen = socket.getSubprotocol();
        printer.note(chosen.isEmpty() ? "connected" : "connected, subprotocol " + chosen);
        socket.request(1);
    }

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
        printer.text(data, last);
        count(last);
        socket.request(1);
        return null;
    }

    @Override
    public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
        printer.binary(bytes(data), last);
        count(last);
        socket.request(1);
        return null;
    }

    @Override
    public CompletionStage<?> onPing(WebSocket socket, ByteBuffer data) {
        printer.note("ping" + quoted(data));
        socket.request(1);
        return null;
    }

    @Override
    public CompletionStage<?> onPong(WebSocket socket, ByteBuffer data) {
        printer.note("pong" + quoted(data));
        socket.request(1);
        return null;
    }

    /** See {@link #answerClose} for what is returned. */
    @Override
    public CompletionStage<?> onClose(WebSocket socket, int statusCode, String reason) {
        events.add(new Closed(statusCode, reason));
        return closeAnswered;
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
        events.add(new Broken(error));
    }

    private void count(boolean isLast) {
        if (isLast && ++received == expected) {
            events.add(new Arrived());
        }
    }

    private static String quoted(ByteBuffer data) {
        return data.hasRemaining() ? " " + new String(bytes(data), UTF_8) : "";
    }

    private static byte[] bytes(ByteBuffer data) {
        byte[] bytes = new byte[data.remaining()];
        data.get(bytes);
        return bytes;
    }
}
