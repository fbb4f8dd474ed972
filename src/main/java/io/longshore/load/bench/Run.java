package io.longshore.load.bench;

import java.util.Map;

/**
 * One measurement: one target in one round of one scenario.
 *
 * @param target whom it measured: {@code direct}, {@code haproxy}, {@code longshore} ...
 * @param round from 1; runs of the same round stood beside each other in time and may be paired
 * @param values by {@link Measure#label()}; what a mode does not measure is missing
 * @param faults messages that were wrong, connections that failed: above 0 the run is no evidence of anything
 * @param voidReason why the throughput does not count (the load's core was the limit ...), or null
 * @param histogram latency in nanoseconds, HdrHistogram's compressed form in base64, or null
 */
public record Run(
        String target, int round, Map<String, Double> values, long faults, String voidReason, String histogram) {}
