package io.longshore.load.bench;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What is to be run: the scenarios and targets that were asked for, and those of them that cannot be.
 *
 * @param leftOut targets that cannot run here, with the reason as a sentence
 * @param versions what each of the others says of itself
 */
record Plan(List<Scenario> scenarios, List<Target> targets, Map<String, String> leftOut, Map<String, String> versions) {
    private static final int ROUND_OF_SMOKE = 1;
    private static final int WARM_OF_SMOKE_MS = 50;
    private static final int WINDOW_OF_SMOKE_MS = 150;

    /** Reads the files of scenarios and peers; all that is wrong with them goes to {@code faults}. */
    static Plan read(BenchSettings settings, List<String> faults) throws IOException {
        List<Target> targets = Target.readAll(settings.peers(), faults);
        Set<String> names = targets.stream().map(Target::name).collect(Collectors.toCollection(TreeSet::new));
        List<Scenario> scenarios = new ArrayList<>();
        List<Scenario> all = ScenarioReader.readAll(settings.scenarios(), names, faults);
        Set<String> known = all.stream().map(Scenario::name).collect(Collectors.toCollection(TreeSet::new));
        refuseUnknown("scenario", settings.only(), known, faults);
        refuseUnknown("target", settings.targets(), names, faults);
        for (Scenario scenario : all) {
            if (settings.only().isEmpty() || settings.only().contains(scenario.name())) {
                scenarios.add(scaled(scenario, settings));
            }
        }
        return new Plan(scenarios, targets, new LinkedHashMap<>(), new LinkedHashMap<>());
    }

    private static void refuseUnknown(String kind, List<String> named, Set<String> known, List<String> faults) {
        for (String name : named) {
            if (!known.contains(name)) {
                faults.add("\"" + name + "\" is no " + kind + "; there are: " + String.join(", ", known));
            }
        }
    }

    private static Scenario scaled(Scenario scenario, BenchSettings settings) {
        Scenario scaled = scenario;
        if (settings.isSmoke()) {
            scaled = scaled.small().withRounds(ROUND_OF_SMOKE).withTimes(WARM_OF_SMOKE_MS, WINDOW_OF_SMOKE_MS);
        }
        if (settings.rounds() > 0) {
            scaled = scaled.withRounds(settings.rounds());
        }
        return scaled.withTimes(
                settings.warmMs() < 0 ? scaled.warmMs() : settings.warmMs(),
                settings.windowMs() < 0 ? scaled.windowMs() : settings.windowMs());
    }

    /** Finds out which targets can run here, and their versions; {@code folder} is for their configurations. */
    void tryTargets(BenchSettings settings, Path folder) throws IOException, InterruptedException {
        for (Target target : targets) {
            boolean isAsked = scenarios.stream().anyMatch(scenario -> takes(scenario, target, settings));
            if (!target.isProxy() || !isAsked) {
                continue;
            }
            Path config = Proxy.writeConfig(
                    target, settings, settings.port(), settings.origins(BenchSettings.ORIGINS), folder);
            Map<String, String> braces = Proxy.braces(settings, config);
            String program = Target.filled(target.command(), braces).get(0);
            if (!isProgram(program)) {
                leftOut.put(target.name(), "there is no program " + program + " here");
                continue;
            }
            if (!target.check().isEmpty()) {
                Answer answer = ask(Target.filled(target.check(), braces));
                if (answer.code != 0) {
                    leftOut.put(target.name(), "this build cannot run it: " + answer.firstLine());
                    continue;
                }
            }
            if (!target.version().isEmpty()) {
                versions.put(
                        target.name(),
                        ask(Target.filled(target.version(), braces)).firstLine());
            }
        }
    }

    /** The targets of a round of this scenario, in its order. */
    List<Target> targetsOf(Scenario scenario, BenchSettings settings) {
        List<Target> chosen = new ArrayList<>();
        for (String name : scenario.targets()) {
            for (Target target : targets) {
                if (target.name().equals(name) && takes(scenario, target, settings) && !leftOut.containsKey(name)) {
                    chosen.add(target);
                }
            }
        }
        return chosen;
    }

    /** What a scenario has to say about the targets that it lacks. */
    List<String> notesOf(Scenario scenario, BenchSettings settings) {
        List<String> notes = new ArrayList<>();
        for (Target target : targets) {
            if (leftOut.containsKey(target.name()) && takes(scenario, target, settings)) {
                notes.add(target.name() + " was left out: " + leftOut.get(target.name()));
            }
        }
        return notes;
    }

    int portOf(Target target, BenchSettings settings) {
        return settings.proxyPort(targets.indexOf(target));
    }

    private static boolean takes(Scenario scenario, Target target, BenchSettings settings) {
        boolean isWanted = settings.targets().isEmpty() || settings.targets().contains(target.name());
        return isWanted && scenario.targets().contains(target.name());
    }

    private static boolean isProgram(String program) {
        if (program.contains("/")) {
            return Files.isExecutable(Path.of(program));
        }
        String path = System.getenv().getOrDefault("PATH", "/usr/bin:/bin");
        for (String folder : path.split(File.pathSeparator)) {
            if (Files.isExecutable(Path.of(folder, program))) {
                return true;
            }
        }
        return false;
    }

    private static Answer ask(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Answer(process.waitFor(), text);
    }

    /** What a program answered. */
    private record Answer(int code, String text) {
        String firstLine() {
            return text.strip().lines().findFirst().orElse("it said nothing");
        }
    }
}
