package io.longshore.origin;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The sessions of one origin that wait for a tuple, first come first served across all loops. Bounded: the next one past
 * the bound is refused. One that leaves frees its place at once.
 */
final class WaitQueue {
    private final int waitersMax;
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicLong entries = new AtomicLong();
    private final ConcurrentLinkedQueue<Waiter> waiters = new ConcurrentLinkedQueue<>();

    WaitQueue(int waitersMax) {
        this.waitersMax = waitersMax;
    }

    /** Whether somebody waits; a newcomer then does not go ahead of him. */
    boolean isOccupied() {
        return waiting.get() > 0;
    }

    /** How often somebody has entered; who sees this unchanged has seen everybody who waits. */
    long entries() {
        return entries.get();
    }

    /** Takes a place at the end; false if there is none. */
    boolean enter(Waiter waiter) {
        int before;
        do {
            before = waiting.get();
            if (before >= waitersMax) {
                return false;
            }
        } while (!waiting.compareAndSet(before, before + 1));
        waiters.add(waiter);
        entries.incrementAndGet();
        return true;
    }

    /** The waiter leaves by himself; false if a lease is on its way to him. */
    boolean leave(Waiter waiter) {
        if (!waiter.leave()) {
            return false;
        }
        waiters.remove(waiter);
        waiting.decrementAndGet();
        return true;
    }

    /** Hands the lease to who has waited longest of those whom it helps; false if there is none. */
    boolean handOver(Lease lease) {
        for (Waiter waiter : waiters) {
            if (waiter.accepts(lease.endpoint) && waiter.grant(lease)) {
                waiters.remove(waiter);
                waiting.decrementAndGet();
                return true;
            }
        }
        return false;
    }
}
