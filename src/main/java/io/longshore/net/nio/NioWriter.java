package io.longshore.net.nio;

import io.longshore.net.Pages;
import io.longshore.net.socket.Facts;
import io.longshore.net.socket.Tuples;
import io.longshore.sys.Sockets;
import java.io.IOException;

/**
 * The sending half of the java.nio engine: write at once, park what the kernel refuses, write that when the kernel has
 * so, and tell the owner of it at the end of the cycle.
 */
final class NioWriter {
    private final Sockets sockets;
    private final Tuples tuples;
    private final Pages pages;
    private final Facts facts;
    private final JdkCalls calls;
    private final NioSplicer splicer;
    private long parkedBytes;

    NioWriter(Sockets sockets, Tuples tuples, Pages pages, Facts facts, JdkCalls calls, NioSplicer splicer) {
        this.sockets = sockets;
        this.tuples = tuples;
        this.pages = pages;
        this.facts = facts;
        this.calls = calls;
        this.splicer = splicer;
    }

    void send(NioSocket socket, long address, int length) {
        int taken = 0;
        if (socket.pipe != null) {
            parkedBytes += splicer.takeBack(socket);
        }
        if (socket.parkedBytes == 0) {
            taken = write(socket, address, length);
            if (taken < 0) {
                sendFailed(socket, -taken);
                return;
            }
            report(socket, taken);
        }
        if (taken < length) {
            socket.park(pages, address + taken, length - taken);
            parkedBytes += length - taken;
        }
    }

    /** One write: how many bytes the kernel took, 0 if it has no room, or a negated errno. */
    private int write(NioSocket socket, long address, int length) {
        try {
            return Math.max(0, calls.send(socket.fd, address, length));
        } catch (IOException e) {
            return -NioErrors.of(e);
        }
    }

    /** Sends what is parked or in the pipe, as far as the kernel takes it. */
    void flush(NioSocket socket) {
        int before = socket.parkedBytes;
        int result = socket.flush(pages, sockets);
        int taken = before - socket.parkedBytes;
        parkedBytes -= taken;
        if (result >= 0 && socket.parkedBytes == 0 && socket.pipe != null) {
            result = splicer.drain(socket);
            taken += Math.max(result, 0);
        }
        report(socket, taken);
        if (result < 0) {
            sendFailed(socket, -result);
        } else if (!socket.hasUnsent()) {
            if (socket.isFinishing) {
                sendFin(socket);
            }
            queueRead(socket.flowFrom);
        }
    }

    /** Sends the FIN, now or when the last byte that waits has left. */
    void finish(NioSocket socket) {
        socket.isFinishing = true;
        if (!socket.hasUnsent() && socket.sendError == 0) {
            // ENOTCONN: a reset got here first, and reading will tell.
            sendFin(socket);
        }
    }

    private void sendFin(NioSocket socket) {
        socket.hasEndedFirst |= tuples.sendFin(socket.fd, socket.isDialled);
    }

    private void report(NioSocket socket, int taken) {
        if (taken > 0) {
            socket.unreported += taken;
            if (!socket.isReportQueued) {
                socket.isReportQueued = true;
                facts.add(socket.handle, Facts.SENT, 0);
            }
        }
    }

    /**
     * Sending failed: the peer has reset, or is gone. Linux still hands out what had arrived before the reset, so a
     * socket that is being received from is read to its end first; then, or else at once, the owner is told. At once, too,
     * where what waits at the other end of its flow keeps it from being read, which may be for ever.
     */
    private void sendFailed(NioSocket socket, int errno) {
        socket.sendError = errno;
        discard(socket);
        if (!socket.isReceiving || socket.hasEnded || socket.isBlocked()) {
            socket.isBroken = true;
            facts.add(socket.handle, Facts.BROKEN, -errno);
        } else {
            socket.isReadable = true;
            socket.isEnding = true;
            queueRead(socket);
        }
    }

    /** Has a read made at the end of the cycle, if there is a socket and one is due. */
    void queueRead(NioSocket socket) {
        if (socket != null && socket.isReadDue() && !socket.isReadQueued) {
            socket.isReadQueued = true;
            facts.add(socket.handle, Facts.READ, 0);
        }
    }

    /** Throws away what waits for this socket; who may flow to it need not rest for that any more. */
    void discard(NioSocket socket) {
        parkedBytes -= socket.parkedBytes;
        socket.discard(pages);
        splicer.discard(socket);
        queueRead(socket.flowFrom);
    }

    long parkedBytes() {
        return parkedBytes + splicer.pipedBytes();
    }
}
