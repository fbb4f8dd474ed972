package io.longshore.net.nio;

import io.longshore.net.Pages;
import io.longshore.net.socket.Facts;
import io.longshore.net.socket.Tuples;
import io.longshore.sys.Kernel;
import io.longshore.sys.Memory;
import io.longshore.sys.Sockets;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;

/**
 * The sending half of the java.nio engine: write at once, park what the kernel refuses, write that when the selector says
 * so, and tell the owner of it at the end of the cycle.
 */
final class NioWriter {
    private final Sockets sockets;
    private final Tuples tuples;
    private final Pages pages;
    private final Facts facts;
    // A second view of the loop's scratch memory, moved for each write of lent bytes.
    private final ByteBuffer lent;
    private final long lentAddress;
    private long parkedBytes;

    NioWriter(Sockets sockets, Tuples tuples, Pages pages, Facts facts, ByteBuffer scratch) {
        this.sockets = sockets;
        this.tuples = tuples;
        this.pages = pages;
        this.facts = facts;
        lent = scratch.duplicate();
        lentAddress = Memory.addressOf(scratch);
    }

    void send(NioSocket socket, long address, int length) {
        int taken = 0;
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
            watch(socket);
        }
    }

    /** One write: how many bytes the kernel took, 0 if it has no room, or a negated errno. */
    private int write(NioSocket socket, long address, int length) {
        long offset = address - lentAddress;
        if (offset >= 0 && offset + length <= lent.capacity()) {
            lent.limit((int) offset + length).position((int) offset);
            try {
                return socket.channel.write(lent);
            } catch (IOException e) {
                return -NioErrors.of(e);
            }
        }
        int taken = sockets.send(socket.fd, address, length);
        return taken == -Kernel.EAGAIN || taken == -Kernel.EINTR ? 0 : taken;
    }

    /** Sends what is parked, as far as the kernel takes it. */
    void flush(NioSocket socket) {
        int before = socket.parkedBytes;
        int result = socket.flush(pages, sockets);
        int taken = before - socket.parkedBytes;
        parkedBytes -= taken;
        report(socket, taken);
        if (result < 0) {
            sendFailed(socket, -result);
        } else if (socket.parkedBytes == 0) {
            if (socket.isFinishing) {
                sendFin(socket);
            }
            watch(socket);
        }
    }

    /** Sends the FIN, now or when the last parked byte has left. */
    void finish(NioSocket socket) {
        socket.isFinishing = true;
        if (socket.parkedBytes == 0 && socket.sendError == 0) {
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
     * socket that is being received from is read to its end first; then, or else at once, the owner is told.
     */
    private void sendFailed(NioSocket socket, int errno) {
        socket.sendError = errno;
        discard(socket);
        if (!socket.isReceiving || socket.hasEnded) {
            socket.isBroken = true;
            facts.add(socket.handle, Facts.BROKEN, -errno);
        }
        watch(socket);
    }

    /** Throws away what is parked for this socket. */
    void discard(NioSocket socket) {
        parkedBytes -= socket.parkedBytes;
        socket.discard(pages);
    }

    /** Has the selector watch for what the socket waits for now. */
    static void watch(NioSocket socket) {
        SelectionKey key = socket.key;
        if (key != null && key.isValid()) {
            int interest = socket.interest();
            if (key.interestOps() != interest) {
                key.interestOps(interest);
            }
        }
    }

    long parkedBytes() {
        return parkedBytes;
    }
}
