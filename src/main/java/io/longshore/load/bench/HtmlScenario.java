package io.longshore.load.bench;

import io.longshore.load.bench.Statistics.Cell;
import io.longshore.load.bench.Statistics.Ratio;
import io.longshore.load.bench.Statistics.Spread;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The section of one scenario in the page. */
final class HtmlScenario {
    private final Html out;
    private final ScenarioResult scenario;
    private final String id;
    private final List<String> targets;
    private final List<String> peers;

    HtmlScenario(Html out, ScenarioResult scenario, String id) {
        this.out = out;
        this.scenario = scenario;
        this.id = id;
        this.targets = Statistics.targets(scenario);
        this.peers = targets.stream().filter(Statistics::isPeer).toList();
    }

    void write() {
        out.raw("<section id=\"" + id + "\" class=\"scenario\">\n").element("h2", scenario.name());
        out.raw("<p class=\"question\">").text(scenario.question()).raw("</p>\n");
        out.raw("<p class=\"bound\"><b>Bound.</b> ").text(scenario.bound()).raw("</p>\n");
        bars();
        values();
        comparisons();
        curves();
        list(scenario.notes(), "Note");
        out.raw("<details class=\"settings\"><summary>Settings, to repeat it</summary>\n<ul>\n");
        scenario.settings()
                .forEach(setting -> out.raw("<li><code>").text(setting).raw("</code></li>\n"));
        out.raw("</ul></details>\n</section>\n");
    }

    private void bars() {
        if (ChartData.hasBars(scenario)) {
            String better = Statistics.measure(scenario.primary())
                    .map(measure -> measure.isMoreBetter() ? " More is better." : " Less is better.")
                    .orElse("");
            chart(
                    "bars",
                    Wording.heading(scenario.primary()) + ".",
                    better + " Bar: the median; dot: a round; cross: a void round.");
        }
    }

    private void curves() {
        if (ChartData.hasCurves(scenario)) {
            chart(
                    "curves",
                    "Latency by percentile,",
                    " from the median on; the rounds that count together, both axes logarithmic. Lower is better.");
        }
        List<String> damaged = LatencyCurve.of(scenario).stream()
                .filter(curve -> !curve.unreadable().isEmpty())
                .map(curve -> "The histogram of " + Wording.target(curve.target()) + " cannot be read, rounds "
                        + curve.unreadable())
                .toList();
        list(damaged, "Missing");
    }

    private void chart(String kind, String title, String caption) {
        out.raw("<figure><figcaption><b>").text(title).raw("</b>").text(caption).raw("</figcaption>");
        out.raw("<div class=\"chart " + kind + "\"><canvas id=\"" + id + "-" + kind + "\" role=\"img\" aria-label=\"")
                .text(title + caption)
                .raw("\"></canvas></div></figure>\n");
    }

    private void values() {
        out.raw(
                "<div class=\"scroll\" tabindex=\"0\">\n<table>\n<thead><tr><th>Median<br><small>min – max</small></th>");
        for (String label : scenario.measures()) {
            out.raw("<th class=\"n\">").text(Wording.heading(label)).raw("<br><small>");
            out.text(Wording.unit(label)).raw("</small></th>");
        }
        out.raw("</tr></thead>\n<tbody>\n");
        for (String target : targets) {
            out.raw(Statistics.isOurs(target) ? "<tr class=\"ours\">" : "<tr>");
            out.raw("<th scope=\"row\">").raw(Palette.swatch(target)).raw("</th>");
            for (String label : scenario.measures()) {
                out.raw("<td class=\"n\">");
                value(Statistics.cell(scenario, target, label), Column.of(scenario, label));
                out.raw("</td>");
            }
            out.raw("</tr>\n");
        }
        out.raw("</tbody>\n</table></div>\n");
        list(Findings.voids(scenario).values(), "Void");
        list(Findings.faults(scenario).values(), "Faulty");
    }

    private void value(Cell cell, Column column) {
        if (cell.isEmpty()) {
            out.raw("<span class=\"none\">–</span>");
            return;
        }
        boolean isVoid = cell.counted().isEmpty() && !cell.voided().isEmpty();
        Optional<Spread> spread = Statistics.spread(isVoid ? cell.voided() : cell.counted());
        spread.ifPresent(shown -> out.raw(isVoid ? "<s>" : "")
                .raw(column.number(shown.median()))
                .raw("<br><small>" + column.number(shown.min()) + " – " + column.number(shown.max()) + "</small>")
                .raw(isVoid ? "</s>" : ""));
        if (!cell.voided().isEmpty()) {
            mark(
                    spread.isPresent(),
                    isVoid ? "void" : Wording.count(cell.voided().size(), "round") + " void");
        }
        if (!cell.faulty().isEmpty()) {
            mark(spread.isPresent(), Wording.count(cell.faulty().size(), "round") + " faulty");
        }
    }

    private void mark(boolean isBelow, String what) {
        out.raw((isBelow ? "<br>" : "") + "<span class=\"mark\">").text(what).raw("</span>");
    }

    private void comparisons() {
        for (String ours : targets.stream().filter(Statistics::isOurs).toList()) {
            List<String> comparable = scenario.measures().stream()
                    .filter(label -> peers.stream()
                            .anyMatch(peer -> Statistics.ratio(scenario, label, ours, peer)
                                    .isPresent()))
                    .toList();
            if (!comparable.isEmpty()) {
                comparison(ours, comparable);
            }
        }
    }

    private void comparison(String ours, List<String> labels) {
        out.raw("<div class=\"scroll\" tabindex=\"0\">\n<table>\n<thead><tr><th>")
                .raw(Palette.swatch(ours))
                .raw(" / peer<br><small>median, then round by round</small></th>");
        for (String peer : peers) {
            out.raw("<th class=\"n\">/ ").text(Wording.target(peer)).raw("</th>");
        }
        out.raw("</tr></thead>\n<tbody>\n");
        for (String label : labels) {
            boolean isMore =
                    Statistics.measure(label).map(Measure::isMoreBetter).orElse(true);
            out.raw("<tr><th scope=\"row\">").text(Wording.heading(label));
            out.raw("<br><small>" + (isMore ? "above" : "below") + " 1 is better</small></th>");
            for (String peer : peers) {
                out.raw("<td class=\"n\">");
                Statistics.ratio(scenario, label, ours, peer)
                        .ifPresentOrElse(this::ratio, () -> out.raw("<span class=\"none\">–</span>"));
                out.raw("</td>");
            }
            out.raw("</tr>\n");
        }
        out.raw("</tbody>\n</table></div>\n");
    }

    private void ratio(Ratio ratio) {
        String kind = ratio.isWorse() ? "worse" : ratio.isBetter() ? "better" : "level";
        List<String> rounds = new ArrayList<>();
        ratio.rounds().values().forEach(round -> rounds.add(Wording.ratio(round)));
        out.raw("<span class=\"" + kind + "\">" + Wording.ratio(ratio.spread()));
        out.raw(ratio.isWorse() ? " <span class=\"says\">worse</span>" : "").raw("</span><br><small>");
        out.raw(rounds.stream().collect(Collectors.joining("  "))).raw("</small>");
    }

    private void list(Collection<String> sentences, String kind) {
        if (!sentences.isEmpty()) {
            out.raw("<ul class=\"remarks\">\n");
            sentences.forEach(sentence ->
                    out.raw("<li><b>" + kind + ".</b> ").text(sentence).raw("</li>\n"));
            out.raw("</ul>\n");
        }
    }
}
