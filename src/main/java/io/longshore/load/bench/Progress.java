package io.longshore.load.bench;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What the benchmark shows while it runs: a line for each measurement, and how long the rest will take. */
final class Progress {
    private static final double NS_PER_SECOND = 1e9;

    private final PrintWriter out;
    private final BenchSettings settings;
    private final List<Scenario> scenarios;
    private final Plan plan;
    private final long begunNs;
    private int at;
    private double estimatedOfDone;

    Progress(PrintWriter out, BenchSettings settings, Plan plan, long nowNs) {
        this.out = out;
        this.settings = settings;
        this.scenarios = plan.scenarios();
        this.plan = plan;
        this.begunNs = nowNs;
    }

    void begin(String folder) {
        say(scenarios.size() + (scenarios.size() == 1 ? " scenario, about " : " scenarios, about ")
                + duration(estimateFrom(0)) + "; the results go to " + folder);
        plan.leftOut().forEach((target, reason) -> say(target + " is left out: " + reason));
    }

    void scenario(Scenario scenario, long nowNs) {
        double elapsed = (nowNs - begunNs) / NS_PER_SECOND;
        // What was estimated for the scenarios behind us, and what they took: the machine's own factor.
        double factor = at == 0 ? 1 : elapsed / estimatedOfDone;
        say("");
        say(String.format(
                Locale.ROOT,
                "[%d/%d] %s, %s left: %s",
                at + 1,
                scenarios.size(),
                scenario.name(),
                duration(estimateFrom(at) * factor),
                scenario.question()));
        estimatedOfDone += Estimate.seconds(scenario, plan.targetsOf(scenario, settings), settings);
        at++;
    }

    void warming(Target target) {
        say("  warming  " + target.name());
    }

    void measured(Scenario scenario, Run run) {
        StringBuilder line =
                new StringBuilder(String.format(Locale.ROOT, "  round %d  %-14s", run.round(), run.target()));
        Set<Measure> shown = new LinkedHashSet<>(scenario.measures());
        shown.addAll(List.of(Measure.PROXY_CORE_BUSY, Measure.LOAD_BUSY));
        List<String> numbers = new ArrayList<>();
        for (Measure measure : shown) {
            Double value = run.values().get(measure.label());
            if (value != null) {
                numbers.add(measure.label() + " " + number(value));
            }
        }
        line.append("  ").append(String.join("  ", numbers));
        if (run.faults() > 0) {
            line.append("  ").append(run.faults()).append(" FAULTS");
        }
        if (run.voidReason() != null) {
            line.append("  void: ").append(run.voidReason());
        }
        say(line.toString());
    }

    void note(String note) {
        say("  note: " + note);
    }

    void say(String line) {
        out.println(line);
        out.flush();
    }

    private double estimateFrom(int index) {
        double seconds = 0;
        for (Scenario scenario : scenarios.subList(index, scenarios.size())) {
            seconds += Estimate.seconds(scenario, plan.targetsOf(scenario, settings), settings);
        }
        return seconds;
    }

    private static String duration(double seconds) {
        return seconds < 90
                ? String.format(Locale.ROOT, "%.0f seconds", seconds)
                : String.format(Locale.ROOT, "%.0f minutes", seconds / 60);
    }

    /** Three digits that count. */
    static String number(double value) {
        double size = Math.abs(value);
        return String.format(Locale.ROOT, size >= 100 ? "%.0f" : size >= 10 ? "%.1f" : "%.2f", value);
    }
}
