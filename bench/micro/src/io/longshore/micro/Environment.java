package io.longshore.micro;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What a result depends on and does not say itself. */
final class Environment {
    private Environment() {}

    /** A list in Markdown: where, on what, how busy the machine was, and how JMH was asked. */
    static String describe(List<String> flags, String[] arguments) throws IOException {
        return """
                - commit %s
                - Linux %s, %s, %d cores, load %s at the start
                - %s %s, %s
                - JMH 1.37; arguments: %s
                """.formatted(
                        commit(),
                        System.getProperty("os.version"),
                        cpu(),
                        Runtime.getRuntime().availableProcessors(),
                        Files.readString(Path.of("/proc/loadavg")).split(" ")[0],
                        System.getProperty("java.vm.name"),
                        System.getProperty("java.runtime.version"),
                        String.join(" ", flags),
                        arguments.length == 0 ? "none, so all of it" : String.join(" ", arguments));
    }

    private static String cpu() throws IOException {
        return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                .filter(line -> line.startsWith("model name"))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse(System.getProperty("os.arch"));
    }

    private static String commit() {
        try {
            Process git = new ProcessBuilder("git", "describe", "--always", "--dirty")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String name = new String(git.getInputStream().readAllBytes(), UTF_8).strip();
            return name.isEmpty() ? "unknown" : name;
        } catch (IOException e) {
            // No git here: a source archive has no commit to tell.
            return "unknown";
        }
    }
}
