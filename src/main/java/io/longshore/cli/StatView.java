package io.longshore.cli;

import io.longshore.metrics.CounterSnapshot;

/**
 * One look at a counter file, and the one before it.
 *
 * @param now what the file says
 * @param before what it said the last time; null at first, and then there are no rates
 * @param seconds between the two
 * @param wallClockMs when it was read, milliseconds since 1970
 * @param portMode how source ports are found; null if the process does not say
 */
record StatView(CounterSnapshot now, CounterSnapshot before, double seconds, long wallClockMs, String portMode) {
    /** Whether there are rates at all. A process that started anew in between has none yet. */
    boolean hasRates() {
        return before != null && seconds > 0 && before.pid() == now.pid() && before.startedMs() == now.startedMs();
    }

    /** How much a counter grew a second. */
    double rate(String kind, CounterSnapshot.Row row) {
        return (row.total() - before.total(kind, row.label())) / seconds;
    }
}
