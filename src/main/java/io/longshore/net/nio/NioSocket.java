package io.longshore.net.nio;

import io.longshore.net.Pages;
import io.longshore.sys.Kernel;
import io.longshore.sys.Sockets;
import org.agrona.UnsafeApi;

/**
 * What the java.nio engine knows of one connection.
 *
 * <p>Parked bytes stand in a chain of pages, oldest first. Each page opens with its own header:
 *
 * <pre>
 *   0: address of the next page, 0 if none    8: first unsent byte    12: end of the bytes    16: bytes ...
 * </pre>
 */
final class NioSocket {
    private static final int PAGE_BYTES = 16 << 10;
    private static final int NEXT = 0;
    private static final int FROM = 8;
    private static final int TO = 12;
    private static final int BYTES = 16;

    final long handle;
    final int fd;
    /** What the kernel watches this connection for, as it was last told. */
    int watched;
    /** That is no longer what {@link #interest} says, and the kernel is told before the next wait. */
    boolean isWatchQueued;
    /** Closed, and the descriptor with it. */
    boolean isClosed;

    /** We have connected, so that the tuple is one of ours. */
    boolean isDialled;
    /** Our FIN went out before the peer's had arrived. */
    boolean hasEndedFirst;

    boolean isConnecting;
    boolean isReceiving;
    /** The end of the stream was read; there is nothing to receive any more. */
    boolean hasEnded;
    /** The owner asked for a FIN behind the last byte. */
    boolean isFinishing;
    /** Nothing is reported any more, the owner has been told that the connection is broken, or is about to be. */
    boolean isBroken;
    /** Why sending failed, a positive errno; what had arrived before is still read, then it is reported. */
    int sendError;
    /** A SENT fact for this socket waits to be delivered. */
    boolean isReportQueued;
    /** Bytes the kernel took that the owner was not told of. */
    int unreported;

    int parkedBytes;
    private long firstPage;
    private long lastPage;

    NioSocket(long handle, int fd) {
        this.handle = handle;
        this.fd = fd;
    }

    /** What the kernel is to watch this connection for: {@link Readiness#IN}, {@link Readiness#OUT}, both or none. */
    int interest() {
        if (isBroken) {
            return 0;
        }
        int reading = isReceiving && !hasEnded ? Readiness.IN : 0;
        return isConnecting || parkedBytes > 0 ? reading | Readiness.OUT : reading;
    }

    /** Copies bytes to the end of the chain. */
    void park(Pages pages, long address, int length) {
        long source = address;
        int left = length;
        while (left > 0) {
            if (lastPage == 0 || UnsafeApi.getInt(lastPage + TO) == PAGE_BYTES) {
                addPage(pages);
            }
            int to = UnsafeApi.getInt(lastPage + TO);
            int copied = Math.min(left, PAGE_BYTES - to);
            UnsafeApi.copyMemory(source, lastPage + to, copied);
            UnsafeApi.putInt(lastPage + TO, to + copied);
            source += copied;
            left -= copied;
        }
        parkedBytes += length;
    }

    /**
     * Sends from the chain until it is empty or the kernel takes no more.
     *
     * @return how many bytes it took, or a negated errno if sending failed (what it took before that is not told)
     */
    int flush(Pages pages, Sockets sockets) {
        int total = 0;
        while (parkedBytes > 0) {
            int from = UnsafeApi.getInt(firstPage + FROM);
            int length = UnsafeApi.getInt(firstPage + TO) - from;
            int taken = sockets.send(fd, firstPage + from, length);
            if (taken < 0) {
                return taken == -Kernel.EAGAIN || taken == -Kernel.EINTR ? total : taken;
            }
            total += taken;
            parkedBytes -= taken;
            if (taken < length) {
                UnsafeApi.putInt(firstPage + FROM, from + taken);
                return total;
            }
            dropFirstPage(pages);
        }
        return total;
    }

    /** Throws the parked bytes away. */
    void discard(Pages pages) {
        while (firstPage != 0) {
            dropFirstPage(pages);
        }
        parkedBytes = 0;
    }

    private void addPage(Pages pages) {
        long page = pages.take(PAGE_BYTES);
        UnsafeApi.putLong(page + NEXT, 0);
        UnsafeApi.putInt(page + FROM, BYTES);
        UnsafeApi.putInt(page + TO, BYTES);
        if (lastPage == 0) {
            firstPage = page;
        } else {
            UnsafeApi.putLong(lastPage + NEXT, page);
        }
        lastPage = page;
    }

    private void dropFirstPage(Pages pages) {
        long next = UnsafeApi.getLong(firstPage + NEXT);
        pages.give(firstPage, PAGE_BYTES);
        firstPage = next;
        if (next == 0) {
            lastPage = 0;
        }
    }
}
