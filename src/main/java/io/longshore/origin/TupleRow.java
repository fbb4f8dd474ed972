package io.longshore.origin;

import io.longshore.metrics.PortRow;
import io.longshore.net.Address;
import java.util.BitSet;
import java.util.Iterator;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The tuples of one source address towards one endpoint: their account, the free ports where we pick them, and those that
 * the kernel holds after our close. Origins that share an address and an endpoint share the row, as the kernel does.
 */
final class TupleRow {
    /** A tuple whose socket we have closed; whether the kernel's list was read since. */
    private static final class Held {
        final int port;
        boolean wasLookedFor;

        Held(int port) {
            this.port = port;
        }
    }

    final Address source;
    final Address endpoint;
    final PortRow account;
    private final PortRing ring;
    private final ConcurrentLinkedQueue<Held> held = new ConcurrentLinkedQueue<>();

    /** @param source null where the kernel chooses the address */
    TupleRow(Address source, Address endpoint, PortRow account, PortSettings settings) {
        this.source = source;
        this.endpoint = endpoint;
        this.account = account;
        ring = settings.mode() == PortMode.RING ? new PortRing(settings.low(), settings.high()) : null;
    }

    /** Takes a tuple: its port, 0 where the kernel will choose it, or -1 if none is free. */
    int take() {
        if (!account.take()) {
            return -1;
        }
        int port = ring == null ? 0 : ring.take();
        if (port < 0) {
            account.free();
        }
        return port;
    }

    /** A live tuple is free again; {@code port} as {@link #take} gave it. */
    void free(int port) {
        if (ring != null) {
            ring.give(port);
        }
        account.free();
    }

    /** A live tuple's socket with this local port is closed, and the kernel holds it. */
    void hold(int port) {
        account.hold();
        held.add(new Held(port));
    }

    boolean hasHeld() {
        return !held.isEmpty();
    }

    /**
     * Takes one tuple out of the held ones that the kernel has freed. A tuple counts as freed when it was missing from two
     * lists in a row: between our close and the moment the kernel puts it on the list there may be a cycle of a loop.
     *
     * @param listed the local ports that the kernel lists as held
     * @return its port, or -1 if all are still held; the caller frees it or hands it over
     */
    int takeFreed(BitSet listed) {
        for (Iterator<Held> tuples = held.iterator(); tuples.hasNext(); ) {
            Held tuple = tuples.next();
            if (!listed.get(tuple.port) && tuple.wasLookedFor) {
                tuples.remove();
                account.unhold();
                return tuple.port;
            }
        }
        return -1;
    }

    /** The kernel's list was read: who is not on the next one is freed. */
    void lookedFor() {
        for (Held tuple : held) {
            tuple.wasLookedFor = true;
        }
    }

    /** Whether a port of the kernel's choice is meant by 0. */
    boolean isRing() {
        return ring != null;
    }
}
