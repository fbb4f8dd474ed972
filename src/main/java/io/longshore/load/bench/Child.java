package io.longshore.load.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A program of the benchmark: its lines with a deadline, its log, its end.
 *
 * <p>Its standard error goes to a file. Its standard input is a pipe that stays open until {@link #close()}: the load
 * ends with it, so that it does not outlive a benchmark that was killed.
 */
final class Child implements AutoCloseable {
    private static final long ORDERLY_END_MS = 5_000;
    private static final int LOG_LINES_SHOWN = 4;

    private final String name;
    private final Process process;
    private final Path log;
    // An empty array marks the end of the output, so that a reader need not wait for its deadline then.
    private final BlockingQueue<String[]> lines = new LinkedBlockingQueue<>();
    private final Children family;
    private final boolean isTalking;

    private Child(String name, Process process, Path log, Children family, boolean isTalking) {
        this.name = name;
        this.process = process;
        this.log = log;
        this.family = family;
        this.isTalking = isTalking;
    }

    /**
     * Starts a program whose standard output is read line by line.
     *
     * @param family who ends it when the benchmark is cut short, and who gives the thread that reads
     */
    static Child talking(String name, List<String> command, Path log, Children family) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(log.toFile());
        Child child = new Child(name, family.start(builder), log, family, true);
        family.thread(child::read).start();
        return child;
    }

    /** Starts a program that has nothing to say to us: what it writes goes to its log. */
    static Child silent(String name, List<String> command, Path log, Children family) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        return new Child(name, family.start(builder), log, family, false);
    }

    /**
     * The next line of the output.
     *
     * @throws IOException if it ends first or takes longer; the message has the last lines of its log
     */
    String nextLine(long timeoutMs) throws IOException, InterruptedException {
        String[] line = lines.poll(timeoutMs, TimeUnit.MILLISECONDS);
        if (line == null) {
            throw new IOException(name + " said nothing for " + timeoutMs + " ms" + logEnd());
        }
        if (line.length == 0) {
            lines.add(line);
            throw new IOException(name + " ended with exit code " + process.waitFor() + logEnd());
        }
        return line[0];
    }

    /** Reads up to the line that is {@code word}, or begins with it and a space; returns what follows. */
    String awaitLine(String word, long timeoutMs) throws IOException, InterruptedException {
        String line = nextLine(timeoutMs);
        while (!line.equals(word) && !line.startsWith(word + " ")) {
            line = nextLine(timeoutMs);
        }
        return line.substring(word.length()).strip();
    }

    /** Waits for its end, or for the time to pass; says whether it has ended. */
    boolean hasEnded(long timeoutMs) throws InterruptedException {
        return process.waitFor(timeoutMs, TimeUnit.MILLISECONDS);
    }

    boolean isAlive() {
        return process.isAlive();
    }

    int exitCode() {
        return process.exitValue();
    }

    long pid() {
        return process.pid();
    }

    /** Itself and all that it has started. */
    List<Long> pids() {
        List<Long> pids = new ArrayList<>();
        pids.add(process.pid());
        process.descendants().map(ProcessHandle::pid).forEach(pids::add);
        return pids;
    }

    /** The last lines of its log as the tail of a sentence; empty if it wrote none. */
    String logEnd() {
        try {
            List<String> all = Files.readAllLines(log, UTF_8);
            List<String> last = all.subList(Math.max(0, all.size() - LOG_LINES_SHOWN), all.size());
            return last.isEmpty() ? "" : ": " + String.join("; ", last).strip();
        } catch (IOException e) {
            return "";
        }
    }

    /**
     * Ends it: a program that we talk to ends with its input, any other with SIGTERM, and what does not, is killed. Returns
     * once it and what it started are gone.
     */
    @Override
    public void close() {
        family.end(process, isTalking, ORDERLY_END_MS);
    }

    private void read() {
        try (BufferedReader text = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
            for (String line = text.readLine(); line != null; line = text.readLine()) {
                lines.add(new String[] {line});
            }
        } catch (IOException e) {
            // The JDK closes the pipe under us when the program is ended; what was read until then counts.
        }
        lines.add(new String[0]);
    }
}
