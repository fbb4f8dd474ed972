package io.longshore.sim;

import io.longshore.net.Address;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * A world made of one seed: a clock, a network, and whoever lives in it. The same seed gives the same world, event by
 * event; {@link #traceHash()} tells whether it did.
 *
 * <p>Time stands still while something happens and jumps to the next event when nothing does. Everything runs on the
 * thread of the test.
 */
final class SimWorld {
    /** Virtual time starts here: not at zero, and near the overflow in some worlds, as a monotonic clock may. */
    private static final long SOON_OVERFLOWING_NS = Long.MAX_VALUE - 20 * Odds.SECOND;

    private record Event(long timeNs, long order, Runnable action) {}

    final long seed;
    final SplittableRandom random;
    final Odds odds;
    final Tuples tuples;
    /** How long a closed connection holds its tuple if the dialling side closed first. */
    long timeWaitNs = 60 * Odds.SECOND;

    private final long startNs;
    private final PriorityQueue<Event> events;
    private final Map<Address, List<SimListener>> listeners = new HashMap<>();
    private final List<SimEngine> engines = new ArrayList<>();
    private final Set<Address> foreign = new HashSet<>();
    private final Set<Address> silent = new HashSet<>();
    private long elapsedNs;
    private long eventsAdded;
    private long traceHash = 0xcbf29ce484222325L;
    private Violation firstViolation;
    private boolean drained;
    private int nextListenPort = 20_000;

    /** A world as its seed wants it, with engines of this manner. */
    SimWorld(long seed, Odds.Manner manner) {
        this(seed, new SplittableRandom(seed), manner, null);
    }

    /** A world with odds of its own. */
    SimWorld(long seed, Odds odds) {
        this(seed, new SplittableRandom(seed), null, odds);
    }

    private SimWorld(long seed, SplittableRandom random, Odds.Manner manner, Odds odds) {
        this.seed = seed;
        this.random = random;
        this.odds = odds != null ? odds : Odds.drawn(random, manner, seed);
        tuples = new Tuples(random.split());
        startNs = random.nextInt(8) == 0 ? SOON_OVERFLOWING_NS : random.nextLong(1L << 50);
        events = new PriorityQueue<>(
                (a, b) -> a.timeNs != b.timeNs ? Long.compare(a.timeNs, b.timeNs) : Long.compare(a.order, b.order));
    }

    /** The monotonic clock. */
    long nowNs() {
        return startNs + elapsedNs;
    }

    /** Virtual time since the beginning. */
    long elapsedNs() {
        return elapsedNs;
    }

    /** Lets something happen later. */
    void after(long delayNs, Runnable action) {
        events.add(new Event(elapsedNs + Math.max(0, delayNs), eventsAdded++, action));
    }

    /** Runs what is due now; returns how many events there were. */
    int runDue() {
        int ran = 0;
        while (!events.isEmpty() && events.peek().timeNs <= elapsedNs) {
            events.poll().action.run();
            ran++;
        }
        return ran;
    }

    /**
     * Jumps to the next event or timer and runs what is due then.
     *
     * @param untilNs of {@link #elapsedNs()}; time does not go further than this
     * @return whether anything happened until then
     */
    boolean advance(long untilNs) {
        long next = events.isEmpty() ? Long.MAX_VALUE : events.peek().timeNs;
        for (SimEngine engine : engines) {
            long delay = engine.timerDelayNs();
            if (delay != Long.MAX_VALUE) {
                next = Math.min(next, elapsedNs + delay);
            }
        }
        if (next > untilNs) {
            elapsedNs = Math.max(elapsedNs, untilNs);
            return false;
        }
        elapsedNs = Math.max(elapsedNs, next);
        runDue();
        return true;
    }

    /** Adds to the record of what happened. */
    void trace(int what, long first, long second) {
        long hash = traceHash;
        hash = (hash ^ elapsedNs) * 0x100000001b3L;
        hash = (hash ^ what) * 0x100000001b3L;
        hash = (hash ^ first) * 0x100000001b3L;
        hash = (hash ^ second) * 0x100000001b3L;
        traceHash = hash ^ hash >>> 29;
    }

    /** A hash over everything that happened so far, and when. */
    long traceHash() {
        return traceHash;
    }

    /** An oracle speaks. It is remembered too, should somebody swallow the exception. */
    void violated(String oracle, String what) {
        Violation violation = new Violation(oracle, what);
        remember(violation);
        throw violation;
    }

    void remember(Violation violation) {
        if (firstViolation == null) {
            firstViolation = violation;
        }
    }

    /** From now on the proxy may cut tunnels off, with an end that is not the sender's. */
    void drained() {
        drained = true;
    }

    boolean isDrained() {
        return drained;
    }

    /** The first violation, or null. */
    Violation firstViolation() {
        return firstViolation;
    }

    void join(SimEngine engine) {
        engines.add(engine);
    }

    void leave(SimEngine engine) {
        engines.remove(engine);
    }

    /** Listens; a port of 0 is replaced by a free one. Several may listen on one address, as with SO_REUSEPORT. */
    SimListener listen(Address address, Runnable arrived) {
        Address bound = address.port() == 0 ? address.withPort(nextListenPort++) : address;
        SimListener listener = new SimListener(this, bound, arrived);
        listeners.computeIfAbsent(bound, key -> new ArrayList<>()).add(listener);
        return listener;
    }

    void unlisten(SimListener listener) {
        List<SimListener> group = listeners.get(listener.address);
        group.remove(listener);
        if (group.isEmpty()) {
            listeners.remove(listener.address);
        }
    }

    /** Who gets the next connection to this address: null if nobody listens there. */
    SimListener listenerFor(Address address) {
        List<SimListener> group = listeners.get(address);
        return group == null ? null : group.get(random.nextInt(group.size()));
    }

    /** Declares that nobody here owns this address (its port is ignored): binding to it fails. */
    void foreign(Address address) {
        foreign.add(address.withPort(0));
    }

    boolean isForeign(Address address) {
        return foreign.contains(address.withPort(0));
    }

    /** Makes an endpoint a black hole: a SYN to it is never answered. */
    void silence(Address endpoint) {
        silent.add(endpoint);
    }

    boolean isSilent(Address endpoint) {
        return silent.contains(endpoint);
    }
}
