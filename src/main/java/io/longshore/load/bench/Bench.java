package io.longshore.load.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadFactory;
import java.util.stream.Stream;

/**
 * The benchmark from its files to its report: {@code longshore bench}.
 *
 * <p>The result is written anew after each scenario, so that a run that is cut short keeps what it has.
 */
public final class Bench {
    private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HHmmss");

    private final BenchSettings settings;
    private final PrintWriter out;
    private final Children children;

    /** @param threads for daemon threads that read what the programs say, and for the hook that ends them */
    public Bench(BenchSettings settings, PrintWriter out, ThreadFactory threads) {
        this.settings = settings;
        this.out = out;
        this.children = new Children(threads);
    }

    /** What a run came to. */
    public sealed interface Outcome permits Ran, Faulty {}

    /**
     * It ran to its end.
     *
     * @param folder where the result and the report are
     * @param failures measurements that failed, and those with faults
     */
    public record Ran(Path folder, int failures) implements Outcome {}

    /** The files or the names asked for are wrong; nothing was run. */
    public record Faulty(List<String> faults) implements Outcome {}

    /** Runs it all, and ends every program that it started. */
    public Outcome run() throws IOException, InterruptedException {
        List<String> faults = new ArrayList<>();
        Plan plan = Plan.read(settings, faults);
        if (!Files.isExecutable(settings.load())) {
            faults.add("there is no load program " + settings.load() + "; make native builds it");
        }
        if (!faults.isEmpty()) {
            return new Faulty(List.copyOf(faults));
        }
        children.endWithTheJvm();
        try {
            return run(plan);
        } finally {
            children.endAll();
        }
    }

    private Ran run(Plan plan) throws IOException, InterruptedException {
        refuseTakenPorts(plan);
        Path folder = newFolder();
        plan.tryTargets(settings, folder.resolve("work"));
        Progress progress = new Progress(out, settings, plan, System.nanoTime());
        progress.begin(folder.toString());
        List<ScenarioResult> done = new ArrayList<>();
        String startedAt = OffsetDateTime.now().truncatedTo(ChronoUnit.SECONDS).toString();
        // The JVMs' flags are added as they are seen.
        Map<String, String> environment = environment(plan);
        Result result = new Result(startedAt, settings.command(), environment, done);
        int failures = 0;
        for (Scenario scenario : plan.scenarios()) {
            progress.scenario(scenario, System.nanoTime());
            Path work = folder.resolve("work").resolve(scenario.name());
            try (ScenarioRun run = new ScenarioRun(scenario, plan, settings, work, children, progress, environment)) {
                ScenarioResult scenarioResult = run.run();
                done.add(scenarioResult);
                failures += run.failures();
                failures += (int) scenarioResult.runs().stream()
                        .filter(one -> one.faults() > 0)
                        .count();
            }
            ResultFile.write(result, folder);
        }
        Reports.write(result, folder);
        if (failures == 0) {
            removeWork(folder.resolve("work"));
        }
        return new Ran(folder, failures);
    }

    /** Another process on one of our ports would be measured in the place of ours. */
    private void refuseTakenPorts(Plan plan) throws IOException {
        List<String> taken = new ArrayList<>();
        for (String origin : settings.origins(BenchSettings.ORIGINS)) {
            addIfTaken(origin.substring(0, origin.indexOf(':')), settings.port(), taken);
        }
        for (int i = 0; i < plan.targets().size(); i++) {
            addIfTaken(settings.proxyAddress(), settings.proxyPort(i), taken);
        }
        if (!taken.isEmpty()) {
            throw new IOException(
                    "in use already: " + String.join(", ", taken) + "; choose others with --port or --network");
        }
    }

    private static void addIfTaken(String address, int port, List<String> taken) {
        try (ServerSocket probe = new ServerSocket()) {
            probe.bind(new InetSocketAddress(InetAddress.getByName(address), port), 1);
        } catch (IOException e) {
            taken.add(address + ":" + port);
        }
    }

    private Path newFolder() throws IOException {
        String stamp = LocalDateTime.now().format(STAMP);
        return Files.createDirectories(settings.results().resolve(stamp));
    }

    /** Writes the report of an earlier run anew, from its result. */
    public static void reportAnew(Path folder) throws IOException {
        Reports.write(ResultFile.read(folder.resolve(ResultFile.NAME)), folder);
    }

    /** The table of an earlier run that README shows, in markdown. */
    public static String table(Path folder) throws IOException {
        return BaselineTable.text(ResultFile.read(folder.resolve(ResultFile.NAME)));
    }

    /** What this run knows of itself, and the machine. */
    private Map<String, String> environment(Plan plan) {
        Map<String, String> environment = new LinkedHashMap<>();
        plan.versions().forEach((target, version) -> environment.put(target, version));
        environment.put("proxy's CPU", Integer.toString(settings.proxyCpu()));
        environment.put("load's CPU", Integer.toString(settings.loadCpu()));
        environment.put(
                "warm-up",
                "each target before round 1 of a scenario, unmeasured: a JVM for " + settings.firstWarmMs()
                        + " ms, the others for " + settings.firstWarmMs(false, ScenarioRun.FIRST_WARM_MS)
                        + " ms; all threads of a JVM, its compilers' too, run on the proxy's CPU");
        return Environment.gather(Path.of(""), environment);
    }

    /** Logs say nothing about a run without a failure; configurations are made anew from the peers' templates. */
    private static void removeWork(Path work) throws IOException {
        if (!Files.isDirectory(work)) {
            return;
        }
        try (Stream<Path> all = Files.walk(work)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
