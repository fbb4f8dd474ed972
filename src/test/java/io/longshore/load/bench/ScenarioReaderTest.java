package io.longshore.load.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.lab.ChildProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ScenarioReaderTest {
    private static final Path BENCH = ChildProcess.projectFolder().resolve("bench");

    @TempDir
    private Path folder;

    @Test
    void whatWeShipHasNoFaultAndOpensWithAQuestion() throws IOException {
        List<String> faults = new ArrayList<>();
        List<Target> targets = Target.readAll(BENCH.resolve("peers"), faults);
        Set<String> names = targets.stream().map(Target::name).collect(Collectors.toSet());
        List<Scenario> scenarios = ScenarioReader.readAll(BENCH.resolve("scenarios"), names, faults);
        assertEquals(List.of(), faults);
        List<Path> files;
        try (Stream<Path> all = Files.list(BENCH.resolve("scenarios"))) {
            files = all.sorted().toList();
        }
        assertEquals(files.size(), scenarios.size());
        for (int i = 0; i < files.size(); i++) {
            List<String> lines = Files.readAllLines(files.get(i));
            assertTrue(
                    lines.get(0).matches("# .*\\?")
                            && scenarios.get(i).question().endsWith("?"),
                    lines::toString);
            assertTrue(lines.get(2).startsWith("# "), () -> "no arithmetic in " + lines);
        }
    }

    @Test
    void readsEveryKey() throws IOException {
        write("01-some-name.yaml", """
                question: What?
                bound: 5 us
                mode: echo
                primary: p99
                measures: [p50, p99]
                targets: [direct, nginx]
                rounds: 5
                warm: 250ms
                window: 3s
                local-ports: 20000-20999
                connections: 100
                framing: frames
                rate: 5000
                """);
        List<String> faults = new ArrayList<>();
        Scenario scenario = read(faults).get(0);
        assertEquals(List.of(), faults);
        assertEquals("some-name", scenario.name());
        assertEquals(List.of(Measure.P99, Measure.P50), scenario.measures());
        assertEquals(List.of("direct", "nginx"), scenario.targets());
        assertEquals(List.of(5, 250, 3000), List.of(scenario.rounds(), scenario.warmMs(), scenario.windowMs()));
        assertEquals(
                List.of(
                        "mode: echo",
                        "connections: 100",
                        "framing: frames",
                        "rate: 5000",
                        "local-ports: 20000-20999",
                        "rounds: 5",
                        "warm: 250ms",
                        "window: 3000ms"),
                scenario.settings());
    }

    @Test
    void tellsAllFaultsOfAFileAtOnceEachWithItsLine() throws IOException {
        write("01-a.yaml", """
                question: What?
                mode: ecko
                primary: p98
                targets: [direct, ngnix, direct]
                rounds: 100
                warm: 3 weeks
                conections: 5
                local-ports: 9-5
                """);
        List<String> faults = new ArrayList<>();
        assertEquals(List.of(), read(faults));
        assertEquals(
                List.of(
                        "01-a.yaml:1: bound: is missing",
                        "01-a.yaml:2: mode: \"ecko\" is no mode of the load; allowed: echo, bulk, hold, storm, disconnect, slow",
                        "01-a.yaml:4: targets: \"ngnix\" is no target; allowed: direct, nginx",
                        "01-a.yaml:4: targets: \"direct\" stands there twice",
                        "01-a.yaml:5: rounds: \"100\" is no number from 1 to 99",
                        "01-a.yaml:6: warm: \"3 weeks\" is no duration; allowed: 250ms, 2s",
                        "01-a.yaml:8: local-ports: \"9-5\" is no range low-high within 1024 to 65535"),
                faults.stream()
                        .filter(fault -> !fault.contains("primary: ") && !fault.contains("nections: "))
                        .toList());
        assertTrue(
                faults.stream().anyMatch(fault -> fault.startsWith("01-a.yaml:3: primary: \"p98\" is no measure;")),
                faults::toString);
        assertTrue(
                faults.stream()
                        .anyMatch(fault ->
                                fault.startsWith("01-a.yaml:7: conections: is no key of this file; allowed: ")),
                faults::toString);
    }

    @Test
    void anOptionOfAnotherModeIsNoKey() throws IOException {
        write("01-a.yaml", """
                question: What?
                bound: none
                mode: storm
                primary: handshakes
                targets: [nginx]
                depth: 5
                """);
        List<String> faults = new ArrayList<>();
        read(faults);
        assertEquals(1, faults.size(), faults::toString);
        assertTrue(faults.get(0).startsWith("01-a.yaml:6: depth: is no key of this file"), faults::toString);
    }

    @Test
    void aFileThatIsNoYamlOrHasAnotherNameIsAFault() throws IOException {
        write("01-a.yaml", "question: a: b\n");
        write("b.yaml", "");
        write("02-c.yaml", "- 1\n");
        List<String> faults = new ArrayList<>();
        assertEquals(List.of(), read(faults));
        assertEquals("01-a.yaml:1: is no YAML: mapping values are not allowed here", faults.get(0));
        assertEquals("02-c.yaml:1: holds no map of keys and values", faults.get(1));
        assertTrue(faults.get(2).startsWith("b.yaml: is to be called NN-name.yaml"), faults::toString);
    }

    @Test
    void smokeMakesEverythingSmallAndKeepsWhatIsSmall() throws IOException {
        write("01-hold.yaml", """
                question: What?
                bound: none
                mode: hold
                primary: resident
                targets: [nginx]
                connections: 9000
                few: 1000
                """);
        Scenario small = read(new ArrayList<>()).get(0).small();
        assertTrue(small.few() < small.option("connections") && small.option("connections") < 100, small::toString);
    }

    private List<Scenario> read(List<String> faults) throws IOException {
        return ScenarioReader.readAll(folder, new TreeSet<>(Set.of("direct", "nginx")), faults);
    }

    private void write(String name, String yaml) throws IOException {
        Files.writeString(folder.resolve(name), yaml);
    }
}
