package io.longshore.sim;

import io.longshore.net.Engine;
import io.longshore.net.Slots;
import java.util.ArrayList;
import java.util.List;

/** The open handles of a simulated engine, by slot. */
final class SimHandles {
    private final SimWorld world;
    private final Slots slots = new Slots();
    private final List<SimHandle> bySlot = new ArrayList<>();

    SimHandles(SimWorld world) {
        this.world = world;
    }

    SimHandle open() {
        long handle = slots.open();
        int slot = Engine.slotOf(handle);
        while (bySlot.size() <= slot) {
            bySlot.add(null);
        }
        SimHandle opened = new SimHandle(world, handle);
        bySlot.set(slot, opened);
        return opened;
    }

    /** The open handle, or null if it is closed. */
    SimHandle find(long handle) {
        return slots.isOpen(handle) ? bySlot.get(Engine.slotOf(handle)) : null;
    }

    /** Closes a handle; null if it is closed already. */
    SimHandle forget(long handle) {
        SimHandle found = find(handle);
        if (found != null) {
            slots.close(handle);
            bySlot.set(Engine.slotOf(handle), null);
            if (found.socket != null) {
                found.socket.watch(changed -> {});
            }
        }
        return found;
    }

    /** How many are open, listeners included. */
    int count() {
        return slots.count();
    }

    /** The handle under which a slot is open now. */
    long handleOf(int slot) {
        return slots.handleOf(slot);
    }

    /** Every open handle, in the order of their slots. */
    List<SimHandle> all() {
        List<SimHandle> open = new ArrayList<>();
        for (SimHandle handle : bySlot) {
            if (handle != null) {
                open.add(handle);
            }
        }
        return open;
    }
}
