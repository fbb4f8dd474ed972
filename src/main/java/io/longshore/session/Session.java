package io.longshore.session;

import io.longshore.config.Config;
import io.longshore.metrics.AccessEntry;
import io.longshore.metrics.CloseReason;
import io.longshore.metrics.Counter;
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
 * Handshake}'s work, RELAYING the {@link Relay}'s, ANSWERING and LINGERING the {@link Answer}'s; the session says whose
 * turn it is. Every state leads to CLOSED when a peer leaves or time runs out. {@link #end} is the only way out, takes
 * the one {@link CloseReason}, and writes the one access entry.
 */
final class Session {
    private final Door door;
    private final SessionContext context;
    private final Config.Listener listener;
    private final TrustedProxies trusted;
    final long client;
    private final long openedNs;

    SessionState state;
    /** The socket's peer, or whom the peer's PROXY header names. */
    Address clientAddress;

    private final OriginSide origin;
    private Config.Route route;
    private Handshake handshake;
    private Relay relay;
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
        this.context = context;
        this.listener = listener;
        this.trusted = trusted;
        this.client = client;
        this.clientAddress = clientAddress;
        openedNs = context.engine.nowNs();
        origin = new OriginSide(door, context.engine);
        state = listener.proxyProtocol() ? SessionState.PROXY_HEADER : SessionState.HEAD;
    }

    /** The first thing that happens: the clock runs, and the head may come. */
    void opened() {
        schedule(openedNs + listener.headTimeoutNs());
        context.engine.receive(client, true);
    }

    // ---- What the engine tells, by state.

    void received(long handle, long address, int length) {
        if (state == SessionState.RELAYING) {
            relayed(handle == client, address, length);
            return;
        }
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

    /** The engine has passed bytes of the tunnel on by itself. */
    void moved(long handle, int bytes) {
        relayed(handle == client, HalfPipe.MOVED, bytes);
    }

    void connected(int result) {
        handshake.dialing.connected(result);
    }

    void sent(long handle, int bytes) {
        int left = handshake == null ? bytes : handshake.taken(handle == client, bytes);
        if (state == SessionState.RELAYING) {
            if (handshake != null) {
                relay.sentAhead(handle == client, handle == client ? handshake.toClient : handshake.toOrigin);
                if (handshake.hasLeft()) {
                    releaseHandshake();
                }
            }
            if (left > 0) {
                relay.sent(handle == client, left);
            }
            endIfDone();
        } else if (state == SessionState.ANSWERING && handle == client) {
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
            case RELAYING -> {
                relay.ended(isClient);
                schedule(relay.nextDeadlineNs());
                endIfDone();
            }
            case ANSWERING -> {
                if (!isClient) {
                    answer.originEnded();
                }
            }
            case LINGERING -> end(reason);
            default -> throw new IllegalStateException("an end in state " + state);
        }
    }

    void broken(long handle, int result) {
        boolean isClient = handle == client;
        pass(isClient ? TrailEvent.CLIENT_RST : TrailEvent.ORIGIN_RST);
        switch (state) {
            case PROXY_HEADER, HEAD -> end(CloseReason.CLIENT_RESET_BEFORE_HEAD);
            case DIALING -> end(CloseReason.CLIENT_RESET_IN_DIAL);
            case AWAITING_101 ->
                lost(isClient, CloseReason.CLIENT_RESET_BEFORE_101, CloseReason.ORIGIN_RESET_BEFORE_101);
            // A reset of one side becomes a reset of the other: a FIN would claim that all has been said.
            case RELAYING -> reset(Relay.breakOf(isClient, result));
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
            case RELAYING -> {
                CloseReason due = relay.dueReason(context.engine.nowNs());
                if (due == null) {
                    schedule(relay.nextDeadlineNs());
                } else {
                    pass(TrailEvent.TIMER);
                    end(due);
                }
            }
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

    /** The origin has agreed: from here on the bytes belong to the tunnel. */
    Relay establish() {
        status = 101;
        context.counters.increment(Counter.TUNNELS_ESTABLISHED);
        context.counters.add(Counter.TUNNELS_ACTIVE, 1);
        relay = new Relay(context, route, client, origin.handle());
        transition(SessionState.RELAYING);
        return relay;
    }

    /** Appends a station to the trail. */
    void pass(TrailEvent station) {
        trail = station.appendedTo(trail);
    }

    OriginSide origin() {
        return origin;
    }

    private void relayed(boolean isFromClient, long address, int length) {
        if (relay.received(isFromClient, address, length)) {
            pass(isFromClient ? TrailEvent.HELD_CLIENT : TrailEvent.HELD_ORIGIN);
        }
        // Bytes wait now, so the stalled rule can be due before the one that the timer is set for.
        long deadlineNs = relay.nextDeadlineNs();
        if (deadlineNs - timerNs < 0) {
            schedule(deadlineNs);
        }
    }

    private void endIfDone() {
        if (handshake == null && relay.isDone()) {
            end(relay.firstEnd());
        }
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
            case RELAYING -> end(CloseReason.DRAINED);
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
            context.counters.add(Counter.TUNNELS_ACTIVE, -1);
        }
        abandonDial();
        if (isClientOpen && (why == CloseReason.INTERNAL || isCutShort())) {
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

    /** Whether bytes of a tunnel or an answer are lost by an end now: then no side may take it for a clean one. */
    private boolean isCutShort() {
        return state == SessionState.ANSWERING || state == SessionState.RELAYING && relay.isWaiting();
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
                relay == null ? 0 : relay.up().bytes(),
                relay == null ? 0 : relay.down().bytes(),
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

    void releaseHandshake() {
        context.giveHandshake(handshake);
        handshake = null;
    }

    /** Takes the client's handle out of the table, for the caller to close or abort. */
    private long leaveClient() {
        isClientOpen = false;
        return door.leave(client);
    }
}
