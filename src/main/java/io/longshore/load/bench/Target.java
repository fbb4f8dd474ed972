package io.longshore.load.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Whom the benchmark measures: an entry of {@code bench/peers/targets.yaml}.
 *
 * <p>In a command, <code>{config}</code> is the file made of the template, <code>{folder}</code> the folder that it lies
 * in, and any other word in braces a program that the command line of the benchmark may name otherwise.
 *
 * @param command what runs it in the foreground; empty for {@code direct}, which is no proxy
 * @param version what prints its version
 * @param check what says with exit code 0 whether this build of it can read the file; empty if that need not be asked
 * @param template the configuration with placeholders, see {@link Template}; null for {@code direct}
 * @param isJvm whether it runs on a JVM: it is warmed for longer, and its heap collected before it is weighed
 */
record Target(
        String name, List<String> command, List<String> version, List<String> check, Path template, boolean isJvm) {
    /** The zero line: the load's clients connect to its own origin. */
    static final String DIRECT = "direct";

    Target {
        command = List.copyOf(command);
        version = List.copyOf(version);
        check = List.copyOf(check);
    }

    boolean isProxy() {
        return !command.isEmpty();
    }

    /** All targets of {@code folder/targets.yaml}, in its order, {@link #DIRECT} first. */
    static List<Target> readAll(Path folder, List<String> faults) {
        List<Target> targets = new ArrayList<>();
        targets.add(new Target(DIRECT, List.of(), List.of(), List.of(), null, false));
        Optional<YamlEntries> found = YamlEntries.read(folder.resolve("targets.yaml"), faults);
        if (found.isEmpty()) {
            return targets;
        }
        YamlEntries names = found.get();
        for (String name : names.keys()) {
            names.map(name).ifPresent(entries -> targets.add(read(name, entries, folder)));
        }
        return targets;
    }

    private static Target read(String name, YamlEntries entries, Path folder) {
        Path template = folder.resolve(entries.required("template"));
        if (!template.toFile().isFile()) {
            entries.fault("template", "there is no file " + template);
        }
        List<String> command = entries.list("command");
        if (command.isEmpty()) {
            entries.fault("command", name + " needs a command, a list of words");
        }
        String jvm = entries.text("jvm");
        if (jvm != null && !jvm.equals("true") && !jvm.equals("false")) {
            entries.fault("jvm", "takes true or false");
        }
        Target target =
                new Target(name, command, entries.list("version"), entries.list("check"), template, "true".equals(jvm));
        entries.refuseTheRest();
        return target;
    }

    /**
     * A command with its braces filled in.
     *
     * @param values by the word in the braces; one of several words, such as {@code java -jar x.jar}, becomes as many
     */
    static List<String> filled(List<String> command, Map<String, String> values) {
        List<String> words = new ArrayList<>();
        for (String word : command) {
            String name = word.startsWith("{") && word.endsWith("}") ? word.substring(1, word.length() - 1) : null;
            if (name != null && values.containsKey(name)) {
                words.addAll(List.of(values.get(name).strip().split("\\s+")));
            } else {
                words.add(word);
            }
        }
        return words;
    }
}
