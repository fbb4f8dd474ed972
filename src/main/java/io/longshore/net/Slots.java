package io.longshore.net;

import java.util.Arrays;

/**
 * Numbers for connections: small slots that are used again, and handles that never are.
 *
 * <pre>
 *   handle:  generation (32 bits, odd while the slot is open)  |  slot (32 bits)
 * </pre>
 *
 * <p>A slot's generation grows by one when it opens and by one when it closes, so a handle of an earlier user of the slot
 * differs and {@link #isOpen} says no: that is how a late completion is recognised. The last slot freed is the first to
 * be used again, which keeps the tables dense. A generation wraps after two thousand million uses of one slot.
 */
public final class Slots {
    private static final int NONE = -1;

    private int[] generations = new int[64];
    private int[] nextFree = new int[64];
    private int used;
    private int firstFree = NONE;
    private int open;

    /** Opens a slot and returns its handle. */
    public long open() {
        int slot = firstFree;
        if (slot == NONE) {
            slot = used++;
            if (slot == generations.length) {
                generations = Arrays.copyOf(generations, slot + (slot >> 1));
                nextFree = Arrays.copyOf(nextFree, slot + (slot >> 1));
            }
        } else {
            firstFree = nextFree[slot];
        }
        open++;
        return (long) ++generations[slot] << 32 | slot;
    }

    /** Whether this handle's slot is open under this handle. */
    public boolean isOpen(long handle) {
        int slot = (int) handle;
        int generation = (int) (handle >>> 32);
        return slot >= 0 && slot < used && generations[slot] == generation && (generation & 1) == 1;
    }

    /** The handle under which a slot is open now. The slot must be open. */
    public long handleOf(int slot) {
        assert (generations[slot] & 1) == 1 : "slot " + slot + " is not open";
        return (long) generations[slot] << 32 | slot;
    }

    /** Closes an open handle. */
    public void close(long handle) {
        assert isOpen(handle) : "closed twice: " + Long.toHexString(handle);
        int slot = (int) handle;
        generations[slot]++;
        nextFree[slot] = firstFree;
        firstFree = slot;
        open--;
    }

    /** How many slots are open. */
    public int count() {
        return open;
    }

    /** One more than the largest slot that was ever open: the length of a table indexed by slot. */
    public int used() {
        return used;
    }
}
