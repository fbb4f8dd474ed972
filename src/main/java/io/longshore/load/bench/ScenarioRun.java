package io.longshore.load.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * One scenario: its targets started and warmed, then round after round each of them measured once. What fails is told in
 * a note, and the rest goes on.
 *
 * <p>All proxies run at the same time, each on a port of its own; the idle ones wait in the kernel. Every other round goes
 * through the targets backwards, so that nobody has always the same neighbour's leftovers before it.
 */
final class ScenarioRun implements AutoCloseable {
    /** How long a target without a JVM is warmed. */
    static final int FIRST_WARM_MS = 1_000;

    private static final int SMOKE_TRIES = 4;
    private static final Map<String, String> STORM_OPTIONS = Map.of("parallel", "32", "abort", "1");

    private final Scenario scenario;
    private final Plan plan;
    private final BenchSettings settings;
    private final Path folder;
    private final Children children;
    private final Progress progress;
    private final Map<String, String> environment;
    private final List<Run> runs = new ArrayList<>();
    private final List<String> notes;
    private final Map<String, Proxy> proxies = new HashMap<>();
    // What does not even start once will not start in the next round.
    private final Set<String> broken = new HashSet<>();
    private PrivateNetwork network;
    private LoadProgram load;
    private int failures;

    /**
     * @param folder for configurations and logs
     * @param environment where it is told which flags a target's JVM was given
     */
    ScenarioRun(
            Scenario scenario,
            Plan plan,
            BenchSettings settings,
            Path folder,
            Children children,
            Progress progress,
            Map<String, String> environment) {
        this.scenario = scenario;
        this.plan = plan;
        this.settings = settings;
        this.folder = folder;
        this.children = children;
        this.progress = progress;
        this.environment = environment;
        this.notes = plan.notesOf(scenario, settings);
    }

    /** Runs it to its end; what could not be run is missing from the result and told in its notes. */
    ScenarioResult run() throws IOException, InterruptedException {
        Files.createDirectories(folder);
        List<Target> targets = plan.targetsOf(scenario, settings);
        if (targets.isEmpty()) {
            notes.add("none of its targets runs here");
        } else if (openNetwork()) {
            if (!scenario.needsFreshProcess()) {
                targets.forEach(this::prepare);
            }
            for (int round = 1; round <= scenario.rounds(); round++) {
                List<Target> order = new ArrayList<>(targets);
                if (round % 2 == 0) {
                    Collections.reverse(order);
                }
                int first = runs.size();
                for (Target target : order) {
                    measure(target, round);
                }
                if (scenario.mode() == Mode.HOLD) {
                    HoldRun.takeOffDirect(runs, first);
                    runs.subList(first, runs.size()).forEach(run -> progress.measured(scenario, run));
                }
            }
        }
        return new ScenarioResult(
                scenario.name(),
                scenario.question(),
                scenario.bound(),
                scenario.primary().label(),
                scenario.measures().stream().map(Measure::label).toList(),
                scenario.settings(),
                List.copyOf(runs),
                List.copyOf(notes));
    }

    /** How many measurements failed. */
    int failures() {
        return failures;
    }

    private boolean openNetwork() throws InterruptedException {
        List<String> prefix = List.of();
        if (scenario.localPorts() != null) {
            try {
                network = PrivateNetwork.open(scenario.localPorts(), folder.resolve("network.log"), children);
                prefix = network.prefix();
            } catch (IOException e) {
                // Without root it cannot be asked, and that is no fault of anybody's.
                note(e.getMessage());
                return false;
            }
        }
        load = new LoadProgram(settings, folder, prefix, children);
        return true;
    }

    private void prepare(Target target) {
        attempt(target, "could not be warmed", () -> warmed(target));
    }

    private void measure(Target target, int round) {
        if (broken.contains(target.name())) {
            return;
        }
        attempt(target, "was not measured in round " + round, () -> {
            Proxy proxy = target.isProxy() && scenario.needsFreshProcess() ? fresh(target) : warmed(target);
            Run run = scenario.mode() == Mode.HOLD
                    ? new HoldRun(scenario, load, originCount(), settings.isSmoke(), notes)
                            .measure(target, proxy, round)
                    : windowed(target, proxy, round);
            runs.add(run);
            if (scenario.mode() != Mode.HOLD) {
                progress.measured(scenario, run);
            }
        });
        if (scenario.needsFreshProcess()) {
            end(target);
        }
    }

    private Run windowed(Target target, Proxy proxy, int round) throws IOException, InterruptedException {
        long[] resident = new long[1];
        boolean isWeighed = scenario.mode() == Mode.SLOW && proxy != null;
        int windowMs = scenario.windowMs();
        // A window of smoke is so short that a busy machine may not let anybody run in it: then it takes a longer one.
        for (int tries = settings.isSmoke() ? SMOKE_TRIES : 1; ; tries--) {
            int half = windowMs / 2;
            LoadResult result = load.measure(
                    scenario.mode(), scenario.options(), proxy, originCount(), scenario.warmMs(), windowMs, child -> {
                        // In the midst of the window, when every reader has made the proxy hold what it will.
                        if (isWeighed && !child.hasEnded(half)) {
                            resident[0] = proxy.resident();
                        }
                    });
            if (result.work(scenario.mode()) > 0) {
                return Reckoning.run(scenario, target, round, result, resident[0]);
            }
            if (tries == 1) {
                throw new IOException("the load got nothing done (" + result.failures() + " failures)");
            }
            windowMs *= 4;
        }
    }

    private Proxy fresh(Target target) throws IOException, InterruptedException {
        end(target);
        return warmed(target);
    }

    /** The proxy of a target as it runs, or started now and warmed; null for no proxy. */
    private Proxy warmed(Target target) throws IOException, InterruptedException {
        if (!target.isProxy() || proxies.containsKey(target.name())) {
            return proxies.get(target.name());
        }
        List<String> prefix = network == null ? List.of() : network.prefix();
        Proxy proxy;
        try {
            int port = plan.portOf(target, settings);
            proxy = Proxy.start(target, settings, port, settings.origins(originCount()), folder, prefix, children);
        } catch (IOException e) {
            broken.add(target.name());
            throw e;
        }
        proxies.put(target.name(), proxy);
        if (!proxy.jvmFlags().isEmpty()) {
            environment.putIfAbsent("flags of " + target.name(), proxy.jvmFlags());
        }
        Mode mode = scenario.mode().warmedBy();
        Map<String, String> options = new TreeMap<>(mode == scenario.mode() ? scenario.options() : STORM_OPTIONS);
        progress.warming(target);
        int windowMs = settings.firstWarmMs(target.isJvm(), FIRST_WARM_MS);
        load.measure(mode, options, proxy, originCount(), 0, windowMs, child -> {});
        return proxy;
    }

    /** One endpoint where the ports towards it are what is asked about. */
    private int originCount() {
        return scenario.localPorts() == null ? BenchSettings.ORIGINS : 1;
    }

    private void end(Target target) {
        Proxy proxy = proxies.remove(target.name());
        if (proxy != null) {
            proxy.close();
        }
    }

    /** Something that may fail without the rest being in vain. */
    @FunctionalInterface
    private interface Step {
        void run() throws IOException, InterruptedException;
    }

    private void attempt(Target target, String what, Step step) {
        try {
            step.run();
        } catch (IOException e) {
            failures++;
            note(target.name() + " " + what + ": " + e.getMessage());
            // Whatever state it is in, the next round gets a new one.
            end(target);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private void note(String note) {
        notes.add(note);
        progress.note(note);
    }

    @Override
    public void close() {
        proxies.values().forEach(Proxy::close);
        proxies.clear();
        if (network != null) {
            network.close();
        }
    }
}
