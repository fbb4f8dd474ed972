package io.longshore.net.uring;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.longshore.net.EngineContract;
import io.longshore.net.EngineLab;
import io.longshore.net.LoopbackLab;
import io.longshore.net.SocketTuning;
import java.io.IOException;
import org.junit.jupiter.api.BeforeAll;

/** The io_uring engine keeps the contract, with the ring and the buffers that it has on this kernel. */
class UringEngineContractTest extends EngineContract {
    private static final UringProbe PROBE = UringProbe.run();

    @Override
    protected final EngineLab openLab() throws IOException {
        return new LoopbackLab(new UringEngine(SocketTuning.DEFAULT, tuning()));
    }

    UringTuning tuning() {
        return PROBE.tuning();
    }

    @BeforeAll
    static void requireIoUring() {
        assumeTrue(PROBE.obstacle() == null, PROBE::obstacle);
    }
}
