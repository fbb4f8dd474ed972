package io.longshore.net.uring;

import static io.longshore.net.uring.UringSocket.FINISHING;

import io.longshore.net.Completions;
import io.longshore.net.Engine;
import io.longshore.net.Pages;
import io.longshore.net.socket.Facts;
import io.longshore.net.socket.Parking;
import io.longshore.net.socket.Tuples;
import io.longshore.sys.Kernel;
import io.longshore.sys.Sockets;
import org.agrona.collections.LongArrayQueue;

/**
 * The sending half of the io_uring engine. What the owner sends goes into the batch of this cycle, and is reckoned up when
 * the call that submits it is back: what the kernel took is told of, what it refused is parked, and sent when the kernel has
 * room. So nothing that was lent is needed past that call.
 */
final class UringSender {
    private static final int ROOM = Kernel.POLLOUT | Kernel.POLLERR | Kernel.POLLHUP;

    private final UringTable table;
    private final Ring ring;
    /** Handles of connections that were finished with a send in the batch. */
    private final LongArrayQueue finishing = new LongArrayQueue(Long.MIN_VALUE);

    private SendBatch batch = new SendBatch();
    private SendBatch spare = new SendBatch();
    /** The one that is told of, while callbacks fill and settle the others. */
    private SendBatch told = new SendBatch();
    /** Of the batch; 0 stands in the record of a connection that has not sent. */
    private char number = 1;

    private final Facts facts;
    private final Pages pages;
    private final Sockets sockets;
    private final Tuples tuples;
    private UringReceiver receiver;
    private UringSplicer splicer;
    private long parkedBytes;
    /** The owner waits for the outcome of a send: the next wait must not. */
    private boolean isAwaited;

    UringSender(UringTable table, Ring ring, Facts facts, Pages pages, Sockets sockets, Tuples tuples) {
        this.table = table;
        this.ring = ring;
        ring.next(batch);
        this.facts = facts;
        this.pages = pages;
        this.sockets = sockets;
        this.tuples = tuples;
    }

    /** The other parts, which need this one as well. */
    void connect(UringReceiver receiver, UringSplicer splicer) {
        this.receiver = receiver;
        this.splicer = splicer;
    }

    /**
     * Sends, after everything sent before.
     *
     * @param isRelayed whether a flow's source has lent the bytes to its target. Who relays needs to be told of their going
     *     only before he looks at the time, or holds the source: the loop may sleep on it
     */
    void send(long socket, long address, int length, boolean isRelayed) {
        if (isSending(socket)) {
            // Two in one batch could overtake each other: the second finds room that the first did not.
            settleNow();
        }
        if (UringSocket.sendError(socket) != 0) {
            return;
        }
        if (UringSocket.pipe(socket) != 0) {
            splicer.takeBack(socket);
        }
        if (UringSocket.parkedBytes(socket) > 0) {
            park(socket, address, length);
            return;
        }
        long handle = UringSocket.handle(socket);
        int place = batch.add(handle, address, length);
        ring.send(UringSocket.fd(socket), Tag.of(place, Tag.SEND), address, length);
        UringSocket.batch(socket, number);
        isAwaited |= !isRelayed;
    }

    /** The owner waits for what becomes of the sends of this socket, if there is one under way. */
    void await(long socket) {
        isAwaited |= isSending(socket);
    }

    /** Whether the owner waits for the outcome of a send. */
    boolean isAwaited() {
        return isAwaited;
    }

    /** Whether a send of this connection is in the batch. */
    boolean isSending(long socket) {
        return UringSocket.batch(socket) == number && batch.count() > 0;
    }

    /** Nobody is to be told of what this connection has in the batch. */
    void forget(long socket) {
        if (isSending(socket)) {
            batch.forget(UringSocket.handle(socket));
            UringSocket.batch(socket, (char) (number - 1));
        }
    }

    /** Submits the batch and reckons it up, in the midst of a cycle: what was taken is told of at the end of it. */
    void settleNow() {
        ring.submit();
        SendBatch submitted = batch;
        begin(spare);
        spare = submitted;
        for (int place = 0; place < submitted.count(); place++) {
            long handle = submitted.handle(place);
            long socket = handle == SendBatch.FORGOTTEN ? 0 : table.find(handle);
            if (socket != 0) {
                settle(socket, submitted.address(place), submitted.length(place), submitted.result(place));
            }
        }
        finishThose();
    }

    /** Reckons up the batch, which has been submitted, and tells of what was taken; returns how often. */
    int settle(Completions completions) {
        SendBatch submitted = batch;
        begin(told);
        told = submitted;
        if (submitted.hasShort()) {
            settleShort(submitted);
        }
        finishThose();
        int count = 0;
        for (int place = 0; place < submitted.count(); place++) {
            long handle = submitted.handle(place);
            // A callback may have closed it; then the slot is free, or somebody else's.
            if (handle != SendBatch.FORGOTTEN && table.find(handle) != 0) {
                count++;
                completions.sent(handle, submitted.length(place));
            }
        }
        return count;
    }

    private void settleShort(SendBatch submitted) {
        for (int place = 0; place < submitted.count(); place++) {
            long handle = submitted.handle(place);
            if (submitted.result(place) != submitted.length(place) && handle != SendBatch.FORGOTTEN) {
                submitted.forget(handle);
                long socket = table.find(handle);
                if (socket != 0) {
                    settle(socket, submitted.address(place), submitted.length(place), submitted.result(place));
                }
            }
        }
    }

    /** Begins a new batch. */
    private void begin(SendBatch next) {
        batch = next;
        batch.clear();
        ring.next(batch);
        number++;
        isAwaited = false;
    }

    /** Those that wait only for their sends of the last batch may send their FINs. */
    private void finishThose() {
        while (!finishing.isEmpty()) {
            long socket = table.find(finishing.pollLong());
            if (socket != 0 && !UringSocket.hasUnsent(socket) && UringSocket.sendError(socket) == 0) {
                sendFin(socket);
            }
        }
    }

    private void settle(long socket, long address, int length, int result) {
        int taken = Math.max(result, 0);
        report(socket, taken);
        if (taken == length) {
            return;
        }
        if (result >= 0 || result == -Kernel.EAGAIN || result == -Kernel.EINTR) {
            park(socket, address + taken, length - taken);
            awaitRoom(socket);
        } else {
            sendFailed(socket, -result);
        }
    }

    void park(long socket, long address, int length) {
        long chain = Parking.append(pages, UringSocket.parking(socket), address, length);
        UringSocket.parking(socket, chain, UringSocket.parkedBytes(socket) + length);
        parkedBytes += length;
    }

    void awaitRoom(long socket) {
        if (!UringSocket.is(socket, UringSocket.POLLS_OUT)) {
            UringSocket.set(socket, UringSocket.POLLS_OUT);
            receiver.underWay(1);
            ring.poll(UringSocket.fd(socket), Tag.of(UringSocket.handle(socket), Tag.WRITABLE), ROOM);
        }
    }

    /** Sends what is parked or in the pipe, as far as the kernel takes it. */
    void flush(long socket) {
        int result = flushParked(socket);
        if (result >= 0 && UringSocket.parkedBytes(socket) == 0 && UringSocket.pipe(socket) != 0) {
            result = splicer.drain(socket);
        }
        if (result < 0) {
            sendFailed(socket, -result);
        } else if (UringSocket.hasUnsent(socket)) {
            awaitRoom(socket);
        } else {
            hasSentAll(socket);
        }
    }

    /** Sends parked bytes; what the kernel took is reported. 0, or a negated errno if sending failed. */
    private int flushParked(long socket) {
        int fd = UringSocket.fd(socket);
        while (UringSocket.parkedBytes(socket) > 0) {
            long chain = UringSocket.parking(socket);
            long page = Parking.firstPage(chain);
            int length = Parking.lengthOf(page);
            int taken = sockets.send(fd, Parking.bytesOf(page), length);
            if (taken < 0) {
                return taken == -Kernel.EAGAIN || taken == -Kernel.EINTR ? 0 : taken;
            }
            parkedBytes -= taken;
            UringSocket.parking(socket, Parking.remove(pages, chain, taken), UringSocket.parkedBytes(socket) - taken);
            report(socket, taken);
            if (taken < length) {
                return 0;
            }
        }
        return 0;
    }

    private void hasSentAll(long socket) {
        if (UringSocket.is(socket, FINISHING)) {
            sendFin(socket);
        }
        int from = UringSocket.flowFrom(socket);
        if (from != 0) {
            splicer.mayGoOn(table.at(from - 1));
        }
    }

    /** Sends the FIN, now or when the last byte that waits has left. */
    void finish(long socket) {
        UringSocket.set(socket, FINISHING);
        if (isSending(socket)) {
            finishing.addLong(UringSocket.handle(socket));
            isAwaited = true;
        } else if (!UringSocket.hasUnsent(socket) && UringSocket.sendError(socket) == 0) {
            sendFin(socket);
        }
    }

    private void sendFin(long socket) {
        // ENOTCONN: a reset got here first, and receiving will tell.
        if (tuples.sendFin(UringSocket.fd(socket), UringSocket.is(socket, UringSocket.DIALLED))) {
            UringSocket.set(socket, UringSocket.ENDED_FIRST);
        }
    }

    /** The kernel took bytes; the owner is told of all of them at once. */
    void report(long socket, int taken) {
        if (taken > 0) {
            UringSocket.unreported(socket, UringSocket.unreported(socket) + taken);
            if (!UringSocket.is(socket, UringSocket.REPORT_QUEUED)) {
                UringSocket.set(socket, UringSocket.REPORT_QUEUED);
                facts.add(UringSocket.handle(socket), Facts.SENT, 0);
            }
        }
    }

    /**
     * Sending failed: the peer has reset, or is gone. Linux still hands out what had arrived before the reset, so a socket
     * that is being received from is received from to its end first; then, or else at once, the owner is told. At once, too,
     * where what waits at the other end of its flow keeps it from being received from, which may be for ever.
     */
    private void sendFailed(long socket, int errno) {
        UringSocket.sendError(socket, errno);
        discard(socket);
        boolean isReceived =
                UringSocket.is(socket, UringSocket.RECEIVING) && !UringSocket.is(socket, UringSocket.ENDED);
        if (isReceived && !splicer.isBlocked(socket)) {
            receiver.queueTurn(socket);
        } else {
            UringSocket.set(socket, UringSocket.BROKEN);
            facts.add(UringSocket.handle(socket), Facts.BROKEN, -errno);
        }
    }

    /** Throws away what waits for this socket; who may flow to it need not rest for that any more. */
    void discard(long socket) {
        parkedBytes -= UringSocket.parkedBytes(socket);
        UringSocket.parking(socket, Parking.discard(pages, UringSocket.parking(socket)), 0);
        splicer.discard(socket);
        int from = UringSocket.flowFrom(socket);
        if (from != 0) {
            splicer.mayGoOn(table.at(from - 1));
        }
    }

    long parkedBytes() {
        return parkedBytes;
    }

    /** Whether this batch's memory is lent from the source whose bytes flow to this socket. */
    static boolean isRelay(long socket, long lender) {
        return lender != 0 && UringSocket.flowFrom(socket) == Engine.slotOf(UringSocket.handle(lender)) + 1;
    }
}
