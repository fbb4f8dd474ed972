package io.longshore.load.bench;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What is reckoned from runs: medians with their range, and ratios round by round.
 *
 * <p>Three rules hold everywhere. A run with faults counts for nothing. A void run does not count for its speed, because
 * the proxy was not what limited it, but what it cost the proxy is still true. Only runs of the same round are divided by each
 * other: they stood beside each other in time, so that a machine that slows down over the minutes slows both.
 */
final class Statistics {
    /**
     * What a void run is no evidence of, by label: how fast it was. In a closed loop latency is nothing but the connections
     * divided by the rate, and at a rate that was not kept it belongs to another load.
     */
    private static final Set<String> SPEEDS =
            Set.of("throughput", "bandwidth", "handshakes", "p50", "p99", "p999", "last-disconnect");

    /** They say whether a run is worth anything; nobody is better for a larger or smaller one. */
    private static final Set<Measure> CONDITIONS = EnumSet.of(Measure.PROXY_CORE_BUSY, Measure.LOAD_BUSY);

    private static final String DIRECT = "direct";
    private static final String OURS = "longshore";

    private Statistics() {}

    /** Some values: the one in the middle (of an even number the mean of the two), the extremes, how many there were. */
    record Spread(double median, double min, double max, int count) {}

    /**
     * What one target gave of one measure, by round.
     *
     * @param counted what medians and ratios are made of
     * @param voided speeds of void runs
     * @param faulty values of runs with faults
     */
    record Cell(
            SortedMap<Integer, Double> counted, SortedMap<Integer, Double> voided, SortedMap<Integer, Double> faulty) {
        boolean isEmpty() {
            return counted.isEmpty() && voided.isEmpty() && faulty.isEmpty();
        }
    }

    /**
     * One of ours divided by one peer.
     *
     * @param rounds our value over the peer's for every round in which both count; never empty
     */
    record Ratio(
            ScenarioResult scenario, Measure measure, String ours, String peer, SortedMap<Integer, Double> rounds) {
        Spread spread() {
            return Statistics.spread(rounds).orElseThrow();
        }

        boolean isWorse() {
            double median = spread().median();
            return measure.isMoreBetter() ? median < 1 : median > 1;
        }

        boolean isBetter() {
            return spread().median() != 1 && !isWorse();
        }

        /** How many times better than the peer we are, whichever direction the measure has; below 1 where we lose. */
        double advantage() {
            double median = spread().median();
            return measure.isMoreBetter() ? median : 1 / median;
        }

        /** Whether the rounds disagree about who is better. */
        boolean isDisputed() {
            return spread().min() < 1 && spread().max() > 1;
        }
    }

    /** The spread of the values, or nothing of none. */
    static Optional<Spread> spread(Map<Integer, Double> values) {
        if (values.isEmpty()) {
            return Optional.empty();
        }
        double[] sorted = values.values().stream()
                .mapToDouble(Double::doubleValue)
                .sorted()
                .toArray();
        int half = sorted.length / 2;
        double median = sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
        return Optional.of(new Spread(median, sorted[0], sorted[sorted.length - 1], sorted.length));
    }

    /** The measure of that name, or nothing if a newer or older program wrote it. */
    static Optional<Measure> measure(String label) {
        for (Measure one : Measure.values()) {
            if (one.label().equals(label)) {
                return Optional.of(one);
            }
        }
        return Optional.empty();
    }

    /** Whom a scenario has runs of: ours first, then the peers, the zero line last. */
    static List<String> targets(ScenarioResult scenario) {
        Set<String> found = new LinkedHashSet<>();
        scenario.runs().stream()
                .sorted(Comparator.comparingInt(Run::round))
                .map(Run::target)
                .forEach(found::add);
        List<String> ordered = new ArrayList<>(found);
        ordered.sort(Comparator.comparingInt(Statistics::rank).thenComparing(Comparator.naturalOrder()));
        return ordered;
    }

    private static int rank(String target) {
        if (isOurs(target)) {
            return 0;
        }
        return isPeer(target) ? 1 : 2;
    }

    static boolean isOurs(String target) {
        return target.equals(OURS) || target.startsWith(OURS + "-");
    }

    /** Whether it is another proxy: neither ours nor the line without any. */
    static boolean isPeer(String target) {
        return !isOurs(target) && !target.equals(DIRECT);
    }

    static Cell cell(ScenarioResult scenario, String target, String label) {
        boolean isSpeed = SPEEDS.contains(label);
        Cell cell = new Cell(new TreeMap<>(), new TreeMap<>(), new TreeMap<>());
        for (Run run : scenario.runs()) {
            Double value = run.values().get(label);
            if (!run.target().equals(target) || value == null || !Double.isFinite(value)) {
                continue;
            }
            if (run.faults() > 0) {
                cell.faulty().put(run.round(), value);
            } else if (isSpeed && run.voidReason() != null) {
                cell.voided().put(run.round(), value);
            } else {
                cell.counted().put(run.round(), value);
            }
        }
        return cell;
    }

    /** Ours over a peer's, or nothing where no round has both, or the measure has no better and worse. */
    static Optional<Ratio> ratio(ScenarioResult scenario, String label, String ours, String peer) {
        Optional<Measure> measure = measure(label).filter(one -> !CONDITIONS.contains(one));
        if (measure.isEmpty()) {
            return Optional.empty();
        }
        SortedMap<Integer, Double> theirs = cell(scenario, peer, label).counted();
        SortedMap<Integer, Double> rounds = new TreeMap<>();
        cell(scenario, ours, label).counted().forEach((round, value) -> {
            Double other = theirs.get(round);
            // Nothing can be said in times of nothing.
            if (other != null && other > 0 && value > 0) {
                rounds.put(round, value / other);
            }
        });
        return rounds.isEmpty()
                ? Optional.empty()
                : Optional.of(new Ratio(scenario, measure.get(), ours, peer, rounds));
    }

    /** Whether a ratio of that measure says who is better. */
    static boolean isComparable(String label) {
        return measure(label).filter(one -> !CONDITIONS.contains(one)).isPresent();
    }
}
