package io.longshore.net.uring;

/** The io_uring engine keeps the contract where each arrival takes a whole buffer, as before Linux 6.12. */
final class UringWholeBuffersContractTest extends UringEngineContractTest {
    @Override
    UringTuning tuning() {
        return UringTuning.whole(true);
    }
}
