package io.longshore.live;

import io.longshore.cli.Main;
import io.longshore.lab.Await;
import io.longshore.lab.ChildProcess;
import io.longshore.lab.EngineUnderTest;
import io.longshore.metrics.Counter;
import io.longshore.metrics.CounterSnapshot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * {@code longshore serve} in a process of its own, from the classes under test: for what cannot be done to the test's own
 * JVM, such as a limit of descriptors, another network, or a signal.
 *
 * <p>{@link #close()} ends it with SIGTERM and fails unless it exits with 0 and its books balance.
 */
final class ChildProxy extends Books implements AutoCloseable {
    private final ChildProcess child;
    private final Path folder;

    private final InetSocketAddress address;
    private boolean isTerminated;

    private ChildProxy(ChildProcess child, Path folder, Path counters, String address) {
        super(counters, folder.resolve("access.log"));
        this.child = child;
        int colon = address.lastIndexOf(':');
        this.address =
                new InetSocketAddress(address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)));
        this.folder = folder;
    }

    /**
     * Starts it, and waits until it accepts.
     *
     * @param prefix a program to start it through, which must exec; empty for none
     * @param yaml the configuration, without {@code access-log} and {@code counters}
     */
    static ChildProxy serve(List<String> prefix, String yaml) {
        try {
            Path folder = Files.createTempDirectory("longshore-live");
            Path file = folder.resolve("longshore.yaml");
            Path log = folder.resolve("access.log");
            Files.writeString(
                    file, "access-log: %s\ncounters: %s\n%s".formatted(log, folder, EngineUnderTest.in(yaml)));
            List<String> command = new ArrayList<>(prefix);
            command.addAll(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:TieredStopAtLevel=1",
                    "-Xmx128m",
                    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                    "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED",
                    "--add-opens=java.base/java.io=ALL-UNNAMED",
                    "-cp",
                    System.getProperty("java.class.path"),
                    Main.class.getName(),
                    "serve",
                    "-c",
                    file.toString()));
            ChildProcess child = ChildProcess.start(command, Map.of());
            String ready = child.nextLine(Await.PATIENCE.multipliedBy(2));
            if (!ready.startsWith("ready ")) {
                child.close();
                throw new AssertionError(ready + "\n" + child);
            }
            return new ChildProxy(child, folder, folder.resolve(Long.toString(child.pid())), ready.split(" ")[1]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where it listens; IPv4. */
    InetSocketAddress address() {
        return address;
    }

    /** Asks it to drain and end. Its counters go with it, so {@link #close()} cannot balance the books then. */
    void terminate() {
        isTerminated = true;
        signal("TERM");
    }

    long pid() {
        return child.pid();
    }

    /** What it has logged so far. */
    String log() {
        return child.errors();
    }

    /** Sends a signal: TERM, STOP, CONT. */
    void signal(String name) {
        ChildProcess.run("kill", "-" + name, Long.toString(child.pid()));
    }

    /** How many descriptors it has open. */
    int descriptors() {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/" + child.pid() + "/fd"))) {
            return (int) descriptors.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The CPU time that it has used, user and system together, in ticks of 10 ms; proc(5). */
    long cpuTicks() {
        try {
            String stat = Files.readString(Path.of("/proc/" + child.pid() + "/stat"));
            // The second field is the program's name in brackets, and may have spaces in it.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until no session is left, ends it, and holds that its books balance. */
    @Override
    public void close() {
        try {
            CounterSnapshot last = isTerminated ? null : atRest();
            if (!isTerminated) {
                signal("TERM");
            }
            int exit = child.exitCode(Await.PATIENCE);
            if (exit != 0 || child.errors().contains("level=error")) {
                throw new AssertionError("exit code " + exit + " of " + child);
            }
            if (last != null) {
                areBalanced(last);
            }
        } catch (AssertionError | UncheckedIOException e) {
            throw new AssertionError(child.toString(), e);
        } finally {
            child.close();
            remove(folder);
        }
    }

    private CounterSnapshot atRest() {
        await(Counter.CONNECTIONS_OPEN, 0);
        await(Counter.PAGES_TAKEN, 0);
        await(Counter.TIMERS_ACTIVE, 0);
        return snapshot();
    }

    private static void remove(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
