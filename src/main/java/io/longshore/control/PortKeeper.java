package io.longshore.control;

import io.longshore.metrics.PortRow;
import io.longshore.net.Address;
import io.longshore.origin.SourcePorts;
import io.longshore.sys.SocketOwners;
import io.longshore.sys.SocketTable;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/**
 * Keeps the account of tuples true to the kernel: on a thread of its own, because reading the kernel's list of sockets takes
 * a millisecond for every few thousand of them, and no loop may stand still for that.
 *
 * <ol>
 *   <li>Tuples that the kernel held after our close are freed when its list does not show them any more: looked for every
 *       {@value #HELD_MS} ms while there are any, every {@value #WAITERS_MS} ms while somebody waits for one.
 *   <li>Connections of other processes on our source addresses are counted every {@value #FOREIGN_MS} ms.
 *   <li>A kernel that finds no tuple on a source that is far from full by our account has been poisoned by others' sockets
 *       ({@link PoisonWatch}).
 * </ol>
 *
 * <p>Reading the list never takes more than a twentieth of this thread's time: after a long look comes a long rest.
 */
final class PortKeeper implements Runnable {
    private static final long HELD_MS = 500;
    private static final long WAITERS_MS = 50;
    private static final long FOREIGN_MS = 10_000;
    private static final int REST_FACTOR = 20;
    private static final long MS_NS = 1_000_000L;

    private final SourcePorts ports;
    private final PoisonWatch poison;
    private final KernelSockets kernel = new KernelSockets();
    private volatile boolean isStopped;
    private long foreignDueNs;
    private boolean isCounted;

    PortKeeper(SourcePorts ports) {
        this.ports = ports;
        poison = new PoisonWatch(ports);
        foreignDueNs = System.nanoTime();
    }

    @Override
    public void run() {
        while (!isStopped) {
            long startNs = System.nanoTime();
            try {
                keep(startNs);
            } catch (RuntimeException e) {
                // Without this thread no held tuple would ever come free again: one bad list must not end it.
                Log.error("ports-not-kept", "fault", e);
            }
            long tookNs = System.nanoTime() - startNs;
            long restNs = (ports.hasWaiters() ? WAITERS_MS : HELD_MS) * MS_NS;
            LockSupport.parkNanos(Math.max(restNs, tookNs * REST_FACTOR));
        }
    }

    private void keep(long nowNs) {
        if (nowNs - foreignDueNs >= 0) {
            ports.countForeign(kernel);
            // What others have is known after two counts: the second one comes soon.
            foreignDueNs = nowNs + (isCounted ? FOREIGN_MS * MS_NS : 0);
            isCounted = true;
        }
        poison.look();
        if (ports.needsReconciling()) {
            ports.reconcile(kernel);
        }
        if (ports.hasWaiters()) {
            ports.serve();
        }
    }

    /** Ends the thread soon. */
    void stop() {
        isStopped = true;
    }

    /** The kernel's socket table, as the account wants to see it. */
    private static final class KernelSockets implements SourcePorts.KernelView {
        private final SocketTable table = new SocketTable();

        @Override
        public boolean visitHeld(SourcePorts.TupleVisitor visitor) {
            return visit(SocketTable.CLOSED_BY_US_MASK, visitor);
        }

        @Override
        public boolean visitAll(SourcePorts.TupleVisitor visitor) {
            return visit(SocketTable.ALL_MASK, visitor);
        }

        private boolean visit(int states, SourcePorts.TupleVisitor visitor) {
            int result = table.visit(states, new SocketTable.Visitor() {
                @Override
                public void begin() {
                    visitor.begin();
                }

                @Override
                public void socket(
                        int state,
                        long localHigh,
                        long localLow,
                        int localPort,
                        long remoteHigh,
                        long remoteLow,
                        int remotePort,
                        long inode,
                        int uid) {
                    visitor.visit(localHigh, localLow, localPort, remoteHigh, remoteLow, remotePort);
                }
            });
            return result >= 0;
        }
    }

    /**
     * Notices when the kernel finds no tuple where the account has plenty: below 70 % of a row's tuples. The likely cause is another process that binds our source address without IP_BIND_ADDRESS_NO_PORT: the kernel
     * then passes over its ports for every destination.
     */
    static final class PoisonWatch {
        private static final int CULPRITS_MAX = 3;

        private final SourcePorts ports;
        private final long[] before;
        private final Set<Address> warned = new HashSet<>();

        PoisonWatch(SourcePorts ports) {
            this.ports = ports;
            before = new long[ports.accounts().size()];
        }

        void look() {
            int number = 0;
            for (PortRow row : ports.accounts()) {
                long blocks = row.blocksEarly();
                boolean isNew = blocks > before[number];
                before[number++] = blocks;
                Address source = new Address(row.sourceHigh(), row.sourceLow(), 0);
                if (isNew && warned.add(source)) {
                    warn(row, source);
                }
            }
        }

        private static void warn(PortRow row, Address source) {
            Address endpoint = new Address(row.endpointHigh(), row.endpointLow(), row.endpointPort());
            long ownPid = ProcessHandle.current().pid();
            SocketOwners others = SocketOwners.of(source.high(), source.low(), ownPid);
            Log.warn(
                    "source-poisoned",
                    "source",
                    isChosen(source) ? source.hostText() : "any",
                    "endpoint",
                    endpoint,
                    "taken",
                    row.taken(),
                    "of",
                    row.capacity() - row.foreign(),
                    "culprit",
                    culprit(others.owners().isEmpty() ? SocketOwners.ofAnyAddress(ownPid) : others),
                    "reason",
                    "the kernel has no port although the account has: sockets bound without IP_BIND_ADDRESS_NO_PORT,"
                            + " or a source address that is not of this host");
        }

        private static boolean isChosen(Address source) {
            return source.high() != 0 || source.low() != 0;
        }

        private static String culprit(SocketOwners others) {
            if (!others.owners().isEmpty()) {
                return others.owners().stream()
                        .limit(CULPRITS_MAX)
                        .map(SocketOwners.Owner::toString)
                        .collect(Collectors.joining(", "));
            }
            return others.isComplete() ? "no other process" : "unknown: it takes root to look into all processes";
        }
    }
}
