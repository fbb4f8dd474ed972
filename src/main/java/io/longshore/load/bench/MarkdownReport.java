package io.longshore.load.bench;

import io.longshore.load.bench.Statistics.Cell;
import io.longshore.load.bench.Statistics.Ratio;
import io.longshore.load.bench.Statistics.Spread;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** A result as Markdown with tables, for terminals, pull requests and diffs. */
final class MarkdownReport {
    private static final String TIMES = " x";
    private static final String NOTHING = "-";

    private final StringBuilder out = new StringBuilder();

    private MarkdownReport() {}

    static String text(Result result) {
        MarkdownReport report = new MarkdownReport();
        report.head(result);
        result.scenarios().forEach(report::scenario);
        report.foot(result);
        return report.out.toString();
    }

    private void head(Result result) {
        Findings findings = Findings.of(result);
        line("# Longshore, side by side");
        line("");
        line(escape(result.startedAt()));
        line("");
        line(escape(findings.verdict(result, TIMES)));
        line("");
        line("## Where we lose");
        line("");
        ratios(findings.losses(), "Nowhere in this result.");
        line("## Where we win");
        line("");
        ratios(findings.wins(), "Nowhere in this result.");
        if (!findings.level().isEmpty()) {
            line("## Level");
            line("");
            ratios(findings.level(), "");
        }
        section("## Not decided", findings.undecided());
        section("## Faulty runs", findings.faulty());
    }

    private void ratios(List<Ratio> ratios, String ifNone) {
        if (ratios.isEmpty()) {
            line(ifNone);
            line("");
            return;
        }
        row(List.of("Scenario", "Who", "Has", "Min - max of the rounds", "Better is"));
        rule(5, 3);
        for (Ratio ratio : ratios) {
            row(List.of(
                    escape(ratio.scenario().name()),
                    Wording.target(ratio.ours()),
                    "**" + escape(Wording.ratioOf(ratio, TIMES)) + "**",
                    range(ratio.spread()) + (ratio.isDisputed() ? " (the rounds disagree)" : ""),
                    ratio.measure().isMoreBetter() ? "more" : "less"));
        }
        line("");
    }

    private void scenario(ScenarioResult scenario) {
        line("## " + escape(scenario.name()));
        line("");
        line(escape(scenario.question()));
        line("");
        line("Bound: " + escape(scenario.bound()));
        line("");
        values(scenario);
        list(Findings.voids(scenario).values(), "Void: ");
        list(Findings.faults(scenario).values(), "Faulty: ");
        comparisons(scenario);
        list(unreadable(scenario), "");
        list(scenario.notes(), "Note: ");
        line("Settings: " + escape(String.join(", ", scenario.settings())));
        line("");
    }

    private void values(ScenarioResult scenario) {
        List<String> targets = Statistics.targets(scenario);
        List<String> head = new ArrayList<>(List.of("Target"));
        for (String label : scenario.measures()) {
            String unit = Wording.unit(label);
            head.add(escape(Wording.heading(label)) + (unit.isEmpty() ? "" : ", " + unit));
        }
        row(head);
        rule(head.size(), 1);
        for (String target : targets) {
            List<String> cells = new ArrayList<>();
            String name = escape(Wording.target(target));
            cells.add(Statistics.isOurs(target) ? "**" + name + "**" : name);
            for (String label : scenario.measures()) {
                cells.add(cell(Statistics.cell(scenario, target, label), Column.of(scenario, label)));
            }
            row(cells);
        }
        line("");
    }

    private static String cell(Cell cell, Column format) {
        List<String> parts = new ArrayList<>();
        Statistics.spread(cell.counted()).ifPresent(spread -> parts.add(format.text(spread)));
        if (cell.counted().isEmpty()) {
            Statistics.spread(cell.voided()).ifPresent(spread -> parts.add("~~" + format.text(spread) + "~~"));
        }
        if (!cell.voided().isEmpty()) {
            parts.add(
                    cell.counted().isEmpty()
                            ? "void"
                            : Wording.count(cell.voided().size(), "round") + " void");
        }
        if (!cell.faulty().isEmpty()) {
            parts.add(Wording.count(cell.faulty().size(), "round") + " faulty");
        }
        return parts.isEmpty() ? NOTHING : String.join(", ", parts);
    }

    private void comparisons(ScenarioResult scenario) {
        List<String> targets = Statistics.targets(scenario);
        List<String> peers = targets.stream().filter(Statistics::isPeer).toList();
        for (String ours : targets.stream().filter(Statistics::isOurs).toList()) {
            List<List<String>> rows = new ArrayList<>();
            for (String label : scenario.measures()) {
                List<String> cells = new ArrayList<>();
                boolean isAny = false;
                for (String peer : peers) {
                    Optional<Ratio> ratio = Statistics.ratio(scenario, label, ours, peer);
                    isAny |= ratio.isPresent();
                    cells.add(ratio.map(MarkdownReport::rounds).orElse(NOTHING));
                }
                if (isAny) {
                    boolean isMore =
                            Statistics.measure(label).map(Measure::isMoreBetter).orElse(true);
                    cells.add(
                            0,
                            escape(Wording.heading(label)) + (isMore ? ", above 1 is better" : ", below 1 is better"));
                    rows.add(cells);
                }
            }
            if (!rows.isEmpty()) {
                List<String> head = new ArrayList<>();
                head.add(escape(Wording.target(ours)) + " / peer, median (round by round)");
                peers.forEach(peer -> head.add("/ " + escape(Wording.target(peer))));
                row(head);
                rule(head.size(), 1);
                rows.forEach(this::row);
                line("");
            }
        }
    }

    private static String rounds(Ratio ratio) {
        String median = Wording.ratio(ratio.spread());
        String all = ratio.rounds().values().stream().map(Wording::ratio).collect(Collectors.joining(", "));
        return (ratio.isWorse() ? "**" + median + "** worse" : median) + " (" + all + ")";
    }

    private static List<String> unreadable(ScenarioResult scenario) {
        return LatencyCurve.of(scenario).stream()
                .filter(curve -> !curve.unreadable().isEmpty())
                .map(curve -> "The histogram of " + Wording.target(curve.target()) + " cannot be read, rounds "
                        + curve.unreadable())
                .toList();
    }

    private void foot(Result result) {
        line("## Environment");
        line("");
        row(List.of("What", "Value"));
        rule(2, 2);
        for (Map.Entry<String, String> entry : result.environment().entrySet()) {
            row(List.of(escape(entry.getKey()), escape(entry.getValue())));
        }
        line("");
        line("Made by:");
        line("");
        // Indented code: nothing in it is markup, and no number of backticks ends it.
        line("    " + result.command().replaceAll("\\R", " "));
        line("");
        line("## How to read it");
        line("");
        for (Explanation one : Explanation.ALL) {
            line("- **" + escape(one.term()) + "**: " + escape(one.meaning()));
        }
    }

    private void section(String heading, List<String> sentences) {
        if (!sentences.isEmpty()) {
            line(heading);
            line("");
            list(sentences, "");
        }
    }

    private void list(Collection<String> sentences, String prefix) {
        if (sentences.isEmpty()) {
            return;
        }
        sentences.forEach(sentence -> line("- " + prefix + escape(sentence)));
        line("");
    }

    private static String range(Spread spread) {
        return Wording.ratio(spread.min()) + " - " + Wording.ratio(spread.max());
    }

    private void row(List<String> cells) {
        line("| " + String.join(" | ", cells) + " |");
    }

    /** The line below a table's head: the first columns are words and the rest numbers. */
    private void rule(int columns, int words) {
        line("|" + "---|".repeat(words) + "---:|".repeat(columns - words));
    }

    private void line(String text) {
        out.append(text).append('\n');
    }

    /** Text that is nothing but text in Markdown, in one line, also as a table's cell; HTML in it stays visible. */
    static String escape(String text) {
        StringBuilder safe = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> safe.append("&amp;");
                case '<' -> safe.append("&lt;");
                case '>' -> safe.append("&gt;");
                case '\\', '|', '*', '_', '`', '[', ']', '~', '#' ->
                    safe.append('\\').append(c);
                case '\n', '\r', '\t' -> safe.append(' ');
                default -> safe.append(c);
            }
        }
        return safe.toString();
    }
}
