package io.longshore.load.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ReportsTest {
    private static final Result SAMPLE = SampleResult.whole();
    private static final String MARKDOWN = MarkdownReport.text(SAMPLE);
    private static final String PAGE = HtmlReport.text(SAMPLE);

    @TempDir
    Path folder;

    @Test
    void bothReportsAreWrittenAndReplaced() throws IOException {
        Path inside = folder.resolve("bench/results/now");
        Files.createDirectories(inside);
        Files.writeString(inside.resolve("report.md"), "an older one");
        Reports.write(SAMPLE, inside);
        assertEquals(MARKDOWN, Files.readString(inside.resolve("report.md")));
        assertEquals(PAGE, Files.readString(inside.resolve("report.html")));
        assertTrue(Files.size(inside.resolve("report.html")) < 600_000, "small enough to be sent around");
    }

    @Test
    void lossesComeFirstAndTheWorstOfThemFirst() {
        Findings findings = Findings.of(SAMPLE);
        assertEquals(
                List.of(
                        "bulk-oneway-16 longshore haproxy-splice",
                        "storm longshore haproxy",
                        "rate-50k longshore nginx"),
                findings.losses().subList(0, 3).stream()
                        .map(ratio -> ratio.scenario().name() + " " + ratio.ours() + " " + ratio.peer())
                        .toList());
        assertTrue(findings.losses().stream().allMatch(Statistics.Ratio::isWorse));
        assertTrue(findings.wins().stream().noneMatch(Statistics.Ratio::isWorse));
        assertTrue(findings.losses().stream().noneMatch(ratio -> ratio.peer().equals("direct")));
        for (String report : List.of(MARKDOWN, PAGE.substring(PAGE.indexOf("<main>")))) {
            int losses = report.indexOf("Where we lose");
            int wins = report.indexOf("Where we win");
            int details = report.indexOf("How many 128-byte messages");
            assertTrue(0 < losses && losses < wins && wins < details, losses + " " + wins + " " + details);
        }
    }

    @Test
    void theMarkdownHasItsPartsInOrder() {
        List<String> headings =
                MARKDOWN.lines().filter(line -> line.startsWith("#")).toList();
        assertEquals(
                List.of(
                        "# Longshore, side by side",
                        "## Where we lose",
                        "## Where we win",
                        "## Not decided",
                        "## Faulty runs",
                        "## small-100",
                        "## rate-50k",
                        "## bulk-oneway-16",
                        "## idle-hold",
                        "## storm",
                        "## pipelined-16",
                        "## Environment",
                        "## How to read it"),
                headings);
        assertTrue(MARKDOWN.contains("    longshore bench --rounds 3 --proxy-cpu 0 --load-cpu 1\n"));
        assertTrue(MARKDOWN.contains("| nginx | 1.22.1 |\n"));
        assertTrue(MARKDOWN.contains("- Note: haproxy-splice was not run: this build has no splice\n"));
        assertTrue(MARKDOWN.contains("Settings: mode: echo, connections: 100, "));
        assertTrue(MARKDOWN.contains(" x HAProxy-splice's CPU per GB** |"));
    }

    @Test
    void everyRowOfAMarkdownTableHasAsManyCellsAsItsHead() {
        int cells = 0;
        int tables = 0;
        for (String line : MARKDOWN.lines().toList()) {
            if (!line.startsWith("|")) {
                cells = 0;
                continue;
            }
            int here = line.split("(?<!\\\\)\\|", -1).length;
            tables += cells == 0 ? 1 : 0;
            assertTrue(cells == 0 || here == cells, line);
            cells = here;
        }
        // Losses, wins, one of values for each scenario, at least one of ratios where any, the environment.
        assertTrue(tables >= 2 + 6 + 5 + 1, tables + " tables");
    }

    @Test
    void voidAndFaultyRunsAreShownAsSuch() {
        String bulk = MARKDOWN.substring(MARKDOWN.indexOf("## bulk-oneway-16"), MARKDOWN.indexOf("## idle-hold"));
        assertTrue(
                Pattern.compile("~~2\\.\\d+ \\(2\\.\\d+ - 2\\.\\d+\\)~~, void \\|")
                        .matcher(bulk)
                        .find(),
                bulk);
        assertTrue(bulk.contains("- Void: Longshore, rounds 1, 2, 3: the load's core was 100 % busy"), bulk);
        String small = MARKDOWN.substring(MARKDOWN.indexOf("## small-100"), MARKDOWN.indexOf("## rate-50k"));
        assertTrue(small.contains(", 2 rounds void |"), small);
        String broken = MARKDOWN.substring(MARKDOWN.indexOf("## pipelined-16"));
        assertTrue(broken.contains("void, 1 round faulty |"), broken);
        assertTrue(broken.contains("- Faulty: nginx, round 1: 17 faults, not counted"), broken);
        assertTrue(MARKDOWN.contains("- pipelined-16: Longshore and nginx: no round in which"), "undecided is said");
        assertTrue(Pattern.compile("<s>2\\.\\d+<br><small>[^<]*</small></s><br><span class=\"mark\">void")
                .matcher(PAGE)
                .find());
        assertTrue(PAGE.contains("1 round faulty</span>"));
    }

    @Test
    void thePageNeedsNothingFromOutside() {
        String markup = PAGE.replaceAll("(?s)<script>.*?</script>", "").replaceAll("(?s)<style>.*?</style>", "");
        Matcher address = Pattern.compile("(?i)\\s(?:src|href|action|data|poster|srcset)\\s*=\\s*[\"']?([^\"'\\s>]*)")
                .matcher(markup);
        int links = 0;
        while (address.find()) {
            assertTrue(address.group(1).startsWith("#"), address.group());
            links++;
        }
        assertTrue(links > 10, "there is a table of contents");
        assertFalse(markup.toLowerCase(Locale.ROOT).contains("<link"), "no style sheet, no icon");
        assertFalse(PAGE.contains("sourceMappingURL"));
        assertFalse(PAGE.contains("@import"));
        assertTrue(markup.contains("content=\"default-src 'none'; style-src 'sha256-"));
        Matcher inside = Pattern.compile("href=\"#(\\w+)\"").matcher(markup);
        while (inside.find()) {
            assertTrue(markup.contains(" id=\"" + inside.group(1) + "\""), inside.group());
        }
    }

    @Test
    void hostileTextStaysText() {
        String hostile = "</script><img src=x onerror=alert(1)> & | `a` [b](c) *d* \"e\" 'f'\n# g";
        ScenarioResult scenario = new ScenarioResult(
                hostile,
                hostile,
                hostile,
                hostile,
                List.of(hostile, "throughput"),
                List.of(hostile),
                List.of(
                        new Run(hostile, 1, Map.of(hostile, 1.0, "throughput", 2.0), 0, hostile, "no base64!"),
                        new Run("longshore", 1, Map.of(hostile, 1.0, "throughput", 2.0), 3, hostile, hostile)),
                List.of(hostile));
        Result result = new Result(hostile, hostile, Map.of(hostile, hostile), List.of(scenario));

        String page = HtmlReport.text(result);
        assertFalse(page.contains("<img"), "no element of it");
        assertEquals(3, page.split("</script>", -1).length - 1, "as many scripts end as began");
        assertTrue(page.contains("&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt; &amp; |"));
        Matcher data = Pattern.compile("(?s)id=\"data\">(.*?)</script>").matcher(page);
        assertTrue(data.find());
        assertFalse(data.group(1).contains("<"), data.group(1));
        JsonArray scenarios = JsonParser.parseString(data.group(1)).getAsJsonArray();
        assertEquals(
                Wording.heading(hostile),
                scenarios.get(0).getAsJsonObject().get("label").getAsString());

        String markdown = MarkdownReport.text(result);
        // What stands as code needs no escape; there it is indented, and in one line.
        String prose = markdown.replaceAll("(?m)^    .*$", "");
        assertFalse(prose.contains("<"), prose);
        assertTrue(prose.contains(
                "&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt; &amp; \\| \\`a\\` \\[b\\](c) \\*d\\*"));
        assertFalse(Pattern.compile("(?m)^# g").matcher(markdown).find(), markdown);
        assertTrue(BaselineTable.text(result).contains("&lt;/script&gt;"));
    }

    @Test
    void aResultWithoutAnythingIsStillAReport() {
        Result empty = new Result("now", "longshore bench", Map.of(), List.of());
        assertTrue(MarkdownReport.text(empty).contains("Nothing can be compared in this result"));
        assertTrue(HtmlReport.text(empty).contains("Nothing can be compared in this result"));
        assertTrue(BaselineTable.text(empty).startsWith("| scenario | measure |"));
        ScenarioResult nothing = new ScenarioResult(
                "small",
                "?",
                "!",
                "throughput",
                List.of("throughput"),
                List.of(),
                List.of(),
                List.of("nginx is missing"));
        assertTrue(HtmlReport.text(new Result("now", "bench", Map.of(), List.of(nothing)))
                .contains("nginx is missing"));
    }

    @Test
    void theBaselineHasARowForEachPrimaryMeasureAndItsCost() {
        List<String> lines = BaselineTable.text(SAMPLE).lines().toList();
        assertEquals(
                "| scenario | measure | haproxy | haproxy-splice | nginx | nginx-64k | longshore | longshore-uring"
                        + " | ratio: longshore has | ratio: longshore-uring has |",
                lines.get(0));
        assertTrue(lines.stream().anyMatch(line -> line.startsWith("| small-100 | throughput, k echoes/s | 11")));
        assertTrue(lines.stream().anyMatch(line -> line.startsWith("| small-100 | CPU per message, µs | 4.2")));
        String bulk = lines.stream()
                .filter(line -> line.startsWith("| bulk-oneway-16 |"))
                .findFirst()
                .orElseThrow();
        assertTrue(
                Pattern.compile("\\*\\*1\\.4\\d x HAProxy-splice's\\*\\*")
                        .matcher(bulk)
                        .find(),
                bulk);
        assertTrue(Pattern.compile(", 0\\.\\d+ x nginx's,").matcher(bulk).find(), bulk);
        assertTrue(bulk.endsWith("| - |"), bulk);
    }
}
