package io.longshore.origin;

import io.longshore.config.Config;
import io.longshore.metrics.PortRow;
import io.longshore.net.Address;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * The account of tuples, one for the whole process: which (source address, endpoint) has how many ports left.
 *
 * <p>Loops take and give back leases at any time, without a lock ({@link OriginPorts}). One other thread calls {@link
 * #reconcile} now and then: the kernel holds a tuple on after our close (TIME_WAIT for 60 s if we closed first), and only
 * the kernel knows when it is over; and other processes may use our source addresses.
 */
public final class SourcePorts {
    /** The kernel's list of TCP sockets. */
    public interface KernelView {
        /**
         * Tells of every tuple that may be held after a close: TIME_WAIT, FIN_WAIT, CLOSING, LAST_ACK.
         *
         * @return false if the kernel could not be asked; what was told does not count then
         */
        boolean visitHeld(TupleVisitor visitor);

        /**
         * The same for every socket that has a port, of whatever process and in whatever state; with zeros for the endpoint
         * where it is not connected.
         */
        boolean visitAll(TupleVisitor visitor);
    }

    /** Takes one tuple: 128-bit addresses in the form of {@link Address}. */
    public interface TupleVisitor {
        /** The list begins, maybe anew: what was told before does not count. */
        void begin();

        void visit(
                long sourceHigh, long sourceLow, int sourcePort, long endpointHigh, long endpointLow, int endpointPort);
    }

    /** A row's name; a null source is the kernel's choice. */
    private record Key(Address source, Address endpoint) {}

    private static final BitSet NONE = new BitSet();

    private final PortSettings settings;
    /** Lists of the kernel that were begun. */
    private final AtomicInteger lists = new AtomicInteger();

    private final Map<Key, TupleRow> rows = new LinkedHashMap<>();
    private final Map<String, OriginPorts> byOrigin = new HashMap<>();
    /** The rows once more, each at its number. */
    private final TupleRow[] byNumber;

    /**
     * @param newAccount gives the cells of each row; called once a row, in the configuration's order
     */
    public SourcePorts(Config config, PortSettings settings, Supplier<PortRow> newAccount) {
        this.settings = settings;
        int number = 0;
        for (Config.Origin origin : config.origins().values()) {
            byOrigin.put(origin.name(), portsOf(origin, number++, newAccount));
        }
        byNumber = rows.values().toArray(new TupleRow[0]);
    }

    /** How many rows the account of this configuration has. */
    public static int rowCount(Config config) {
        Set<Key> keys = new HashSet<>();
        for (Config.Origin origin : config.origins().values()) {
            for (InetSocketAddress each : origin.endpoints()) {
                Address endpoint = Address.of(each);
                SourceAddresses sources = new SourceAddresses(origin.sources(), endpoint.isIpv4());
                for (int i = 0; i < Math.max(1, sources.count()); i++) {
                    keys.add(new Key(sources.count() == 0 ? null : sources.at(i), endpoint));
                }
            }
        }
        return keys.size();
    }

    private OriginPorts portsOf(Config.Origin origin, int number, Supplier<PortRow> newAccount) {
        SourceAddresses ipv4 = new SourceAddresses(origin.sources(), true);
        SourceAddresses ipv6 = new SourceAddresses(origin.sources(), false);
        TupleRow[][] ofOrigin = new TupleRow[origin.endpoints().size()][];
        for (int i = 0; i < ofOrigin.length; i++) {
            Address endpoint = Address.of(origin.endpoints().get(i));
            SourceAddresses sources = endpoint.isIpv4() ? ipv4 : ipv6;
            // Without sources of its own the kernel chooses one address for an endpoint, by its routes: one row.
            ofOrigin[i] = new TupleRow[Math.max(1, sources.count())];
            for (int j = 0; j < ofOrigin[i].length; j++) {
                Address source = sources.count() == 0 ? null : sources.at(j);
                ofOrigin[i][j] =
                        rows.computeIfAbsent(new Key(source, endpoint), key -> newRow(number, key, newAccount));
            }
        }
        return new OriginPorts(ofOrigin, origin.queue());
    }

    private TupleRow newRow(int origin, Key key, Supplier<PortRow> newAccount) {
        PortRow account = newAccount.get();
        Address source = key.source == null ? new Address(0, 0, 0) : key.source;
        Address endpoint = key.endpoint;
        account.describe(origin, source.high(), source.low(), endpoint.high(), endpoint.low(), endpoint.port());
        account.setCapacity(settings.usablePorts());
        return new TupleRow(rows.size(), key.source, endpoint, account, settings, lists);
    }

    /** The tuples of an origin, by its name. */
    public OriginPorts of(String origin) {
        return byOrigin.get(origin);
    }

    // ---- Leases of tunnels, by any thread.

    /** Gives a folded lease back as {@link Lease#free} does. */
    public void free(long folded) {
        rowOf(folded).free(Lease.portOf(folded), Lease.localPortOf(folded));
    }

    /** Gives a folded lease back as {@link Lease#hold} does. */
    public void hold(long folded) {
        rowOf(folded).hold(Lease.portOf(folded), Lease.localPortOf(folded));
    }

    /** The endpoint that a folded lease leads to. */
    public Address endpointOf(long folded) {
        return rowOf(folded).endpoint;
    }

    private TupleRow rowOf(long folded) {
        return byNumber[Lease.rowOf(folded)];
    }

    // ---- The account as a whole.

    /** How ports are found. */
    public PortSettings settings() {
        return settings;
    }

    /** Whether the kernel may hold tuples of ours, or somebody waits for one. */
    public boolean needsReconciling() {
        return byOrigin.values().stream().anyMatch(ports -> ports.queue().isOccupied())
                || rows.values().stream().anyMatch(TupleRow::hasHeld);
    }

    /** Whether a session waits for a tuple. */
    public boolean hasWaiters() {
        return byOrigin.values().stream().anyMatch(ports -> ports.queue().isOccupied());
    }

    /**
     * Frees the tuples that the kernel holds no longer, and gives them to those who wait. One thread at a time.
     *
     * @return how many were freed
     */
    public int reconcile(KernelView kernel) {
        int list = lists.incrementAndGet();
        Listing held = new Listing();
        if (!kernel.visitHeld(held)) {
            return 0;
        }
        int freed = 0;
        for (TupleRow row : rows.values()) {
            freed += row.reconcile(held.ports.getOrDefault(row, NONE), list);
        }
        return freed;
    }

    /**
     * Counts the ports that others have on our sources, among them those with a listener, which the kernel never chooses. A
     * port counts when two calls in a row have found it. Sources that the kernel had no tuple for may be asked again.
     *
     * <p>One thread at a time; costs a walk over all sockets of the host.
     */
    public void countForeign(KernelView kernel) {
        Listing all = new Listing();
        if (!kernel.visitAll(all)) {
            return;
        }
        for (TupleRow row : rows.values()) {
            BitSet taken = (BitSet) all.bound.clone();
            taken.or(all.ports.getOrDefault(row, NONE));
            row.countForeign(taken, settings);
        }
        serve();
    }

    /** Gives what is free to those who wait: should a loop have had no room to be told of it when it came free. */
    public void serve() {
        byOrigin.values().forEach(OriginPorts::serve);
    }

    /** The local ports that the kernel lists. */
    private final class Listing implements TupleVisitor {
        /** Those of connections, by row. */
        final Map<TupleRow, BitSet> ports = new HashMap<>();
        /** Those of sockets that are bound and not connected. */
        final BitSet bound = new BitSet();

        @Override
        public void begin() {
            ports.clear();
            bound.clear();
        }

        @Override
        public void visit(
                long sourceHigh,
                long sourceLow,
                int sourcePort,
                long endpointHigh,
                long endpointLow,
                int endpointPort) {
            if (endpointPort == 0) {
                bound.set(sourcePort);
                return;
            }
            TupleRow row = find(sourceHigh, sourceLow, endpointHigh, endpointLow, endpointPort);
            if (row != null) {
                ports.computeIfAbsent(row, unused -> new BitSet()).set(sourcePort);
            }
        }
    }

    private TupleRow find(long sourceHigh, long sourceLow, long endpointHigh, long endpointLow, int endpointPort) {
        Address endpoint = new Address(endpointHigh, endpointLow, endpointPort);
        Address source = new Address(sourceHigh, sourceLow, 0);
        TupleRow row = rows.get(new Key(source, endpoint));
        if (row != null) {
            return row;
        }
        TupleRow ofKernel = rows.get(new Key(null, endpoint));
        return ofKernel != null && source.equals(ofKernel.local()) ? ofKernel : null;
    }

    /** Every row's account, in the configuration's order. */
    public List<PortRow> accounts() {
        List<PortRow> accounts = new ArrayList<>();
        rows.values().forEach(row -> accounts.add(row.account));
        return accounts;
    }
}
