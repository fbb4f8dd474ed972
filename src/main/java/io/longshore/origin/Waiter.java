package io.longshore.origin;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

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
    private final Consumer<Lease> onGranted;

    /**
     * @param onGranted takes the lease over, called at most once, by whichever thread freed the tuple: it passes the lease
     *     to the session's own loop
     */
    public Waiter(Consumer<Lease> onGranted) {
        this.onGranted = onGranted;
    }

    /** The session does not wait any more; false if a lease is on its way to it already, and will arrive. */
    public boolean leave() {
        return state.compareAndSet(State.WAITING, State.GONE);
    }

    boolean isWaiting() {
        return state.get() == State.WAITING;
    }

    /** Hands a lease over; false if the session has left. */
    boolean grant(Lease lease) {
        if (!state.compareAndSet(State.WAITING, State.GRANTED)) {
            return false;
        }
        onGranted.accept(lease);
        return true;
    }
}
