package io.longshore.sim;

/**
 * The bytes of a stream, told by their positions: whoever receives them can say of each whether it is the one that was
 * sent there. A lost, doubled, moved or foreign byte is wrong at its place and at all places behind it.
 */
final class Payload {
    private Payload() {}

    /** The byte of a stream at a position. */
    static byte at(long stream, long position) {
        long mixed = (stream * 0x9e37_79b9_7f4a_7c15L ^ position >>> 3) * 0xbf58_476d_1ce4_e5b9L;
        mixed = (mixed ^ mixed >>> 31) * 0x94d0_49bb_1331_11ebL;
        return (byte) (mixed >>> ((position & 7) << 3));
    }

    static void fill(long stream, long position, byte[] bytes, int offset, int length) {
        for (int i = 0; i < length; i++) {
            bytes[offset + i] = at(stream, position + i);
        }
    }

    /** The index of the first byte that is not the one of its position, or -1. */
    static int firstWrong(long stream, long position, byte[] bytes, int offset, int length) {
        for (int i = 0; i < length; i++) {
            if (bytes[offset + i] != at(stream, position + i)) {
                return i;
            }
        }
        return -1;
    }
}
