package io.longshore.cli;

import io.longshore.metrics.PortFacts;
import io.longshore.metrics.PortRow;
import java.util.List;
import java.util.Locale;

/**
 * The account of tuples beside the kernel's own list, as text or as JSON.
 *
 * @param pid the process; 0 where none was asked, and the rows are a configuration's
 * @param rows a row per source address and endpoint
 * @param kernel the kernel's own counts of the same
 */
record PortView(long pid, PortFacts facts, List<PortRow> rows, PortTuples kernel) {
    /** Rows in which nothing has happened are shown up to so many. */
    private static final int IDLE_ROWS_SHOWN = 64;

    private static final String LINE = "%-24s %-24s %9s %9s %9s %9s %9s %10s %10s %9s%n";

    /** One line a row, and under it how its numbers add up. */
    String text() {
        StringBuilder text = new StringBuilder();
        int width = facts.high() - facts.low() + 1;
        text.append(line(
                "%s: mode %s, ports %d-%d: %d - %d reserved = %d per source and endpoint%n",
                pid == 0 ? "configuration" : "pid " + pid,
                facts.mode(),
                facts.low(),
                facts.high(),
                width,
                facts.reserved(),
                width - facts.reserved()));
        text.append(line("%d rows x %d = %d tuples%n%n", rows.size(), width - facts.reserved(), capacity()));
        text.append(line(
                LINE, "source", "endpoint", "capacity", "live", "held", "foreign", "free", "connect", "p99", "kernel"));
        int idle = 0;
        for (PortRow row : rows) {
            if (isIdle(row) && rows.size() > IDLE_ROWS_SHOWN) {
                idle++;
            } else {
                append(text, row);
            }
        }
        if (idle > 0) {
            text.append(line("and %d rows without a dial or a socket%n", idle));
        }
        if (!kernel.isKnown()) {
            text.append(line("the kernel's list of sockets could not be read%n"));
        }
        return text.toString();
    }

    private void append(StringBuilder text, PortRow row) {
        text.append(line(
                LINE,
                row.sourceText(),
                row.endpointText(),
                row.capacity(),
                live(row),
                row.held(),
                row.foreign(),
                free(row),
                time(row, 0.5),
                time(row, 0.99),
                kernel.isKnown() ? kernelTotal(row) : "?"));
        text.append(line(
                "  %d = %d live + %d held + %d foreign + %d blocked + %d free",
                row.capacity(), live(row), row.held(), row.foreign(), row.blocked(), free(row)));
        long difference = difference(row);
        if (kernel.isKnown() && difference != 0) {
            text.append(line(
                    "; the kernel has %d open and %d closing, %+d", kernel.open(row), kernel.closing(row), difference));
        }
        text.append(line("%n"));
    }

    /** One object, on one line. */
    String json() {
        StringBuilder json = new StringBuilder();
        json.append(line(
                "{\"pid\":%d,\"mode\":\"%s\",\"low\":%d,\"high\":%d,\"reserved\":%d,\"capacity\":%d,\"rows\":[",
                pid, facts.mode(), facts.low(), facts.high(), facts.reserved(), capacity()));
        String separator = "";
        for (PortRow row : rows) {
            json.append(separator);
            separator = ",";
            json.append(line(
                    "{\"origin\":\"%s\",\"source\":\"%s\",\"endpoint\":\"%s\",\"capacity\":%d,\"live\":%d,"
                            + "\"held\":%d,\"foreign\":%d,\"blocked\":%d,\"free\":%d,\"dials\":%d,\"misses\":%d,"
                            + "\"connect-median-ns\":%d,\"connect-p99-ns\":%d",
                    origin(row),
                    row.sourceText(),
                    row.endpointText(),
                    row.capacity(),
                    live(row),
                    row.held(),
                    row.foreign(),
                    row.blocked(),
                    free(row),
                    row.dials(),
                    row.misses(),
                    row.connectTimeNs(0.5),
                    row.connectTimeNs(0.99)));
            if (kernel.isKnown()) {
                json.append(line(
                        ",\"kernel-open\":%d,\"kernel-closing\":%d,\"difference\":%d",
                        kernel.open(row), kernel.closing(row), difference(row)));
            }
            json.append('}');
        }
        return json.append("]}\n").toString();
    }

    private long capacity() {
        return rows.stream().mapToLong(PortRow::capacity).sum();
    }

    private boolean isIdle(PortRow row) {
        return row.dials() == 0
                && row.taken() == 0
                && row.foreign() == 0
                && row.blocked() == 0
                && kernelTotal(row) == 0;
    }

    private static long live(PortRow row) {
        return row.taken() - row.held();
    }

    /** What the row's own line adds up with; below zero while others take more than was left. */
    private static long free(PortRow row) {
        return row.capacity() - row.taken() - row.foreign() - row.blocked();
    }

    private long kernelTotal(PortRow row) {
        return kernel.open(row) + kernel.closing(row);
    }

    /** How many more connections the kernel lists than the account has taken: foreign ones, or ours that changed just now. */
    private long difference(PortRow row) {
        return kernelTotal(row) - row.taken();
    }

    private String origin(PortRow row) {
        return row.origin() < facts.origins().size() ? facts.origins().get(row.origin()) : "?";
    }

    private static String time(PortRow row, double share) {
        return row.dials() == 0 ? "-" : line("%.0f us", row.connectTimeNs(share) / 1e3);
    }

    private static String line(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
