package io.longshore.metrics;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Where each number of a loop stands in its block: 64-bit cells, one after the other, in the order
 *
 * <pre>
 *   counters | cycle times | close reasons | dial outcomes
 * </pre>
 *
 * <p>The order may change with any release. It is written into the counter file in words ({@link #all()}), and readers
 * go by those.
 */
final class Cells {
    /** The kinds of cells: the sections of a table and the keys of the JSON object. */
    static final String COUNTERS = "counters";

    static final String CYCLE_TIMES = "cycle-times";
    static final String CLOSE_REASONS = "close-reasons";
    static final String DIAL_OUTCOMES = "dial-outcomes";

    /**
     * Cycle times are counted in buckets that double: up to 16 us, 32 us, and so on to 16.384 ms, and longer than that.
     * Below 16 us nobody waits; above 16 ms a loop is stuck, and by how much LOOP_CYCLE_MAX_NS tells.
     */
    static final int CYCLE_BUCKETS = 12;

    private static final long FIRST_BUCKET_NS = 16_000;

    private static final int CYCLE_TIMES_AT = Counter.values().length;
    private static final int CLOSE_REASONS_AT = CYCLE_TIMES_AT + CYCLE_BUCKETS;
    private static final int DIAL_OUTCOMES_AT = CLOSE_REASONS_AT + CloseReason.values().length;

    /** How many cells a block has. */
    static final int COUNT = DIAL_OUTCOMES_AT + DialOutcome.values().length;

    /** Bytes of a block's cells, without the padding between blocks. */
    static final int BLOCK_LENGTH = COUNT * Long.BYTES;

    private Cells() {}

    /**
     * One cell's description, as it stands in the counter file.
     *
     * @param kind the section, {@code close-reasons}
     * @param label the name within the section, {@code idle-timeout}
     * @param unit {@code count}, {@code bytes} or {@code nanoseconds}
     * @param type {@code counter}, {@code gauge} or {@code maximum}
     * @param sentence what it counts, in words
     */
    record Cell(String kind, String label, String unit, String type, String sentence) {
        boolean isCounter() {
            return type.equals(Counter.Type.COUNTER.label());
        }

        boolean isMaximum() {
            return type.equals(Counter.Type.MAXIMUM.label());
        }
    }

    static int offset(Counter counter) {
        return counter.ordinal() * Long.BYTES;
    }

    static int offset(CloseReason reason) {
        return (CLOSE_REASONS_AT + reason.ordinal()) * Long.BYTES;
    }

    static int offset(DialOutcome outcome) {
        return (DIAL_OUTCOMES_AT + outcome.ordinal()) * Long.BYTES;
    }

    /** The offset of the bucket that a cycle of this length falls into. */
    static int cycleOffset(long ns) {
        return (CYCLE_TIMES_AT + cycleBucket(ns)) * Long.BYTES;
    }

    /** The bucket of a cycle of this length: 0 up to 16 us, 1 up to 32 us, and so on. */
    static int cycleBucket(long ns) {
        // (ns - 1) / 16000 is 0 up to 16 us, 1 up to 32 us, 2 and 3 up to 64 us: its bit length is the bucket.
        long sixteens = ns <= FIRST_BUCKET_NS ? 0 : (ns - 1) / FIRST_BUCKET_NS;
        return Math.min(CYCLE_BUCKETS - 1, Long.SIZE - Long.numberOfLeadingZeros(sixteens));
    }

    /** Every cell's description in the order of the block. */
    static List<Cell> all() {
        String count = Counter.Unit.COUNT.label();
        String counter = Counter.Type.COUNTER.label();
        List<Cell> cells = new ArrayList<>(COUNT);
        for (Counter each : Counter.values()) {
            cells.add(new Cell(
                    COUNTERS, each.label(), each.unit().label(), each.type().label(), each.sentence()));
        }
        for (int bucket = 0; bucket < CYCLE_BUCKETS; bucket++) {
            boolean isLast = bucket == CYCLE_BUCKETS - 1;
            String bound = (FIRST_BUCKET_NS << bucket) / 1000 + "us";
            String label = isLast ? "more" : bound;
            String sentence = isLast ? "measured cycles that were longer" : "measured cycles of at most " + bound;
            cells.add(new Cell(CYCLE_TIMES, label, count, counter, sentence));
        }
        for (CloseReason reason : CloseReason.values()) {
            String status = reason.status() == 0 ? "" : ", status " + reason.status();
            String sentence = "ended by the " + word(reason.side()) + " in phase " + word(reason.phase()) + status;
            cells.add(new Cell(CLOSE_REASONS, reason.label(), count, counter, sentence));
        }
        for (DialOutcome outcome : DialOutcome.values()) {
            String sentence = "attempts to connect that ended as " + outcome.label();
            cells.add(new Cell(DIAL_OUTCOMES, outcome.label(), count, counter, sentence));
        }
        return cells;
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
