package io.longshore.net.nio;

import io.longshore.sys.Sockets;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.agrona.UnsafeApi;

/**
 * A hand-rolled selector: one epoll set, level-triggered, and an eventfd in it that wakes whoever waits; epoll(7).
 *
 * <p>The kernel takes a descriptor out of the set when it is closed, so closing costs no call here. It reports hang-ups and
 * errors of every descriptor in the set, also of one that is watched for nothing; so that one is taken out.
 */
final class Readiness implements AutoCloseable {
    static final int IN = 0x001;
    static final int OUT = 0x004;
    private static final int ERR_OR_HUP = 0x008 | 0x010;

    private static final int CTL_ADD = 1;
    private static final int CTL_DEL = 2;
    private static final int CTL_MOD = 3;

    /** Events fetched at once: past that the rest comes with the next call, in turn. */
    private static final int EVENTS_MAX = 1024;
    /** struct epoll_event is packed on x86-64 and padded elsewhere: 32 bits of events, 64 bits of data. */
    private static final boolean IS_PACKED = System.getProperty("os.arch").equals("amd64");

    private static final int EVENT_BYTES = IS_PACKED ? 12 : 16;
    private static final int DATA = IS_PACKED ? 4 : 8;

    private static final int CLOSED = Integer.MIN_VALUE / 2;

    private final Sockets sockets;
    private final int epollFd;
    private final int wakeFd;
    private final long events = UnsafeApi.allocateMemory((long) EVENTS_MAX * EVENT_BYTES);
    /** How many threads are about to wake; negative, by {@link #CLOSED}, when nobody may any more. */
    private final AtomicInteger wakers = new AtomicInteger();

    Readiness(Sockets sockets) throws IOException {
        this.sockets = sockets;
        epollFd = JdkCalls.epollCreate();
        wakeFd = JdkCalls.eventFd();
        watch(wakeFd, 0, IN);
    }

    /**
     * Changes what a descriptor is watched for.
     *
     * @param from what it is watched for now, 0 if it is not in the set
     * @param to {@link #IN}, {@link #OUT}, both, or 0
     * @return 0 or an errno
     */
    int watch(int fd, int from, int to) {
        return JdkCalls.epollCtl(epollFd, from == 0 ? CTL_ADD : to == 0 ? CTL_DEL : CTL_MOD, fd, to);
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
        if (fd != wakeFd) {
            return fd;
        }
        try {
            JdkCalls.drain(wakeFd);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return -1;
    }

    /** What happened: of {@link #IN} and {@link #OUT}; an error or a hang-up is both, and the call that follows tells. */
    int events(int index) {
        int ready = UnsafeApi.getInt(events + (long) index * EVENT_BYTES);
        return (ready & ERR_OR_HUP) != 0 ? IN | OUT : ready;
    }

    /** Ends a wait; from any thread, also after the end, when the descriptor's number may be somebody else's. */
    void wake() {
        try {
            if (wakers.getAndIncrement() >= 0) {
                JdkCalls.setEventFd(wakeFd);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            wakers.decrementAndGet();
        }
    }

    @Override
    public void close() {
        if (wakers.get() < 0) {
            return;
        }
        wakers.addAndGet(CLOSED);
        while (wakers.get() > CLOSED) {
            // Who wakes us at this moment is about to write to the descriptor.
            Thread.onSpinWait();
        }
        sockets.close(wakeFd);
        sockets.close(epollFd);
        UnsafeApi.freeMemory(events);
    }
}
