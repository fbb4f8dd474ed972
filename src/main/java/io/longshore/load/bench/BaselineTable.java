package io.longshore.load.bench;

import io.longshore.load.bench.Statistics.Ratio;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The README's table of results, as Markdown: for each scenario its primary measure, and what that cost in CPU. */
public final class BaselineTable {
    private static final String NOTHING = "-";

    private BaselineTable() {}

    /**
     * The table with its head, medians of the rounds that count. Ratios are the median of the paired ones, in bold where we
     * are worse; what is void in every round is struck through.
     */
    public static String text(Result result) {
        Set<String> ours = new TreeSet<>();
        Set<String> peers = new TreeSet<>();
        for (ScenarioResult scenario : result.scenarios()) {
            for (String target : Statistics.targets(scenario)) {
                if (Statistics.isOurs(target)) {
                    ours.add(target);
                } else if (Statistics.isPeer(target)) {
                    peers.add(target);
                }
            }
        }
        List<String> targets = new ArrayList<>(peers);
        targets.addAll(ours);

        StringBuilder table = new StringBuilder();
        List<String> head = new ArrayList<>(List.of("scenario", "measure"));
        targets.forEach(target -> head.add(MarkdownReport.escape(target)));
        ours.forEach(target -> head.add("ratio: " + MarkdownReport.escape(target) + " has"));
        row(table, head);
        table.append("|---|---|")
                .append("---:|".repeat(targets.size()))
                .append("---|".repeat(ours.size()))
                .append('\n');
        for (ScenarioResult scenario : result.scenarios()) {
            for (String label : labels(scenario)) {
                row(table, cells(scenario, label, targets, ours));
            }
        }
        return table.toString();
    }

    private static Set<String> labels(ScenarioResult scenario) {
        Set<String> labels = new LinkedHashSet<>(List.of(scenario.primary()));
        for (Measure cost : List.of(Measure.CPU_PER_MESSAGE, Measure.CPU_PER_GB, Measure.CPU_PER_HANDSHAKE)) {
            if (scenario.measures().contains(cost.label())) {
                labels.add(cost.label());
            }
        }
        return labels;
    }

    private static List<String> cells(ScenarioResult scenario, String label, List<String> targets, Set<String> ours) {
        Column column = Column.of(scenario, label);
        String unit = Wording.unit(label);
        List<String> cells = new ArrayList<>();
        cells.add(MarkdownReport.escape(scenario.name()));
        cells.add(MarkdownReport.escape(Wording.noun(label)) + (unit.isEmpty() ? "" : ", " + unit));
        for (String target : targets) {
            Statistics.Cell cell = Statistics.cell(scenario, target, label);
            String voided = Statistics.spread(cell.voided())
                    .map(spread -> "~~" + column.number(spread.median()) + "~~")
                    .orElse(NOTHING);
            cells.add(Statistics.spread(cell.counted())
                    .map(spread -> column.number(spread.median()))
                    .orElse(voided));
        }
        for (String one : ours) {
            cells.add(ratios(scenario, label, one));
        }
        return cells;
    }

    private static String ratios(ScenarioResult scenario, String label, String ours) {
        List<String> ratios = new ArrayList<>();
        for (String peer : Statistics.targets(scenario)) {
            if (Statistics.isPeer(peer)) {
                Optional<Ratio> ratio = Statistics.ratio(scenario, label, ours, peer);
                ratio.ifPresent(one -> ratios.add(phrase(one)));
            }
        }
        return ratios.isEmpty() ? NOTHING : String.join(", ", ratios);
    }

    private static String phrase(Ratio ratio) {
        String text =
                Wording.ratio(ratio.spread()) + " x " + MarkdownReport.escape(Wording.target(ratio.peer())) + "'s";
        return ratio.isWorse() ? "**" + text + "**" : text;
    }

    private static void row(StringBuilder table, List<String> cells) {
        table.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }
}
