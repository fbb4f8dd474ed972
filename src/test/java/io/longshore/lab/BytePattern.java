package io.longshore.lab;

/**
 * A stretch of bytes in which every byte depends on its position, so that a lost, doubled or reordered byte is found.
 * {@code native/socketlab} makes and checks the same bytes.
 *
 * @param length bytes
 * @param seed tells apart the patterns of several connections or directions
 * @param offset the position of the first byte
 */
public record BytePattern(long length, long seed, long offset) {
    public BytePattern(long length, long seed) {
        this(length, seed, 0);
    }

    /** The byte at {@code position} of the pattern with this seed: splitmix64's finisher, eight bytes a word. */
    public static byte at(long seed, long position) {
        long z = (position >>> 3) + seed * 0x9e37_79b9_7f4a_7c15L;
        z = (z ^ (z >>> 30)) * 0xbf58_476d_1ce4_e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d0_49bb_1331_11ebL;
        z ^= z >>> 31;
        return (byte) (z >>> (8 * (position & 7)));
    }

    /** All bytes, of a pattern that fits into an array. */
    public byte[] bytes() {
        byte[] bytes = new byte[Math.toIntExact(length)];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = at(seed, offset + i);
        }
        return bytes;
    }
}
