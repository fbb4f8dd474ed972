package io.longshore.load.bench;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;

/** From what the load counted to the measures of a run. */
final class Reckoning {
    /** Below it something else than the proxy was the limit. */
    private static final double PROXY_BUSY_MIN = 0.97;
    /** Above it the load may have been. */
    private static final double LOAD_BUSY_MAX = 0.99;
    /** An open loop that has delivered less has lost the rate that its latency is said to be at. */
    private static final double RATE_KEPT_MIN = 0.98;

    /** Of either core, for others: the kernel's own housekeeping and the idle targets need far less. */
    private static final double FOREIGN_MAX = 0.1;

    private Reckoning() {}

    /**
     * The run of a mode with a window.
     *
     * @param resident bytes of the proxy's memory, or 0 where it was not weighed
     */
    static Run run(Scenario scenario, Target target, int round, LoadResult result, long resident) {
        Map<String, Double> values = new TreeMap<>();
        Mode mode = scenario.mode();
        double cpuUs = result.proxyCpuNs() / 1e3;
        double gigabytes = result.bytes() / 1e9;
        if (mode == Mode.ECHO || mode == Mode.SLOW) {
            put(values, Measure.THROUGHPUT, result.messages() / 2.0 / 1e3 / result.seconds());
        }
        if (mode == Mode.BULK) {
            put(values, Measure.BANDWIDTH, gigabytes / result.seconds());
        }
        if (mode == Mode.STORM) {
            put(values, Measure.HANDSHAKES, result.handshakes() / result.seconds());
        }
        if (target.isProxy()) {
            switch (mode) {
                case ECHO, SLOW -> put(values, Measure.CPU_PER_MESSAGE, cpuUs / result.messages());
                case BULK -> put(values, Measure.CPU_PER_GB, cpuUs / 1e3 / gigabytes);
                case STORM -> put(values, Measure.CPU_PER_HANDSHAKE, cpuUs / result.handshakes());
                case DISCONNECT -> put(values, Measure.CPU_PER_DISCONNECT, cpuUs / result.closed());
                case HOLD -> throw new IllegalArgumentException("nothing has a window here");
            }
            put(values, Measure.PROXY_CORE_BUSY, result.proxyCoreBusy());
        }
        put(values, Measure.LOAD_BUSY, result.loadBusy());
        if (resident > 0) {
            put(values, Measure.RESIDENT, resident / (1024.0 * 1024.0));
        }
        Histogram histogram = result.histogram();
        if (histogram.getTotalCount() > 0) {
            put(values, Measure.P50, histogram.getValueAtPercentile(50) / 1e3);
            put(values, Measure.P99, histogram.getValueAtPercentile(99) / 1e3);
            put(values, Measure.P999, histogram.getValueAtPercentile(99.9) / 1e3);
            if (mode == Mode.DISCONNECT) {
                put(values, Measure.LAST_DISCONNECT, histogram.getMaxValue() / 1e6);
            }
        }
        return new Run(
                target.name(),
                round,
                values,
                result.faults(),
                voidReason(scenario, target, result),
                LoadResult.encode(histogram));
    }

    /** Why the throughput, or the latency at a rate, does not count; null if it does. */
    static String voidReason(Scenario scenario, Target target, LoadResult result) {
        double taken = 1 - (double) result.loadCpuNs() / result.windowNs();
        if (result.loadCpuNs() > 0 && taken > FOREIGN_MAX) {
            return percent("other programs took %s %% of the load's core", taken);
        }
        if (!target.isProxy()) {
            return null;
        }
        double foreign = result.proxyCoreBusy() - (double) result.proxyCpuNs() / result.windowNs();
        // Where the core may sleep, being woken is counted as busy and belongs to no process: a fifth of it, with
        // nobody else.
        if (scenario.isClosedLoop() && foreign > FOREIGN_MAX) {
            return percent("other programs took %s %% of the proxy's core", foreign);
        }
        if (scenario.isClosedLoop()) {
            if (result.loadBusy() > LOAD_BUSY_MAX) {
                return percent("the load's core was the limit: it was %s %% busy", result.loadBusy());
            }
            if (result.proxyCoreBusy() < PROXY_BUSY_MIN) {
                return percent(
                        "something else than the proxy's core was the limit: it was %s %% busy",
                        result.proxyCoreBusy());
            }
            return null;
        }
        double rate = scenario.option("rate");
        double kept = result.messages() / 2.0 / result.seconds();
        if (rate > 0 && kept < rate * RATE_KEPT_MIN) {
            return String.format(
                    Locale.ROOT, "only %.1f of %.1f thousand messages a second came back", kept / 1e3, rate / 1e3);
        }
        return null;
    }

    private static String percent(String sentence, double share) {
        return String.format(Locale.ROOT, sentence, String.format(Locale.ROOT, "%.1f", share * 100));
    }

    /** What nothing was divided by is left out. */
    private static void put(Map<String, Double> values, Measure measure, double value) {
        if (Double.isFinite(value)) {
            values.put(measure.label(), value);
        }
    }
}
