package io.longshore.sys;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A resource limit of this process; getrlimit(2). A JVM raises its own soft limit of descriptors to the hard one when it
 * starts (-XX:+MaxFDLimit), so that the hard one is what counts.
 *
 * @param soft what is in force; {@link Long#MAX_VALUE} for no limit
 * @param hard what the process may raise it to
 */
public record Limits(long soft, long hard) {
    /** How many descriptors this process may have: RLIMIT_NOFILE. */
    public static Limits ofDescriptors() {
        ByteBuffer limit = ByteBuffer.allocateDirect(2 * Long.BYTES).order(ByteOrder.nativeOrder());
        if (Libc.getrlimit(Kernel.RLIMIT_NOFILE, Memory.addressOf(limit)) != 0) {
            throw new AssertionError("getrlimit of a known resource into our own memory: errno " + Libc.errno());
        }
        return new Limits(bounded(limit.getLong(0)), bounded(limit.getLong(Long.BYTES)));
    }

    /** RLIM_INFINITY has every bit set. */
    private static long bounded(long limit) {
        return limit < 0 ? Long.MAX_VALUE : limit;
    }
}
