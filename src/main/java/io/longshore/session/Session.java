package io.longshore.session;

import io.longshore.config.Config;
import io.longshore.metrics.AccessEntry;
import io.longshore.metrics.CloseReason;
import io.longshore.metrics.TrailEvent;
import io.longshore.net.Address;
import io.longshore.origin.Attempt;
import io.longshore.origin.Lease;
import io.longshore.policy.TrustedProxies;

/**
 * One client connection on its way along the line.
 *
 * <pre>
 *   [PROXY_HEADER] -> HEAD ---> DIALING ---> AWAITING_101 ---> RELAYING ---------.
 *          \            \          \             \                                v
 *           `------------`----------`-------------`---> ANSWERING -> LINGERING -> CLOSED
 * </pre>
 *
 * <p>It begins with PROXY_HEADER where the listener wants one, else with HEAD. Up to AWAITING_101 it is the {@link
 * Handshake}'s work, ANSWERING and LINGERING the {@link Answer}'s; the session says whose turn it is. With RELAYING it ends
 * its work: all that the tunnel needs goes into its {@link Tunnel} record, and the {@link Relay} has it from then on. The
 * session hears no more than that the last of its handshake's bytes have left, and goes.
 *
 * <p>Every state leads to CLOSED when a peer leaves or time runs out. Where there was no tunnel, {@link #end} is the only
 * way out, takes the one {@link CloseReason}, and writes the one access entry; a tunnel's end is {@link Relay#end}.
 */
final class Session {
    private final Door door;
    private final Occupants occupants;
    private final SessionContext context;
    private final Config.Listener listener;
    private final TrustedProxies trusted;
    final long client;
    /** Its number among the loop's sessions. */
    int number;

    private final long openedNs;

    SessionState state;
    /** The socket's peer, or whom the peer's PROXY header names. */
    Address clientAddress;

    private final OriginSide origin;
    private Config.Route route;
    private Handshake handshake;
    /** The record of the tunnel that it has become. */
    private long tunnel;

    private Answer answer;
    CloseReason reason;
    private int status;
    private boolean isClientOpen = true;
    private boolean hasClientEnded;
    private long trail;
    /** What the one timer was last set to. */
    private long timerNs;

    Session(
            Door door,
            SessionContext context,
            Config.Listener listener,
            TrustedProxies trusted,
            long client,
            Address clientAddress) {
        this.door = door;
        this.occupants = door.occupants();
        this.context = context;
        this.listener = listener;
        this.trusted = trusted;
        this.client = client;
        this.clientAddress = clientAddress;
        openedNs = context.engine.nowNs();
        origin = new OriginSide(occupants, context.engine);
        state = listener.proxyProtocol() ? SessionState.PROXY_HEADER : SessionState.HEAD;
    }

    /** The first thing that happens: the clock runs, and the head may come. */
    void opened() {
        schedule(openedNs + listener.headTimeoutNs());
        context.engine.receive(client, true);
    }

    // ---- What the engine tells, by state.

    void received(long handle, long address, int length) {
        switch (state) {
            case PROXY_HEADER, HEAD -> {
                if (handshake == null) {
                    beginHandshake();
                }
                handshake.headReceived(address, length);
            }
            case DIALING -> handshake.earlyReceived(address, length);
            case AWAITING_101 -> {
                if (handle == client) {
                    handshake.earlyReceived(address, length);
                } else {
                    handshake.responseReceived(address, length);
                }
            }
            case ANSWERING, LINGERING -> {
                if (handle == client) {
                    answer.clientReceived(length);
                } else {
                    answer.bodyReceived(address, length);
                }
            }
            default -> throw new IllegalStateException("bytes in state " + state);
        }
    }

    void connected(int result) {
        handshake.dialing.connected(result);
    }

    void sent(long handle, int bytes) {
        handshake.taken(handle == client, bytes);
        if (state == SessionState.ANSWERING && handle == client) {
            answer.left();
        }
    }

    void ended(long handle) {
        boolean isClient = handle == client;
        pass(isClient ? TrailEvent.CLIENT_FIN : TrailEvent.ORIGIN_FIN);
        hasClientEnded |= isClient;
        switch (state) {
            case PROXY_HEADER, HEAD -> end(CloseReason.CLIENT_LEFT_BEFORE_HEAD);
            case DIALING -> end(CloseReason.CLIENT_LEFT_IN_DIAL);
            case AWAITING_101 -> lost(isClient, CloseReason.CLIENT_LEFT_BEFORE_101, CloseReason.ORIGIN_LEFT_BEFORE_101);
            case ANSWERING -> {
                if (!isClient) {
                    answer.originEnded();
                }
            }
            case LINGERING -> end(reason);
            default -> throw new IllegalStateException("an end in state " + state);
        }
    }

    void broken(long handle) {
        boolean isClient = handle == client;
        pass(isClient ? TrailEvent.CLIENT_RST : TrailEvent.ORIGIN_RST);
        switch (state) {
            case PROXY_HEADER, HEAD -> end(CloseReason.CLIENT_RESET_BEFORE_HEAD);
            case DIALING -> end(CloseReason.CLIENT_RESET_IN_DIAL);
            case AWAITING_101 ->
                lost(isClient, CloseReason.CLIENT_RESET_BEFORE_101, CloseReason.ORIGIN_RESET_BEFORE_101);
            case ANSWERING -> {
                if (isClient) {
                    end(reason);
                } else {
                    answer.broken();
                }
            }
            case LINGERING -> end(reason);
            default -> throw new IllegalStateException("a reset in state " + state);
        }
    }

    /** A side is gone before the 101; only the client can be told of it. */
    private void lost(boolean isClient, CloseReason clientsReason, CloseReason originsReason) {
        if (isClient) {
            end(clientsReason);
        } else {
            refuse(originsReason);
        }
    }

    void expired() {
        switch (state) {
            case PROXY_HEADER -> reset(CloseReason.PROXY_HEADER_TIMEOUT);
            case HEAD -> refuse(CloseReason.HEAD_TIMEOUT);
            case DIALING -> handshake.dialing.dialTimedOut();
            case AWAITING_101 -> refuse(CloseReason.ORIGIN_HEAD_TIMEOUT);
            case ANSWERING, LINGERING -> end(reason);
            default -> throw new IllegalStateException("a timer in state " + state);
        }
    }

    // ---- What the handshake finds out on its way.

    /** The PROXY header is complete; the client is this one from now on. */
    void named(Address named) {
        transition(SessionState.HEAD);
        clientAddress = named;
    }

    /** The request is one of this route's; the dial begins. */
    void routed(Config.Route found) {
        route = found;
    }

    private void beginHandshake() {
        handshake = context.takeHandshake();
        handshake.begin(this, trusted);
    }

    /** The dial has begun, be it with a wait for a tuple. */
    void beginDial() {
        if (state == SessionState.HEAD) {
            transition(SessionState.DIALING);
        }
    }

    /** A tuple is ours; called by whichever thread freed it. False if this loop has no room to be told. */
    boolean grantFromAnyThread(Lease lease) {
        return door.passOn(this, lease);
    }

    /** The lease arrives on the session's own loop, which may have ended the session meanwhile. */
    void granted(Lease lease) {
        if (state != SessionState.DIALING || !handshake.dialing.granted(lease)) {
            lease.free();
        }
    }

    /** An attempt begins. */
    void dialing(Attempt attempt) {
        beginDial();
        origin.dial(attempt, this);
    }

    /** The origin is connected; its answer may come. */
    void awaitAnswer() {
        transition(SessionState.AWAITING_101);
        context.engine.receive(origin.handle(), true);
    }

    /** The origin has agreed: from here on the bytes belong to the tunnel, whose record has all that it needs. */
    long establish() {
        transition(SessionState.RELAYING);
        tunnel = occupants.establish(client, origin.handle(), this);
        relay().established(tunnel);
        Tunnel.openedNs(tunnel, openedNs);
        Tunnel.timerNs(tunnel, timerNs);
        Tunnel.trail(tunnel, trail);
        Tunnel.clientAddress(tunnel, clientAddress);
        Tunnel.route(tunnel, context.numberOf(route));
        origin.handOver(tunnel);
        return tunnel;
    }

    /** A kernel took bytes in the tunnel: the handshake's come first. The session goes when the last of them has left. */
    void sentAhead(boolean isToClient, int bytes) {
        handshake.taken(isToClient, bytes);
        if (handshake.hasLeft()) {
            Tunnel.handshake(tunnel, 0);
            retire();
        }
    }

    /** The tunnel goes on, or has ended, without this session. */
    void retire() {
        transition(SessionState.CLOSED);
        releaseHandshake();
        occupants.remove(this);
    }

    /** Appends a station to the trail. */
    void pass(TrailEvent station) {
        trail = station.appendedTo(trail);
    }

    OriginSide origin() {
        return origin;
    }

    Relay relay() {
        return door.relay();
    }

    // ---- ANSWERING and LINGERING: no tunnel, but a reason.

    /** Answers with a refusal of our own; the origin, if there is one by now, is not needed any more. */
    void refuse(CloseReason why) {
        reason = why;
        status = why.status();
        pass(TrailEvent.REFUSED);
        abandonDial();
        if (origin.isOpen()) {
            // A reset, because a close would leave the tuple in TIME_WAIT for a minute for nothing.
            origin.abort();
        }
        if (handshake == null) {
            beginHandshake();
        }
        handshake.composeRefusal(why);
        beginAnswer().sendRefusal();
    }

    /** Passes on what the origin answered instead of a 101. */
    void passAnswer(int headLength) {
        reason = CloseReason.ORIGIN_ANSWERED;
        status = handshake.responseHead.status();
        pass(TrailEvent.ANSWERED);
        beginAnswer().passOn(headLength);
    }

    private Answer beginAnswer() {
        transition(SessionState.ANSWERING);
        answer = new Answer(this, context, handshake);
        return answer;
    }

    /** The answer has left with its FIN. */
    void linger() {
        transition(SessionState.LINGERING);
        if (hasClientEnded) {
            end(reason);
        } else {
            answer.linger();
        }
    }

    // ---- The end.

    /** The drain's time is over. */
    void drained() {
        pass(TrailEvent.DRAIN);
        switch (state) {
            case PROXY_HEADER, HEAD, DIALING, AWAITING_101 -> refuse(CloseReason.DRAINING);
            default -> {
                // An answer under way ends by itself, and soon.
            }
        }
    }

    /** The process stops now. */
    void stopped() {
        end(reason != null ? reason : CloseReason.STOPPED);
    }

    /** Ends the session: the one place where it does, whatever the reason. */
    void end(CloseReason why) {
        if (state == SessionState.CLOSED) {
            return;
        }
        if (state == SessionState.RELAYING) {
            relay().end(tunnel, why);
            return;
        }
        abandonDial();
        // An answer that is cut short must not look like a whole one.
        if (isClientOpen && (why == CloseReason.INTERNAL || state == SessionState.ANSWERING)) {
            resetBoth();
        }
        transition(SessionState.CLOSED);
        if (origin.isOpen()) {
            origin.close();
        }
        if (isClientOpen) {
            context.engine.close(leaveClient());
        }
        if (handshake != null) {
            releaseHandshake();
        }
        occupants.remove(this);
        context.counters.closed(why);
        context.accessLog.accept(accessEntry(why));
        door.ended();
    }

    /** An attempt that is under way has an outcome too. */
    private void abandonDial() {
        if (state == SessionState.DIALING) {
            handshake.dialing.abandoned();
        }
    }

    /** Ends the session with resets of both connections. */
    void reset(CloseReason why) {
        resetBoth();
        end(why);
    }

    private void resetBoth() {
        context.engine.abort(leaveClient());
        if (origin.isOpen()) {
            origin.abort();
        }
    }

    private AccessEntry accessEntry(CloseReason why) {
        return new AccessEntry(
                clientAddress.high(),
                clientAddress.low(),
                clientAddress.port(),
                route == null ? null : route.path(),
                route == null ? null : route.origin(),
                origin.endpoint() == null ? null : origin.endpoint().toString(),
                origin.local() == null ? 0 : origin.local().high(),
                origin.local() == null ? 0 : origin.local().low(),
                origin.local() == null ? 0 : origin.local().port(),
                status,
                0,
                0,
                context.engine.nowNs() - openedNs,
                why,
                trail);
    }

    private void transition(SessionState next) {
        state = state.to(next);
    }

    /** Moves the session's one timer. */
    void schedule(long deadlineNs) {
        timerNs = deadlineNs;
        context.engine.schedule(client, deadlineNs);
    }

    private void releaseHandshake() {
        context.giveHandshake(handshake);
        handshake = null;
    }

    /** Takes the client's handle out of the table, for the caller to close or abort. */
    private long leaveClient() {
        isClientOpen = false;
        return occupants.leave(client);
    }
}
