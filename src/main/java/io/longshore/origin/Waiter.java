package io.longshore.origin;

import java.util.BitSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;

/**
 * A session that waits for a tuple. Whoever frees one hands its lease over; the session may leave at any time. Both are
 * settled by one compare-and-set, so a lease goes either to the session or to the next waiter, never to nobody.
 */
public final class Waiter {
    private enum State {
        WAITING,
        GRANTED,
        GONE
    }

    private final AtomicReference<State> state = new AtomicReference<>(State.WAITING);
    private final Predicate<Lease> onGranted;
    /** Places of endpoints that have failed this session: a tuple towards them is of no use to it. Set before it waits. */
    private BitSet unwanted = new BitSet();

    /**
     * @param onGranted takes a lease over, called by whichever thread freed the tuple: it passes the lease on to the
     *     session's own loop; false if it cannot, and then the lease goes to somebody else
     */
    public Waiter(Predicate<Lease> onGranted) {
        this.onGranted = onGranted;
    }

    void refuse(BitSet endpoints) {
        unwanted = endpoints;
    }

    boolean accepts(int endpoint) {
        return !unwanted.get(endpoint);
    }

    /**
     * The session does not wait any more; false if a lease is on its way to it. It then arrives, or, where the loop's mailbox
     * was full, this waits on and may be asked to leave again.
     */
    boolean leave() {
        return state.compareAndSet(State.WAITING, State.GONE);
    }

    /** Hands a lease over; false if the session has left, or cannot be told. */
    boolean grant(Lease lease) {
        if (!state.compareAndSet(State.WAITING, State.GRANTED)) {
            return false;
        }
        if (onGranted.test(lease)) {
            return true;
        }
        state.set(State.WAITING);
        return false;
    }
}
