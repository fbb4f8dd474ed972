package io.longshore.sys;

import static io.longshore.sys.Libc.checked;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Kernel pipes as raw, non-blocking descriptors, and splice(2) into and out of them: bytes go from one socket to another
 * as references to the kernel's own pages, and are never copied to user space. Every call returns a number of at least 0,
 * or a negated errno.
 *
 * <p>An instance holds the few off-heap bytes that descriptors pass through; one thread uses it.
 */
public final class Pipes {
    private static final int FLAGS = Kernel.SPLICE_F_MOVE | Kernel.SPLICE_F_NONBLOCK;

    private final ByteBuffer pair = ByteBuffer.allocateDirect(8).order(ByteOrder.nativeOrder());
    private final long pairPointer = Memory.addressOf(pair);

    /**
     * A new pipe; pipe(2).
     *
     * @param bytes how much it is to hold, in whole pages of the kernel's; rounded up to a power of two. A process without
     *     privilege gets no more than fs.pipe-max-size, and all pipes of its user together fs.pipe-user-pages-soft: past that
     *     the pipe keeps the size it was born with, 64 KiB or less, which is not an error
     * @return 0, or what went wrong: -EMFILE, -ENFILE
     */
    public int open(int bytes) {
        int result = checked(Libc.pipe2(pairPointer, Kernel.O_NONBLOCK | Kernel.O_CLOEXEC));
        if (result == 0) {
            Libc.fcntl(writeEnd(), Kernel.F_SETPIPE_SZ, bytes);
        }
        return result;
    }

    /** Where bytes come out of the pipe that was opened last. */
    public int readEnd() {
        return pair.getInt(0);
    }

    /** Where bytes go into the pipe that was opened last. */
    public int writeEnd() {
        return pair.getInt(4);
    }

    /**
     * Moves at most so many bytes between a socket and a pipe; splice(2). How many it were; 0 for the end of the source's
     * stream; -EAGAIN where the source has none, or the target has no room.
     */
    public int splice(int from, int to, int length) {
        return checked((int) Libc.splice(from, 0, to, 0, length, FLAGS));
    }

    /** read(2) from a pipe. */
    public int read(int readEnd, long address, int length) {
        return checked((int) Libc.read(readEnd, address, length));
    }

    /** close(2) of one end; the bytes in the pipe are gone with the second one. */
    public void close(int end) {
        Libc.close(end);
    }
}
