package io.longshore.net;

import io.longshore.sys.Memory;
import java.util.Arrays;
import org.agrona.UnsafeApi;

/**
 * Off-heap memory of one loop, lent in pages: what waits (parked bytes, unfinished heads) lives here and nowhere else.
 *
 * <p>A page is 4, 8, 16, 32, 64, 128 or 256 KiB, and is cut from slabs of 1 MiB. A page given back is kept for the next
 * taker. {@link #trim} gives the memory of those that nobody needed for a second back to the kernel, but for 256 KiB a
 * size, and only their place in the slab stays ours; so a burst leaves nothing behind, and a loop that is busy all the time
 * pays neither for giving memory back nor for the faults that bring it (3 - 7 us a page together). The C library is no help
 * there: it gives back what lies at the end of its heap, and after 8,000 handshakes at once it sat on 55 MB.
 *
 * <p>Whoever takes a page owns it and gives it back with the size he asked for.
 */
public final class Pages implements AutoCloseable {
    /** The smallest page, in bytes. */
    public static final int SMALLEST = 4 << 10;
    /** The largest page, in bytes: a head with what came behind it, and the largest read on top. */
    public static final int LARGEST = 256 << 10;

    private static final int SIZES = 7;
    private static final int KEPT_BYTES = 256 << 10;
    private static final int SLAB_BYTES = 1 << 20;

    /** How long a page must have been unneeded before its memory goes back. */
    private static final long WINDOW_NS = 1_000_000_000L;
    /** Pages trimmed at once, so that a loop with connections to serve does not stand still over it: about 100 us. */
    private static final int TRIMMED_MAX = 32;

    /** Free pages that hold memory; they grow to the largest number that was ever free. */
    private final long[][] kept = new long[SIZES][];

    private final int[] keptCount = new int[SIZES];
    /** The fewest pages that were kept at any time of this window: so many were needed by nobody. */
    private final int[] unneeded = new int[SIZES];
    /** How many pages are still to be trimmed. */
    private final int[] surplus = new int[SIZES];

    private long windowNs;
    private boolean isTrimming;
    /** Free pages whose memory is the kernel's; they grow to the largest number that was ever free. */
    private final long[][] empty = new long[SIZES][0];

    private final int[] emptyCount = new int[SIZES];
    private long[] slabs = new long[4];
    private int slabCount;
    /** The part of the last slab that was not cut yet. */
    private long uncut;

    private long uncutBytes;

    private long takenBytes;
    private int taken;

    /** No memory is allocated before the first page is taken. */
    public Pages() {
        for (int size = 0; size < SIZES; size++) {
            kept[size] = new long[keptMin(size)];
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
            long page = kept[index][--keptCount[index]];
            unneeded[index] = Math.min(unneeded[index], keptCount[index]);
            return page;
        }
        return emptyCount[index] > 0 ? empty[index][--emptyCount[index]] : cut(SMALLEST << index);
    }

    /** Gives a page back that was taken for so many bytes (any number that leads to the same size will do). */
    public void give(long page, int bytes) {
        int index = index(bytes);
        takenBytes -= SMALLEST << index;
        taken--;
        assert taken >= 0 && takenBytes >= 0 : "a page was given back twice";
        if (keptCount[index] == kept[index].length) {
            kept[index] = Arrays.copyOf(kept[index], keptCount[index] * 2);
        }
        kept[index][keptCount[index]++] = page;
    }

    /**
     * Gives back to the kernel what was not needed in the last second, a little at each call; for the owner of the loop to
     * call in every cycle.
     *
     * @return whether there is more to give back, so that the next call should come soon
     */
    public boolean trim(long nowNs) {
        if (nowNs - windowNs >= WINDOW_NS) {
            windowNs = nowNs;
            for (int index = 0; index < SIZES; index++) {
                surplus[index] = Math.max(0, unneeded[index] - keptMin(index));
                isTrimming |= surplus[index] > 0;
                unneeded[index] = keptCount[index];
            }
        }
        if (isTrimming) {
            trimSome();
        }
        return isTrimming;
    }

    private void trimSome() {
        int left = TRIMMED_MAX;
        for (int index = 0; index < SIZES; index++) {
            while (surplus[index] > 0 && keptCount[index] > keptMin(index)) {
                if (left-- == 0) {
                    return;
                }
                surplus[index]--;
                empty(index, kept[index][--keptCount[index]]);
                unneeded[index] = Math.min(unneeded[index], keptCount[index]);
            }
            surplus[index] = 0;
        }
        isTrimming = false;
    }

    private static int keptMin(int index) {
        return KEPT_BYTES / (SMALLEST << index);
    }

    private void empty(int index, long page) {
        Memory.giveToKernel(page, SMALLEST << index);
        if (emptyCount[index] == empty[index].length) {
            empty[index] = Arrays.copyOf(empty[index], Math.max(64, emptyCount[index] * 2));
        }
        empty[index][emptyCount[index]++] = page;
    }

    private long cut(int bytes) {
        if (uncutBytes < bytes) {
            // What is left of the slab before was never touched, so it costs an address and no memory.
            addSlab();
        }
        long page = uncut;
        uncut += bytes;
        uncutBytes -= bytes;
        return page;
    }

    private void addSlab() {
        if (slabCount == slabs.length) {
            slabs = Arrays.copyOf(slabs, slabCount * 2);
        }
        // The kernel takes back whole pages of its own, so ours must begin where they do.
        long slab = UnsafeApi.allocateMemory(SLAB_BYTES + SMALLEST);
        slabs[slabCount++] = slab;
        uncut = (slab + SMALLEST - 1) & -SMALLEST;
        uncutBytes = SLAB_BYTES;
    }

    /** How many pages are taken. */
    public int taken() {
        return taken;
    }

    /** How many bytes the taken pages have. */
    public long takenBytes() {
        return takenBytes;
    }

    /** Frees all of it, pages that are still taken too: the owner of the loop checks {@link #taken} first. */
    @Override
    public void close() {
        while (slabCount > 0) {
            UnsafeApi.freeMemory(slabs[--slabCount]);
        }
        uncutBytes = 0;
        Arrays.fill(keptCount, 0);
        Arrays.fill(emptyCount, 0);
    }

    private static int index(int bytes) {
        if (bytes > LARGEST) {
            throw new IllegalArgumentException("no page has " + bytes + " bytes, the largest has " + LARGEST);
        }
        int pages = (bytes - 1) >> 12;
        return pages <= 0 ? 0 : 32 - Integer.numberOfLeadingZeros(pages);
    }
}
