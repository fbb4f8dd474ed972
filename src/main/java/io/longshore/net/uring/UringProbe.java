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
    private static UringTuning tuning;
    /** Where it did not: why. */
    private static String obstacle;

    private UringProbe() {}

    /**
     * What keeps loops from running on io_uring, or null if nothing does. Found out at the first call, in some 10 ms.
     */
    public static synchronized String obstacle() {
        if (tuning == null && obstacle == null) {
            probe();
        }
        return obstacle;
    }

    /** How rings are made here. */
    static synchronized UringTuning requireTuning() throws IOException {
        if (obstacle() != null) {
            throw new IOException("no io_uring: " + obstacle);
        }
        return tuning;
    }

    private static void probe() {
        String last = null;
        for (UringTuning candidate : candidates()) {
            String fault = fault(candidate);
            if (fault == null) {
                tuning = candidate;
                return;
            }
            last = fault;
        }
        obstacle = last;
    }

    /** The ways that kernels offer, the best first. */
    static List<UringTuning> candidates() {
        return List.of(
                UringTuning.incremental(true),
                UringTuning.incremental(false),
                UringTuning.whole(false),
                UringTuning.whole(true));
    }

    /** What goes wrong this way, or null. */
    static String fault(UringTuning candidate) {
        try (UringEngine engine = new UringEngine(SocketTuning.DEFAULT, candidate)) {
            return new SelfTest(engine).fault();
        } catch (IOException e) {
            return e.getMessage();
        }
    }
}
