package io.longshore.metrics;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.jctools.queues.atomic.MpscAtomicArrayQueue;

/**
 * The access log: a line per connection, written off the loops.
 *
 * <p>A loop offers an entry and goes on. The queue is bounded; when it is full, because the disk or whoever reads our
 * standard output is slow, the entry is dropped and counted: a log may have gaps, a loop may not wait.
 *
 * <p><b>Threads.</b> Any thread offers. One daemon thread of our own formats and writes; it alone reads the wall clock,
 * so {@code ts} is when a connection's end was written, some milliseconds after it.
 */
public final class AccessLog implements AutoCloseable {
    /** The target that means standard output. */
    public static final String STANDARD_OUTPUT = "-";

    private static final int BATCH_CHARS = 64 * 1024;

    /**
     * How long the writer lingers after a batch without asking to be woken. While connections end all the time this
     * spares the loops the system call that wakes a thread; at most a queue's length can come together meanwhile.
     */
    private static final long LINGER_NS = 1_000_000;

    private static final long CLOSE_TIMEOUT_MS = 5_000;

    /** Opens the target, at first and once more for each {@link #reopen()}. */
    interface Target {
        OutputStream open() throws IOException;
    }

    // JCTools' other queues ask sun.misc.Unsafe, and a JDK from 24 on tells the user so on standard error. This one
    // goes through the JDK's own atomics; at one entry per connection nobody will feel the difference.
    private final Queue<AccessEntry> queue;
    private final Target target;
    private final PrintStream errors;
    private final LongSupplier wallClockMs;
    private final Thread writer;

    private final AtomicLong dropped = new AtomicLong();
    private final AtomicLong unwritten = new AtomicLong();

    private volatile boolean isParked;
    private volatile boolean isClosing;
    private volatile boolean isReopenAsked;

    // Only the writer's, once it runs.
    private final AccessLine line = new AccessLine();
    private final StringBuilder batch = new StringBuilder(BATCH_CHARS + 1024);
    private int batchLines;
    private OutputStream out;
    private boolean hasFailed;
    private boolean isLineTorn;

    AccessLog(Target target, int queueLength, PrintStream errors, LongSupplier wallClockMs) throws IOException {
        this.queue = new MpscAtomicArrayQueue<>(Math.max(2, queueLength));
        this.target = target;
        this.errors = errors;
        this.wallClockMs = wallClockMs;
        this.out = target.open();
        this.writer = new Thread(this::run, "longshore-access-log");
        writer.setDaemon(true);
        writer.start();
    }

    /**
     * Opens the log and starts its thread.
     *
     * @param target {@code -} for standard output, else a file, which is made with mode 0640 or appended to
     * @param queueLength entries that may wait, rounded up to a power of two
     * @throws IOException if the file cannot be opened for appending
     */
    public static AccessLog open(String target, int queueLength) throws IOException {
        Target opener = target.equals(STANDARD_OUTPUT) ? AccessLog::standardOutput : () -> appending(Path.of(target));
        return new AccessLog(opener, queueLength, System.err, System::currentTimeMillis);
    }

    private static OutputStream standardOutput() {
        return new FileOutputStream(FileDescriptor.out) {
            @Override
            public void close() {
                // It is not ours: others still print to it after the log has ended.
            }
        };
    }

    private static OutputStream appending(Path path) throws IOException {
        if (!Files.exists(path)) {
            try {
                // Client addresses are nobody else's business. A file that exists keeps the mode its owner gave it.
                Files.createFile(
                        path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r-----")));
            } catch (FileAlreadyExistsException e) {
                // Made between our look and now, by whoever rotates logs: appended to like any other.
                return new FileOutputStream(path.toFile(), true);
            }
        }
        return new FileOutputStream(path.toFile(), true);
    }

    /**
     * Hands an entry over; never blocks.
     *
     * @return false if it was dropped (and counted), because the queue is full or the log closed
     */
    public boolean offer(AccessEntry entry) {
        if (isClosing || !queue.offer(entry)) {
            dropped.incrementAndGet();
            return false;
        }
        // The queue's store is only a release: without the fence, our load of isParked could pass it, and the writer go
        // to sleep on an entry that neither of us saw. Its half of the bargain is in park().
        VarHandle.fullFence();
        if (isParked) {
            isParked = false;
            LockSupport.unpark(writer);
        }
        return true;
    }

    /** Entries that were dropped because the queue was full, or the log closed. */
    public long dropped() {
        return dropped.get();
    }

    /** Entries that were lost because they could not be written. */
    public long unwritten() {
        return unwritten.get();
    }

    /** Opens the file anew before the next batch, after a rotation has renamed it. From any thread. */
    public void reopen() {
        isReopenAsked = true;
        LockSupport.unpark(writer);
    }

    /** Writes what was offered before and ends the thread. Waits five seconds at most; what is left is dropped. */
    @Override
    public void close() {
        if (isClosing) {
            return;
        }
        isClosing = true;
        LockSupport.unpark(writer);
        try {
            writer.join(CLOSE_TIMEOUT_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        dropped.addAndGet(queue.size());
    }

    private void run() {
        boolean hasLingered = false;
        while (true) {
            // Read before draining: what was offered before close() is then seen by this drain or an earlier one.
            boolean isLast = isClosing;
            if (isReopenAsked) {
                isReopenAsked = false;
                reopenTarget();
            }
            if (drain() > 0) {
                hasLingered = false;
            } else if (isLast) {
                break;
            } else if (!hasLingered) {
                hasLingered = true;
                LockSupport.parkNanos(this, LINGER_NS);
            } else {
                park();
            }
        }
        closeTarget();
    }

    private void park() {
        // A volatile store and then a look at the queue: whoever offered before the look is seen by it, and whoever
        // offers after it sees the flag.
        isParked = true;
        if (queue.isEmpty() && !isClosing && !isReopenAsked) {
            LockSupport.park(this);
        }
        isParked = false;
    }

    /** Writes one batch; how many lines it had. */
    private int drain() {
        if (isLineTorn) {
            // The last write broke off somewhere in a line: do not glue the next one to it.
            batch.append('\n');
        }
        AccessEntry entry = null;
        while (batch.length() < BATCH_CHARS && (entry = queue.poll()) != null) {
            line.append(batch, wallClockMs.getAsLong(), entry);
            batchLines++;
        }
        int lines = batchLines;
        if (lines > 0) {
            write(batch.toString().getBytes(StandardCharsets.UTF_8));
        }
        batch.setLength(0);
        batchLines = 0;
        return lines;
    }

    private void write(byte[] bytes) {
        try {
            out.write(bytes);
            out.flush();
            isLineTorn = false;
        } catch (IOException e) {
            isLineTorn = true;
            unwritten.addAndGet(batchLines);
            report(e);
        }
    }

    private void reopenTarget() {
        try {
            OutputStream fresh = target.open();
            closeTarget();
            out = fresh;
            isLineTorn = false;
        } catch (IOException e) {
            report(e);
        }
    }

    private void closeTarget() {
        try {
            out.close();
        } catch (IOException e) {
            report(e);
        }
    }

    /** Tells it once: a full disk must not fill the next log as well. */
    private void report(IOException e) {
        if (!hasFailed) {
            hasFailed = true;
            StringBuilder text = new StringBuilder("level=error event=access-log-failed error=");
            AccessLine.appendValue(text, e.toString());
            errors.println(text);
        }
    }
}
