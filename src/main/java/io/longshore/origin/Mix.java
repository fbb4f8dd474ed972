package io.longshore.origin;

/**
 * A bijection of 64 bits where every input bit flips every output bit about half the time: the output function of
 * splitmix64 (Sebastiano Vigna's public-domain code; the constants are David Stafford's variant 13 of the finalizer of
 * MurmurHash3). The addend keeps 0 from mapping to 0.
 */
final class Mix {
    /** An odd number: what a counter that goes by it passes through {@link #of} makes a sequence of random numbers. */
    static final long STEP = 0x9e37_79b9_7f4a_7c15L;

    private Mix() {}

    static long of(long bits) {
        long mixed = bits + STEP;
        mixed = (mixed ^ mixed >>> 30) * 0xbf58_476d_1ce4_e5b9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94d0_49bb_1331_11ebL;
        return mixed ^ mixed >>> 31;
    }
}
