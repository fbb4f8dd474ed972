package io.longshore.origin;

import io.longshore.metrics.PortRow;
import io.longshore.net.Address;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The tuples of one source address towards one endpoint: their account, the free ports where we pick them, the ports in use,
 * and those that the kernel holds after our close. Origins that share an address and an endpoint share the row, as the
 * kernel does; what comes free then helps whoever waits, in whichever origin.
 *
 * <p><b>Nobody waits while a tuple is free.</b> A tuple goes to a waiter directly, or back to the account; after that,
 * whoever gave it back looks whether somebody has begun to wait meanwhile. Who begins to wait enters the queue first and
 * looks at the account then. Both are atomic, so one of them sees the other ({@link #serve}).
 */
final class TupleRow {
    /** Lists in a row that must not show a tuple: a list is not a snapshot, and may miss a socket that changes. */
    private static final int LISTS_MISSED = 2;

    /** Who uses this row, and under which numbers. */
    private record User(OriginPorts ports, int endpoint, int source) {}

    /** A tuple whose socket we have closed. */
    private static final class Held {
        /** The list that was being read then; it says nothing about this tuple yet. */
        final int list;

        int missed;

        Held(int list) {
            this.list = list;
        }
    }

    /** Its place in the account. */
    final int number;

    final Address source;
    final Address endpoint;
    final PortRow account;
    private final PortRing ring;
    private final List<User> users = new ArrayList<>();
    private final AtomicInteger turn = new AtomicInteger();
    private final AtomicInteger lists;
    private final PortSet own = new PortSet();
    /** By port. One whose port was never known stands under a number below zero. */
    private final Map<Integer, Held> held = new ConcurrentHashMap<>();

    private final AtomicInteger unknown = new AtomicInteger();
    /** The address that the kernel took where the choice is its own. */
    private volatile Address chosen;
    /** Ports that others had in the last list; the keeper's thread alone uses it. */
    private BitSet foreignBefore = new BitSet();

    /**
     * @param source null where the kernel chooses the address
     * @param lists counts the lists of the kernel that were begun
     */
    TupleRow(
            int number, Address source, Address endpoint, PortRow account, PortSettings settings, AtomicInteger lists) {
        this.number = number;
        this.source = source;
        this.endpoint = endpoint;
        this.account = account;
        this.lists = lists;
        chosen = source;
        ring = settings.mode() == PortMode.RING ? new PortRing(settings.low(), settings.high()) : null;
    }

    /** Before the row is shared. */
    void usedBy(OriginPorts ports, int endpointNumber, int sourceNumber) {
        users.add(new User(ports, endpointNumber, sourceNumber));
    }

    /** The local address of these tuples; null as long as it is not known. */
    Address local() {
        return chosen;
    }

    // ---- Taking and giving back, by any thread.

    /** Takes a tuple: its port, 0 where the kernel will choose it, or -1 if none is free. */
    int take() {
        if (!account.take()) {
            return -1;
        }
        if (ring == null) {
            return 0;
        }
        int port = ring.take();
        while (port < 0) {
            // The account had one, and a port is put into the ring before its tuple is given back: so one is there,
            // behind
            // another that is just being put in.
            Thread.onSpinWait();
            port = ring.take();
        }
        return port;
    }

    /** A connection with a tuple of this row stands. */
    void connected(Address local) {
        if (source == null && !local.withPort(0).equals(chosen)) {
            chosen = local.withPort(0);
        }
        if (ring == null && held.remove(local.port()) != null) {
            // The kernel has given the port out anew (tcp_tw_reuse), so it no longer holds the old tuple.
            account.unhold();
            freed(0);
        }
        own.add(local.port());
    }

    /** A live tuple is free again; {@code port} as {@link #take} gave it, {@code localPort} 0 if it never stood. */
    void free(int port, int localPort) {
        own.remove(localPort);
        freed(port);
    }

    /** A live tuple's socket is closed, and the kernel holds it; the ports as for {@link #free}. */
    void hold(int port, int localPort) {
        account.hold();
        int known = port != 0 ? port : localPort;
        int key = known != 0 ? known : -unknown.incrementAndGet();
        if (held.put(key, new Held(lists.get())) != null) {
            account.unhold();
            freed(0);
        }
    }

    /** A taken tuple is free: it goes to who waits longest, or back to the account. */
    private void freed(int port) {
        // Where the kernel has fewer tuples than are taken, this one is not to be used again.
        if (account.taken() <= account.usable() && handOver(port)) {
            return;
        }
        giveBack(port);
        serve();
    }

    private void giveBack(int port) {
        if (ring != null) {
            ring.give(port);
        }
        account.free();
    }

    /** Gives the free tuples to those who wait. */
    void serve() {
        while (isAwaited()) {
            long entries = entries();
            int port = take();
            if (port < 0) {
                // Whoever has the last one gives it back some time, and then looks for waiters.
                return;
            }
            if (!handOver(port)) {
                giveBack(port);
                // Somebody may have entered, and found the tuple taken that we had in hand.
                if (entries() == entries) {
                    return;
                }
            }
        }
    }

    private boolean isAwaited() {
        for (User user : users) {
            if (user.ports.queue().isOccupied()) {
                return true;
            }
        }
        return false;
    }

    private long entries() {
        long sum = 0;
        for (User user : users) {
            sum += user.ports.queue().entries();
        }
        return sum;
    }

    private boolean handOver(int port) {
        int first = users.size() == 1 ? 0 : turn.getAndIncrement() & 0xffff;
        for (int i = 0; i < users.size(); i++) {
            User user = users.get((first + i) % users.size());
            if (user.ports.queue().isOccupied()
                    && user.ports.queue().handOver(new Lease(this, user.endpoint, user.source, port))) {
                return true;
            }
        }
        return false;
    }

    // ---- What the kernel says, on the keeper's thread.

    boolean hasHeld() {
        return !held.isEmpty();
    }

    /**
     * Frees the tuples that the kernel holds no longer.
     *
     * @param listed the local ports that the kernel's list shows as held
     * @param list the list's number
     * @return how many were freed
     */
    int reconcile(BitSet listed, int list) {
        int freed = 0;
        for (Map.Entry<Integer, Held> entry : held.entrySet()) {
            int port = entry.getKey();
            Held tuple = entry.getValue();
            if (tuple.list >= list) {
                continue;
            }
            tuple.missed = port > 0 && listed.get(port) ? 0 : tuple.missed + 1;
            if (tuple.missed >= LISTS_MISSED && held.remove(port, tuple)) {
                own.remove(Math.max(0, port));
                account.unhold();
                freed(ring == null ? 0 : port);
                freed++;
            }
        }
        return freed;
    }

    /**
     * Sets the number of ports that others have.
     *
     * @param taken the ports in use towards this endpoint, by whomever, and those bound without a connection
     * @param settings says which of them count
     */
    void countForeign(BitSet taken, PortSettings settings) {
        BitSet now = new BitSet();
        for (int port = taken.nextSetBit(settings.low());
                port >= 0 && port <= settings.high();
                port = taken.nextSetBit(port + 1)) {
            if (!own.contains(port) && !settings.reserved().get(port)) {
                now.set(port);
            }
        }
        // One of ours whose connect is not through yet looks like somebody else's: those stay for two lists.
        foreignBefore.and(now);
        account.setForeign(foreignBefore.cardinality());
        foreignBefore = now;
        account.unblock();
    }
}
