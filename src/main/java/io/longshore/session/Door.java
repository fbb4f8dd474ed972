package io.longshore.session;

import io.longshore.config.Config;
import io.longshore.metrics.AccessEntry;
import io.longshore.metrics.CloseReason;
import io.longshore.metrics.Counter;
import io.longshore.metrics.Counters;
import io.longshore.net.Address;
import io.longshore.net.Completions;
import io.longshore.net.Engine;
import io.longshore.origin.Lease;
import io.longshore.origin.Origins;
import io.longshore.origin.SourcePorts;
import io.longshore.policy.TrustedProxies;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.Predicate;

/**
 * Where clients come in: the listeners of one loop, and the hand that passes each completion to the session or the tunnel
 * that it is about ({@link Occupants}).
 *
 * <p>A fault of our own inside a session or a tunnel (any exception) is caught here, at the border: that one ends as INTERNAL,
 * the fault is counted and told to {@code onFault}, and the loop lives on.
 *
 * <p>One loop's thread uses it.
 */
public final class Door implements Completions {
    /** How long accepting rests when the host is out of descriptors or memory. */
    private static final long ACCEPT_PAUSE_NS = 100_000_000L;
    /** Who was in the accept queue when the drain began has come in by then: it holds somaxconn (4,096) at most. */
    private static final long QUEUE_NS = 1_000_000_000L;

    private final SessionContext context;
    private final Engine engine;
    private final Counters counters;
    private final Predicate<Runnable> mailbox;
    private final Consumer<Throwable> onFault;
    private final List<Entrance> entrances = new ArrayList<>();
    private final Occupants occupants = new Occupants();
    private final Relay relay;
    private int sessions;
    private boolean isDraining;
    private long drainNs;
    private long acceptedBeforeCycle;
    private long accepted;

    /** A listener as configured, and its handle on this loop. */
    private record Entrance(long handle, Config.Listener listener, TrustedProxies trusted) {
        /** Where connections begin with a header that names any client it likes, only trusted proxies may connect. */
        boolean admits(Address peer) {
            return !listener.proxyProtocol() || trusted.contains(peer.high(), peer.low());
        }
    }

    /**
     * The door of one loop; it listens nowhere yet.
     *
     * @param loop the loop's number, from 0
     * @param ports the account of tuples, shared by all loops
     * @param mailbox takes a task for this loop's thread, from any thread; false if it has no room
     * @param accessLog takes one entry for every connection that has ended, on this thread; it must not block
     * @param onFault told of faults of our own
     */
    public Door(
            Engine engine,
            Config config,
            int loop,
            SourcePorts ports,
            Predicate<Runnable> mailbox,
            Counters counters,
            Consumer<AccessEntry> accessLog,
            Consumer<Throwable> onFault) {
        this.engine = engine;
        this.mailbox = mailbox;
        this.counters = counters;
        this.onFault = onFault;
        Origins origins = new Origins(config, loop, ports, engine.random());
        context = new SessionContext(engine, config, origins, ports, counters, accessLog);
        relay = new Relay(this, occupants, context);
    }

    /**
     * Listens where the configuration says; {@code address} differs from the listener's own where its port is 0 and
     * another loop has taken a port already.
     *
     * @return the address that is listened on, with its port
     */
    public Address listen(Config.Listener listener, Address address) throws IOException {
        long handle = engine.listen(address);
        entrances.add(new Entrance(handle, listener, new TrustedProxies(listener.trustedProxies())));
        return engine.localAddress(handle);
    }

    /** How many clients are connected, tunnels included. */
    public int sessions() {
        return sessions;
    }

    /** Whether any listener is open. */
    public boolean isListening() {
        return !entrances.isEmpty();
    }

    /** Stops accepting once nobody waits in the accept queues any more, soon in any case; sessions go on. */
    public void drain() {
        isDraining = true;
        drainNs = engine.nowNs();
        acceptedBeforeCycle = -1;
    }

    /**
     * To be called after every cycle while draining. Connections that the kernel has completed would be reset if their
     * listener closed; so it closes after the first cycle that accepted nobody. Where clients come all the time there is no
     * such cycle, and it closes after a second.
     */
    public void closeQuietListeners() {
        if (isDraining && (acceptedBeforeCycle == accepted || engine.nowNs() - drainNs >= QUEUE_NS)) {
            closeListeners();
        }
        acceptedBeforeCycle = accepted;
    }

    /** Ends what is left after the drain: handshakes are refused with 503, tunnels closed. */
    public void endDrain() {
        closeListeners();
        forEachOccupant(Session::drained, relay::drained);
    }

    /** Ends everything now. */
    public void stop() {
        closeListeners();
        forEachOccupant(Session::stopped, tunnel -> relay.end(tunnel, CloseReason.STOPPED));
    }

    private void closeListeners() {
        for (Entrance entrance : entrances) {
            engine.close(entrance.handle);
        }
        entrances.clear();
    }

    private void forEachOccupant(Consumer<Session> sessionAction, LongConsumer tunnelAction) {
        for (int slot = 0; slot < occupants.slots(); slot++) {
            // A session stands in both of its slots: its second turn finds it closed, or answering.
            Session session = occupants.sessionIn(slot);
            long tunnel = occupants.tunnelIn(slot);
            if (session != null) {
                guarded(session, sessionAction);
            } else if (tunnel != 0) {
                guarded(tunnel, tunnelAction);
            }
        }
    }

    private void guarded(long tunnel, LongConsumer action) {
        long client = Tunnel.client(tunnel);
        try {
            action.accept(tunnel);
        } catch (RuntimeException | AssertionError e) {
            faulted(client, null, e);
        }
    }

    private void guarded(Session session, Consumer<Session> action) {
        try {
            action.accept(session);
        } catch (RuntimeException | AssertionError e) {
            faulted(session.client, session, e);
        }
    }

    // ---- Completions: find who stands in the slot, pass it on.

    @Override
    public void accepted(long listener, long handle, Address peer) {
        accepted++;
        counters.increment(Counter.CONNECTIONS_ACCEPTED);
        Entrance entrance = entranceOf(listener);
        if (entrance == null) {
            engine.close(handle);
            return;
        }
        Session session = new Session(this, context, entrance.listener, entrance.trusted, handle, peer);
        sessions++;
        counters.increment(Counter.SESSIONS_ACTIVE);
        occupants.add(session);
        occupants.enter(handle, session);
        try {
            if (entrance.admits(peer)) {
                session.opened();
            } else {
                session.reset(CloseReason.PROXY_HEADER_UNTRUSTED);
            }
        } catch (RuntimeException | AssertionError e) {
            faulted(handle, session, e);
        }
    }

    @Override
    public void acceptPaused(long listener, int result) {
        counters.increment(Counter.ACCEPT_PAUSES);
        engine.schedule(listener, engine.nowNs() + ACCEPT_PAUSE_NS);
    }

    @Override
    public void connected(long handle, int result) {
        Session session = occupants.sessionAt(handle);
        try {
            session.connected(result);
        } catch (RuntimeException | AssertionError e) {
            faulted(handle, session, e);
        }
    }

    @Override
    public void received(long handle, long address, int length) {
        long tunnel = occupants.tunnelAt(handle);
        Session session = tunnel == 0 ? occupants.sessionAt(handle) : null;
        try {
            if (tunnel != 0) {
                relay.received(tunnel, handle, address, length);
            } else {
                session.received(handle, address, length);
            }
        } catch (RuntimeException | AssertionError e) {
            faulted(handle, session, e);
        }
    }

    @Override
    public void moved(long handle, int bytes) {
        // Allowed for established tunnels only, so it is one of them.
        received(handle, HalfPipe.MOVED, bytes);
    }

    @Override
    public void ended(long handle) {
        long tunnel = occupants.tunnelAt(handle);
        Session session = tunnel == 0 ? occupants.sessionAt(handle) : null;
        try {
            if (tunnel != 0) {
                relay.ended(tunnel, handle);
            } else {
                session.ended(handle);
            }
        } catch (RuntimeException | AssertionError e) {
            faulted(handle, session, e);
        }
    }

    @Override
    public void broken(long handle, int result) {
        long tunnel = occupants.tunnelAt(handle);
        Session session = tunnel == 0 ? occupants.sessionAt(handle) : null;
        try {
            if (tunnel != 0) {
                relay.broken(tunnel, handle, result);
            } else {
                session.broken(handle);
            }
        } catch (RuntimeException | AssertionError e) {
            faulted(handle, session, e);
        }
    }

    @Override
    public void sent(long handle, int bytes) {
        long tunnel = occupants.tunnelAt(handle);
        Session session = tunnel == 0 ? occupants.sessionAt(handle) : null;
        try {
            if (tunnel != 0) {
                relay.sent(tunnel, handle, bytes);
            } else {
                session.sent(handle, bytes);
            }
        } catch (RuntimeException | AssertionError e) {
            faulted(handle, session, e);
        }
    }

    @Override
    public void expired(long handle) {
        long tunnel = occupants.tunnelAt(handle);
        Session session = tunnel == 0 ? occupants.sessionAt(handle) : null;
        if (tunnel == 0 && session == null) {
            // Only listeners have a timer without a session: the pause is over.
            engine.accepting(handle, true);
            return;
        }
        try {
            if (tunnel != 0) {
                relay.expired(tunnel);
            } else {
                session.expired();
            }
        } catch (RuntimeException | AssertionError e) {
            faulted(handle, session, e);
        }
    }

    /** @param session whose fault it was, which may stand in no slot any more; null for a tunnel's */
    private void faulted(long handle, Session session, Throwable fault) {
        counters.increment(Counter.SESSION_FAULTS);
        onFault.accept(fault);
        // A tunnel stands in its slots until it ends; if it does not, the fault was in its end.
        long tunnel = occupants.tunnelAt(handle);
        if (session != null) {
            session.end(CloseReason.INTERNAL);
        } else if (tunnel != 0) {
            relay.end(tunnel, CloseReason.INTERNAL);
        }
    }

    private Entrance entranceOf(long listener) {
        for (Entrance entrance : entrances) {
            if (entrance.handle == listener) {
                return entrance;
            }
        }
        return null;
    }

    // ---- For sessions.

    /** Passes a lease to a session of this loop; from any thread. False if the mailbox has no room. */
    boolean passOn(Session session, Lease lease) {
        return mailbox.test(() -> guarded(session, waiting -> waiting.granted(lease)));
    }

    Occupants occupants() {
        return occupants;
    }

    Relay relay() {
        return relay;
    }

    /** A session or a tunnel has ended. */
    void ended() {
        sessions--;
        counters.add(Counter.SESSIONS_ACTIVE, -1);
    }
}
