package io.longshore.cli;

import io.longshore.config.Config;
import io.longshore.config.ConfigReader;
import io.longshore.config.Fault;
import io.longshore.control.PortChoice;
import io.longshore.metrics.CounterDirectory;
import io.longshore.metrics.PortFacts;
import io.longshore.metrics.PortRow;
import io.longshore.metrics.PortSnapshot;
import io.longshore.origin.PortSettings;
import io.longshore.origin.SourcePorts;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code longshore ports}: the account of tuples of a running proxy, beside what the kernel itself lists; or, of a
 * configuration without a process, how many tuples it has on this host and how many of them are in use.
 *
 * <p>Run it in the network namespace of the proxy: the kernel tells of its own namespace only.
 */
@Command(
        name = "ports",
        description = "Shows how many source ports are left, by source address and endpoint.",
        footer = {
            "",
            "live: connections of ours, and dials. held: closed by us, and kept by the kernel (TIME_WAIT).",
            "foreign: ports that others have. blocked: missing when the kernel was asked last.",
            "connect, p99: median and 99th percentile of the time that the kernel took to find a port.",
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:shown",
            "1:no such process, or its file cannot be read",
            "2:wrong arguments or configuration, or several processes run and none was chosen"
        })
public final class PortsCommand implements Callable<Integer> {
    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "The configuration: without --pid and --counters, its tuples on this host, process or not.")
    private Path file;

    @Option(names = "--pid", paramLabel = "PID", description = "The process to show. Without it: the one that runs.")
    private Long pid;

    @Option(
            names = "--counters",
            paramLabel = "FILE",
            description = "The file of ports, its directory, or the one above it (setting counters).")
    private Path counters;

    @Option(names = "--json", description = "One JSON object instead of a table.")
    private boolean isJson;

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
    public PortsCommand() {
        this(CounterDirectory.bases());
    }

    /** @param bases where to look without {@code --counters} */
    PortsCommand(List<Path> bases) {
        this.bases = bases;
    }

    @Override
    public Integer call() {
        if (file != null && pid == null && counters == null) {
            return ofConfiguration();
        }
        Path place = counters != null && Files.isRegularFile(counters)
                ? counters.toAbsolutePath().getParent()
                : counters;
        List<Path> found = CounterChoice.find(bases, place, pid);
        if (found.size() > 1) {
            say("several processes; choose one with --pid, or its directory with --counters:");
            found.forEach(directory -> say("  " + directory));
            return Main.USAGE;
        }
        if (found.isEmpty()) {
            say(pid == null ? "no running proxy was found" : "no counters of process " + pid + " were found");
            return Main.FAILED;
        }
        try {
            PortSnapshot seen = PortSnapshot.read(found.get(0));
            show(new PortView(seen.pid(), seen.facts(), seen.rows(), PortTuples.of(seen.rows())));
            return Main.OK;
        } catch (NoSuchFileException e) {
            say("the process has ended, or keeps no file of ports: " + e.getMessage());
            return Main.FAILED;
        } catch (IOException e) {
            say(e.getMessage());
            return Main.FAILED;
        }
    }

    private int ofConfiguration() {
        if (!(ConfigReader.read(file) instanceof ConfigReader.Valid valid)) {
            for (Fault fault : ((ConfigReader.Faulty) ConfigReader.read(file)).faults()) {
                spec.commandLine().getErr().println(fault);
            }
            spec.commandLine().getErr().flush();
            return Main.USAGE;
        }
        Config config = valid.config();
        PortSettings settings = PortChoice.of(config);
        List<PortRow> rows = new SourcePorts(config, settings, PortRow::inMemory).accounts();
        PortTuples kernel = PortTuples.of(rows);
        // Nobody has told us which of them are ours.
        rows.forEach(row -> row.setForeign(kernel.open(row) + kernel.closing(row)));
        PortFacts facts = new PortFacts(
                settings.mode().label(),
                settings.low(),
                settings.high(),
                settings.reservedPorts(),
                List.copyOf(config.origins().keySet()));
        show(new PortView(0, facts, rows, kernel));
        return Main.OK;
    }

    private void show(PortView view) {
        PrintWriter out = spec.commandLine().getOut();
        out.print(isJson ? view.json() : view.text());
        out.flush();
    }

    private void say(String what) {
        PrintWriter err = spec.commandLine().getErr();
        err.println("longshore ports: " + what);
        err.flush();
    }
}
