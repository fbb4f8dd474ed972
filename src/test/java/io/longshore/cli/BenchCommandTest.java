package io.longshore.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.longshore.lab.ChildProcess;
import io.longshore.lab.NativeProgram;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code longshore bench}: all of it, so small that nothing is measured and everything is exercised. */
@Timeout(300)
final class BenchCommandTest {
    private static final Path PROJECT = ChildProcess.projectFolder();
    private static final List<String> TARGETS = List.of("direct", "haproxy", "nginx", "longshore");

    @TempDir
    private Path results;

    @Test
    void everyScenarioRunsOnEveryTargetThatIsHere() throws IOException {
        CommandRun run = CommandRun.of(arguments(
                "--smoke",
                "--warm-ms",
                "10",
                "--window-ms",
                "60",
                "--first-warm-ms",
                "60",
                "--targets",
                String.join(",", TARGETS)));
        assertEquals(0, run.code(), run::toString);
        Path folder = onlyFolder(results);
        JsonObject result = JsonParser.parseString(Files.readString(folder.resolve("result.json")))
                .getAsJsonObject();
        Set<String> seen = new TreeSet<>();
        for (JsonElement element : result.getAsJsonArray("scenarios")) {
            JsonObject scenario = element.getAsJsonObject();
            seen.add(scenario.get("name").getAsString());
            assertComplete(scenario);
        }
        assertEquals(scenarioNames(), seen);
        for (String report : List.of("report.md", "report.html")) {
            assertTrue(Files.size(folder.resolve(report)) > 1_000, report);
        }
        assertEquals(List.of("report.html", "report.md", "result.json"), filesOf(folder));
    }

    @Test
    void whatIsWrongIsToldBeforeAnythingRuns() {
        CommandRun run = CommandRun.of(arguments("--scenario", "small-100,smal-100", "--targets", "ngnix"));
        assertEquals(2, run.code());
        assertTrue(run.err().contains("\"smal-100\" is no scenario; there are: "), run.err());
        assertTrue(run.err().contains("\"ngnix\" is no target; there are: "), run.err());
        assertEquals(List.of(), filesOf(results));
        assertTrue(CommandRun.of("bench", "--load-cpu", "0").err().contains("need a CPU each"));
        assertTrue(CommandRun.of("bench", "--network", "10.1").err().contains("127.0 to 127.255"));
        assertTrue(CommandRun.of("bench", "--load", "no/such/load").err().contains("make native builds it"));
    }

    @Test
    void aPortThatIsTakenIsNotMeasuredInOurPlace() throws IOException {
        try (ServerSocket taken = new ServerSocket()) {
            taken.bind(new InetSocketAddress("127.20.2.1", 22_003));
            CommandRun run = CommandRun.of(arguments("--smoke", "--scenario", "small-100"));
            assertEquals(1, run.code());
            assertTrue(run.err().contains("in use already: 127.20.2.1:22003;"), run.err());
            assertEquals(List.of(), filesOf(results));
        }
    }

    /** Every target that was not left out has its runs, and none of them a fault; what was left out is told. */
    private static void assertComplete(JsonObject scenario) {
        Set<String> told = new HashSet<>();
        for (JsonElement note : scenario.getAsJsonArray("notes")) {
            told.add(note.getAsString());
        }
        Set<String> measured = new HashSet<>();
        for (JsonElement element : scenario.getAsJsonArray("runs")) {
            JsonObject run = element.getAsJsonObject();
            measured.add(run.get("target").getAsString());
            assertEquals(0, run.get("faults").getAsLong(), run::toString);
            assertTrue(isWorkDone(scenario, run), () -> scenario.get("name") + ": " + run);
        }
        for (String target : TARGETS) {
            assertTrue(
                    measured.contains(target)
                            || told.stream()
                                    .anyMatch(note -> note.startsWith(target + " was left out: there is no program"))
                            || told.stream().anyMatch(note -> note.contains("(it needs root)")),
                    () -> target + " is missing from " + scenario.get("name") + ": " + told);
        }
    }

    /** Whether something was relayed, opened or closed: each mode has one of these, and it is above zero. */
    private static boolean isWorkDone(JsonObject scenario, JsonObject run) {
        JsonObject values = run.getAsJsonObject("values");
        for (String measure : List.of("throughput", "bandwidth", "handshakes", "last-disconnect")) {
            if (values.has(measure)) {
                return values.get(measure).getAsDouble() > 0;
            }
        }
        return scenario.get("primary").getAsString().equals("user-memory-per-tunnel")
                && (run.get("target").getAsString().equals("direct")
                        || values.get("resident").getAsDouble() > 0);
    }

    private static Set<String> scenarioNames() {
        Set<String> names = new TreeSet<>();
        for (String file : filesOf(PROJECT.resolve("bench/scenarios"))) {
            names.add(file.replaceAll("^\\d+-|\\.yaml$", ""));
        }
        return names;
    }

    private String[] arguments(String... more) {
        List<String> arguments = new ArrayList<>(List.of("bench", "--results", results.toString()));
        arguments.addAll(List.of("--load", NativeProgram.named("load").toString(), "--longshore", longshore()));
        arguments.addAll(
                List.of("--scenarios", PROJECT.resolve("bench/scenarios").toString()));
        arguments.addAll(List.of("--peers", PROJECT.resolve("bench/peers").toString()));
        arguments.addAll(List.of("--network", "127.20", "--port", "22000"));
        arguments.addAll(List.of(more));
        return arguments.toArray(String[]::new);
    }

    /** The classes under test, so that no jar need be built. */
    private static String longshore() {
        return String.join(
                " ",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED",
                "--add-opens=java.base/java.io=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName());
    }

    private static Path onlyFolder(Path parent) {
        List<String> names = filesOf(parent);
        assertEquals(1, names.size(), names::toString);
        return parent.resolve(names.get(0));
    }

    private static List<String> filesOf(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
