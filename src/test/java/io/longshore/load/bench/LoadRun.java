package io.longshore.load.bench;

import io.longshore.lab.Await;
import io.longshore.lab.ChildProcess;
import io.longshore.lab.NativeProgram;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One run of {@code native/load} to its end: what it said, and the numbers of its result.
 *
 * @param lines its standard output, the result's line among them
 * @param result that line's JSON
 * @param errors its standard error
 */
record LoadRun(int exitCode, List<String> lines, String result, String errors) {
    private static final Pattern BUCKET = Pattern.compile("\\[(\\d+),(\\d+)]");

    /** The program with these options, separated by blanks. */
    static ChildProcess start(String options) {
        List<String> command =
                new ArrayList<>(List.of(NativeProgram.named("load").toString()));
        command.addAll(List.of(options.split(" +")));
        return ChildProcess.start(command, Map.of());
    }

    /** Runs it with its standard input closed, which is what ends mode hold. */
    static LoadRun of(String options) {
        try (ChildProcess child = start(options)) {
            child.endInput();
            int exitCode = child.exitCode(Await.PATIENCE);
            List<String> lines = child.linesLeft();
            String last = lines.isEmpty() ? "" : lines.get(lines.size() - 1);
            String result = last.startsWith("result ") ? last.substring("result ".length()) : "";
            return new LoadRun(exitCode, lines, result, child.errors());
        }
    }

    /** A number of the result by its key. */
    double number(String key) {
        Matcher matcher = Pattern.compile("\"" + key + "\":([0-9.]+)").matcher(result);
        if (!matcher.find()) {
            throw new AssertionError("no " + key + " in " + this);
        }
        return Double.parseDouble(matcher.group(1));
    }

    /** How many latencies were recorded. */
    long latencies() {
        return BUCKET.matcher(result)
                .results()
                .mapToLong(bucket -> Long.parseLong(bucket.group(2)))
                .sum();
    }

    /** The first words of its lines, in their order. */
    List<String> steps() {
        return lines.stream().map(line -> line.split(" ")[0]).toList();
    }
}
