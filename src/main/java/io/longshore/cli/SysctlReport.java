package io.longshore.cli;

import io.longshore.sys.SysctlHarm;
import io.longshore.sys.SysctlPlan;
import io.longshore.sys.SysctlPlan.Kind;
import io.longshore.sys.SysctlPlan.Step;
import io.longshore.sys.SysctlProfile;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What {@code longshore sysctl diff} and {@code verify} print. */
final class SysctlReport {
    private SysctlReport() {}

    /**
     * A line a key, under its profile.
     *
     * @param isFull every key, and with those that would change their effect and risk; else only what differs or is left out
     */
    static void text(SysctlPlan plan, List<SysctlHarm> harms, boolean isFull, PrintWriter out) {
        for (SysctlProfile profile : plan.profiles()) {
            List<Step> steps = plan.steps().stream()
                    .filter(step -> step.profile().equals(profile.name()))
                    .filter(step -> isFull || step.kind() != Kind.SAME && step.kind() != Kind.KEPT)
                    .toList();
            if (!steps.isEmpty()) {
                out.println(profile.name());
                steps.forEach(step -> line(step, isFull, out));
            }
        }
        plan.refusals().forEach(refusal -> out.println("refused: " + refusal));
        for (SysctlHarm harm : harms) {
            out.println("harmful: " + harm.key() + " = " + harm.value() + ": " + harm.why());
        }
        out.printf(
                "%d to change, %d as wanted, %d kept higher, %d refused, %d unknown here, %d of the whole host left alone%n",
                count(plan, Kind.CHANGE),
                count(plan, Kind.SAME),
                count(plan, Kind.KEPT),
                plan.allRefusals().size(),
                count(plan, Kind.UNKNOWN),
                count(plan, Kind.HOST_WIDE));
    }

    /** The keys that an apply leaves out, with the reason. */
    static void skipped(SysctlPlan plan, PrintWriter out) {
        for (Step step : plan.steps()) {
            if (step.kind() == Kind.UNKNOWN || step.kind() == Kind.HOST_WIDE) {
                out.println("skipped " + step.key() + ": " + step.note());
            }
        }
    }

    /** The same as one JSON object (RFC 8259). */
    static void json(SysctlPlan plan, List<SysctlHarm> harms, PrintWriter out) {
        List<String> keys = new ArrayList<>();
        for (Step step : plan.steps()) {
            keys.add(object(
                    "key", step.key(),
                    "profile", step.profile(),
                    "state", word(step.kind()),
                    "now", step.before(),
                    "wanted", step.after(),
                    "note", step.note(),
                    "why", step.entry() == null ? "" : step.entry().why(),
                    "default", step.entry() == null ? "" : step.entry().usual(),
                    "binds", step.entry() == null ? "" : step.entry().binds(),
                    "risk", step.entry() == null ? "" : step.entry().risk()));
        }
        List<String> found = new ArrayList<>();
        for (SysctlHarm harm : harms) {
            found.add(object("key", harm.key(), "value", harm.value(), "why", harm.why()));
        }
        List<String> refusals =
                plan.allRefusals().stream().map(SysctlReport::quoted).toList();
        out.println("{\"network\":" + quoted(plan.host().network()) + ",\"keys\":[" + String.join(",", keys)
                + "],\"refusals\":[" + String.join(",", refusals) + "],\"harmful\":[" + String.join(",", found) + "]}");
    }

    private static long count(SysctlPlan plan, Kind kind) {
        return plan.of(kind).size();
    }

    private static void line(Step step, boolean isFull, PrintWriter out) {
        String values = switch (step.kind()) {
            case CHANGE -> shown(step.before()) + " -> " + step.after();
            case SAME, KEPT -> shown(step.before());
            default -> "wanted " + step.after();
        };
        String note = step.note().isEmpty() ? "" : " (" + step.note() + ")";
        out.printf("  %-9s %s: %s%s%n", word(step.kind()), step.key(), values, note);
        if (isFull && step.kind() == Kind.CHANGE && step.entry() != null) {
            out.printf(
                    "            effect: %s%n            risk:   %s%n",
                    step.entry().why(), step.entry().risk());
        }
    }

    private static String shown(String value) {
        return value.isEmpty() ? "(empty)" : value;
    }

    private static String word(Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static String object(String... pairs) {
        StringBuilder text = new StringBuilder("{");
        for (int i = 0; i < pairs.length; i += 2) {
            text.append(i == 0 ? "" : ",").append(quoted(pairs[i])).append(':').append(quoted(pairs[i + 1]));
        }
        return text.append('}').toString();
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ') {
                quoted.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }
}
