package io.longshore.net.uring;

/** The io_uring engine keeps the contract with rings that are full all the time: entries are submitted in the midst of a
 * cycle, and completions overflow. */
final class UringTinyRingContractTest extends UringEngineContractTest {
    @Override
    UringTuning tuning() {
        return new UringTuning(2, 4, 8, 32 << 10, true, false, 4_000_000_000L);
    }
}
