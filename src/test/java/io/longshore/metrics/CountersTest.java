package io.longshore.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class CountersTest {
    private final Counters counters = Counters.inMemory();

    @Test
    void countsUpAndDown() {
        counters.increment(Counter.CONNECTIONS_ACCEPTED);
        counters.add(Counter.CLIENT_BYTES_IN, 5_000_000_000L);
        counters.add(Counter.TUNNELS_ACTIVE, 2);
        counters.add(Counter.TUNNELS_ACTIVE, -1);
        counters.set(Counter.PARKED_BYTES, 77);

        assertEquals(1, counters.get(Counter.CONNECTIONS_ACCEPTED));
        assertEquals(5_000_000_000L, counters.get(Counter.CLIENT_BYTES_IN));
        assertEquals(1, counters.get(Counter.TUNNELS_ACTIVE));
        assertEquals(77, counters.get(Counter.PARKED_BYTES));
        assertEquals(0, counters.get(Counter.ORIGIN_BYTES_IN));
    }

    @Test
    void everyReasonAndOutcomeHasACellOfItsOwn() {
        for (CloseReason reason : CloseReason.values()) {
            for (int i = 0; i <= reason.ordinal(); i++) {
                counters.closed(reason);
            }
        }
        for (DialOutcome outcome : DialOutcome.values()) {
            for (int i = 0; i <= outcome.ordinal(); i++) {
                counters.dialed(outcome);
            }
        }
        for (CloseReason reason : CloseReason.values()) {
            assertEquals(reason.ordinal() + 1, counters.closedCount(reason), reason.label());
        }
        for (DialOutcome outcome : DialOutcome.values()) {
            assertEquals(outcome.ordinal() + 1, counters.dialedCount(outcome), outcome.label());
        }
    }

    @Test
    void countsARefusalOnlyWhereTheProxyAnswered() {
        counters.closed(CloseReason.NO_ROUTE);
        counters.closed(CloseReason.ORIGIN_REFUSED);
        counters.closed(CloseReason.ORIGIN_ANSWERED);
        counters.closed(CloseReason.CLIENT_CLOSED_FIRST);
        counters.closed(CloseReason.INTERNAL);

        assertEquals(2, counters.get(Counter.HANDSHAKES_REFUSED));
    }

    @Test
    void aMaximumOnlyRises() {
        counters.raise(Counter.LOOP_CYCLE_MAX_NS, 10);
        counters.raise(Counter.LOOP_CYCLE_MAX_NS, 30);
        counters.raise(Counter.LOOP_CYCLE_MAX_NS, 20);

        assertEquals(30, counters.get(Counter.LOOP_CYCLE_MAX_NS));
    }

    @Test
    void cyclesFallIntoBucketsThatDouble() {
        assertEquals(0, Cells.cycleBucket(0));
        assertEquals(0, Cells.cycleBucket(-1));
        assertEquals(0, Cells.cycleBucket(16_000));
        assertEquals(1, Cells.cycleBucket(16_001));
        for (int bucket = 1; bucket < Cells.CYCLE_BUCKETS - 1; bucket++) {
            long boundNs = 16_000L << bucket;
            assertEquals(bucket, Cells.cycleBucket(boundNs));
            assertEquals(bucket + 1, Cells.cycleBucket(boundNs + 1));
        }
        assertEquals(Cells.CYCLE_BUCKETS - 1, Cells.cycleBucket(Long.MAX_VALUE));
    }

    @Test
    void aSampledCycleIsCountedSummedAndRanked() {
        counters.cycleSampled(10_000);
        counters.cycleSampled(15_000);
        counters.cycleSampled(90_000_000);

        assertEquals(3, counters.get(Counter.LOOP_SAMPLES));
        assertEquals(90_025_000, counters.get(Counter.LOOP_BUSY_NS_SAMPLED));
        assertEquals(90_000_000, counters.get(Counter.LOOP_CYCLE_MAX_NS));
        assertEquals(2, counters.cyclesLike(1));
        assertEquals(1, counters.cyclesLike(17_000_000));
    }

    @Test
    void labelsAreUniqueWithinTheirSectionAndFitTheFile() {
        Set<String> seen = new HashSet<>();
        for (Cells.Cell cell : Cells.all()) {
            assertTrue(seen.add(cell.kind() + '/' + cell.label()), cell.label());
            assertTrue(cell.label().matches("[a-z0-9][a-z0-9.-]{0,63}"), cell.label());
            assertTrue(!cell.sentence().isBlank() && cell.sentence().indexOf('\t') < 0, cell.label());
        }
        assertEquals(Cells.COUNT, seen.size());
    }

    @Test
    void countingAllocatesNothing() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        countMuch(10_000);
        long before = threads.getCurrentThreadAllocatedBytes();
        countMuch(100_000);
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        // The measurement itself may allocate a little; a single byte for each count would be 500,000.
        assertTrue(allocated < 4096, allocated + " bytes");
    }

    private void countMuch(int times) {
        for (int i = 0; i < times; i++) {
            counters.increment(Counter.LOOP_CYCLES);
            counters.add(Counter.CLIENT_BYTES_IN, i);
            counters.closed(CloseReason.IDLE_TIMEOUT);
            counters.dialed(DialOutcome.CONNECTED);
            counters.cycleSampled(i);
        }
    }
}
