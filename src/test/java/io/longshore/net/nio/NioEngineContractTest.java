package io.longshore.net.nio;

import io.longshore.net.EngineContract;
import io.longshore.net.EngineLab;
import io.longshore.net.LoopbackLab;
import io.longshore.net.SocketTuning;
import java.io.IOException;

/** The java.nio engine keeps the contract. */
final class NioEngineContractTest extends EngineContract {
    @Override
    protected EngineLab openLab() throws IOException {
        return new LoopbackLab(new NioEngine(SocketTuning.DEFAULT));
    }
}
