package io.longshore.net;

import io.longshore.sys.Memory;
import java.util.Arrays;
import org.agrona.UnsafeApi;

/**
 * Off-heap memory of one loop, lent in pages: what waits (parked bytes, unfinished heads) lives here and nowhere else.
 *
 * <p>A page is 4, 8, 16, 32, 64, 128 or 256 KiB, and is cut from slabs of 1 MiB. A page given back is kept for the next
 * taker, at most 256 KiB a size; past that its memory goes back to the kernel at once and only its place in the slab
 * stays ours, so that a burst leaves nothing behind. (The C library is no help there: it gives back what lies at the end
 * of its heap, and after 8,000 handshakes at once it sat on 55 MB.) Whoever takes a page owns it and gives it back with
 * the size he asked for.
 */
public final class Pages implements AutoCloseable {
    /** The smallest page, in bytes. */
    public static final int SMALLEST = 4 << 10;
    /** The largest page, in bytes: a head with what came behind it, and the largest read on top. */
    public static final int LARGEST = 256 << 10;

    private static final int SIZES = 7;
    private static final int KEPT_BYTES = 256 << 10;
    private static final int SLAB_BYTES = 1 << 20;

    /** Free pages that hold memory. */
    private final long[][] kept = new long[SIZES][];

    private final int[] keptCount = new int[SIZES];
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
        return emptyCount[index] > 0 ? empty[index][--emptyCount[index]] : cut(SMALLEST << index);
    }

    /** Gives a page back that was taken for so many bytes (any number that leads to the same size will do). */
    public void give(long page, int bytes) {
        int index = index(bytes);
        takenBytes -= SMALLEST << index;
        taken--;
        assert taken >= 0 && takenBytes >= 0 : "a page was given back twice";
        if (keptCount[index] < kept[index].length) {
            kept[index][keptCount[index]++] = page;
            return;
        }
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
