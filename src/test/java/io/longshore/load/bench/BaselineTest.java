package io.longshore.load.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** README's results are those of the committed run, and of nothing else. */
final class BaselineTest {
    private static final Path BASELINE = Path.of("bench", "results", "baseline");
    private static final String BEGIN = "<!-- bench:begin -->";
    private static final String END = "<!-- bench:end -->";

    @Test
    void standsInReadmeAsItWasMeasured() throws IOException {
        String readme = Files.readString(Path.of("README.md"));
        int begin = readme.indexOf(BEGIN);
        int end = readme.indexOf(END);
        assertTrue(begin >= 0 && end > begin, "README.md lacks the lines " + BEGIN + " and " + END);
        assertEquals(
                Bench.table(BASELINE).strip(),
                readme.substring(begin + BEGIN.length(), end).strip(),
                "write it again between the markers: bin/longshore bench table bench/results/baseline");
    }

    @Test
    void hasTheReportThatItsNumbersMake(@TempDir Path folder) throws IOException {
        Reports.write(ResultFile.read(BASELINE.resolve(ResultFile.NAME)), folder);
        assertEquals(
                Files.readString(folder.resolve("report.md")),
                Files.readString(BASELINE.resolve("report.md")),
                "write it again: bin/longshore bench report bench/results/baseline");
        assertTrue(Files.size(folder.resolve("report.html")) > 100_000, "the page with its charts");
    }

    @Test
    void holdsEveryScenario() throws IOException {
        Result result = ResultFile.read(BASELINE.resolve(ResultFile.NAME));
        Set<String> measured = new TreeSet<>();
        result.scenarios().forEach(scenario -> measured.add(scenario.name()));
        Set<String> there = new TreeSet<>();
        try (var files = Files.list(Path.of("bench", "scenarios"))) {
            files.map(file -> file.getFileName().toString())
                    .forEach(name -> there.add(name.replaceAll("^\\d+-|[.]yaml$", "")));
        }
        assertEquals(there, measured);
    }
}
