package io.longshore.net.nio;

import io.longshore.net.Pages;
import io.longshore.net.socket.FlowPipe;
import io.longshore.net.socket.FlowPipes;
import io.longshore.net.socket.FlowStreak;
import io.longshore.sys.Kernel;

/**
 * Large flows of the java.nio engine: which socket's bytes may go where, whose pipe is whose, and what becomes of what is
 * in it. {@link FlowStreak} says when a source is moved from and not read, {@link FlowPipes} moves.
 */
final class NioSplicer {
    private static final int PAGE_BYTES = 64 << 10;

    private final Pages pages;
    private final FlowPipes pipes;

    /** @param movedMax no move has more bytes */
    NioSplicer(Pages pages, int movedMax) {
        this.pages = pages;
        pipes = new FlowPipes(movedMax);
    }

    // ---- Who may flow to whom.

    /** Allows a flow, unless either end is closed (null) or in another; or ends the one from this source. */
    void allow(NioSocket source, NioSocket target, boolean on) {
        if (source == null) {
            return;
        }
        if (!on) {
            unlink(source);
        } else if (target != null && source.flowTo == null && target.flowFrom == null) {
            source.flowTo = target;
            target.flowFrom = source;
        }
    }

    /** Ends the flow from this source, if there is one. What is in the pipe is the target's. */
    private void unlink(NioSocket source) {
        if (source.flowTo != null) {
            source.flowTo.flowFrom = null;
            source.flowTo = null;
            source.streak = FlowStreak.CALM;
        }
    }

    /** A connection is closed: it flows nowhere, and nothing flows to it. */
    void leave(NioSocket socket) {
        unlink(socket);
        if (socket.flowFrom != null) {
            unlink(socket.flowFrom);
        }
    }

    // ---- When.

    /** So many bytes were read and are about to be lent. */
    void hasRead(NioSocket source, int count) {
        source.streak = source.flowTo == null ? FlowStreak.CALM : FlowStreak.afterRead(source.streak, count);
    }

    // ---- How.

    /**
     * Moves what has arrived at the source into an empty pipe of its target's. The source stays readable where it had
     * something: fewer bytes than were asked for may also be as many as the pipe has slots for.
     *
     * @return how many bytes, -EAGAIN where nothing is there yet, or {@link FlowPipes#REFUSED}: a read will tell
     */
    int move(NioSocket source) {
        NioSocket target = source.flowTo;
        assert !target.hasUnsent() : "moved past what waits";
        FlowPipe pipe = target.isBroken || target.isFinishing || target.sendError != 0 ? null : pipes.take();
        int count = pipe == null ? FlowPipes.REFUSED : pipes.fill(pipe, source.fd);
        if (count > 0) {
            target.pipe = pipe;
            source.streak = FlowStreak.afterMove(source.streak, count);
            return count;
        }
        if (pipe != null) {
            pipes.give(pipe);
        }
        if (count == -Kernel.EAGAIN && !source.isEnding) {
            source.isReadable = false;
            return count;
        }
        // splice(2) never goes past urgent data, and a read does. So only a read tells of the end, too, or of an
        // error: the socket tells of that once, and what arrived before it is still there.
        if (count != FlowPipes.REFUSED && count != 0 && count != -Kernel.EAGAIN) {
            source.isEnding = true;
            source.sendError = source.sendError != 0 ? source.sendError : -count;
        }
        source.streak = FlowStreak.CALM;
        return FlowPipes.REFUSED;
    }

    /** {@link FlowPipes#drain} of the target's pipe, if it has one. */
    int drain(NioSocket target) {
        if (target.pipe == null) {
            return 0;
        }
        int result = pipes.drain(target.pipe, target.fd);
        giveIfEmpty(target);
        return result;
    }

    /**
     * Takes what is in the target's pipe back to user space and parks it: something else is to be sent behind it.
     *
     * @return how many bytes were parked
     */
    int takeBack(NioSocket target) {
        assert target.parkedBytes == 0 : "parked before the pipe is empty";
        long page = pages.take(PAGE_BYTES);
        while (target.pipe != null) {
            target.park(pages, page, pipes.takeOut(target.pipe, page, PAGE_BYTES));
            giveIfEmpty(target);
        }
        pages.give(page, PAGE_BYTES);
        return target.parkedBytes;
    }

    private void giveIfEmpty(NioSocket target) {
        if (target.pipe.bytes() == 0) {
            discard(target);
        }
    }

    /** Throws away what is in the target's pipe. */
    void discard(NioSocket target) {
        if (target.pipe != null) {
            pipes.give(target.pipe);
            target.pipe = null;
        }
    }

    /** Bytes in pipes. */
    long pipedBytes() {
        return pipes.bytes();
    }

    /** How many pipes there are, kept ones included. */
    int open() {
        return pipes.open();
    }

    /** Closes the kept pipes. */
    void close() {
        pipes.close();
    }
}
