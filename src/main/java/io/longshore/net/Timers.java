package io.longshore.net;

import java.util.Arrays;

/**
 * A coarse timer wheel: one timer a slot, no object a timer.
 *
 * <p>Time is cut into ticks of 2^23 ns (8.4 ms); the wheel has 4,096 of them (34 s). A timer sits in the bucket of the
 * tick in which its deadline has passed, in a doubly linked list that runs through arrays indexed by slot: 16 bytes a
 * slot. A timer further away than one turn stays in its bucket and is looked at once a turn (three times for an idle
 * timeout of 100 s). A timer never fires early and at most one tick late, the delay of the loop aside.
 *
 * <p>Owners of long deadlines that move at every byte (idle) do not move their timer: they let it fire, look when the
 * last byte came, and set it again for the rest.
 */
public final class Timers {
    /** What to do when a timer runs out. It may set and clear timers, this one included. */
    @FunctionalInterface
    public interface Expiry {
        /** The timer of {@code slot} has run out and is cleared. */
        void expired(int slot);
    }

    private static final int TICK_SHIFT = 23;
    private static final int BUCKETS = 4096;
    private static final int MASK = BUCKETS - 1;
    private static final int NONE = -1;
    private static final int UNSET = -1;
    /** The list of what is due now, while {@link #expire} runs. */
    private static final int DUE = BUCKETS;

    private final int[] heads = new int[BUCKETS + 1];
    private final long[] occupied = new long[BUCKETS / 64];
    private int[] next = new int[64];
    private int[] previous = new int[64];
    private int[] bucketOf = new int[64];
    private long[] deadlines = new long[64];
    private final long originNs;
    private long doneTick;
    private int active;

    /** A wheel whose time starts at {@code nowNs}. */
    public Timers(long nowNs) {
        originNs = nowNs;
        Arrays.fill(heads, NONE);
        Arrays.fill(bucketOf, UNSET);
    }

    /** Sets the timer of a slot, replacing an earlier one. A deadline in the past fires at the next tick. */
    public void schedule(int slot, long deadlineNs) {
        if (slot >= bucketOf.length) {
            grow(slot);
        }
        unschedule(slot);
        deadlines[slot] = deadlineNs;
        long tick = Math.max(tickAfter(deadlineNs), doneTick + 1);
        link(slot, (int) tick & MASK);
        active++;
    }

    /** Clears the timer of a slot, if it is set. */
    public void unschedule(int slot) {
        if (slot < bucketOf.length && bucketOf[slot] != UNSET) {
            unlink(slot);
            active--;
        }
    }

    /** Whether the timer of this slot is set. */
    public boolean isScheduled(int slot) {
        return slot < bucketOf.length && bucketOf[slot] != UNSET;
    }

    /** How many timers are set. */
    public int active() {
        return active;
    }

    /**
     * How long nothing can be due, in nanoseconds: 0 if something may be due now, {@link Long#MAX_VALUE} without timers.
     * It may be shorter than the truth by whole turns of the wheel, never longer.
     */
    public long delayNs(long nowNs) {
        if (active == 0) {
            return Long.MAX_VALUE;
        }
        long tick = doneTick + 1;
        int bucket = (int) tick & MASK;
        int distance = nextOccupied(bucket);
        long dueNs = (tick + distance) << TICK_SHIFT;
        return Math.max(0, dueNs - (nowNs - originNs));
    }

    /**
     * Fires every timer that is due.
     *
     * @return how many fired
     */
    public int expire(long nowNs, Expiry expiry) {
        long nowTick = (nowNs - originNs) >> TICK_SHIFT;
        if (nowTick <= doneTick) {
            return 0;
        }
        // After a long sleep one turn covers every bucket; no bucket is looked at twice.
        long first = Math.max(doneTick + 1, nowTick - MASK);
        doneTick = nowTick;
        if (active == 0) {
            return 0;
        }
        for (long tick = first; tick <= nowTick; tick++) {
            int bucket = (int) tick & MASK;
            if ((occupied[bucket >> 6] & 1L << bucket) == 0) {
                continue;
            }
            int slot = heads[bucket];
            while (slot != NONE) {
                int following = next[slot];
                if (deadlines[slot] - nowNs <= 0) {
                    unlink(slot);
                    link(slot, DUE);
                }
                slot = following;
            }
        }
        // The due ones stand in a list of their own, so that a callback may clear or set any timer, due ones too.
        int fired = 0;
        while (heads[DUE] != NONE) {
            int slot = heads[DUE];
            unlink(slot);
            active--;
            fired++;
            expiry.expired(slot);
        }
        return fired;
    }

    /** The first tick whose whole span lies at or after the deadline. */
    private long tickAfter(long deadlineNs) {
        return (deadlineNs - originNs + (1L << TICK_SHIFT) - 1) >> TICK_SHIFT;
    }

    private void link(int slot, int bucket) {
        int head = heads[bucket];
        next[slot] = head;
        previous[slot] = NONE;
        if (head != NONE) {
            previous[head] = slot;
        }
        heads[bucket] = slot;
        bucketOf[slot] = bucket;
        if (bucket != DUE) {
            occupied[bucket >> 6] |= 1L << bucket;
        }
    }

    private void unlink(int slot) {
        int bucket = bucketOf[slot];
        int before = previous[slot];
        int after = next[slot];
        if (before == NONE) {
            heads[bucket] = after;
            if (after == NONE && bucket != DUE) {
                occupied[bucket >> 6] &= ~(1L << bucket);
            }
        } else {
            next[before] = after;
        }
        if (after != NONE) {
            previous[after] = before;
        }
        bucketOf[slot] = UNSET;
    }

    /** How many buckets on from this one the next occupied one stands; there is one, as long as a timer is set. */
    private int nextOccupied(int bucket) {
        int word = bucket >> 6;
        long bits = occupied[word] & -1L << bucket;
        int distance = -(bucket & 63);
        for (int i = 0; i <= occupied.length; i++) {
            if (bits != 0) {
                return distance + Long.numberOfTrailingZeros(bits);
            }
            distance += 64;
            word = word + 1 & occupied.length - 1;
            bits = occupied[word];
        }
        return 0;
    }

    private void grow(int slot) {
        int from = bucketOf.length;
        int to = Math.max(from + (from >> 1), slot + 1);
        next = Arrays.copyOf(next, to);
        previous = Arrays.copyOf(previous, to);
        deadlines = Arrays.copyOf(deadlines, to);
        bucketOf = Arrays.copyOf(bucketOf, to);
        Arrays.fill(bucketOf, from, to, UNSET);
    }
}
