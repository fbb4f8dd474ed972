package io.longshore.net.uring;

/**
 * How a ring and its buffers are made; what the kernel can do of it, {@link UringProbe} finds out.
 *
 * @param submissions the submission ring's entries, a power of two; what does not fit is submitted in the midst of a cycle
 * @param completions the completion ring's entries, a power of two; what does not fit waits in the kernel
 * @param buffers how many buffers arrivals share, a power of two
 * @param bufferBytes of each; also the most that one arrival brings
 * @param isIncremental whether the kernel fills buffers little by little, and can be told how much one receive may bring in
 *     a turn (Linux 6.17; see below)
 * @param hasArray whether the submission ring needs an array of its places (before Linux 6.6)
 * @param restNs a tunnel that has been silent for one to two of these is idle, and keeps no receive in the kernel
 */
record UringTuning(
        int submissions,
        int completions,
        int buffers,
        int bufferBytes,
        boolean isIncremental,
        boolean hasArray,
        long restNs) {
    /** A tunnel costs a kernel call more when it wakes, so it is not put to rest between two pings a second apart. */
    private static final long REST_NS = 4_000_000_000L;

    /**
     * With buffers that are filled little by little: half a megabyte, which few large arrivals or many small ones share.
     *
     * <p>From Linux 6.12 on it can be done, and first with bounded turns it is sound: where in a buffer an arrival stands is
     * told by the order of completions alone, and 6.12 to 6.14 let a receive that stays overtake one that does not
     * (io_req_post_cqe() did not flush what waited; stable releases are mended, which no probe can see).
     */
    static UringTuning incremental() {
        return new UringTuning(512, 1024, 8, 64 << 10, true, false, REST_NS);
    }

    /** With buffers that each arrival takes whole. */
    static UringTuning whole(boolean hasArray) {
        return new UringTuning(1024, 4096, 256, 8 << 10, false, hasArray, REST_NS);
    }
}
