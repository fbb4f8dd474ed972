package io.longshore.net.nio;

import io.longshore.net.Engine;
import io.longshore.net.Slots;
import io.longshore.sys.Sockets;
import java.io.IOException;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Arrays;

/** Who stands in which slot of the java.nio engine: connections and listeners by handle. */
final class NioTable {
    private final Slots slots = new Slots();
    private Object[] owners = new Object[64];
    private int connections;

    /** A handle for a connection or listener that is about to be put in. */
    long open() {
        return slots.open();
    }

    void put(NioSocket socket) {
        put(socket.handle, socket);
        connections++;
    }

    /** Takes a descriptor in as a connection; null, with the descriptor closed, if the selector refuses it. */
    NioSocket adopt(int fd, boolean ipv6, boolean isConnecting, Selector selector, Sockets sockets) {
        SocketChannel channel;
        try {
            channel = RawChannels.wrap(fd, ipv6);
        } catch (IOException e) {
            sockets.close(fd);
            return null;
        }
        NioSocket socket = new NioSocket(open(), fd, channel);
        put(socket);
        socket.isConnecting = isConnecting;
        try {
            socket.key = channel.register(selector, socket.interest(), socket);
        } catch (IOException e) {
            remove(socket.handle);
            socket.close();
            return null;
        }
        return socket;
    }

    void put(NioListener listener) {
        put(listener.handle, listener);
    }

    private void put(long handle, Object owner) {
        int slot = Engine.slotOf(handle);
        if (slot >= owners.length) {
            owners = Arrays.copyOf(owners, Math.max(owners.length * 2, slot + 1));
        }
        owners[slot] = owner;
    }

    /** The connection of this handle, or null if it is closed or a listener's. */
    NioSocket socket(long handle) {
        return slots.isOpen(handle) && owners[Engine.slotOf(handle)] instanceof NioSocket socket ? socket : null;
    }

    /** The listener of this handle, or null if it is closed or a connection's. */
    NioListener listener(long handle) {
        return slots.isOpen(handle) && owners[Engine.slotOf(handle)] instanceof NioListener listener ? listener : null;
    }

    boolean isOpen(long handle) {
        return slots.isOpen(handle);
    }

    /** Whether this very connection still stands in its slot. */
    boolean holds(NioSocket socket) {
        return owners[Engine.slotOf(socket.handle)] == socket;
    }

    /** Closes the handle and forgets who stood there. */
    void remove(long handle) {
        int slot = Engine.slotOf(handle);
        if (owners[slot] instanceof NioSocket) {
            connections--;
        }
        owners[slot] = null;
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
