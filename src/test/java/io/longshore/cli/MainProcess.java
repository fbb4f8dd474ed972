package io.longshore.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** {@link Main} in a process of its own, from the classes under test: for signals, exit codes and ready lines. */
final class MainProcess implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 60;
    /** Not the common pool: on two cores it has one thread, and one of our readers would wait for the other. */
    private static final Executor THREADS = task -> {
        Thread thread = new Thread(task, "main-process-reader");
        thread.setDaemon(true);
        thread.start();
    };

    private final Process process;
    private final BufferedReader out;
    private final CompletableFuture<String> err;

    MainProcess(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED",
                "--add-opens=java.base/java.io=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(List.of(arguments));
        process = new ProcessBuilder(command).start();
        out = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
        err = CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return new String(process.getErrorStream().readAllBytes(), UTF_8);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                THREADS);
    }

    /** Reads standard output up to the line that starts with {@code ready} and returns the address in it. */
    String awaitReady() throws Exception {
        return CompletableFuture.supplyAsync(
                        () -> {
                            try {
                                String line;
                                while ((line = out.readLine()) != null) {
                                    if (line.startsWith("ready ")) {
                                        return line.split(" ")[1];
                                    }
                                }
                                throw new AssertionError("it has ended without being ready: " + err.join());
                            } catch (IOException e) {
                                throw new UncheckedIOException(e);
                            }
                        },
                        THREADS)
                .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** The next line of its standard output. */
    String line() throws IOException {
        return out.readLine();
    }

    void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .start()
                .waitFor();
    }

    int awaitExit() throws InterruptedException {
        assertTrue(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS), "it does not end");
        return process.exitValue();
    }

    /** What it wrote to standard error; waits for its end. */
    String errors() throws Exception {
        return err.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
