package io.longshore.lab;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A program that a test started: its lines with a deadline, what it complained about, its end. {@link #close()} leaves
 * nothing of it behind, its own children included.
 *
 * <p>Its standard input is a pipe that stays open until {@link #endInput()} or {@link #close()}: our peers end with it,
 * so that they do not outlive a test run that was killed.
 */
public final class ChildProcess implements AutoCloseable {
    private static final int ERRORS_KEPT = 256 * 1024;

    private final List<String> command;
    private final Process process;
    // An empty array marks the end of the output, so that a reader need not wait for its deadline then.
    private final BlockingQueue<String[]> lines = new LinkedBlockingQueue<>();
    private final StringBuffer errors = new StringBuffer();
    private final Thread outputReader;
    private final Thread errorReader;

    private ChildProcess(List<String> command, Process process) {
        this.command = command;
        this.process = process;
        this.outputReader = reader(process.getInputStream(), false);
        this.errorReader = reader(process.getErrorStream(), true);
    }

    /** Starts a program in the project's folder. */
    public static ChildProcess start(List<String> command, Map<String, String> environment) {
        try {
            ProcessBuilder builder =
                    new ProcessBuilder(command).directory(projectFolder().toFile());
            builder.environment().putAll(environment);
            return new ChildProcess(List.copyOf(command), builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start " + command, e);
        }
    }

    public static ChildProcess start(String... command) {
        return start(List.of(command), Map.of());
    }

    /** Runs a program to its end and returns its output; fails if it exits with anything but 0. */
    public static List<String> run(List<String> command, Map<String, String> environment, Duration timeout) {
        try (ChildProcess child = start(command, environment)) {
            child.endInput();
            int exit = child.exitCode(timeout);
            List<String> output = child.linesLeft();
            if (exit != 0) {
                throw new AssertionError(command + " exited with " + exit + "\n" + output + "\n" + child.errors());
            }
            return output;
        }
    }

    public static List<String> run(String... command) {
        return run(List.of(command), Map.of(), Await.PATIENCE);
    }

    /** The folder with the pom.xml, which is where Maven starts the tests. */
    public static Path projectFolder() {
        return Path.of("").toAbsolutePath();
    }

    /** The next line of the output. Fails if the program ends, or the time does. */
    public String nextLine(Duration timeout) {
        try {
            String[] line = lines.poll(timeout.toMillis(), TimeUnit.MILLISECONDS);
            if (line == null) {
                throw new AssertionError("no line within " + timeout.toMillis() + " ms from " + this);
            }
            if (line.length == 0) {
                lines.add(line);
                // What it complained about comes through another pipe, and is what the reader of this wants to know.
                errorReader.join(Await.PATIENCE.toMillis());
                throw new AssertionError("ended without the line waited for: " + this);
            }
            return line[0];
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while reading from " + this, e);
        }
    }

    /** The rest of the output, once the program has ended. */
    public List<String> linesLeft() {
        List<String> left = new ArrayList<>();
        for (String[] line = lines.poll(); line != null && line.length > 0; line = lines.poll()) {
            left.add(line[0]);
        }
        return left;
    }

    /** Writes a line to its standard input. */
    public void writeLine(String line) {
        try {
            OutputStream input = process.getOutputStream();
            input.write((line + "\n").getBytes(StandardCharsets.UTF_8));
            input.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write to " + this, e);
        }
    }

    /** Closes its standard input. */
    public void endInput() {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            // The program has ended, and with it the pipe: that is what closing was for.
        }
    }

    /** Waits for the end; returns the exit code, 128 + n if signal n ended it. Everything it wrote has been read then. */
    public int exitCode(Duration timeout) {
        try {
            if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError("still running after " + timeout.toMillis() + " ms: " + this);
            }
            outputReader.join(timeout.toMillis());
            errorReader.join(timeout.toMillis());
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for " + this, e);
        }
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    public long pid() {
        return process.pid();
    }

    /** What it has written to its standard error so far, the last 256 KiB of it. */
    public String errors() {
        return errors.toString();
    }

    /** Ends its input and waits until it has ended by itself, whatever its exit code; for programs that end so. */
    public void stop() {
        try {
            endInput();
            exitCode(Await.PATIENCE);
        } finally {
            close();
        }
    }

    /** Kills it with everything it started, and waits until it is gone. */
    @Override
    public void close() {
        List<ProcessHandle> family = process.descendants().toList();
        process.destroyForcibly();
        family.forEach(ProcessHandle::destroyForcibly);
        endInput();
        exitCode(Await.PATIENCE);
        Await.until(() -> family.stream().noneMatch(ProcessHandle::isAlive), "the end of all children of " + command);
    }

    @Override
    public String toString() {
        return command + " (pid " + process.pid() + ")\n--- standard error:\n" + errors + "---";
    }

    private Thread reader(InputStream stream, boolean isErrors) {
        Thread thread = new Thread(() -> read(stream, isErrors), "reads " + command.get(0));
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private void read(InputStream stream, boolean isErrors) {
        try (BufferedReader text = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            for (String line = text.readLine(); line != null; line = text.readLine()) {
                if (isErrors) {
                    errors.append(line).append('\n');
                    errors.delete(0, Math.max(0, errors.length() - ERRORS_KEPT));
                } else {
                    lines.add(new String[] {line});
                }
            }
        } catch (IOException e) {
            // The JDK closes the pipe under us when the program is killed; what was read until then counts.
        }
        if (!isErrors) {
            lines.add(new String[0]);
        }
    }
}
