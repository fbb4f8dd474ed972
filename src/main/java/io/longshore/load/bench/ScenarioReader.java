package io.longshore.load.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads the files of {@code bench/scenarios}, {@code NN-name.yaml}, in the order of their numbers. */
final class ScenarioReader {
    private static final Pattern FILE_NAME = Pattern.compile("\\d+-([a-z0-9-]+)\\.yaml");
    private static final Pattern PORTS = Pattern.compile("(\\d{4,5})-(\\d{4,5})");
    private static final Pattern DURATION = Pattern.compile("(\\d{1,6})(ms|s)");
    private static final int NUMBER_MAX = 1_000_000_000;
    private static final int ROUNDS_MAX = 99;

    /** Options that are words, with what they may be; every other option is a number. */
    private static final Map<String, Set<String>> WORDS = Map.of(
            "framing", Set.of("raw", "frames"),
            "direction", Set.of("oneway", "echo"));

    private final Set<String> targets;
    private final List<String> faults;

    private ScenarioReader(Set<String> targets, List<String> faults) {
        this.targets = targets;
        this.faults = faults;
    }

    /**
     * Every scenario of the folder.
     *
     * @param targets the names that {@code targets} may list
     * @param faults where all that is wrong goes
     */
    static List<Scenario> readAll(Path folder, Set<String> targets, List<String> faults) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(folder)) {
            files = all.filter(file -> file.toString().endsWith(".yaml"))
                    .sorted()
                    .toList();
        }
        List<Scenario> scenarios = new ArrayList<>();
        Set<String> names = new TreeSet<>();
        ScenarioReader reader = new ScenarioReader(targets, faults);
        for (Path file : files) {
            String fileName = file.getFileName().toString();
            Matcher matcher = FILE_NAME.matcher(fileName);
            if (!matcher.matches()) {
                faults.add(fileName + ": is to be called NN-name.yaml, in small letters, digits and dashes");
            } else if (!names.add(matcher.group(1))) {
                faults.add(fileName + ": there is another scenario of this name");
            } else {
                reader.read(file, matcher.group(1)).ifPresent(scenarios::add);
            }
        }
        if (files.isEmpty()) {
            faults.add(folder + ": holds no scenario");
        }
        return scenarios;
    }

    private Optional<Scenario> read(Path file, String name) {
        int before = faults.size();
        Optional<YamlEntries> found = YamlEntries.read(file, faults);
        if (found.isEmpty()) {
            return found.map(none -> null);
        }
        YamlEntries entries = found.get();
        String question = entries.required("question");
        String bound = entries.required("bound");
        Mode mode = mode(entries);
        List<Measure> measures = measures(entries);
        List<String> named = targets(entries);
        int rounds = (int) entries.number("rounds", 1, ROUNDS_MAX, 3);
        int warmMs = durationMs(entries, "warm", 1000);
        int windowMs = durationMs(entries, "window", 2000);
        int few = mode == Mode.HOLD ? (int) entries.number("few", 1, NUMBER_MAX, 0) : 0;
        String localPorts = localPorts(entries);
        Map<String, String> options = options(entries, mode);
        if (few > 0 && few >= Long.parseLong(options.getOrDefault("connections", "0"))) {
            entries.fault("few", "must be below connections: memory per tunnel is the difference of the two");
        }
        entries.refuseTheRest();
        if (faults.size() > before) {
            return Optional.empty();
        }
        return Optional.of(new Scenario(
                name, question, bound, mode, measures, named, rounds, warmMs, windowMs, few, localPorts, options));
    }

    private static Mode mode(YamlEntries entries) {
        String text = entries.required("mode");
        for (Mode mode : Mode.values()) {
            if (mode.label().equals(text)) {
                return mode;
            }
        }
        if (!text.isEmpty()) {
            String allowed = Arrays.stream(Mode.values()).map(Mode::label).collect(Collectors.joining(", "));
            entries.fault("mode", "\"" + text + "\" is no mode of the load; allowed: " + allowed);
        }
        return Mode.ECHO;
    }

    /** The primary measure, then the others. */
    private static List<Measure> measures(YamlEntries entries) {
        Set<Measure> measures = new LinkedHashSet<>();
        String primary = entries.required("primary");
        List<String> labels = new ArrayList<>(primary.isEmpty() ? List.of() : List.of(primary));
        labels.addAll(entries.list("measures"));
        for (String label : labels) {
            Measure measure = Measure.of(label);
            if (measure == null) {
                String allowed =
                        Arrays.stream(Measure.values()).map(Measure::label).collect(Collectors.joining(", "));
                entries.fault(
                        label.equals(primary) ? "primary" : "measures",
                        "\"" + label + "\" is no measure; allowed: " + allowed);
            } else {
                measures.add(measure);
            }
        }
        return List.copyOf(measures);
    }

    private List<String> targets(YamlEntries entries) {
        List<String> named = entries.list("targets");
        if (named.isEmpty()) {
            entries.fault("targets", "must name one target at least: [direct, nginx, longshore]");
        }
        Set<String> seen = new TreeSet<>();
        for (String target : named) {
            if (!targets.contains(target)) {
                entries.fault("targets", "\"" + target + "\" is no target; allowed: " + String.join(", ", targets));
            } else if (!seen.add(target)) {
                entries.fault("targets", "\"" + target + "\" stands there twice");
            }
        }
        return named;
    }

    private static String localPorts(YamlEntries entries) {
        String text = entries.text("local-ports");
        if (text != null) {
            Matcher matcher = PORTS.matcher(text);
            boolean isRange = matcher.matches()
                    && Integer.parseInt(matcher.group(1)) >= 1024
                    && Integer.parseInt(matcher.group(2)) <= 65_535
                    && Integer.parseInt(matcher.group(1)) < Integer.parseInt(matcher.group(2));
            if (!isRange) {
                entries.fault("local-ports", "\"" + text + "\" is no range low-high within 1024 to 65535");
            }
        }
        return text;
    }

    private static int durationMs(YamlEntries entries, String key, int otherwise) {
        String text = entries.text(key);
        if (text == null) {
            return otherwise;
        }
        int ms = durationMs(text);
        if (ms < 0) {
            entries.fault(key, "\"" + text + "\" is no duration; allowed: 250ms, 2s");
        }
        return ms;
    }

    /** The milliseconds of {@code 250ms} or {@code 2s}, or -1 for anything else. */
    static int durationMs(String text) {
        Matcher matcher = DURATION.matcher(text.strip().toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            return -1;
        }
        return Integer.parseInt(matcher.group(1)) * (matcher.group(2).equals("s") ? 1000 : 1);
    }

    private static Map<String, String> options(YamlEntries entries, Mode mode) {
        Map<String, String> options = new TreeMap<>();
        for (String key : mode.options()) {
            Set<String> words = WORDS.get(key);
            String text = entries.text(key);
            if (text == null) {
                continue;
            }
            if (words == null) {
                boolean isSwitch = key.equals("verify") || key.equals("abort");
                options.put(key, Long.toString(entries.number(key, 0, isSwitch ? 1 : NUMBER_MAX, 0)));
            } else if (words.contains(text)) {
                options.put(key, text);
            } else {
                entries.fault(
                        key, "\"" + text + "\" is not allowed; allowed: " + String.join(", ", new TreeSet<>(words)));
            }
        }
        // A storm and its like are bounded otherwise.
        if (mode != Mode.STORM && !options.containsKey("connections")) {
            entries.fault("connections", "is missing");
        }
        return options;
    }
}
