package io.longshore.net.uring;

import static io.longshore.net.uring.UringSocket.ARMED;
import static io.longshore.net.uring.UringSocket.POLLS_IN;

import io.longshore.net.Completions;
import io.longshore.net.Engine;
import io.longshore.net.Pages;
import io.longshore.net.socket.FlowPipe;
import io.longshore.net.socket.FlowPipes;
import io.longshore.net.socket.FlowStreak;
import io.longshore.sys.Kernel;
import java.util.Arrays;

/**
 * Large flows of the io_uring engine: from socket to socket inside the kernel, through a pipe; see {@link FlowPipes} for how
 * and {@link FlowStreak} for when.
 *
 * <p>The calls are splice(2) itself: the ring hands its own splice to a thread of the kernel's, always. The ring tells when
 * there is something to move (a poll, in place of the receive) and when the target has room.
 */
final class UringSplicer {
    private static final int PAGE_BYTES = 64 << 10;

    private final UringTable table;
    private final Pages pages;
    private final FlowPipes pipes;
    private UringReceiver receiver;
    private UringSender sender;
    private Completions completions;
    private int delivered;

    /** Pipes that hold bytes, by the place that their target's record names, and the places that are free. */
    private FlowPipe[] inUse = new FlowPipe[4];

    private int[] freePlaces = {3, 2, 1, 0};
    private int freeCount = 4;

    UringSplicer(UringTable table, Pages pages, int movedMax) {
        this.table = table;
        this.pages = pages;
        pipes = new FlowPipes(movedMax);
    }

    /** The other parts, which need this one as well. */
    void connect(UringReceiver receiver, UringSender sender) {
        this.receiver = receiver;
        this.sender = sender;
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

    // ---- Who may flow to whom.

    /** Allows a flow, unless either end is closed (0) or in another; or ends the one from this source. */
    void allow(long source, long target, boolean on) {
        if (source == 0) {
            return;
        }
        if (!on) {
            unlink(source);
        } else if (target != 0 && UringSocket.flowTo(source) == 0 && UringSocket.flowFrom(target) == 0) {
            UringSocket.flowTo(source, slotPlus1(target));
            UringSocket.flowFrom(target, slotPlus1(source));
        }
    }

    private static int slotPlus1(long socket) {
        return Engine.slotOf(UringSocket.handle(socket)) + 1;
    }

    /** Ends the flow from this source, if there is one. What is in the pipe is the target's. */
    private void unlink(long source) {
        int to = UringSocket.flowTo(source);
        if (to != 0) {
            UringSocket.flowFrom(table.at(to - 1), 0);
            UringSocket.flowTo(source, 0);
            UringSocket.streak(source, FlowStreak.CALM);
            receiver.queueTurn(source);
        }
    }

    /** A connection is closed: it flows nowhere, and nothing flows to it. */
    void leave(long socket) {
        unlink(socket);
        int from = UringSocket.flowFrom(socket);
        if (from != 0) {
            unlink(table.at(from - 1));
        }
    }

    /**
     * Whether nothing may be received now because of what waits at the other end of the flow. An empty pipe is what tells a
     * source that has nothing from a pipe that has no room: splice(2) answers both with EAGAIN.
     */
    boolean isBlocked(long source) {
        int to = UringSocket.flowTo(source);
        if (to == 0) {
            return false;
        }
        long target = table.at(to - 1);
        return UringSocket.pipe(target) != 0
                || FlowStreak.isMoving(UringSocket.streak(source)) && UringSocket.parkedBytes(target) > 0;
    }

    /** Nothing waits any more where this source flows to. */
    void mayGoOn(long source) {
        if (!UringSocket.is(source, ARMED | POLLS_IN)) {
            receiver.queueTurn(source);
        }
    }

    // ---- Moving.

    /**
     * The turn of a source that is moved from.
     *
     * @param isReadable whether a poll has just found something there
     */
    void turn(long source, boolean isReadable) {
        if (UringSocket.is(source, ARMED)) {
            // Its receive was told to end, and goes before us with what it brings till then.
            receiver.cancel(source);
            return;
        }
        if (UringSocket.is(source, POLLS_IN) || isBlocked(source)) {
            return;
        }
        long target = table.at(UringSocket.flowTo(source) - 1);
        if (sender.isSending(target)) {
            sender.settleNow();
            if (isBlocked(source)) {
                return;
            }
        }
        move(source, target, isReadable);
    }

    private void move(long source, long target, boolean isReadable) {
        int never = UringSocket.BROKEN | UringSocket.FINISHING;
        boolean isOpen = !UringSocket.is(target, never) && UringSocket.sendError(target) == 0;
        FlowPipe pipe = isOpen ? pipes.take() : null;
        int count = pipe == null ? FlowPipes.REFUSED : pipes.fill(pipe, UringSocket.fd(source));
        if (count <= 0 && pipe != null) {
            pipes.give(pipe);
        }
        if (count > 0) {
            moved(source, target, pipe, count);
        } else if (count == FlowPipes.REFUSED || count == 0 || count == -Kernel.EAGAIN && isReadable) {
            // Also where splice(2) finds nothing of what is there: it never goes past urgent data, and a receive
            // does. So only that tells of the end, too.
            UringSocket.streak(source, FlowStreak.CALM);
            receiver.queueTurn(source);
        } else if (count == -Kernel.EAGAIN) {
            receiver.poll(source);
        } else {
            // The socket has told of its error and will not again; what arrived before it is still there.
            if (UringSocket.sendError(source) == 0) {
                UringSocket.sendError(source, -count);
            }
            UringSocket.streak(source, FlowStreak.CALM);
            receiver.queueTurn(source);
        }
    }

    private void moved(long source, long target, FlowPipe pipe, int count) {
        hold(target, pipe);
        UringSocket.streak(source, FlowStreak.afterMove(UringSocket.streak(source), count));
        // Calls nobody back: the owner learns of the move before he learns that it has left.
        sender.flush(target);
        receiver.queueTurn(source);
        delivered++;
        completions.moved(UringSocket.handle(source), count);
    }

    // ---- What is in a pipe.

    private void hold(long target, FlowPipe pipe) {
        if (freeCount == 0) {
            int length = inUse.length;
            inUse = Arrays.copyOf(inUse, length * 2);
            freePlaces = Arrays.copyOf(freePlaces, length * 2);
            for (int place = length; place < length * 2; place++) {
                freePlaces[freeCount++] = place;
            }
        }
        int place = freePlaces[--freeCount];
        inUse[place] = pipe;
        UringSocket.pipe(target, place + 1);
    }

    private void letGo(long target) {
        int place = UringSocket.pipe(target) - 1;
        pipes.give(inUse[place]);
        inUse[place] = null;
        freePlaces[freeCount++] = place;
        UringSocket.pipe(target, 0);
    }

    /** Sends what is in the target's pipe, and reports it; 0, or a negated errno if sending failed. */
    int drain(long target) {
        FlowPipe pipe = inUse[UringSocket.pipe(target) - 1];
        int before = pipe.bytes();
        int result = pipes.drain(pipe, UringSocket.fd(target));
        sender.report(target, before - pipe.bytes());
        if (pipe.bytes() == 0) {
            letGo(target);
        }
        return Math.min(result, 0);
    }

    /** Takes what is in the target's pipe back to user space and parks it: something else is to be sent behind it. */
    void takeBack(long target) {
        assert UringSocket.parkedBytes(target) == 0 : "parked before the pipe is empty";
        FlowPipe pipe = inUse[UringSocket.pipe(target) - 1];
        long page = pages.take(PAGE_BYTES);
        while (pipe.bytes() > 0) {
            sender.park(target, page, pipes.takeOut(pipe, page, PAGE_BYTES));
        }
        pages.give(page, PAGE_BYTES);
        letGo(target);
    }

    /** Throws away what is in the target's pipe. */
    void discard(long target) {
        if (UringSocket.pipe(target) != 0) {
            letGo(target);
        }
    }

    /** Bytes in pipes. */
    long pipedBytes() {
        return pipes.bytes();
    }

    void close() {
        pipes.close();
    }
}
