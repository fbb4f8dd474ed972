package io.longshore.net.uring;

import io.longshore.net.Engine;
import io.longshore.net.Slots;
import java.util.Arrays;
import org.agrona.UnsafeApi;

/**
 * The memory of one loop's connections and listeners: {@link UringSocket} records by slot, in slabs of 256 that begin where
 * a cache line does. It grows to the largest number that was ever open at once.
 */
final class UringTable implements AutoCloseable {
    private static final int SLAB_BITS = 8;
    private static final int SLAB_BYTES = UringSocket.LENGTH << SLAB_BITS;
    private static final int SLAB_MASK = (1 << SLAB_BITS) - 1;

    private final Slots slots = new Slots();
    private long[] allocated = new long[4];
    private long[] slabs = new long[4];
    private int slabCount;
    private int connections;

    /** Takes a slot; returns its record, zero but for what is given here. */
    long open(int fd, int flags) {
        long handle = slots.open();
        int slot = Engine.slotOf(handle);
        if (slot >= slabCount << SLAB_BITS) {
            addSlab();
        }
        long socket = at(slot);
        UringSocket.begin(socket, handle, fd, flags);
        connections += isConnection(socket) ? 1 : 0;
        return socket;
    }

    private void addSlab() {
        if (slabCount == slabs.length) {
            slabs = Arrays.copyOf(slabs, slabCount * 2);
            allocated = Arrays.copyOf(allocated, slabCount * 2);
        }
        long memory = UnsafeApi.allocateMemory(SLAB_BYTES + UringSocket.LENGTH);
        allocated[slabCount] = memory;
        slabs[slabCount] = memory + UringSocket.LENGTH - 1 & -UringSocket.LENGTH;
        UnsafeApi.setMemory(slabs[slabCount++], SLAB_BYTES, (byte) 0);
    }

    /** The record of a slot that was ever taken. */
    long at(int slot) {
        return slabs[slot >>> SLAB_BITS] + (long) (slot & SLAB_MASK) * UringSocket.LENGTH;
    }

    /** The record of an open connection or listener, or 0. */
    long find(long handle) {
        int slot = Engine.slotOf(handle);
        if (slot < 0 || slot >= slabCount << SLAB_BITS || handle == 0) {
            return 0;
        }
        long socket = at(slot);
        return UringSocket.handle(socket) == handle ? socket : 0;
    }

    /** The record of an open connection, or 0. */
    long connection(long handle) {
        long socket = find(handle);
        return socket != 0 && isConnection(socket) ? socket : 0;
    }

    /** The record of an open listener, or 0. */
    long listener(long handle) {
        long socket = find(handle);
        return socket != 0 && !isConnection(socket) ? socket : 0;
    }

    static boolean isConnection(long socket) {
        return !UringSocket.is(socket, UringSocket.LISTENER);
    }

    /** Gives a slot back; nobody may look at its record any more. */
    void close(long socket) {
        connections -= isConnection(socket) ? 1 : 0;
        slots.close(UringSocket.handle(socket));
        UringSocket.end(socket);
    }

    /** One more than the largest slot that was ever taken. */
    int slotsUsed() {
        return slots.used();
    }

    int connections() {
        return connections;
    }

    @Override
    public void close() {
        while (slabCount > 0) {
            UnsafeApi.freeMemory(allocated[--slabCount]);
        }
    }
}
