package io.longshore.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PortRowTest {
    private final PortRow row = PortRow.inMemory();

    @Test
    void givesOutAsManyTuplesAsThereAre() {
        row.setCapacity(3);
        for (int i = 0; i < 3; i++) {
            assertTrue(row.take());
        }
        assertFalse(row.take());
        assertEquals(3, row.taken());
        row.free();
        assertTrue(row.take());
        assertFalse(row.take());
    }

    @Test
    void countsAHeldTupleAsTakenUntilItIsFreed() {
        row.setCapacity(1);
        assertTrue(row.take());
        row.hold();
        assertEquals(1, row.held());
        assertEquals(1, row.taken());
        assertFalse(row.take());
        row.unhold();
        row.free();
        assertEquals(0, row.held());
        assertTrue(row.take());
    }

    @Test
    void leavesToOthersWhatTheyHave() {
        row.setCapacity(10);
        row.setForeign(4);
        int taken = 0;
        while (row.take()) {
            taken++;
        }
        assertEquals(6, taken);
        row.setForeign(8);
        assertFalse(row.take());
        row.setForeign(3);
        assertTrue(row.take());
    }

    @Test
    void isFullOnceTheKernelSaysSoUntilItMayBeAskedAgain() {
        row.setCapacity(100);
        for (int i = 0; i < 60; i++) {
            assertTrue(row.take());
        }
        row.block(1);
        row.free();
        assertEquals(41, row.blocked());
        assertEquals(1, row.blocksEarly(), "59 of 100 are less than 70 %");
        assertFalse(row.take());
        row.free();
        assertTrue(row.take(), "one that came free is free for the kernel too");
        assertFalse(row.take());
        row.unblock();
        assertTrue(row.take());
        for (int i = 0; i < 12; i++) {
            assertTrue(row.take());
        }
        row.block(1);
        assertEquals(1, row.blocksEarly(), "71 of 100 are not early");
    }

    @Test
    void neverGivesOutMoreToManyThreadsAndEndsAtZero() throws InterruptedException, ExecutionException {
        int capacity = 7;
        row.setCapacity(capacity);
        AtomicInteger out = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        inParallel(4, number -> {
            SplittableRandom random = new SplittableRandom(number);
            int mine = 0;
            int held = 0;
            for (int i = 0; i < 50_000; i++) {
                if (random.nextInt(5) < 3 && row.take()) {
                    most.accumulateAndGet(out.incrementAndGet(), Math::max);
                    mine++;
                } else if (mine > 0 && random.nextBoolean()) {
                    row.hold();
                    mine--;
                    held++;
                } else if (held > 0) {
                    out.decrementAndGet();
                    row.unhold();
                    row.free();
                    held--;
                }
            }
            while (held-- > 0) {
                out.decrementAndGet();
                row.unhold();
                row.free();
            }
            while (mine-- > 0) {
                out.decrementAndGet();
                row.free();
            }
        });
        assertTrue(most.get() <= capacity, "at once: " + most);
        assertEquals(0, row.taken());
        assertEquals(0, row.held());
    }

    @Test
    void losesNoTupleToTheOneWhoFailsBesideIt() throws InterruptedException, ExecutionException {
        // One of two is always free: each thread has one at most, so no take may fail.
        row.setCapacity(2);
        inParallel(2, number -> {
            for (int i = 0; i < 100_000; i++) {
                assertTrue(row.take(), "a tuple was free");
                row.free();
            }
        });
    }

    @Test
    void knowsTheConnectTimesToAQuarterOfTheirPowerOfTwo() {
        assertEquals(0, row.connectTimeNs(0.5));
        for (int i = 0; i < 98; i++) {
            row.dialed(12_000);
        }
        row.dialed(500_000);
        row.dialed(500_000);
        assertEquals(100, row.dials());
        assertNear(12_000, row.connectTimeNs(0.5));
        assertNear(500_000, row.connectTimeNs(0.99));
        row.dialed(0);
        row.dialed(Long.MAX_VALUE);
        assertEquals(1024, row.connectTimeNs(0.001));
        assertTrue(row.connectTimeNs(1) > 40_000_000);
    }

    @Test
    void saysWhoseItIs() {
        row.describe(3, 1, 2, 4, 5, 443);
        assertEquals(
                List.of(1L, 2L, 4L, 5L),
                List.of(row.sourceHigh(), row.sourceLow(), row.endpointHigh(), row.endpointLow()));
        assertEquals(443, row.endpointPort());
        assertEquals(3, row.origin());
    }

    private static void assertNear(long expected, long is) {
        assertTrue(is >= expected && is <= expected * 5 / 4, is + " is not just above " + expected);
    }

    /** What one thread does. */
    private interface Part {
        void run(int number) throws Exception;
    }

    private static void inParallel(int threads, Part part) throws InterruptedException, ExecutionException {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        CyclicBarrier start = new CyclicBarrier(threads);
        List<Future<?>> parts = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            int number = i;
            parts.add(pool.submit(() -> {
                start.await();
                part.run(number);
                return null;
            }));
        }
        pool.shutdown();
        for (Future<?> each : parts) {
            each.get();
        }
    }
}
