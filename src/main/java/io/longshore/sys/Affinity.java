package io.longshore.sys;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Which CPU the calling thread may run on. */
public final class Affinity {
    private static final int CPUS_MAX = 1024;

    private Affinity() {}

    /**
     * Pins the calling thread to one CPU; sched_setaffinity(2) with pid 0.
     *
     * @return 0, or a negated errno (-EINVAL: no such CPU here)
     */
    public static int pinToCpu(int cpu) {
        if (cpu < 0 || cpu >= CPUS_MAX) {
            return -Kernel.EINVAL;
        }
        ByteBuffer mask = ByteBuffer.allocateDirect(CPUS_MAX / 8).order(ByteOrder.nativeOrder());
        mask.putLong(cpu / 64 * 8, 1L << (cpu % 64));
        int result = Libc.checked(Libc.sched_setaffinity(0, CPUS_MAX / 8, Memory.addressOf(mask)));
        // An address does not keep its buffer alive, not even while the call that was given it runs.
        Reference.reachabilityFence(mask);
        return result;
    }
}
