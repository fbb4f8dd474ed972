package io.longshore.cli;

import io.longshore.load.bench.Bench;
import io.longshore.load.bench.BenchSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code longshore bench}: Longshore beside HAProxy and nginx, in one interleaved run on this machine. */
@Command(
        name = "bench",
        description = "Measure Longshore, HAProxy and nginx side by side, and write a report.",
        mixinStandardHelpOptions = true,
        subcommands = {BenchCommand.Report.class, BenchCommand.Table.class},
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:everything was measured",
            "1:it could not run, or a measurement failed; what was measured is in the results all the same",
            "2:a scenario, a target or the command line is wrong"
        })
final class BenchCommand implements Callable<Integer> {
    private static final Pattern NETWORK = Pattern.compile("127\\.\\d{1,3}");
    private static final int PORT_MAX = 65_000;
    private static final int PORT_MIN = 1_024;
    private static final int CPU_MAX = 1_023;
    private static final int ROUNDS_MAX = 99;
    private static final int MS_MAX = 600_000;

    @Option(names = "--scenario", paramLabel = "NAME", split = ",", description = "Only these scenarios.")
    private List<String> scenarios = List.of();

    @Option(names = "--targets", paramLabel = "NAME", split = ",", description = "Only these targets.")
    private List<String> targets = List.of();

    @Option(names = "--smoke", description = "Everything tiny: does it run at all? Its numbers say nothing.")
    private boolean isSmoke;

    @Option(names = "--rounds", paramLabel = "N", description = "Rounds, instead of the scenarios' own.")
    private int rounds;

    @Option(names = "--warm-ms", paramLabel = "MS", defaultValue = "-1", description = "Warm-up before each window.")
    private int warmMs;

    @Option(names = "--window-ms", paramLabel = "MS", defaultValue = "-1", description = "The window that is measured.")
    private int windowMs;

    @Option(
            names = "--first-warm-ms",
            paramLabel = "MS",
            defaultValue = "-1",
            description = "How long a JVM is warmed before the first round (default: 7000; with --smoke 300).")
    private int firstWarmMs;

    @Option(names = "--load", paramLabel = "PROGRAM", defaultValue = "target/native/load", description = LOAD)
    private Path load;

    @Option(names = "--longshore", paramLabel = "COMMAND", defaultValue = "bin/longshore", description = PROGRAM)
    private String longshore;

    @Option(names = "--haproxy", paramLabel = "PROGRAM", description = PROGRAM)
    private String haproxy;

    @Option(names = "--nginx", paramLabel = "PROGRAM", description = PROGRAM)
    private String nginx;

    @Option(names = "--scenarios", paramLabel = "DIR", defaultValue = "bench/scenarios", description = FOLDER)
    private Path scenarioFolder;

    @Option(names = "--peers", paramLabel = "DIR", defaultValue = "bench/peers", description = FOLDER)
    private Path peers;

    @Option(names = "--results", paramLabel = "DIR", defaultValue = "bench/results", description = FOLDER)
    private Path results;

    @Option(names = "--proxy-cpu", paramLabel = "N", defaultValue = "0", description = CPU)
    private int proxyCpu;

    @Option(names = "--load-cpu", paramLabel = "N", defaultValue = "1", description = CPU)
    private int loadCpu;

    @Option(
            names = "--network",
            paramLabel = "127.N",
            defaultValue = "127.2",
            description = "The block of loopback addresses to use (default: ${DEFAULT-VALUE}).")
    private String network;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "9300",
            description = "The first port; a dozen behind it are used too (default: ${DEFAULT-VALUE}).")
    private int port;

    @Spec
    private CommandSpec spec;

    private static final String LOAD = "The load program (default: ${DEFAULT-VALUE}).";
    private static final String PROGRAM = "What to run (default: ${DEFAULT-VALUE}).";
    private static final String FOLDER = "Default: ${DEFAULT-VALUE}.";
    private static final String CPU = "Where to pin it (default: ${DEFAULT-VALUE}).";

    BenchCommand() {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        check();
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        Bench.Outcome outcome = new Bench(settings(), out, BenchCommand::thread).run();
        if (outcome instanceof Bench.Faulty faulty) {
            faulty.faults().forEach(err::println);
            err.flush();
            return Main.USAGE;
        }
        Bench.Ran ran = (Bench.Ran) outcome;
        out.println();
        out.println("written: " + ran.folder());
        out.flush();
        if (ran.failures() > 0) {
            err.println("longshore bench: " + ran.failures()
                    + " measurements failed or had faults; the report tells which");
            err.flush();
            return Main.FAILED;
        }
        return Main.OK;
    }

    private void check() {
        checkRange("--rounds", rounds, 0, ROUNDS_MAX);
        checkRange("--warm-ms", warmMs, -1, MS_MAX);
        checkRange("--window-ms", windowMs, -1, MS_MAX);
        checkRange("--first-warm-ms", firstWarmMs, -1, MS_MAX);
        checkRange("--proxy-cpu", proxyCpu, 0, CPU_MAX);
        checkRange("--load-cpu", loadCpu, 0, CPU_MAX);
        checkRange("--port", port, PORT_MIN, PORT_MAX);
        if (!NETWORK.matcher(network).matches() || Integer.parseInt(network.substring(4)) > 255) {
            throw new ParameterException(spec.commandLine(), "--network takes 127.0 to 127.255");
        }
        if (proxyCpu == loadCpu) {
            throw new ParameterException(
                    spec.commandLine(), "the proxy and the load need a CPU each: --proxy-cpu and --load-cpu");
        }
    }

    private void checkRange(String option, int value, int low, int high) {
        if (value < low || value > high) {
            throw new ParameterException(spec.commandLine(), option + " takes a number up to " + high);
        }
    }

    private BenchSettings settings() {
        Map<String, String> programs = Map.of(
                "longshore", longshore, "haproxy", program(haproxy, "haproxy"), "nginx", program(nginx, "nginx"));
        int first = firstWarmMs >= 0 ? firstWarmMs : isSmoke ? 300 : 7_000;
        return new BenchSettings(
                "longshore "
                        + String.join(" ", spec.commandLine().getParseResult().expandedArgs()),
                scenarios,
                targets,
                isSmoke,
                rounds,
                warmMs,
                windowMs,
                first,
                load,
                programs,
                scenarioFolder,
                peers,
                results,
                proxyCpu,
                loadCpu,
                network,
                port);
    }

    /** Debian keeps servers where a user's PATH does not look. */
    private static String program(String given, String name) {
        if (given != null && !given.isBlank()) {
            return given;
        }
        Path server = Path.of("/usr/sbin", name);
        return Files.isExecutable(server) ? server.toString() : name;
    }

    private static Thread thread(Runnable task) {
        Thread thread = new Thread(task, "longshore-bench");
        thread.setDaemon(true);
        return thread;
    }

    /** {@code longshore bench report FOLDER}. */
    @Command(
            name = "report",
            description = "Write report.md and report.html anew from a folder's result.json.",
            mixinStandardHelpOptions = true)
    static final class Report implements Callable<Integer> {
        @Parameters(paramLabel = "FOLDER", description = "A folder of bench/results.")
        private Path folder;

        Report() {}

        @Override
        public Integer call() throws IOException {
            Bench.reportAnew(folder);
            return Main.OK;
        }
    }

    /** {@code longshore bench table FOLDER}. */
    @Command(
            name = "table",
            description = "Print a result as the table that README shows.",
            mixinStandardHelpOptions = true)
    static final class Table implements Callable<Integer> {
        @Parameters(paramLabel = "FOLDER", description = "A folder of bench/results.")
        private Path folder;

        @Spec
        private CommandSpec spec;

        Table() {}

        @Override
        public Integer call() throws IOException {
            PrintWriter out = spec.commandLine().getOut();
            out.print(Bench.table(folder));
            out.flush();
            return Main.OK;
        }
    }
}
