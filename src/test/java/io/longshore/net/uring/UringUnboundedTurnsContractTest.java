package io.longshore.net.uring;

/** The io_uring engine keeps the contract where a receive brings as much as there is, as before Linux 6.17. */
final class UringUnboundedTurnsContractTest extends UringEngineContractTest {
    @Override
    UringTuning tuning() {
        return UringTuning.incremental(false);
    }
}
