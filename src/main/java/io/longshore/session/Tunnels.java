package io.longshore.session;

import java.util.Arrays;
import org.agrona.UnsafeApi;

/**
 * The memory of one loop's tunnels: {@link Tunnel} records by number, in slabs of 64.
 *
 * <pre>
 *   number:  slab (26 bits)  |  place in the slab (6 bits)
 * </pre>
 *
 * <p>The lowest free number is the next to be used, so that tunnels gather in the first slabs; a slab whose last tunnel has
 * ended is given back at once, so a wave of them leaves little behind and a loop without tunnels owns nothing.
 */
final class Tunnels {
    private static final int PLACE_BITS = 6;
    private static final int PLACE_MASK = (1 << PLACE_BITS) - 1;
    private static final long FULL = -1;
    private static final int SLAB_BYTES = Tunnel.LENGTH << PLACE_BITS;

    /** Addresses; 0 where there is no slab. */
    private long[] slabs = new long[4];
    /** A bit for each record in use. */
    private long[] used = new long[4];
    /** No slab before this one has room. */
    private int firstWithRoom;

    private int count;
    private int slabCount;

    /** Takes a record, with whatever was in it before; returns its number. */
    int take() {
        while (firstWithRoom < used.length && used[firstWithRoom] == FULL) {
            firstWithRoom++;
        }
        int slab = firstWithRoom;
        if (slab == slabs.length) {
            int length = slab + (slab >> 1);
            slabs = Arrays.copyOf(slabs, length);
            used = Arrays.copyOf(used, length);
        }
        if (slabs[slab] == 0) {
            slabs[slab] = UnsafeApi.allocateMemory(SLAB_BYTES);
            slabCount++;
        }
        int place = Long.numberOfTrailingZeros(~used[slab]);
        used[slab] |= 1L << place;
        count++;
        return slab << PLACE_BITS | place;
    }

    /** Gives a record back; nobody may look at it any more. */
    void give(int number) {
        int slab = number >>> PLACE_BITS;
        assert (used[slab] >>> number & 1) == 1 : "a tunnel's record was given back twice";
        used[slab] &= ~(1L << number);
        count--;
        if (used[slab] == 0) {
            UnsafeApi.freeMemory(slabs[slab]);
            slabs[slab] = 0;
            slabCount--;
        }
        firstWithRoom = Math.min(firstWithRoom, slab);
    }

    /** Where a record in use lies. */
    long addressOf(int number) {
        return slabs[number >>> PLACE_BITS] + (long) (number & PLACE_MASK) * Tunnel.LENGTH;
    }

    /** How many records are in use. */
    int count() {
        return count;
    }

    /** How many bytes all slabs have. */
    long bytes() {
        return (long) slabCount * SLAB_BYTES;
    }
}
