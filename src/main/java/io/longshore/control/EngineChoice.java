package io.longshore.control;

import io.longshore.config.Config;
import io.longshore.net.Engine;
import io.longshore.net.SocketTuning;
import io.longshore.net.nio.NioEngine;
import io.longshore.net.uring.UringEngine;
import io.longshore.net.uring.UringProbe;
import java.io.IOException;

/**
 * Which engine the loops run on: what the configuration asks for, and what this host can do. All loops run on the same one.
 *
 * @param uring how to run on io_uring; null for java.nio
 * @param reason for the log
 */
record EngineChoice(UringProbe uring, String reason) {
    /**
     * Chooses; where io_uring is in question, a ring is made and has to carry bytes first.
     *
     * @throws IOException if the configuration insists on io_uring and it cannot be had; the message says why
     */
    static EngineChoice of(Config config) throws IOException {
        return switch (config.engine()) {
            case NIO -> new EngineChoice(null, "the configuration asks for it");
            case IO_URING -> {
                UringProbe probe = UringProbe.run();
                if (probe.obstacle() != null) {
                    throw new IOException(
                            "engine io_uring cannot run here: " + probe.obstacle() + "; engine auto takes nio then");
                }
                yield new EngineChoice(probe, "the configuration asks for it");
            }
            case AUTO -> {
                UringProbe probe = UringProbe.run();
                yield probe.obstacle() == null
                        ? new EngineChoice(probe, "it passed its self-test")
                        : new EngineChoice(null, "no io_uring: " + probe.obstacle());
            }
        };
    }

    /** As the configuration spells it. */
    String label() {
        return uring != null ? "io_uring" : "nio";
    }

    /** An engine for the loop of this thread. */
    Engine open(SocketTuning tuning) throws IOException {
        return uring != null ? new UringEngine(tuning, uring) : new NioEngine(tuning);
    }
}
