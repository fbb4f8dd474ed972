package io.longshore.sys;

import java.nio.ByteBuffer;
import org.agrona.BufferUtil;

/** Addresses of memory outside the heap. */
public final class Memory {
    private Memory() {}

    /**
     * The address of a direct buffer's first byte, whatever its position. It is valid only while the buffer is
     * reachable: keep the buffer in a field beside the address.
     */
    public static long addressOf(ByteBuffer direct) {
        return BufferUtil.address(direct);
    }

    /**
     * Gives memory back to the kernel and keeps its addresses: it reads as zeroes from now on, and holds memory again
     * when it is written. Whole pages of the kernel's only; where those are larger than what is given, nothing happens.
     * madvise(2), MADV_DONTNEED.
     */
    public static void giveToKernel(long address, long length) {
        // EINVAL where the kernel's pages are larger than 4 KiB (some Arm machines): then the memory stays ours,
        // unharmed.
        Libc.madvise(address, length, Kernel.MADV_DONTNEED);
    }
}
