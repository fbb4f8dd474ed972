package io.longshore.net.socket;

import io.longshore.sys.Kernel;
import io.longshore.sys.Pipes;

/**
 * How the large flows of an engine go from socket to socket inside the kernel: through a pipe, by splice(2). This is the
 * part that knows descriptors and pipes alone. When a flow goes this way {@link FlowStreak} tells; whose pipe it is, and
 * what is parked, the engine knows.
 *
 * <p>A pipe is filled only when it is empty, and taken from here only while bytes are in it. So it holds one move at most,
 * an EAGAIN can mean the source alone, one pair of descriptors serves every flow whose target keeps up, and an idle
 * connection has none.
 */
public final class FlowPipes {
    /** The result of {@link #fill}: not this way, read. */
    public static final int REFUSED = Integer.MIN_VALUE;

    /**
     * The most bytes of one move: what leaves as one packet of the kernel's own, which is 64 KiB with its headers. With 64 KiB
     * and more a small rest follows each large packet, and where the target's connection is paced (BBR) a timer is set for it,
     * some 15 us of CPU on a virtual machine, twice what moving the packet takes. A GB to 16 targets set 120 to 660 timers in
     * moves of 60 KiB, 1,200 where two such parts go at once, 3,200 in HAProxy's 64 KiB. CPU a GB, medians of 9 interleaved
     * rounds: 60 KiB 207 ms, 64 KiB 338, 128 KiB 326; SPLICE_F_MORE on a full move 337. Below 60 KiB there is nothing to gain.
     */
    private static final int MOVED_MAX = 60 << 10;
    /** 64 slots rather than so many bytes: what one segment has brought fills a slot, and it may be 1,448 bytes. */
    private static final int PIPE_BYTES = 256 << 10;
    /** Pipes at once; flows past that are read. Two descriptors each, which accepting needs as well. */
    private static final int OPEN_MAX = 128;
    /** Empty pipes that are kept for the next flow. */
    private static final int KEPT_MAX = 4;

    private final int movedMax;
    private final Pipes pipes = new Pipes();
    private final FlowPipe[] kept = new FlowPipe[KEPT_MAX];
    private int keptCount;
    private int open;
    private long bytes;

    /** @param movedMax no move has more bytes */
    public FlowPipes(int movedMax) {
        this.movedMax = Math.min(movedMax, MOVED_MAX);
    }

    // ---- Bytes.

    /**
     * Moves what has arrived at a socket into an empty pipe. The socket may have more, however few it were: as many as the
     * pipe has slots for.
     *
     * @return how many bytes, 0 at the end of the stream, -EAGAIN where nothing is there yet, {@link #REFUSED}, or another
     *     negated errno
     */
    public int fill(FlowPipe pipe, int source) {
        assert pipe.bytes == 0 : "filled before it is empty";
        int count;
        do {
            count = pipes.splice(source, pipe.writeEnd, movedMax);
        } while (count == -Kernel.EINTR);
        if (count == -Kernel.EINVAL || count == -Kernel.ENOMEM) {
            // A socket whose protocol does not hand its pages out, or a kernel out of memory: a read may do better.
            return REFUSED;
        }
        if (count > 0) {
            pipe.bytes = count;
            bytes += count;
        }
        return count;
    }

    /**
     * Sends what is in a pipe until that is empty or the kernel says that it has no room: only then it tells when it has.
     *
     * @return how many bytes the kernel took, or a negated errno (what it took before that is not told)
     */
    public int drain(FlowPipe pipe, int target) {
        int sum = 0;
        while (pipe.bytes > 0) {
            int taken = pipes.splice(pipe.readEnd, target, pipe.bytes);
            if (taken == -Kernel.EINTR) {
                continue;
            }
            if (taken <= 0) {
                assert taken != 0 : "a pipe with " + pipe.bytes + " bytes is empty";
                return taken == -Kernel.EAGAIN ? sum : taken;
            }
            left(pipe, taken);
            sum += taken;
        }
        return sum;
    }

    /** Takes bytes out of a pipe that has some, into user space; returns how many. */
    public int takeOut(FlowPipe pipe, long address, int capacity) {
        int count = pipes.read(pipe.readEnd, address, capacity);
        if (count <= 0) {
            throw new IllegalStateException("a pipe with " + pipe.bytes + " bytes gives none: " + count);
        }
        left(pipe, count);
        return count;
    }

    private void left(FlowPipe pipe, int count) {
        pipe.bytes -= count;
        bytes -= count;
    }

    // ---- The pipes.

    /** An empty pipe, or null if there can be no more. */
    public FlowPipe take() {
        if (keptCount > 0) {
            return kept[--keptCount];
        }
        if (open == OPEN_MAX || pipes.open(PIPE_BYTES) < 0) {
            return null;
        }
        open++;
        return new FlowPipe(pipes.readEnd(), pipes.writeEnd());
    }

    /** Gives a pipe back; what is still in it is thrown away. */
    public void give(FlowPipe pipe) {
        if (pipe.bytes == 0 && keptCount < KEPT_MAX) {
            kept[keptCount++] = pipe;
        } else {
            close(pipe);
        }
    }

    private void close(FlowPipe pipe) {
        left(pipe, pipe.bytes);
        pipes.close(pipe.readEnd);
        pipes.close(pipe.writeEnd);
        open--;
    }

    /** Bytes in pipes. */
    public long bytes() {
        return bytes;
    }

    /** How many pipes there are, kept ones included. */
    public int open() {
        return open;
    }

    /** Closes the kept pipes. */
    public void close() {
        while (keptCount > 0) {
            close(kept[--keptCount]);
        }
    }
}
