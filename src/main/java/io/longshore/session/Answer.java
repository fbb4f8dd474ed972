package io.longshore.session;

import io.longshore.http.BodyFraming;
import io.longshore.metrics.CloseReason;
import io.longshore.net.Engine;
import org.agrona.DirectBuffer;

/**
 * A refusal on its way to the client: ours, which is one head with a short text, or the origin's, whose body passes with
 * its framing (RFC 9112 section 6) until it is complete. The client's connection closes behind it either way.
 *
 * <p>When it has left, the session lingers: closing a socket with unread bytes makes the kernel send a reset, which may
 * destroy the refusal before the client has read it (RFC 9112 section 9.6), so what the client still sends is thrown away
 * until it closes too.
 */
final class Answer {
    /** A refusal that makes no progress is given up after this. */
    private static final long TIMEOUT_NS = 30_000_000_000L;
    /** How long after its refusal a client may take to close. */
    private static final long LINGER_NS = 2_000_000_000L;
    /** How much a refused client may still send until it is reset. */
    private static final int LINGER_BYTES_MAX = 1 << 20;

    private final Session session;
    private final SessionContext context;
    private final Engine engine;
    private final Handshake handshake;
    private boolean isComplete;
    private boolean isOriginHeld;
    private long discarded;

    Answer(Session session, SessionContext context, Handshake handshake) {
        this.session = session;
        this.context = context;
        this.handshake = handshake;
        engine = context.engine;
    }

    /** Sends the composed refusal; that is all of it. */
    void sendRefusal() {
        sendHead();
        complete();
        progressed();
    }

    /** Sends the composed head of the origin's answer, and what has come of its body behind {@code headLength}. */
    void passOn(int headLength) {
        sendHead();
        HeadBuffer response = handshake.response;
        passBody(response.view(), headLength, response.address() + headLength, response.length() - headLength);
    }

    private void sendHead() {
        handshake.toClient += handshake.answer.length();
        engine.send(session.client, handshake.answer.address(), handshake.answer.length());
    }

    /** The origin has sent more of its body; the memory is lent. */
    void bodyReceived(long address, int length) {
        context.lent.wrap(address, length);
        passBody(context.lent, 0, address, length);
    }

    /** Passes on what belongs to the body; what stands behind it is dropped. */
    private void passBody(DirectBuffer buffer, int offset, long address, int length) {
        int count = handshake.framing.consume(buffer, offset, length);
        if (count == BodyFraming.MALFORMED) {
            broken();
            return;
        }
        if (count > 0) {
            handshake.toClient += count;
            engine.send(session.client, address, count);
        }
        if (handshake.framing.isComplete()) {
            bodyComplete();
        } else {
            holdIfSlow();
        }
        progressed();
    }

    /** The origin has ended, which may be how its body ends. */
    void originEnded() {
        if (handshake.framing.endsAtEof()) {
            bodyComplete();
            // The last byte may have left long before this end, and then nothing else would tell of it.
            left();
        } else {
            broken();
        }
    }

    /** The client must see that something is missing: a reset, not an end. */
    void broken() {
        session.reset(CloseReason.ORIGIN_BODY_BROKEN);
    }

    /** Whether the origin would keep the connection or close it, we are done with it. */
    private void bodyComplete() {
        session.origin().close();
        complete();
    }

    private void complete() {
        isComplete = true;
        engine.finish(session.client);
    }

    /** The client's kernel took some of it. */
    void left() {
        if (isComplete && handshake.toClient == 0) {
            session.linger();
            return;
        }
        if (!isComplete) {
            resumeIfQuick();
        }
        progressed();
    }

    /** The client may close now; until it does, it may send. */
    void linger() {
        engine.receive(session.client, true);
        session.schedule(engine.nowNs() + LINGER_NS);
    }

    /** The client goes on sending: ignored, and not endlessly. */
    void clientReceived(int length) {
        discarded += length;
        if (discarded > LINGER_BYTES_MAX) {
            session.reset(session.reason);
        }
    }

    /** Holds the origin while the client is slow. Only where bytes are under way, or nothing would end the hold. */
    private void holdIfSlow() {
        int waiting = handshake.toClient;
        if (!isOriginHeld && waiting > 0 && waiting + engine.receiveBytesMax() > context.config.parkedBytesMax()) {
            isOriginHeld = true;
            engine.receive(session.origin().handle(), false);
        }
    }

    /** Lets a held origin go on when a quarter is left. */
    private void resumeIfQuick() {
        if (isOriginHeld && handshake.toClient <= context.config.parkedBytesMax() >> 2) {
            isOriginHeld = false;
            engine.receive(session.origin().handle(), true);
        }
    }

    private void progressed() {
        session.schedule(engine.nowNs() + TIMEOUT_NS);
    }
}
