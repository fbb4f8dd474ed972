package io.longshore.cli;

import io.longshore.metrics.CounterSnapshot;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;

/**
 * A look at a counter file as one JSON object (RFC 8259) on one line. Each section of the file is an object of label
 * and value, zeros included, so that the keys do not depend on what has happened; {@code per-loop} has the same
 * sections for each loop. {@code rates} (per second, counters only) is there from --watch's second look on.
 *
 * <p>Nothing needs escaping: {@link CounterSnapshot} accepts no names but of lower-case letters, digits, dots and
 * dashes.
 */
final class StatJson {
    private StatJson() {}

    static String text(StatView view) {
        CounterSnapshot now = view.now();
        StringBuilder json = new StringBuilder(8192);
        json.append("{\"pid\":").append(now.pid());
        json.append(",\"running\":").append(now.isRunning());
        json.append(",\"started\":\"").append(Instant.ofEpochMilli(now.startedMs()));
        json.append("\",\"time\":\"").append(Instant.ofEpochMilli(view.wallClockMs()));
        json.append("\",\"loops\":").append(now.loops());
        if (view.portMode() != null) {
            json.append(",\"port-mode\":\"").append(view.portMode()).append('"');
        }
        json.append(',');
        appendSections(json, now, CounterSnapshot.Row::total);
        json.append(",\"per-loop\":[");
        for (int i = 0; i < now.loops(); i++) {
            int loop = i;
            json.append(i == 0 ? "{" : ",{");
            appendSections(json, now, row -> row.perLoop()[loop]);
            json.append('}');
        }
        json.append(']');
        if (view.hasRates()) {
            appendRates(json, view);
        }
        return json.append("}\n").toString();
    }

    private static void appendSections(
            StringBuilder json, CounterSnapshot now, ToLongFunction<CounterSnapshot.Row> value) {
        String kindSeparator = "";
        for (String kind : now.kinds()) {
            json.append(kindSeparator).append('"').append(kind).append("\":{");
            kindSeparator = ",";
            String separator = "";
            for (CounterSnapshot.Row row : now.rows(kind)) {
                json.append(separator).append('"').append(row.label()).append("\":");
                json.append(value.applyAsLong(row));
                separator = ",";
            }
            json.append('}');
        }
    }

    private static void appendRates(StringBuilder json, StatView view) {
        json.append(String.format(Locale.ROOT, ",\"seconds\":%.6f,\"rates\":{", view.seconds()));
        String kindSeparator = "";
        for (String kind : view.now().kinds()) {
            json.append(kindSeparator).append('"').append(kind).append("\":{");
            kindSeparator = ",";
            String separator = "";
            List<CounterSnapshot.Row> rows = view.now().rows(kind);
            for (CounterSnapshot.Row row : rows) {
                if (row.isCounter()) {
                    json.append(separator).append('"').append(row.label()).append("\":");
                    json.append(String.format(Locale.ROOT, "%.3f", view.rate(kind, row)));
                    separator = ",";
                }
            }
            json.append('}');
        }
        json.append('}');
    }
}
