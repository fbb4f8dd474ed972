package io.longshore.net.uring;

import io.longshore.sys.EventFd;
import io.longshore.sys.Kernel;
import java.io.IOException;

/** How another thread wakes a loop that waits in the kernel: an eventfd(2), and a poll of it that stays in the ring. */
final class UringWaker implements AutoCloseable {
    private static final long TAG = Tag.of(0, Tag.WAKE);

    private final Ring ring;
    private final EventFd event;
    private boolean isWatched;
    private boolean isLeaving;

    /** One for this ring, which is closed if there is no descriptor for it. */
    UringWaker(Ring ring) throws IOException {
        this.ring = ring;
        try {
            event = EventFd.open();
        } catch (IOException e) {
            ring.close();
            throw e;
        }
        watch();
    }

    private void watch() {
        isWatched = true;
        ring.pollForEver(event.fd(), TAG, Kernel.POLLIN);
    }

    /** Wakes; any thread may. */
    void set() {
        event.set();
    }

    /**
     * Somebody has woken the loop.
     *
     * @param isLast whether the poll is over: the completion ring was full. A new one completes at once, as the eventfd is
     *     never emptied, so nobody is missed
     */
    void completed(boolean isLast) {
        isWatched = !isLast;
        if (isLast && !isLeaving) {
            watch();
        }
    }

    /** Whether its poll is still in the kernel. */
    boolean isWatched() {
        return isWatched;
    }

    /** Has the poll end. */
    void leave() {
        isLeaving = true;
        ring.cancel(TAG);
    }

    @Override
    public void close() {
        event.close();
    }
}
