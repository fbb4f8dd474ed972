package io.longshore.net;

import io.longshore.micro.Bound;
import io.longshore.micro.MicroBenchmark;
import org.openjdk.jmh.annotations.Benchmark;

/**
 * What does the timer wheel cost a loop with 10,000 tunnels: per timer set, cleared or moved, and per cycle?
 *
 * <p>Bound: setting is a dozen stores into arrays of 40 KB (the second cache level: 4 ns where it misses), 12 ns;
 * clearing half of that; moving is both. A tick passes every 8.4 ms at most: 10,000 idle timeouts of 100 s are 0.84
 * that fire and are set anew, and 1.7 that are looked at on the way, some 10 ns each, plus the search for the next
 * occupied bucket. That search is at its longest with one timer at the far end of the wheel: 64 words, 64 ns, in every
 * cycle.
 */
public class TimersBenchmark extends MicroBenchmark {
    private static final int SLOTS = 10_000;
    private static final long TICK_NS = 1L << 23;
    private static final long IDLE_NS = 100_000_000_000L;
    /** Odd, and far from every power of two: the slots are visited in an order that no prefetcher knows. */
    private static final int STRIDE = 7_919;

    private final Timers busy = new Timers(0);
    private final Timers sparse = new Timers(0);
    private final Timers.Expiry setAnew = this::setAnew;
    private long nowNs;
    private int slot;

    /** Idle timeouts that began at an even pace. */
    public TimersBenchmark() {
        for (int i = 0; i < SLOTS; i++) {
            busy.schedule(i, IDLE_NS / SLOTS * (i + 1));
        }
        sparse.schedule(0, 4_000 * TICK_NS);
    }

    private void setAnew(int expired) {
        busy.schedule(expired, nowNs + IDLE_NS);
    }

    private int nextSlot() {
        slot += STRIDE;
        if (slot >= SLOTS) {
            slot -= SLOTS;
        }
        return slot;
    }

    /** Among 10,000 others: a timer that was not set is set and cleared. */
    @Benchmark
    @Bound(20)
    public int scheduleAndClear() {
        int fresh = SLOTS + nextSlot();
        busy.schedule(fresh, nowNs + IDLE_NS / 10);
        busy.unschedule(fresh);
        return busy.active();
    }

    /** Among 10,000 others: a timer that is set gets another deadline. */
    @Benchmark
    @Bound(20)
    public int move() {
        int moved = nextSlot();
        busy.schedule(moved, nowNs + IDLE_NS / SLOTS * moved);
        return busy.active();
    }

    /** A cycle that is one tick after the last: what is due fires and is set anew. */
    @Benchmark
    @Bound(40)
    public long advanceOneTick() {
        nowNs += TICK_NS;
        busy.expire(nowNs, setAnew);
        return busy.delayNs(nowNs);
    }

    /** A cycle in which no time has passed, with a single timer that is far away. */
    @Benchmark
    @Bound(64)
    public long lookForOneFarTimer() {
        return sparse.delayNs(0);
    }
}
