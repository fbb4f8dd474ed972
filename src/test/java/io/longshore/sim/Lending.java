package io.longshore.sim;

import io.longshore.sys.Memory;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The memory that received bytes are lent in: somewhere else each time, and overwritten with junk as soon as the
 * callback is over, so that whoever keeps an address keeps nothing.
 */
final class Lending {
    private static final int CAPACITY = 512 << 10;
    private static final byte JUNK = (byte) 0xdb;

    private final ByteBuffer memory = ByteBuffer.allocateDirect(CAPACITY);
    private final UnsafeBuffer buffer = new UnsafeBuffer(memory);
    private final long start = Memory.addressOf(memory);
    private final SplittableRandom random;
    private int lentAt;
    private int lentLength;

    Lending(SplittableRandom random) {
        this.random = random;
    }

    /** Lends a copy of these bytes and returns its address. */
    long lend(byte[] bytes, int length) {
        lentAt = random.nextInt(CAPACITY - length + 1);
        lentLength = length;
        buffer.putBytes(lentAt, bytes, 0, length);
        return start + lentAt;
    }

    /** Ends the loan. */
    void takeBack() {
        buffer.setMemory(lentAt, lentLength, JUNK);
        lentLength = 0;
    }

    /** Whether the whole region lies in what is lent now. */
    boolean isLent(long address, int length) {
        return lentLength > 0 && address >= start + lentAt && address + length <= start + lentAt + lentLength;
    }

    /** Whether any of the region lies in this memory, lent or not. */
    boolean touches(long address, int length) {
        return address < start + CAPACITY && address + length > start;
    }
}
