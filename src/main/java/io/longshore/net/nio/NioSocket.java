package io.longshore.net.nio;

import io.longshore.net.Pages;
import io.longshore.net.socket.FlowPipe;
import io.longshore.net.socket.FlowStreak;
import io.longshore.net.socket.Parking;
import io.longshore.sys.Kernel;
import io.longshore.sys.Sockets;

/** What the java.nio engine knows of one connection. */
final class NioSocket {
    final long handle;
    final int fd;
    /** The cycle in which this connection was made: an event of that cycle is of an earlier user of the descriptor. */
    final int bornInCycle;
    /** The kernel has said that there is something to read, and no read has shown yet that there is nothing left. */
    boolean isReadable;
    /** The kernel has said that the stream ends, or is broken: only a read that finds the end empties it. */
    boolean isEnding;
    /** It waits for its turn to be read again in the next cycle. */
    boolean isReadQueued;

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

    /** Where the bytes of this one may flow without the owner; null: nowhere. {@link NioSplicer} keeps both ends equal. */
    NioSocket flowTo;
    /** Whose bytes may flow to here. */
    NioSocket flowFrom;
    /** A {@link FlowStreak}: whether bytes are moved to {@link #flowTo} and not lent. */
    int streak = FlowStreak.CALM;
    /** Holds what was moved to here and has not left; null if that is nothing. */
    FlowPipe pipe;

    int parkedBytes;
    /** The parked bytes themselves. */
    private long parking;

    NioSocket(long handle, int fd, int bornInCycle) {
        this.handle = handle;
        this.fd = fd;
        this.bornInCycle = bornInCycle;
    }

    /** Whether a read is due: the owner wants one and the kernel has something. */
    boolean isReadDue() {
        return isReadable && isReceiving && !hasEnded && !isBroken && !isConnecting && !isBlocked();
    }

    /** Whether bytes wait for the kernel's room. */
    boolean hasUnsent() {
        return parkedBytes > 0 || pipe != null;
    }

    /**
     * Whether nothing may be received now because of what waits at the other end of the flow. An empty pipe is what tells a
     * source that has nothing from a pipe that has no room: splice(2) answers both with EAGAIN.
     */
    boolean isBlocked() {
        return flowTo != null && (flowTo.pipe != null || FlowStreak.isMoving(streak) && flowTo.parkedBytes > 0);
    }

    /** Copies bytes to the end of the parked ones. */
    void park(Pages pages, long address, int length) {
        parking = Parking.append(pages, parking, address, length);
        parkedBytes += length;
    }

    /**
     * Sends what is parked until nothing is left or the kernel takes no more.
     *
     * @return how many bytes it took, or a negated errno if sending failed (what it took before that is not told)
     */
    int flush(Pages pages, Sockets sockets) {
        int total = 0;
        while (parkedBytes > 0) {
            long page = Parking.firstPage(parking);
            int length = Parking.lengthOf(page);
            int taken = sockets.send(fd, Parking.bytesOf(page), length);
            if (taken < 0) {
                return taken == -Kernel.EAGAIN || taken == -Kernel.EINTR ? total : taken;
            }
            total += taken;
            parkedBytes -= taken;
            parking = Parking.remove(pages, parking, taken);
            if (taken < length) {
                return total;
            }
        }
        return total;
    }

    /** Throws the parked bytes away. */
    void discard(Pages pages) {
        parking = Parking.discard(pages, parking);
        parkedBytes = 0;
    }
}
