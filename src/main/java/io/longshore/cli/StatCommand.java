package io.longshore.cli;

import io.longshore.metrics.CounterDirectory;
import io.longshore.metrics.CounterSnapshot;
import io.longshore.metrics.PortSnapshot;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code longshore stat}: what a running proxy counts, read from its counter file. The process is not asked, so this
 * works on one that is stuck, and costs it nothing.
 *
 * <p>Exit codes: 0 shown, 1 no such process or file, 2 a mistake in the arguments, or more than one process to choose
 * from.
 */
@Command(
        name = "stat",
        description = "Shows what a running proxy counts, without touching the process.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:shown",
            "1:no such process, or its counters cannot be read",
            "2:wrong arguments, or several processes run and none was chosen"
        })
public final class StatCommand implements Callable<Integer> {
    private static final int SHOWN = 0;
    private static final int NOT_FOUND = 1;
    private static final int USAGE = 2;

    private static final double INTERVAL_SECONDS_MAX = 86_400;

    @Option(
            names = "--pid",
            paramLabel = "PID",
            description = "The process to show. Without it: the one that runs; if there are several, they are listed.")
    private Long pid;

    @Option(
            names = "--counters",
            paramLabel = "DIR",
            description = "Where the counter files are: the directory of one process, or the one above it"
                    + " (setting counters-directory). Without it: /run/longshore, $$XDG_RUNTIME_DIR/longshore and"
                    + " the temporary folder are searched.")
    private Path counters;

    @Option(
            names = "--watch",
            arity = "0..1",
            fallbackValue = "1",
            paramLabel = "SECONDS",
            description = "Shows it again every SECONDS (default 1), with rates, until interrupted.")
    private Double watchSeconds;

    @Option(names = "--count", paramLabel = "N", description = "Ends --watch after showing it N times.")
    private Integer count;

    @Option(names = "--json", description = "One JSON object instead of a table; with --watch one per line.")
    private boolean isJson;

    @Option(names = "--loops", description = "A column per loop also where there are more than eight loops.")
    private boolean hasEveryLoop;

    @SuppressWarnings(
            "UnusedVariable") // Picocli reads the annotation; that the option was given is all there is to know.
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this help and exits.")
    private boolean isHelpAsked;

    @Spec
    private CommandSpec spec;

    private final List<Path> bases;

    /** The command as {@code longshore} runs it. */
    public StatCommand() {
        this(CounterDirectory.bases());
    }

    /** @param bases where to look without {@code --counters} */
    StatCommand(List<Path> bases) {
        this.bases = bases;
    }

    @Override
    public Integer call() {
        check();
        List<Path> found = CounterChoice.find(bases, counters, pid);
        if (found.size() > 1) {
            return listed(found);
        }
        if (found.isEmpty()) {
            return failed(pid == null ? "no running proxy was found" : "no counters of process " + pid + " were found");
        }
        try {
            return show(found.get(0));
        } catch (NoSuchFileException e) {
            return failed("the process has ended, its counters are gone: " + e.getMessage());
        } catch (IOException e) {
            return failed(e.getMessage());
        }
    }

    private void check() {
        if (watchSeconds != null && !(watchSeconds > 0 && watchSeconds <= INTERVAL_SECONDS_MAX)) {
            throw new ParameterException(spec.commandLine(), "--watch: more than 0 and at most 86400 seconds");
        }
        if (count != null && watchSeconds == null) {
            throw new ParameterException(spec.commandLine(), "--count: only with --watch");
        }
        if (count != null && count < 1) {
            throw new ParameterException(spec.commandLine(), "--count: at least 1");
        }
    }

    private int listed(List<Path> found) {
        PrintWriter err = spec.commandLine().getErr();
        err.println("longshore stat: several processes; choose one with --pid, or its directory with --counters:");
        for (Path directory : found) {
            err.println("  " + directory);
        }
        err.flush();
        return USAGE;
    }

    private int failed(String what) {
        PrintWriter err = spec.commandLine().getErr();
        err.println("longshore stat: " + what);
        err.flush();
        return NOT_FOUND;
    }

    private int show(Path directory) throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        CounterSnapshot before = null;
        long beforeNs = 0;
        long deadlineNs = System.nanoTime();
        for (int shown = 0; ; ) {
            CounterSnapshot now = CounterSnapshot.read(directory);
            long nowNs = System.nanoTime();
            double seconds = (nowNs - beforeNs) / 1e9;
            StatView view = new StatView(now, before, seconds, System.currentTimeMillis(), portMode(directory));
            out.print(isJson ? StatJson.text(view) : StatTable.text(view, hasEveryLoop));
            out.flush();
            shown++;
            boolean isLast = watchSeconds == null || (count != null && shown == count);
            if (isLast || hasNoReader(out)) {
                return SHOWN;
            }
            before = now;
            beforeNs = nowNs;
            deadlineNs += (long) (watchSeconds * 1e9);
            waitUntil(deadlineNs);
            if (!isJson) {
                out.println();
            }
        }
    }

    private static String portMode(Path directory) {
        try {
            return PortSnapshot.read(directory).facts().mode();
        } catch (IOException e) {
            // A process without the second file has counters all the same.
            return null;
        }
    }

    /** Whether our reader went away, as in {@code stat --watch | head}: print streams tell it in no other way. */
    private static boolean hasNoReader(PrintWriter out) {
        // The writer that picocli makes does not ask the stream below it.
        return out.checkError() || System.out.checkError();
    }

    private static void waitUntil(long deadlineNs) {
        long leftNs = deadlineNs - System.nanoTime();
        while (leftNs > 0) {
            LockSupport.parkNanos(leftNs);
            leftNs = deadlineNs - System.nanoTime();
        }
    }
}
