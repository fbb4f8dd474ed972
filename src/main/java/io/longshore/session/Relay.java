package io.longshore.session;

import io.longshore.config.Config;
import io.longshore.metrics.AccessEntry;
import io.longshore.metrics.CloseReason;
import io.longshore.metrics.Counter;
import io.longshore.metrics.Counters;
import io.longshore.metrics.TrailEvent;
import io.longshore.net.Address;
import io.longshore.net.Engine;
import io.longshore.net.Errno;
import io.longshore.origin.Lease;

/**
 * What happens to the established tunnels of one loop: two {@link HalfPipe}s, the rules about time that hold for both, and
 * the end. It keeps nothing of a tunnel; all that is known of one stands in its {@link Tunnel} record.
 *
 * <ol>
 *   <li>No byte in either direction for {@code idle-timeout}: the tunnel ends.
 *   <li>One direction has ended, and no byte in the other for {@code half-closed-timeout}: it ends.
 *   <li>Bytes wait for a reader that takes none for {@code stalled-timeout}: it ends.
 * </ol>
 *
 * <p>The tunnel's one timer is not moved at every byte. It fires, {@link #expired} looks at what really happened, and sets
 * it for when to look again.
 *
 * <p>{@link #end} is the only way out. It empties the tunnel's slots, so nothing is heard of the tunnel after it; takes the
 * one {@link CloseReason}; and writes the one access entry.
 */
final class Relay {
    private static final int SWITCHING_PROTOCOLS = 101;

    private final Door door;
    private final Occupants occupants;
    private final SessionContext context;
    private final Engine engine;
    private final Counters counters;
    private final HalfPipe up;
    private final HalfPipe down;

    Relay(Door door, Occupants occupants, SessionContext context) {
        this.door = door;
        this.occupants = occupants;
        this.context = context;
        engine = context.engine;
        counters = context.counters;
        int parkedBytesMax = context.config.parkedBytesMax();
        up = HalfPipe.up(engine, parkedBytesMax);
        down = HalfPipe.down(engine, parkedBytesMax);
    }

    // ---- The beginning, with the handshake's bytes.

    /** The tunnel stands. */
    void established(long tunnel) {
        counters.increment(Counter.TUNNELS_ESTABLISHED);
        counters.add(Counter.TUNNELS_ACTIVE, 1);
        Tunnel.activityNs(tunnel, engine.nowNs());
    }

    /** Counts bytes that came with the handshake and are sent with it. */
    void countAhead(long tunnel, boolean isFromClient, int length) {
        counters.add(isFromClient ? Counter.CLIENT_BYTES_IN : Counter.ORIGIN_BYTES_IN, length);
        (isFromClient ? up : down).countAhead(tunnel, length);
    }

    /** The tunnel begins, with so many bytes of the handshake's on their way. */
    void begin(long tunnel, int toClient, int toOrigin) {
        down.waitsAhead(tunnel, toClient);
        up.waitsAhead(tunnel, toOrigin);
        down.holdIfFull(tunnel);
        up.holdIfFull(tunnel);
        engine.flow(Tunnel.client(tunnel), Tunnel.origin(tunnel), true);
        engine.flow(Tunnel.origin(tunnel), Tunnel.client(tunnel), true);
        schedule(tunnel, nextDeadlineNs(tunnel));
    }

    // ---- What the engine tells.

    /** Passes bytes on; the memory is lent, or {@link HalfPipe#MOVED} where the engine has passed them on by itself. */
    void received(long tunnel, long handle, long address, int length) {
        Tunnel.activityNs(tunnel, engine.nowNs());
        boolean isFromClient = handle == Tunnel.client(tunnel);
        counters.add(isFromClient ? Counter.CLIENT_BYTES_IN : Counter.ORIGIN_BYTES_IN, length);
        if ((isFromClient ? up : down).received(tunnel, address, length)) {
            Tunnel.pass(tunnel, isFromClient ? TrailEvent.HELD_CLIENT : TrailEvent.HELD_ORIGIN);
        }
        // Bytes wait now, so the stalled rule can be due before the one that the timer is set for.
        long deadlineNs = nextDeadlineNs(tunnel);
        if (deadlineNs - Tunnel.timerNs(tunnel) < 0) {
            schedule(tunnel, deadlineNs);
        }
    }

    /** A kernel took bytes: heads go before the tunnel's bytes, so the handshake's come first. */
    void sent(long tunnel, long handle, int bytes) {
        boolean isToClient = handle == Tunnel.client(tunnel);
        if (Tunnel.handshake(tunnel) != 0) {
            occupants.handshakeOf(tunnel).sentAhead(isToClient, bytes);
        }
        Tunnel.activityNs(tunnel, engine.nowNs());
        (isToClient ? down : up).sent(tunnel, bytes);
        endIfDone(tunnel);
    }

    /** One side has ended; the end goes to the other behind the last byte. */
    void ended(long tunnel, long handle) {
        boolean isClient = handle == Tunnel.client(tunnel);
        Tunnel.pass(tunnel, isClient ? TrailEvent.CLIENT_FIN : TrailEvent.ORIGIN_FIN);
        Tunnel.activityNs(tunnel, engine.nowNs());
        (isClient ? up : down).ended(tunnel, !isHalfClosed(tunnel));
        schedule(tunnel, nextDeadlineNs(tunnel));
        endIfDone(tunnel);
    }

    /** A reset of one side becomes a reset of the other: a FIN would claim that all has been said. */
    void broken(long tunnel, long handle, int result) {
        boolean isClient = handle == Tunnel.client(tunnel);
        Tunnel.pass(tunnel, isClient ? TrailEvent.CLIENT_RST : TrailEvent.ORIGIN_RST);
        end(tunnel, breakOf(isClient, result), true);
    }

    void expired(long tunnel) {
        CloseReason due = dueReason(tunnel, engine.nowNs());
        if (due == null) {
            schedule(tunnel, nextDeadlineNs(tunnel));
        } else {
            Tunnel.pass(tunnel, TrailEvent.TIMER);
            end(tunnel, due);
        }
    }

    /** The drain's time is over. */
    void drained(long tunnel) {
        Tunnel.pass(tunnel, TrailEvent.DRAIN);
        end(tunnel, CloseReason.DRAINED);
    }

    private void endIfDone(long tunnel) {
        if (up.isDone(tunnel) && down.isDone(tunnel)) {
            end(tunnel, up.hasEndedFirst(tunnel) ? CloseReason.CLIENT_CLOSED_FIRST : CloseReason.ORIGIN_CLOSED_FIRST);
        }
    }

    /** Which side has broken, and how, as the reason of a reset. */
    private static CloseReason breakOf(boolean isClient, int result) {
        boolean isReset = result == -Errno.ECONNRESET || result == -Errno.EPIPE;
        if (isClient) {
            return isReset ? CloseReason.CLIENT_RESET : CloseReason.CLIENT_VANISHED;
        }
        return isReset ? CloseReason.ORIGIN_RESET : CloseReason.ORIGIN_VANISHED;
    }

    // ---- The rules about time.

    /** The rule that ends the tunnel now, or null. */
    private CloseReason dueReason(long tunnel, long nowNs) {
        Config.Route route = context.route(Tunnel.route(tunnel));
        if (down.isWaiting(tunnel) && nowNs - down.progressNs(tunnel) >= route.stalledTimeoutNs()) {
            return CloseReason.CLIENT_STALLED;
        }
        if (up.isWaiting(tunnel) && nowNs - up.progressNs(tunnel) >= route.stalledTimeoutNs()) {
            return CloseReason.ORIGIN_STALLED;
        }
        long quietNs = nowNs - Tunnel.activityNs(tunnel);
        if (isHalfClosed(tunnel) && quietNs >= route.halfClosedTimeoutNs()) {
            return CloseReason.HALF_CLOSED_TIMEOUT;
        }
        return quietNs >= route.idleTimeoutNs() ? CloseReason.IDLE_TIMEOUT : null;
    }

    /** When a rule can be due at the earliest, as things stand. */
    private long nextDeadlineNs(long tunnel) {
        Config.Route route = context.route(Tunnel.route(tunnel));
        long quietMaxNs = isHalfClosed(tunnel)
                ? Math.min(route.halfClosedTimeoutNs(), route.idleTimeoutNs())
                : route.idleTimeoutNs();
        long deadlineNs = Tunnel.activityNs(tunnel) + quietMaxNs;
        if (down.isWaiting(tunnel)) {
            deadlineNs = earlier(deadlineNs, down.progressNs(tunnel) + route.stalledTimeoutNs());
        }
        if (up.isWaiting(tunnel)) {
            deadlineNs = earlier(deadlineNs, up.progressNs(tunnel) + route.stalledTimeoutNs());
        }
        return deadlineNs;
    }

    private boolean isHalfClosed(long tunnel) {
        return up.hasEnded(tunnel) || down.hasEnded(tunnel);
    }

    private static long earlier(long a, long b) {
        return a - b < 0 ? a : b;
    }

    /** Moves the tunnel's one timer. */
    private void schedule(long tunnel, long deadlineNs) {
        Tunnel.timerNs(tunnel, deadlineNs);
        engine.schedule(Tunnel.client(tunnel), deadlineNs);
    }

    // ---- The end.

    /** Ends the tunnel. If bytes are lost by that, or the fault is ours, no side may take it for a clean end. */
    void end(long tunnel, CloseReason why) {
        end(tunnel, why, why == CloseReason.INTERNAL || up.isWaiting(tunnel) || down.isWaiting(tunnel));
    }

    private void end(long tunnel, CloseReason why, boolean isReset) {
        AccessEntry entry = accessEntry(tunnel, why);
        Session handshake = occupants.handshakeOf(tunnel);
        long client = Tunnel.client(tunnel);
        long origin = Tunnel.origin(tunnel);
        long lease = Tunnel.lease(tunnel);
        occupants.end(tunnel);
        counters.add(Counter.TUNNELS_ACTIVE, -1);
        if (isReset) {
            engine.abort(client);
            engine.abort(origin);
            context.ports.free(lease);
        } else {
            closeOrigin(origin, lease);
            engine.close(client);
        }
        if (handshake != null) {
            handshake.retire();
        }
        counters.closed(why);
        context.accessLog.accept(entry);
        door.ended();
    }

    /** Closes: what was sent still leaves. The kernel may hold the tuple on, and says when it does not any more. */
    private void closeOrigin(long origin, long lease) {
        boolean isHeld = engine.holdsTuple(origin);
        engine.close(origin);
        if (isHeld) {
            context.ports.hold(lease);
        } else {
            context.ports.free(lease);
        }
    }

    private AccessEntry accessEntry(long tunnel, CloseReason why) {
        Config.Route route = context.route(Tunnel.route(tunnel));
        Address endpoint = context.ports.endpointOf(Tunnel.lease(tunnel));
        return new AccessEntry(
                Tunnel.clientHigh(tunnel),
                Tunnel.clientLow(tunnel),
                Tunnel.clientPort(tunnel),
                route.path(),
                route.origin(),
                endpoint.toString(),
                Tunnel.localHigh(tunnel),
                Tunnel.localLow(tunnel),
                Lease.localPortOf(Tunnel.lease(tunnel)),
                SWITCHING_PROTOCOLS,
                up.bytes(tunnel),
                down.bytes(tunnel),
                engine.nowNs() - Tunnel.openedNs(tunnel),
                why,
                Tunnel.trail(tunnel));
    }
}
