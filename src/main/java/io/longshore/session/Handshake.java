package io.longshore.session;

import io.longshore.config.Config;
import io.longshore.http.BodyFraming;
import io.longshore.http.Head;
import io.longshore.http.HeadFault;
import io.longshore.http.ProxyHeader;
import io.longshore.http.Upgrade;
import io.longshore.metrics.CloseReason;
import io.longshore.metrics.Counter;
import io.longshore.metrics.TrailEvent;
import io.longshore.net.Address;
import io.longshore.net.Engine;
import io.longshore.net.Pages;
import io.longshore.policy.TrustedProxies;

/**
 * The way from the first byte of a client to its tunnel: read the PROXY header where there is one, read the head, route
 * and check it, dial, send the upgrade on, check the answer. Everything that only the handshake needs is here, and is
 * given back when the tunnel stands: the heads of both sides, the bytes that came behind them, what is being sent, and
 * the dial.
 *
 * <p>The memory of what is being sent belongs to the engine until it has told that all of it was taken; {@link #toClient}
 * and {@link #toOrigin} count what is still out, and the session releases the handshake when both are zero. Until then it
 * lives on beside the tunnel's record.
 *
 * <p>One instance serves many sessions, one after the other.
 */
final class Handshake {
    /** Bytes kept that a client sends behind its upgrade before the 101; past that it is held. */
    private static final int EARLY_BYTES_MAX = 64 << 10;
    /** Bytes of interim responses (100, 103) that an origin may send before its answer. */
    private static final int INTERIM_BYTES_MAX = 64 << 10;
    /** Room for what we add to a head: the fields about the client, Connection and Upgrade. */
    private static final int ROOM = 1024;
    /** When a client that found us out of something may come back. */
    private static final int RETRY_AFTER_SECONDS = 5;

    private final SessionContext context;
    private final Engine engine;
    private final Pages pages;

    /** The client's head as it came, and behind it what the client did not wait with. */
    private final HeadBuffer request = new HeadBuffer();
    /** The head that the origin is sent. */
    private final HeadBuffer originRequest = new HeadBuffer();
    /** The origin's head as it came, and behind it the first bytes of what follows. */
    final HeadBuffer response = new HeadBuffer();
    /** The head that the client is sent: the 101, the origin's refusal or ours. */
    final HeadBuffer answer = new HeadBuffer();

    private final Head requestHead;
    final Head responseHead;
    final BodyFraming framing = new BodyFraming();

    private Session session;
    private TrustedProxies trusted;
    private Config.Route route;
    final Dialing dialing;
    private int requestHeadLength;
    private int interimBytes;

    /** Bytes sent to the client that its kernel has not taken. */
    int toClient;
    /** Bytes sent to the origin that its kernel has not taken. */
    int toOrigin;

    Handshake(SessionContext context) {
        this.context = context;
        engine = context.engine;
        pages = engine.pages();
        dialing = new Dialing(context, this);
        requestHead = new Head(context.config.headersMax());
        responseHead = new Head(context.config.headersMax());
    }

    /** Serves this session from now on. */
    void begin(Session newSession, TrustedProxies newTrusted) {
        session = newSession;
        trusted = newTrusted;
    }

    /** Gives all memory back and makes this ready for the next session. */
    void release() {
        request.release(pages);
        originRequest.release(pages);
        response.release(pages);
        answer.release(pages);
        requestHead.reset();
        responseHead.reset();
        session = null;
        trusted = null;
        route = null;
        dialing.release();
        requestHeadLength = 0;
        interimBytes = 0;
        toClient = 0;
        toOrigin = 0;
    }

    /** A kernel took bytes: heads go before the tunnel's bytes, so ours come first. */
    void taken(boolean isClient, int bytes) {
        if (isClient) {
            toClient = Math.max(0, toClient - bytes);
        } else {
            toOrigin = Math.max(0, toOrigin - bytes);
        }
    }

    /** Whether everything that was sent from this memory has left. */
    boolean hasLeft() {
        return toClient == 0 && toOrigin == 0;
    }

    // ---- PROXY_HEADER: whom the balancer names; HEAD: the client's request, from the byte behind the header.

    void headReceived(long address, int length) {
        request.append(pages, address, length);
        if (session.state == SessionState.HEAD || hasTakenProxyHeader()) {
            parseHead();
        }
    }

    private boolean hasTakenProxyHeader() {
        ProxyHeader header = context.proxyHeader;
        int result = header.parse(request.view(), 0, request.length());
        if (result < 0) {
            session.reset(CloseReason.PROXY_HEADER_MALFORMED);
        } else if (result > 0) {
            request.drop(result);
            nameClient(header);
        }
        return result > 0;
    }

    private void nameClient(ProxyHeader header) {
        if (header.isNamed()) {
            session.pass(TrailEvent.NAMED);
            session.named(new Address(header.high(), header.low(), header.port()));
            return;
        }
        session.named(session.clientAddress);
        if (!header.isLocal()) {
            // The peer is a trusted proxy, but the head behind it is a stranger's.
            trusted = TrustedProxies.NONE;
        }
    }

    private void parseHead() {
        int result = context.parser.request(request.view(), 0, request.length(), requestHead);
        if (result < 0) {
            refuse(result);
        } else if (result > 0) {
            requestHeadLength = result;
            headComplete();
        }
    }

    private void headComplete() {
        session.pass(TrailEvent.HEAD);
        route = context.routes.match(
                requestHead.buffer(),
                requestHead.offset() + requestHead.hostOffset(),
                requestHead.hostLength(),
                requestHead.offset() + requestHead.pathOffset(),
                requestHead.pathLength());
        if (route == null) {
            session.refuse(CloseReason.NO_ROUTE);
            return;
        }
        session.routed(route);
        int check = Upgrade.checkRequest(requestHead);
        if (check != 0) {
            refuse(check);
            return;
        }
        Address client = session.clientAddress;
        boolean isTrusted = trusted.contains(client.high(), client.low());
        context.forwarded.set(client.hostText(), !client.isIpv4(), isTrusted, false);
        if (!composeOriginRequest()) {
            session.refuse(CloseReason.HEAD_TOO_LARGE);
            return;
        }
        context.counters.increment(Counter.HANDSHAKES_STARTED);
        // The client's address chooses the source address; behind a trusted proxy it is the one that the proxy names.
        context.forwardedClient.read(requestHead, trusted, client.high(), client.low());
        holdIfEarly();
        dialing.begin(session, context.origins.of(route));
    }

    /** What the client sends before the 101 waits; a client that sends much of it is held. */
    void earlyReceived(long address, int length) {
        request.append(pages, address, length);
        holdIfEarly();
    }

    /**
     * Bounds the page: a read only ever comes on top of a head (64 KiB at most) and {@link #EARLY_BYTES_MAX}, and has 128
     * KiB at most itself, which is {@link Pages#LARGEST} together.
     */
    private void holdIfEarly() {
        if (earlyLength() > EARLY_BYTES_MAX) {
            engine.receive(session.client, false);
        }
    }

    private int earlyLength() {
        return request.length() - requestHeadLength;
    }

    /** The origin is connected: it is sent the client's request. */
    void sendRequest() {
        sendToOrigin(originRequest.address(), originRequest.length());
    }

    // ---- AWAITING_101: the origin's answer.

    void responseReceived(long address, int length) {
        response.append(pages, address, length);
        while (session != null && session.state == SessionState.AWAITING_101) {
            int result = context.parser.response(response.view(), 0, response.length(), responseHead);
            if (result == 0) {
                return;
            }
            if (result < 0) {
                HeadFault fault = HeadFault.of(result);
                boolean isTooLarge = fault == HeadFault.HEAD_TOO_LARGE || fault == HeadFault.TOO_MANY_HEADERS;
                session.refuse(isTooLarge ? CloseReason.ORIGIN_HEAD_TOO_LARGE : CloseReason.ORIGIN_HEAD_BROKEN);
            } else if (responseHead.status() == 101) {
                switchProtocols(result);
            } else if (responseHead.status() < 200) {
                dropInterim(result);
            } else {
                passAnswer(result);
            }
        }
    }

    /** 100 and 103 say nothing that a WebSocket client waits for (RFC 9110 section 15.2): dropped, and not endlessly. */
    private void dropInterim(int headLength) {
        session.pass(TrailEvent.INTERIM);
        interimBytes += headLength;
        if (interimBytes > INTERIM_BYTES_MAX) {
            session.refuse(CloseReason.ORIGIN_HEAD_TOO_LARGE);
            return;
        }
        response.drop(headLength);
        responseHead.reset();
    }

    private void passAnswer(int headLength) {
        if (composeAnswer()) {
            session.passAnswer(headLength);
        } else {
            session.refuse(CloseReason.ORIGIN_HEAD_TOO_LARGE);
        }
    }

    private void switchProtocols(int headLength) {
        int check = context.upgrade.checkResponse(responseHead, requestHead);
        if (check != 0) {
            refuse(check);
            return;
        }
        if (!composeSwitching()) {
            session.refuse(CloseReason.ORIGIN_HEAD_TOO_LARGE);
            return;
        }
        session.pass(TrailEvent.UPGRADED);
        Relay relay = session.relay();
        long tunnel = session.establish();
        sendToClient(answer.address(), answer.length());
        // The first frames of either side may stand behind its head; they are the tunnel's first bytes.
        int frames = response.length() - headLength;
        if (frames > 0) {
            relay.countAhead(tunnel, false, frames);
            sendToClient(response.address() + headLength, frames);
        }
        int early = earlyLength();
        if (early > 0) {
            relay.countAhead(tunnel, true, early);
            sendToOrigin(request.address() + requestHeadLength, early);
        }
        engine.receive(session.client, true);
        relay.begin(tunnel, toClient, toOrigin);
    }

    private void sendToClient(long address, int length) {
        toClient += length;
        engine.send(session.client, address, length);
    }

    private void sendToOrigin(long address, int length) {
        toOrigin += length;
        engine.send(session.origin().handle(), address, length);
    }

    private void refuse(int faultCode) {
        session.refuse(CloseReason.valueOf(HeadFault.of(faultCode).name()));
    }

    // ---- The heads that we write.

    private boolean composeOriginRequest() {
        int room = requestHeadLength + ROOM;
        while (room <= Pages.LARGEST) {
            originRequest.reserve(pages, room);
            int length = context.writer.originRequest(
                    originRequest.view(), 0, originRequest.capacity(), requestHead, context.forwarded);
            if (length >= 0) {
                originRequest.setLength(length);
                return true;
            }
            room = originRequest.capacity() * 2;
        }
        return false;
    }

    private boolean composeSwitching() {
        reserveAnswer();
        return composed(context.writer.clientSwitching(answer.view(), 0, answer.capacity(), responseHead));
    }

    /** Writes the head of the origin's refusal for the client, and makes its body's framing ready. */
    private boolean composeAnswer() {
        reserveAnswer();
        framing.start(responseHead);
        return composed(context.writer.clientResponse(answer.view(), 0, answer.capacity(), responseHead));
    }

    /** Writes a refusal of our own. */
    void composeRefusal(CloseReason why) {
        answer.reserve(pages, ROOM);
        boolean isToHead = requestHead.isComplete() && requestHead.isHead();
        int retryAfterSeconds = why.status() == 503 ? RETRY_AFTER_SECONDS : 0;
        boolean fits = composed(
                context.writer.refusal(answer.view(), 0, answer.capacity(), why.status(), isToHead, retryAfterSeconds));
        assert fits : "our own refusals are short";
    }

    private void reserveAnswer() {
        answer.reserve(pages, Math.min(responseHead.length() + ROOM, Pages.LARGEST));
    }

    private boolean composed(int length) {
        if (length < 0) {
            return false;
        }
        answer.setLength(length);
        return true;
    }
}
