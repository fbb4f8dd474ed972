package io.longshore.net;

import org.agrona.UnsafeApi;

/**
 * Off-heap memory of one loop, lent in pages: what waits (parked bytes, unfinished heads) lives here and nowhere else.
 *
 * <p>A page is 4, 8, 16, 32, 64, 128 or 256 KiB. A page given back is kept for the next taker, at most 256 KiB a size; past
 * that it goes back to the C library, so that a burst leaves nothing behind. Whoever takes a page owns it and gives it
 * back with the size he asked for.
 */
public final class Pages implements AutoCloseable {
    /** The smallest page, in bytes. */
    public static final int SMALLEST = 4 << 10;
    /** The largest page, in bytes: a head with what came behind it, and the largest read on top. */
    public static final int LARGEST = 256 << 10;

    private static final int SIZES = 7;
    private static final int KEPT_BYTES = 256 << 10;

    private final long[][] kept = new long[SIZES][];
    private final int[] keptCount = new int[SIZES];
    private long takenBytes;
    private int taken;

    /** No memory is allocated before the first page is taken. */
    public Pages() {
        for (int size = 0; size < SIZES; size++) {
            kept[size] = new long[KEPT_BYTES / (SMALLEST << size)];
        }
    }

    /** The size of the page that {@link #take} gives for so many bytes. */
    public static int sizeFor(int bytes) {
        return SMALLEST << index(bytes);
    }

    /**
     * Takes a page of at least so many bytes, with whatever was in it before.
     *
     * @param bytes at most {@link #LARGEST}
     * @return its address
     */
    public long take(int bytes) {
        int index = index(bytes);
        takenBytes += SMALLEST << index;
        taken++;
        if (keptCount[index] > 0) {
            return kept[index][--keptCount[index]];
        }
        return UnsafeApi.allocateMemory(SMALLEST << index);
    }

    /** Gives a page back that was taken for so many bytes (any number that leads to the same size will do). */
    public void give(long page, int bytes) {
        int index = index(bytes);
        takenBytes -= SMALLEST << index;
        taken--;
        assert taken >= 0 && takenBytes >= 0 : "a page was given back twice";
        if (keptCount[index] < kept[index].length) {
            kept[index][keptCount[index]++] = page;
        } else {
            UnsafeApi.freeMemory(page);
        }
    }

    /** How many pages are taken. */
    public int taken() {
        return taken;
    }

    /** How many bytes the taken pages have. */
    public long takenBytes() {
        return takenBytes;
    }

    /** Frees what is kept. Pages that are still taken are lost: the owner of the loop checks {@link #taken} first. */
    @Override
    public void close() {
        for (int size = 0; size < SIZES; size++) {
            while (keptCount[size] > 0) {
                UnsafeApi.freeMemory(kept[size][--keptCount[size]]);
            }
        }
    }

    private static int index(int bytes) {
        if (bytes > LARGEST) {
            throw new IllegalArgumentException("no page has " + bytes + " bytes, the largest has " + LARGEST);
        }
        int pages = (bytes - 1) >> 12;
        return pages <= 0 ? 0 : 32 - Integer.numberOfLeadingZeros(pages);
    }
}
