package io.longshore.origin;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The sessions of one origin that wait for a tuple, first come first served across all loops. Bounded: the next one past
 * the bound is refused. One that leaves frees its place at once; its entry is passed over when its turn comes.
 */
final class WaitQueue {
    private final int waitersMax;
    private final AtomicInteger waiting = new AtomicInteger();
    private final ConcurrentLinkedQueue<Waiter> waiters = new ConcurrentLinkedQueue<>();

    WaitQueue(int waitersMax) {
        this.waitersMax = waitersMax;
    }

    /** Whether somebody waits; a newcomer then does not go ahead of him. */
    boolean isOccupied() {
        return waiting.get() > 0;
    }

    /** Takes a place at the end; false if there is none. */
    boolean enter(Waiter waiter) {
        if (waiting.incrementAndGet() > waitersMax) {
            waiting.decrementAndGet();
            return false;
        }
        waiters.add(waiter);
        return true;
    }

    /** The waiter has left by himself. */
    void left(Waiter waiter) {
        waiting.decrementAndGet();
        waiters.remove(waiter);
    }

    /** Hands the lease to who has waited longest; false if nobody waits. */
    boolean handOver(Lease lease) {
        Waiter oldest;
        while ((oldest = waiters.poll()) != null) {
            if (oldest.grant(lease)) {
                waiting.decrementAndGet();
                return true;
            }
        }
        return false;
    }
}
