package io.longshore.net.uring;

import static io.longshore.net.uring.UringSocket.ACTIVE;
import static io.longshore.net.uring.UringSocket.ARMED;
import static io.longshore.net.uring.UringSocket.BROKEN;
import static io.longshore.net.uring.UringSocket.CANCELLED;
import static io.longshore.net.uring.UringSocket.ENDED;
import static io.longshore.net.uring.UringSocket.HAS_STASHED_END;
import static io.longshore.net.uring.UringSocket.POLLS_IN;
import static io.longshore.net.uring.UringSocket.RECEIVING;
import static io.longshore.net.uring.UringSocket.STARVED;
import static io.longshore.net.uring.UringSocket.TURN_QUEUED;

import io.longshore.net.Completions;
import io.longshore.net.Pages;
import io.longshore.net.socket.Facts;
import io.longshore.net.socket.FlowStreak;
import io.longshore.net.socket.Parking;
import io.longshore.sys.Kernel;
import org.agrona.collections.LongArrayQueue;

/**
 * The receiving half of the io_uring engine. A connection that is received from has one receive in the kernel, which
 * completes into a provided buffer; that is lent to the owner. In a handshake it completes once. In a tunnel, where a
 * connection may flow, it stays and completes once for every arrival; in one that is idle, a poll takes its place.
 *
 * <p>Such a one that is told to end goes on until it has heard of it. What it brings after the owner has held the connection
 * is kept (the stash) and lent when he receives again, before anything newer. In a handshake nothing would bound that.
 */
final class UringReceiver {
    /** What counts as one read at the most. */
    private static final int READ_MAX = 128 << 10;
    /** What one receive brings before others have their turn, where the kernel knows such a bound. */
    private static final int TURN_BYTES_MAX = 128 << 10;

    private static final int SOMETHING = Kernel.POLLIN | Kernel.POLLRDHUP | Kernel.POLLERR | Kernel.POLLHUP;

    private final UringTable table;
    private final Ring ring;
    private final RecvBuffers buffers;
    private final Facts facts;
    private final Pages pages;
    private final int turnBytesMax;
    private final long restNs;

    private final LongArrayQueue starved = new LongArrayQueue(Long.MIN_VALUE);
    private UringSender sender;
    private UringSplicer splicer;
    private Completions completions;
    private int delivered;
    /** Operations in the kernel that stay until something happens, those of closed connections included. */
    private int underWay;
    /** Whose bytes are lent at this moment, or 0. */
    private long lender;

    /** Whose turn it is, and what it has brought. */
    private long runHandle;

    private int runBytes;
    /** When connections were last looked at for rest, and which was the last. */
    private long lastRestNs;

    private int restSlot;

    UringReceiver(UringTable table, Ring ring, RecvBuffers buffers, Facts facts, Pages pages, UringTuning tuning) {
        this.table = table;
        this.ring = ring;
        this.buffers = buffers;
        this.facts = facts;
        this.pages = pages;
        turnBytesMax = tuning.isIncremental() ? TURN_BYTES_MAX : 0;
        restNs = tuning.restNs();
    }

    /** The other parts, which need this one as well. */
    void connect(UringSender sender, UringSplicer splicer) {
        this.sender = sender;
        this.splicer = splicer;
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

    long lender() {
        return lender;
    }

    // ---- What the owner wants.

    /** Receives, or holds. */
    void receive(long socket, boolean on) {
        if (on) {
            UringSocket.set(socket, RECEIVING);
            queueTurn(socket);
            return;
        }
        UringSocket.clear(socket, RECEIVING);
        cancel(socket);
        int to = UringSocket.flowTo(socket);
        if (to != 0) {
            // What has been relayed so far decides when the hold ends.
            sender.await(table.at(to - 1));
        }
    }

    /** Has the connection looked at when the facts are told, if there is something to do. */
    void queueTurn(long socket) {
        if (isDue(socket) && !UringSocket.is(socket, TURN_QUEUED)) {
            UringSocket.set(socket, TURN_QUEUED);
            facts.add(UringSocket.handle(socket), Facts.READ, 0);
        }
    }

    private static boolean isDue(long socket) {
        int never = ENDED | BROKEN | UringSocket.CONNECTING;
        return UringSocket.is(socket, RECEIVING) && !UringSocket.is(socket, never);
    }

    /** Its turn: what is stashed first, then what comes, by whichever way it comes now. */
    void turn(long socket) {
        turn(socket, false);
    }

    private void turn(long socket, boolean isReadable) {
        UringSocket.clear(socket, TURN_QUEUED);
        if (!isDue(socket)) {
            return;
        }
        if (UringSocket.stashedBytes(socket) > 0) {
            lendStash(socket);
        } else if (UringSocket.is(socket, HAS_STASHED_END)) {
            end(socket, UringSocket.stashedEnd(socket));
        } else if (FlowStreak.isMoving(UringSocket.streak(socket))) {
            splicer.turn(socket, isReadable);
        } else {
            arm(socket);
        }
    }

    // ---- What the kernel does.

    private void arm(long socket) {
        if (UringSocket.is(socket, ARMED | POLLS_IN | STARVED) || splicer.isBlocked(socket)) {
            return;
        }
        boolean isTunnel = UringSocket.flowTo(socket) != 0;
        if (isTunnel && !UringSocket.is(socket, ACTIVE)) {
            poll(socket);
            return;
        }
        UringSocket.set(socket, ARMED);
        underWay++;
        long tag = Tag.of(UringSocket.handle(socket), Tag.RECEIVE);
        if (isTunnel) {
            ring.receiveAll(UringSocket.fd(socket), tag, RecvBuffers.GROUP, turnBytesMax);
        } else {
            ring.receive(UringSocket.fd(socket), tag, RecvBuffers.GROUP);
        }
    }

    /** Has the kernel say when there is something, and no more. */
    void poll(long socket) {
        UringSocket.set(socket, POLLS_IN);
        underWay++;
        ring.poll(UringSocket.fd(socket), Tag.of(UringSocket.handle(socket), Tag.READABLE), SOMETHING);
    }

    /** There is something, or the poll was told to end; of a connection that may be closed by now, which is 0 then. */
    void readable(long socket) {
        underWay--;
        if (socket != 0) {
            UringSocket.clear(socket, POLLS_IN);
            UringSocket.set(socket, ACTIVE);
            turn(socket, true);
        }
    }

    /** Has the receive end, if there is one. */
    void cancel(long socket) {
        if (UringSocket.is(socket, ARMED) && !UringSocket.is(socket, CANCELLED)) {
            UringSocket.set(socket, CANCELLED);
            ring.cancel(Tag.of(UringSocket.handle(socket), Tag.RECEIVE));
        }
    }

    /** An operation that stays has begun or ended. */
    void underWay(int change) {
        underWay += change;
    }

    int underWay() {
        return underWay;
    }

    /** A receive has completed; of a connection that may be closed by now, which is 0 then. */
    void completed(long socket, int result, int flags) {
        boolean isLast = (flags & Kernel.IORING_CQE_F_MORE) == 0;
        underWay -= isLast ? 1 : 0;
        if (socket == 0) {
            drop(result, flags);
            return;
        }
        if (isLast) {
            UringSocket.clear(socket, ARMED | CANCELLED);
        }
        if (result > 0) {
            arrived(socket, result, flags);
        } else if (result == -Kernel.ENOBUFS) {
            starve(socket);
        } else if (result == -Kernel.ECANCELED || result == -Kernel.EINTR) {
            // The owner may have changed his mind, or the flow is to be moved from now on.
            queueTurn(socket);
        } else {
            ended(socket, -result);
        }
    }

    /** Takes bytes for nobody. */
    private void drop(int result, int flags) {
        if (result > 0) {
            buffers.take(flags, result);
            buffers.used(flags);
        }
    }

    private void arrived(long socket, int count, int flags) {
        long handle = UringSocket.handle(socket);
        long address = buffers.take(flags, count);
        if (UringSocket.is(socket, BROKEN)) {
            buffers.used(flags);
            return;
        }
        UringSocket.set(socket, ACTIVE);
        addToRun(handle, count);
        if (!UringSocket.is(socket, RECEIVING) || UringSocket.stashedBytes(socket) > 0) {
            stash(socket, address, count);
            cancel(socket);
        } else {
            lend(socket, handle, address, count);
        }
        buffers.used(flags);
        if (UringSocket.handle(socket) == handle && !UringSocket.is(socket, ARMED)) {
            queueTurn(socket);
        }
    }

    private void lend(long socket, long handle, long address, int count) {
        lender = socket;
        delivered++;
        completions.received(handle, address, count);
        lender = 0;
    }

    /**
     * Whether a flow is a large one is told by what a turn of its source brings, however many buffers that is: arrivals of
     * a turn come one behind the other.
     */
    private void addToRun(long handle, int count) {
        if (handle != runHandle) {
            endRun();
            runHandle = handle;
        }
        runBytes += count;
        if (runBytes >= READ_MAX) {
            hasRead(READ_MAX);
            runBytes = 0;
        }
    }

    /** The turn of a source is over. */
    void endRun() {
        if (runBytes > 0) {
            hasRead(runBytes);
            runBytes = 0;
        }
        runHandle = 0;
    }

    /** So many bytes make one read, as far as a flow is concerned; after several large ones it is moved. */
    private void hasRead(int count) {
        long socket = table.find(runHandle);
        if (socket != 0 && UringSocket.flowTo(socket) != 0 && !FlowStreak.isMoving(UringSocket.streak(socket))) {
            int streak = FlowStreak.afterRead(UringSocket.streak(socket), count);
            UringSocket.streak(socket, streak);
            if (FlowStreak.isMoving(streak)) {
                cancel(socket);
                queueTurn(socket);
            }
        }
    }

    private void ended(long socket, int errno) {
        if (UringSocket.is(socket, BROKEN)) {
            return;
        }
        if (!UringSocket.is(socket, RECEIVING) || UringSocket.stashedBytes(socket) > 0) {
            UringSocket.stashedEnd(socket, errno);
        } else {
            end(socket, errno);
        }
    }

    /** Tells of the end: of the stream (0), or of the connection. */
    void end(long socket, int errno) {
        long handle = UringSocket.handle(socket);
        int sendError = UringSocket.sendError(socket);
        delivered++;
        if (errno == 0 && sendError == 0) {
            UringSocket.set(socket, ENDED);
            completions.ended(handle);
        } else {
            // Where a reset was found by sending, all that came before it has been received by now.
            UringSocket.set(socket, BROKEN);
            sender.forget(socket);
            sender.discard(socket);
            completions.broken(handle, sendError != 0 ? -sendError : -errno);
        }
    }

    // ---- What came too early.

    private void stash(long socket, long address, int count) {
        long chain = Parking.append(pages, UringSocket.stash(socket), address, count);
        UringSocket.stash(socket, chain, UringSocket.stashedBytes(socket) + count);
    }

    /** Lends the first page of what is stashed, and comes back for the rest. */
    private void lendStash(long socket) {
        long handle = UringSocket.handle(socket);
        long chain = UringSocket.stash(socket);
        long page = Parking.firstPage(chain);
        int length = Math.min(Parking.lengthOf(page), buffers.bytes());
        lend(socket, handle, Parking.bytesOf(page), length);
        // The page is given back, so what was sent of it must have gone.
        sender.settleNow();
        if (UringSocket.handle(socket) == handle && UringSocket.stashedBytes(socket) > 0) {
            UringSocket.stash(socket, Parking.remove(pages, chain, length), UringSocket.stashedBytes(socket) - length);
            queueTurn(socket);
        }
    }

    /** Throws the stash away. */
    void discard(long socket) {
        if (socket == lender) {
            // Closed while it is lent: what was sent of it must have gone.
            sender.settleNow();
        }
        UringSocket.stash(socket, Parking.discard(pages, UringSocket.stash(socket)), 0);
    }

    // ---- When nothing comes for long.

    /**
     * Looks at some connections, so that each has its turn every {@link UringTuning#restNs}: a receive that has brought nothing since
     * the last time is replaced by a poll, which takes 600 bytes less of the kernel's memory.
     */
    void rest(long nowNs) {
        long due = Math.min(
                (nowNs - lastRestNs) / Math.max(1, restNs / Math.max(1, table.slotsUsed())), table.slotsUsed());
        if (due <= 0) {
            return;
        }
        lastRestNs = nowNs;
        for (; due > 0; due--) {
            restSlot = restSlot + 1 < table.slotsUsed() ? restSlot + 1 : 0;
            long socket = table.at(restSlot);
            if (UringSocket.handle(socket) == 0 || UringSocket.flowTo(socket) == 0) {
                continue;
            }
            if (UringSocket.is(socket, ACTIVE)) {
                UringSocket.clear(socket, ACTIVE);
            } else {
                cancel(socket);
            }
        }
    }

    // ---- When the kernel has no buffer.

    private void starve(long socket) {
        if (!UringSocket.is(socket, STARVED)) {
            UringSocket.set(socket, STARVED);
            starved.addLong(UringSocket.handle(socket));
        }
    }

    /** Arms receives that found no buffer, as many as there are buffers now; the longest starved first. */
    void feed() {
        for (int left = Math.min(buffers.provided(), starved.size()); left > 0; left--) {
            long socket = table.find(starved.pollLong());
            if (socket != 0) {
                UringSocket.clear(socket, STARVED);
                queueTurn(socket);
            }
        }
    }

    boolean hasStarved() {
        return !starved.isEmpty();
    }
}
