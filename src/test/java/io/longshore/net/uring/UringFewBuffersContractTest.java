package io.longshore.net.uring;

/** The io_uring engine keeps the contract with a pool of 32 buffers of 4 KiB, which many connections find empty, and where a
 * millisecond of silence is rest. */
final class UringFewBuffersContractTest extends UringEngineContractTest {
    @Override
    UringTuning tuning() {
        return new UringTuning(1024, 4096, 32, 4 << 10, false, true, 1_000_000L);
    }
}
