package io.longshore.net.nio;

import io.longshore.net.Engine;
import io.longshore.net.Slots;
import java.util.Arrays;

/** Who stands in which slot of the java.nio engine, connections and listeners, found by handle or by descriptor. */
final class NioTable {
    private final Slots slots = new Slots();
    private Object[] owners = new Object[64];
    private Object[] ownersByFd = new Object[64];
    private int connections;

    /** A handle for a connection or listener that is about to be put in. */
    long open() {
        return slots.open();
    }

    void put(NioSocket socket) {
        put(socket.handle, socket.fd, socket);
        connections++;
    }

    void put(NioListener listener) {
        put(listener.handle, listener.fd, listener);
    }

    private void put(long handle, int fd, Object owner) {
        owners = put(owners, Engine.slotOf(handle), owner);
        if (fd >= 0) {
            ownersByFd = put(ownersByFd, fd, owner);
        }
    }

    private static Object[] put(Object[] table, int index, Object owner) {
        Object[] roomy = index < table.length ? table : Arrays.copyOf(table, Math.max(table.length * 2, index + 1));
        roomy[index] = owner;
        return roomy;
    }

    /** The connection of this handle, or null if it is closed or a listener's. */
    NioSocket socket(long handle) {
        return slots.isOpen(handle) && owners[Engine.slotOf(handle)] instanceof NioSocket socket ? socket : null;
    }

    /** The listener of this handle, or null if it is closed or a connection's. */
    NioListener listener(long handle) {
        return slots.isOpen(handle) && owners[Engine.slotOf(handle)] instanceof NioListener listener ? listener : null;
    }

    /** The connection or listener that this descriptor belongs to, or null. */
    Object ownerOf(int fd) {
        return ownersByFd[fd];
    }

    boolean isOpen(long handle) {
        return slots.isOpen(handle);
    }

    /** Closes the handle and forgets who stood there, with this descriptor (negative if there was none). */
    void remove(long handle, int fd) {
        int slot = Engine.slotOf(handle);
        if (owners[slot] instanceof NioSocket) {
            connections--;
        }
        owners[slot] = null;
        if (fd >= 0) {
            ownersByFd[fd] = null;
        }
        slots.close(handle);
    }

    /** The handle under which a slot is taken now, or -1 if it is free. */
    long handleAt(int slot) {
        return owners[slot] == null ? -1 : slots.handleOf(slot);
    }

    /** One more than the largest slot that was ever taken. */
    int slotsUsed() {
        return slots.used();
    }

    int connections() {
        return connections;
    }
}
