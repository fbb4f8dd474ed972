package io.longshore.net.uring;

import io.longshore.net.SocketTuning;
import java.io.IOException;
import java.util.List;

/**
 * Whether loops can run on io_uring here, and how well: found by trying. Each way that kernels have offered since Linux 6.1,
 * the best one first, makes an engine that talks to itself over loopback ({@link SelfTest}); the first that does so without
 * a fault is the one. What a kernel's version promises, a sandbox may forbid and a distribution may have patched.
 */
public final class UringProbe {
    /** Where it ended well: how. */
    private final UringTuning tuning;
    /** Where it did not: why. */
    private final String obstacle;

    private UringProbe(UringTuning tuning, String obstacle) {
        this.tuning = tuning;
        this.obstacle = obstacle;
    }

    /** Tries; takes some 10 ms, and up to two seconds for each way on a kernel that loses bytes. */
    public static UringProbe run() {
        String last = null;
        for (UringTuning candidate : candidates()) {
            last = fault(candidate);
            if (last == null) {
                return new UringProbe(candidate, null);
            }
        }
        return new UringProbe(null, last);
    }

    /** What keeps loops from running on io_uring, or null if nothing does. */
    public String obstacle() {
        return obstacle;
    }

    /** How rings are made here; null where they are not. */
    UringTuning tuning() {
        return tuning;
    }

    /** The ways that kernels offer, the best first. */
    static List<UringTuning> candidates() {
        return List.of(UringTuning.incremental(), UringTuning.whole(false), UringTuning.whole(true));
    }

    /** What goes wrong this way, or null. */
    static String fault(UringTuning candidate) {
        try {
            return new SelfTest(new UringEngine(SocketTuning.DEFAULT, candidate)).fault();
        } catch (IOException e) {
            return e.getMessage();
        }
    }
}
