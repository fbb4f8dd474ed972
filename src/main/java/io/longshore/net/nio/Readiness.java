package io.longshore.net.nio;

import io.longshore.sys.EventFd;
import io.longshore.sys.Sockets;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.agrona.UnsafeApi;

/**
 * A hand-rolled selector: one epoll set, and an eventfd in it that wakes whoever waits; epoll(7).
 *
 * <p>Connections are edge-triggered: entered once, for everything, and never changed. The kernel tells of each arrival once
 * and does not look at the connection a second time in the next wait, as it does for a level-triggered one (150 ns a
 * message). The owner remembers what it was told and has not used. Listeners are level-triggered, because what they are
 * watched for is changed when the host is short of something. Closing a descriptor takes it out, so closing costs no call.
 */
final class Readiness implements AutoCloseable {
    static final int IN = 0x001;
    static final int OUT = 0x004;
    /**
     * The peer has ended, the connection is broken, or urgent data (EPOLLPRI) splits the reads: read on until nothing is left,
     * however short the reads.
     */
    static final int ENDS = 0x002 | 0x008 | 0x010 | 0x2000;

    private static final int EDGE_TRIGGERED = 1 << 31;

    private static final int CTL_ADD = 1;
    private static final int CTL_DEL = 2;

    /** Events fetched at once: past that the rest comes with the next call, in turn. */
    private static final int EVENTS_MAX = 1024;
    /** struct epoll_event is packed on x86-64 and padded elsewhere: 32 bits of events, 64 bits of data. */
    private static final boolean IS_PACKED = System.getProperty("os.arch").equals("amd64");

    private static final int EVENT_BYTES = IS_PACKED ? 12 : 16;
    private static final int DATA = IS_PACKED ? 4 : 8;

    private final Sockets sockets;
    private final int epollFd;
    private final EventFd waker = EventFd.open();
    private final long events = UnsafeApi.allocateMemory((long) EVENTS_MAX * EVENT_BYTES);
    private boolean isClosed;

    Readiness(Sockets sockets) throws IOException {
        this.sockets = sockets;
        epollFd = JdkCalls.epollCreate();
        accepting(waker.fd(), true);
    }

    /** Enters a connection, for good. A kernel that is out of memory for it says so here; 0 or an errno. */
    int enter(int fd) {
        return JdkCalls.epollCtl(epollFd, CTL_ADD, fd, IN | OUT | ENDS | EDGE_TRIGGERED);
    }

    /** Enters a listener, or takes it out for a while. */
    void accepting(int fd, boolean on) {
        JdkCalls.epollCtl(epollFd, on ? CTL_ADD : CTL_DEL, fd, IN);
    }

    /** Waits for events, and tells how many there are. */
    int await(int timeoutMs) {
        try {
            return Math.max(0, JdkCalls.epollWait(epollFd, events, EVENTS_MAX, timeoutMs));
        } catch (IOException e) {
            // epoll_wait(2) fails for a bad descriptor only: a fault of ours, not of a peer.
            throw new UncheckedIOException(e);
        }
    }

    /** Whose event this is; {@code -1} if it only was to wake. */
    int fd(int index) {
        int fd = UnsafeApi.getInt(events + (long) index * EVENT_BYTES + DATA);
        if (fd != waker.fd()) {
            return fd;
        }
        waker.drain();
        return -1;
    }

    /** What has happened: of {@link #IN}, {@link #OUT} and {@link #ENDS}. */
    int events(int index) {
        return UnsafeApi.getInt(events + (long) index * EVENT_BYTES);
    }

    /** Ends a wait; from any thread, also after the end. */
    void wake() {
        waker.set();
    }

    @Override
    public void close() {
        if (!isClosed) {
            isClosed = true;
            waker.close();
            sockets.close(epollFd);
            UnsafeApi.freeMemory(events);
        }
    }
}
