package io.longshore.cli;

import io.longshore.metrics.Counter;
import io.longshore.metrics.CounterSnapshot;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * A look at a counter file as a table for people: the total over all loops, its rate if there is an earlier look, and a
 * column per loop.
 *
 * <p>The section {@code counters} is shown whole. Of every other one only what has happened is shown; close reasons
 * with the most frequent first, the others in their own order.
 */
final class StatTable {
    private static final int LOOP_COLUMNS_MAX = 8;
    private static final int LABEL_WIDTH = 32;
    private static final int WIDTH = 14;

    private static final String COUNTERS = "counters";
    private static final String CYCLE_TIMES = "cycle-times";
    private static final String CLOSE_REASONS = "close-reasons";

    private final StringBuilder text = new StringBuilder(4096);
    private final StatView view;
    private final int loopColumns;

    private StatTable(StatView view, boolean hasEveryLoop) {
        this.view = view;
        int loops = view.now().loops();
        // The only loop's column would say the total again.
        this.loopColumns = loops > 1 && (hasEveryLoop || loops <= LOOP_COLUMNS_MAX) ? loops : 0;
    }

    static String text(StatView view, boolean hasEveryLoop) {
        StatTable table = new StatTable(view, hasEveryLoop);
        table.appendHead();
        for (String kind : view.now().kinds()) {
            table.appendSection(kind);
        }
        return table.text.toString();
    }

    private void appendHead() {
        CounterSnapshot now = view.now();
        text.append("longshore pid ").append(now.pid());
        if (now.isRunning()) {
            long seconds = Math.max(0, view.wallClockMs() - now.startedMs()) / 1000;
            text.append(", up ").append(duration(seconds));
        } else {
            text.append(", not running: its last numbers");
        }
        text.append(", ").append(now.loops()).append(now.loops() == 1 ? " loop" : " loops");
        text.append(view.portMode() == null ? "\n" : ", port mode " + view.portMode() + "\n");
    }

    private void appendSection(String kind) {
        List<CounterSnapshot.Row> rows = new ArrayList<>(view.now().rows(kind));
        if (!kind.equals(COUNTERS)) {
            rows.removeIf(row -> row.total() == 0);
        }
        if (kind.equals(CLOSE_REASONS)) {
            rows.sort(Comparator.comparingLong(CounterSnapshot.Row::total).reversed());
        }
        if (rows.isEmpty()) {
            return;
        }
        appendTitle(kind);
        for (CounterSnapshot.Row row : rows) {
            appendRow(kind, row);
        }
    }

    private void appendTitle(String kind) {
        text.append('\n');
        appendLeft(title(kind));
        appendRight("total");
        if (view.hasRates()) {
            appendRight("per second");
        }
        for (int i = 0; i < loopColumns; i++) {
            appendRight("loop " + i);
        }
        text.append('\n');
    }

    private String title(String kind) {
        String words = kind.replace('-', ' ');
        long samples = view.now().total(Counter.LOOP_SAMPLES);
        if (!kind.equals(CYCLE_TIMES) || samples == 0) {
            return words;
        }
        return words + ", mean " + nanoseconds(view.now().total(Counter.LOOP_BUSY_NS_SAMPLED) / (double) samples);
    }

    private void appendRow(String kind, CounterSnapshot.Row row) {
        boolean isBound = kind.equals(CYCLE_TIMES) && row.label().endsWith("us");
        appendLeft((isBound ? "  up to " : "  ") + row.label());
        appendRight(value(row.unit(), row.total()));
        if (view.hasRates()) {
            appendRight(row.isCounter() ? rate(row.unit(), view.rate(kind, row)) : "");
        }
        for (int i = 0; i < loopColumns; i++) {
            appendRight(value(row.unit(), row.perLoop()[i]));
        }
        // Trailing blanks, from a gauge without a rate, would only wrap in a narrow terminal.
        while (text.charAt(text.length() - 1) == ' ') {
            text.setLength(text.length() - 1);
        }
        text.append('\n');
    }

    private void appendLeft(String word) {
        text.append(word).append(" ".repeat(Math.max(0, LABEL_WIDTH - word.length())));
    }

    private void appendRight(String word) {
        text.append(" ".repeat(Math.max(1, WIDTH - word.length()))).append(word);
    }

    private static String value(String unit, long value) {
        return switch (unit) {
            case "bytes" -> bytes(value);
            case "nanoseconds" -> nanoseconds(value);
            default -> String.format(Locale.ROOT, "%,d", value);
        };
    }

    private static String rate(String unit, double rate) {
        return switch (unit) {
            case "bytes" -> bytes(rate);
            case "nanoseconds" -> nanoseconds(rate);
            default -> String.format(Locale.ROOT, rate > 0 && rate < 100 ? "%,.1f" : "%,.0f", rate);
        };
    }

    private static String bytes(double bytes) {
        return scaled(bytes, 1024, "B", "KiB", "MiB", "GiB", "TiB", "PiB");
    }

    private static String nanoseconds(double ns) {
        return scaled(ns, 1000, "ns", "us", "ms", "s");
    }

    private static String scaled(double value, int step, String... units) {
        int i = 0;
        while (Math.abs(value) >= step && i < units.length - 1) {
            value /= step;
            i++;
        }
        return String.format(Locale.ROOT, i == 0 ? "%.0f %s" : "%.2f %s", value, units[i]);
    }

    /** {@code 3d4h}, {@code 4h5m}, {@code 5m6s}, {@code 6s}: the two largest units tell enough. */
    private static String duration(long seconds) {
        if (seconds >= 86_400) {
            return seconds / 86_400 + "d" + seconds % 86_400 / 3600 + "h";
        }
        if (seconds >= 3600) {
            return seconds / 3600 + "h" + seconds % 3600 / 60 + "m";
        }
        return seconds >= 60 ? seconds / 60 + "m" + seconds % 60 + "s" : seconds + "s";
    }
}
