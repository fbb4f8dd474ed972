package io.longshore.net.nio;

import io.longshore.net.Pages;
import io.longshore.sys.Kernel;
import io.longshore.sys.Pipes;

/**
 * Large flows of the java.nio engine: from socket to socket inside the kernel, through a pipe; splice(2).
 *
 * <p>A source whose reads are large several times in a row is not read from any more: what has arrived goes into an empty
 * pipe, and from there to the target as far as that takes it. Nothing more is moved, nor read, before the pipe is empty
 * again; so the pipe holds one move at most, and where moves become small, reading simply goes on.
 *
 * <p>A pipe is held only while bytes are in it. One pair of descriptors serves every flow whose target keeps up, and an
 * idle connection has none.
 */
final class NioSplicer {
    /** The result of {@link #move}: not this way, read. */
    static final int REFUSED = Integer.MIN_VALUE;

    /**
     * A read of so many bytes is a large one, a move of less than a quarter of it a small one. Messages of 16 KiB, one at a
     * time, never begin it.
     */
    private static final int LARGE = 32 << 10;

    private static final int SMALL = LARGE >> 2;
    /** So many large reads in a row begin it, so many small moves in a row end it. */
    private static final int STREAK = 4;
    /**
     * The most bytes of one move: what leaves as one packet of the kernel's own, which is 64 KiB with its headers. With 64 KiB
     * and more a small rest follows each large packet, and where the target's connection is paced (BBR) a timer is set for it
     * (bulk through a saturated core, ms of CPU a GB: 128 KiB 550, 64 KiB 330 to 560, 60 KiB 350 to 375, 32 KiB 300 to 345).
     */
    private static final int MOVED_MAX = 60 << 10;
    /** 64 slots rather than so many bytes: what one segment has brought fills a slot, and it may be 1,448 bytes. */
    private static final int PIPE_BYTES = 256 << 10;
    /** Pipes at once; flows past that are read. Two descriptors each, which accepting needs as well. */
    private static final int OPEN_MAX = 128;
    /** Empty pipes that are kept for the next flow. */
    private static final int KEPT_MAX = 4;

    private static final int PAGE_BYTES = 64 << 10;

    private final Pages pages;
    private final int movedMax;
    private final Pipes pipes = new Pipes();
    private final NioPipe[] kept = new NioPipe[KEPT_MAX];
    private int keptCount;
    private int open;
    private long pipedBytes;

    /** @param movedMax no move has more bytes */
    NioSplicer(Pages pages, int movedMax) {
        this.pages = pages;
        this.movedMax = Math.min(movedMax, MOVED_MAX);
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
            calm(source);
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
        if (count < LARGE || source.flowTo == null) {
            source.streak = 0;
        } else if (++source.streak >= STREAK) {
            source.streak = 0;
            source.isSplicing = true;
        }
    }

    private void hasMoved(NioSocket source, int count) {
        if (count >= SMALL) {
            source.streak = 0;
        } else if (++source.streak >= STREAK) {
            calm(source);
        }
    }

    private static void calm(NioSocket source) {
        source.isSplicing = false;
        source.streak = 0;
    }

    // ---- How.

    /**
     * Moves what has arrived at the source into an empty pipe of its target's. The source stays readable where it had
     * something: fewer bytes than were asked for may also be as many as the pipe has slots for.
     *
     * @return how many bytes, 0 at the end of the stream, {@link #REFUSED}, or a negated errno, -EAGAIN where nothing is there
     *     yet
     */
    int move(NioSocket source) {
        NioSocket target = source.flowTo;
        NioPipe pipe = target.isBroken || target.isFinishing || target.sendError != 0 ? null : take();
        if (pipe == null) {
            calm(source);
            return REFUSED;
        }
        int count;
        do {
            count = pipes.splice(source.fd, pipe.writeEnd, movedMax);
        } while (count == -Kernel.EINTR);
        if (count <= 0) {
            give(pipe);
            if (count == -Kernel.EINVAL || count == -Kernel.ENOMEM) {
                // A socket whose protocol does not hand its pages out, or a kernel out of memory: a read may do better.
                calm(source);
                return REFUSED;
            }
            source.isReadable = count != -Kernel.EAGAIN;
            return count;
        }
        assert !target.hasUnsent() : "moved past what waits";
        pipe.bytes = count;
        pipedBytes += count;
        target.pipe = pipe;
        hasMoved(source, count);
        return count;
    }

    /**
     * Sends what is in the target's pipe until that is empty or the kernel says that it has no room: only then it tells when
     * it has.
     *
     * @return how many bytes the kernel took, or a negated errno (what it took before that is not told)
     */
    int drain(NioSocket target) {
        int sum = 0;
        while (target.pipe != null) {
            int taken = pipes.splice(target.pipe.readEnd, target.fd, target.pipe.bytes);
            if (taken == -Kernel.EINTR) {
                continue;
            }
            if (taken <= 0) {
                assert taken != 0 : "a pipe with " + target.pipe.bytes + " bytes is empty";
                return taken == -Kernel.EAGAIN ? sum : taken;
            }
            leftPipe(target, taken);
            sum += taken;
        }
        return sum;
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
            int count = pipes.read(target.pipe.readEnd, page, PAGE_BYTES);
            if (count <= 0) {
                throw new IllegalStateException("a pipe with " + target.pipe.bytes + " bytes gives none: " + count);
            }
            target.park(pages, page, count);
            leftPipe(target, count);
        }
        pages.give(page, PAGE_BYTES);
        return target.parkedBytes;
    }

    private void leftPipe(NioSocket target, int count) {
        NioPipe pipe = target.pipe;
        pipe.bytes -= count;
        pipedBytes -= count;
        if (pipe.bytes == 0) {
            target.pipe = null;
            give(pipe);
        }
    }

    /** Throws away what is in the target's pipe. */
    void discard(NioSocket target) {
        if (target.pipe != null) {
            pipedBytes -= target.pipe.bytes;
            close(target.pipe);
            target.pipe = null;
        }
    }

    // ---- The pipes.

    /** An empty pipe, or null if there can be no more. */
    private NioPipe take() {
        if (keptCount > 0) {
            return kept[--keptCount];
        }
        if (open == OPEN_MAX || pipes.open(PIPE_BYTES) < 0) {
            return null;
        }
        open++;
        return new NioPipe(pipes.readEnd(), pipes.writeEnd());
    }

    private void give(NioPipe pipe) {
        if (keptCount < KEPT_MAX) {
            kept[keptCount++] = pipe;
        } else {
            close(pipe);
        }
    }

    private void close(NioPipe pipe) {
        pipes.close(pipe.readEnd);
        pipes.close(pipe.writeEnd);
        open--;
    }

    /** Bytes in pipes. */
    long pipedBytes() {
        return pipedBytes;
    }

    /** How many pipes there are, kept ones included. */
    int open() {
        return open;
    }

    /** Closes the kept pipes. */
    void close() {
        while (keptCount > 0) {
            close(kept[--keptCount]);
        }
    }
}
