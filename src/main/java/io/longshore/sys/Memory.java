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
}
