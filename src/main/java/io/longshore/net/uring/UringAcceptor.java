package io.longshore.net.uring;

import static io.longshore.net.uring.UringSocket.ARMED;
import static io.longshore.net.uring.UringSocket.CANCELLED;
import static io.longshore.net.uring.UringSocket.LISTENER;
import static io.longshore.net.uring.UringSocket.RECEIVING;

import io.longshore.net.Address;
import io.longshore.net.Completions;
import io.longshore.net.socket.Dialer;
import io.longshore.sys.SockAddr;
import io.longshore.sys.Sockets;
import org.agrona.collections.LongArrayQueue;

/** The listeners of the io_uring engine: each has one accept in the kernel, which completes once for every connection. */
final class UringAcceptor {
    private final UringTable table;
    private final Ring ring;
    private final Sockets sockets;
    private final UringReceiver receiver;
    private final SockAddr sockAddr = new SockAddr();
    /** Connections that came while their listener was told to pause: the tag and the descriptor of each. */
    private final LongArrayQueue early = new LongArrayQueue(Long.MIN_VALUE);

    private Completions completions;
    private int delivered;

    UringAcceptor(UringTable table, Ring ring, Sockets sockets, UringReceiver receiver) {
        this.table = table;
        this.ring = ring;
        this.sockets = sockets;
        this.receiver = receiver;
    }

    /** Begins a cycle, whose completions go there. */
    void begin(Completions completions) {
        this.completions = completions;
        delivered = 0;
    }

    /** How many completions this cycle has delivered. */
    int delivered() {
        return delivered;
    }

    /** Takes a listening descriptor; returns the listener's handle. */
    long listen(int fd) {
        long listener = table.open(fd, LISTENER | RECEIVING);
        arm(listener);
        return UringSocket.handle(listener);
    }

    /** Pauses or resumes. */
    void accepting(long listener, boolean on) {
        if (on) {
            UringSocket.set(listener, RECEIVING);
            giveUpEarly();
            arm(listener);
        } else {
            UringSocket.clear(listener, RECEIVING);
            cancel(listener);
        }
    }

    /** Has early connections come again; those of a listener that still pauses are early once more. */
    void giveUpEarly() {
        for (int left = early.size(); left > 0; left -= 2) {
            ring.putBack(early.pollLong(), (int) early.pollLong());
        }
    }

    private void arm(long listener) {
        if (UringSocket.is(listener, RECEIVING) && !UringSocket.is(listener, ARMED)) {
            UringSocket.set(listener, ARMED);
            receiver.underWay(1);
            ring.accept(UringSocket.fd(listener), Tag.of(UringSocket.handle(listener), Tag.ACCEPT));
        }
    }

    /** A listener is closed; the connections that came too early for it come again, and find nobody. */
    void leave(long listener) {
        cancel(listener);
        giveUpEarly();
    }

    /** Has the accept end, if there is one. */
    private void cancel(long listener) {
        if (UringSocket.is(listener, ARMED) && !UringSocket.is(listener, CANCELLED)) {
            UringSocket.set(listener, CANCELLED);
            ring.cancel(Tag.of(UringSocket.handle(listener), Tag.ACCEPT));
        }
    }

    /**
     * An accept has completed.
     *
     * @param listener 0 if it is closed by now
     * @param result a descriptor, or a negated errno
     */
    void completed(long listener, int result, boolean isLast) {
        if (listener == 0) {
            if (result >= 0) {
                // It came while the listener closed, as those in its queue did, and shares their fate.
                sockets.resetOnClose(result);
                sockets.close(result);
            }
            return;
        }
        long handle = UringSocket.handle(listener);
        if (isLast) {
            UringSocket.clear(listener, ARMED | CANCELLED);
        }
        if (result >= 0 && !UringSocket.is(listener, RECEIVING)) {
            early.addLong(Tag.of(handle, Tag.ACCEPT));
            early.addLong(result);
        } else if (result >= 0) {
            accepted(handle, result);
        } else if (Dialer.isShortage(-result)) {
            // The connection stays in the queue, and every accept would tell of it again: stop.
            UringSocket.clear(listener, RECEIVING);
            delivered++;
            completions.acceptPaused(handle, result);
        }
        // ECONNABORTED and the network errors that accept(2) passes on concern one connection only.
        if (UringSocket.handle(listener) == handle) {
            arm(listener);
        }
    }

    private void accepted(long listener, int fd) {
        if (sockets.peerAddress(fd, sockAddr) < 0) {
            // A kernel that knows no peer of a connection that it has just accepted: nothing can be said of this one.
            sockets.close(fd);
            return;
        }
        Address peer = new Address(sockAddr.high(), sockAddr.low(), sockAddr.port());
        long socket = table.open(fd, 0);
        delivered++;
        completions.accepted(listener, UringSocket.handle(socket), peer);
    }
}
