package io.longshore.sim;

import io.longshore.config.Config;
import io.longshore.metrics.AccessEntry;
import io.longshore.metrics.CloseReason;
import io.longshore.metrics.Counter;
import io.longshore.metrics.Counters;
import io.longshore.metrics.PortRow;
import io.longshore.metrics.TrailEvent;
import io.longshore.net.Address;
import io.longshore.net.Engine;
import io.longshore.origin.PortSettings;
import io.longshore.origin.SourcePorts;
import io.longshore.session.Door;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The whole data plane in a simulated world: a door on an engine a loop, and the oracles that look at it from outside. */
final class SimProxy {
    /** One loop. */
    private record Loop(SimEngine engine, Engine seen, Door door, Counters counters, Deque<Runnable> mailbox) {}

    private static final long KEEPING_NS = 500 * Odds.MILLI;
    private static final int COUNTED_ONE_IN = 20;

    private final SimWorld world;
    private final Config config;
    private final List<Loop> loops = new ArrayList<>();
    private final SourcePorts ports;
    private final SourcePorts.KernelView kernel = kernelView();
    private final List<AccessEntry> entries = new ArrayList<>();
    private final Set<Address> ended = new HashSet<>();
    private Address address;
    private boolean isDraining;
    private boolean isStopped;
    private long steps;
    private int kept;

    SimProxy(SimWorld world, Config config, PortSettings settings, BuggyEngine.Bug bug) {
        this.world = world;
        this.config = config;
        ports = new SourcePorts(config, settings, PortRow::inMemory);
        PortRow someRow = ports.accounts().get(0);
        for (int i = 0; i < config.loops(); i++) {
            SimEngine engine = new SimEngine(world);
            Engine seen = bug == null ? engine : new BuggyEngine(engine, bug, someRow, world.random.split());
            Counters counters = Counters.inMemory();
            Deque<Runnable> mailbox = new ArrayDeque<>();
            Door door = new Door(seen, config, i, ports, mailbox::add, counters, this::closed, this::faulted);
            loops.add(new Loop(engine, seen, door, counters, mailbox));
        }
        keepPorts();
    }

    /** Listens on every loop, as with SO_REUSEPORT. */
    Address listen() {
        Config.Listener listener = config.listeners().get(0);
        address = Address.of(listener.address());
        for (Loop loop : loops) {
            try {
                address = loop.door.listen(listener, address);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
        return address;
    }

    /** One cycle of every loop; whether any of them had something to do, or still has. */
    boolean cycle() {
        boolean busy = false;
        for (Loop loop : loops) {
            busy |= loop.seen.poll(0, loop.door) > 0 || loop.engine.isBusy();
            while (!loop.mailbox.isEmpty()) {
                loop.mailbox.remove().run();
                busy = true;
            }
            if (isDraining) {
                loop.door.closeQuietListeners();
            }
        }
        steps++;
        checkAlways();
        if (steps % 64 == 0) {
            checkCounts();
        }
        return busy;
    }

    /** What the keeper of the ports does on its own thread, in the time of this world. */
    private void keepPorts() {
        world.after(KEEPING_NS, () -> {
            ports.reconcile(kernel);
            if (++kept % COUNTED_ONE_IN == 0) {
                ports.countForeign(kernel);
            }
            keepPorts();
        });
    }

    void drain() {
        isDraining = true;
        loops.forEach(loop -> loop.door.drain());
    }

    void endDrain() {
        world.drained();
        loops.forEach(loop -> loop.door.endDrain());
        for (Loop loop : loops) {
            long tunnels = loop.counters.get(Counter.TUNNELS_ACTIVE);
            if (tunnels > 0) {
                world.violated("ends-in-time", tunnels + " tunnels survived the drain");
            }
        }
    }

    /** Ends everything at once, and looks whether it did. */
    void stop() {
        world.drained();
        loops.forEach(loop -> loop.door.stop());
        isStopped = true;
        if (sessions() > 0) {
            world.violated("ends-in-time", sessions() + " sessions survived the stop");
        }
        isStopped = false;
    }

    int sessions() {
        int sum = 0;
        for (Loop loop : loops) {
            sum += loop.door.sessions();
        }
        return sum;
    }

    long staleCompletions() {
        long sum = 0;
        for (Loop loop : loops) {
            sum += loop.engine.staleCompletions();
        }
        return sum;
    }

    /** How the proxy saw an exchange end, for a failure's text. */
    String storyOf(Exchange exchange) {
        for (AccessEntry entry : entries) {
            Address client = new Address(entry.clientHigh(), entry.clientLow(), entry.clientPort());
            if (exchange.clientSocket != null && client.equals(exchange.clientSocket.local)) {
                return "; the proxy: " + entry.reason().label() + ", trail " + TrailEvent.text(entry.trail())
                        + ", after " + entry.durationNs() / Odds.MILLI + " ms";
            }
        }
        return "; no entry of the proxy";
    }

    void close() {
        loops.forEach(loop -> loop.engine.close());
    }

    /** The simulated kernel's list of tuples. */
    private boolean tell(Set<Tuples.Tuple> tuples, SourcePorts.TupleVisitor visitor) {
        visitor.begin();
        for (Tuples.Tuple tuple : tuples) {
            Address source = tuple.source();
            Address target = tuple.target();
            visitor.visit(source.high(), source.low(), source.port(), target.high(), target.low(), target.port());
        }
        return true;
    }

    private SourcePorts.KernelView kernelView() {
        return new SourcePorts.KernelView() {
            @Override
            public boolean visitHeld(SourcePorts.TupleVisitor visitor) {
                return tell(world.tuples.closed(), visitor);
            }

            @Override
            public boolean visitAll(SourcePorts.TupleVisitor visitor) {
                return tell(world.tuples.all(), visitor);
            }
        };
    }

    // ---- Oracles.

    /** What holds after every cycle. */
    private void checkAlways() {
        for (Loop loop : loops) {
            // A source is held when one more read could pass the limit; it goes on when a quarter is left. So only
            // where
            // one read is longer than three quarters of the limit may that read be parked on top of the quarter.
            int most = Math.max(config.parkedBytesMax(), config.parkedBytesMax() / 4 + loop.engine.receiveBytesMax());
            if (loop.engine.parkedMost() > most) {
                world.violated("parked-under-limit", loop.engine.parkedMost() + " bytes parked, limit " + most);
            }
        }
        checkAccount();
        if (world.firstViolation() != null) {
            throw world.firstViolation();
        }
    }

    /** As many leases are live as sockets of ours towards origins are open, or on their way to one who waited. */
    private void checkAccount() {
        long live = 0;
        for (PortRow row : ports.accounts()) {
            live += row.taken() - row.held();
            if (row.held() < 0 || row.taken() > row.capacity()) {
                world.violated(
                        "account-balances", row.taken() + " taken, " + row.held() + " held of " + row.capacity());
            }
        }
        long dialled = 0;
        for (Loop loop : loops) {
            dialled += loop.engine.dialled() + loop.mailbox.size();
        }
        if (live != dialled) {
            world.violated("account-balances", live + " leases, " + dialled + " sockets towards origins");
        }
    }

    /** Opened less closed is live, on every loop, and every end has its reason. */
    void checkCounts() {
        long closed = 0;
        for (Loop loop : loops) {
            long ends = 0;
            for (CloseReason reason : CloseReason.values()) {
                ends += loop.counters.closedCount(reason);
            }
            long accepted = loop.counters.get(Counter.CONNECTIONS_ACCEPTED);
            if (accepted - ends != loop.door.sessions()
                    || loop.counters.get(Counter.SESSIONS_ACTIVE) != loop.door.sessions()) {
                world.violated(
                        "one-reason-each",
                        accepted + " accepted, " + ends + " ended, " + loop.door.sessions() + " live, gauge "
                                + loop.counters.get(Counter.SESSIONS_ACTIVE));
            }
            closed += ends;
        }
        if (closed != entries.size()) {
            world.violated("one-reason-each", closed + " ends counted, " + entries.size() + " written");
        }
    }

    /** What holds when every session has ended. */
    void checkAtRest() {
        checkCounts();
        for (Loop loop : loops) {
            SimEngine engine = loop.engine;
            if (engine.connections() != 0
                    || engine.slotsLive() > 1
                    || engine.parkedBytes() != 0
                    || engine.timers() != 0
                    || engine.pages().taken() != 0) {
                world.violated(
                        "nothing-left",
                        engine.connections() + " connections, " + engine.slotsLive()
                                + " slots, " + engine.parkedBytes() + " parked bytes, " + engine.timers() + " timers, "
                                + engine.pages().taken() + " pages");
            }
            if (loop.counters.get(Counter.TUNNELS_ACTIVE) != 0) {
                world.violated("one-reason-each", "tunnels-active " + loop.counters.get(Counter.TUNNELS_ACTIVE));
            }
            if (loop.counters.get(Counter.QUEUE_WAITING) != 0) {
                world.violated("one-reason-each", "queue-waiting " + loop.counters.get(Counter.QUEUE_WAITING));
            }
        }
        for (PortRow row : ports.accounts()) {
            if (row.taken() != 0 || row.held() != 0) {
                world.violated("account-balances", row.taken() + " taken, " + row.held() + " held at rest");
            }
        }
    }

    private void closed(AccessEntry entry) {
        world.trace(30, entry.reason().ordinal(), entry.clientPort());
        entries.add(entry);
        Address client = new Address(entry.clientHigh(), entry.clientLow(), entry.clientPort());
        if (!ended.add(client)) {
            world.violated("one-reason-each", client + " has ended twice, now as " + entry.reason());
        }
        if (entry.reason() == CloseReason.INTERNAL || (entry.reason() == CloseReason.STOPPED && isStopped)) {
            world.violated("no-fault", "a session ended as " + entry.reason());
        }
    }

    private void faulted(Throwable fault) {
        if (fault instanceof Violation violation) {
            throw violation;
        }
        Violation violation = new Violation("no-fault", fault.toString());
        violation.initCause(fault);
        world.remember(violation);
        throw violation;
    }
}
