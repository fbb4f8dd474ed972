package io.longshore.session;

import io.longshore.http.BodyFraming;
import io.longshore.net.Engine;
import org.agrona.DirectBuffer;

/**
 * A refusal on its way to the client: ours, which is one head with a short text, or the origin's, whose body passes with
 * its framing (RFC 9112 section 6) until it is complete. The client's connection closes behind it either way.
 */
final class Answer {
    /** A refusal that makes no progress is given up after this. */
    static final long TIMEOUT_NS = 30_000_000_000L;
    /** How long after its refusal a client may take to close. */
    static final long LINGER_NS = 2_000_000_000L;
    /** How much a refused client may still send until it is reset. */
    private static final int LINGER_BYTES_MAX = 1 << 20;

    private final SessionContext context;
    private final Handshake handshake;
    private final long client;
    private boolean isComplete;
    private boolean isOriginHeld;
    private long discarded;

    Answer(SessionContext context, Handshake handshake, long client) {
        this.context = context;
        this.handshake = handshake;
        this.client = client;
    }

    /** Sends the head, and with it the whole answer if it is ours. */
    void sendHead(boolean isWhole) {
        handshake.toClient += handshake.answer.length();
        context.engine.send(client, handshake.answer.address(), handshake.answer.length());
        if (isWhole) {
            complete();
        }
    }

    /**
     * Passes bytes of the origin's body on; what stands behind the body is dropped.
     *
     * @param buffer a view of the same bytes
     * @return false if the framing is broken
     */
    boolean passBody(DirectBuffer buffer, int offset, long address, int length) {
        int count = handshake.framing.consume(buffer, offset, length);
        if (count == BodyFraming.MALFORMED) {
            return false;
        }
        if (count > 0) {
            handshake.toClient += count;
            context.engine.send(client, address, count);
        }
        if (handshake.framing.isComplete()) {
            complete();
        }
        return true;
    }

    /** The origin has ended; false if that is in the middle of its body. */
    boolean originEnded() {
        if (!handshake.framing.endsAtEof()) {
            return false;
        }
        complete();
        return true;
    }

    /** Holds the origin while the client is slow, lets it go on when a quarter is left. */
    void balance(long origin) {
        int waiting = handshake.toClient;
        Engine engine = context.engine;
        if (!isOriginHeld && waiting + engine.receiveBytesMax() > context.config.parkedBytesMax()) {
            isOriginHeld = true;
            engine.receive(origin, false);
        } else if (isOriginHeld && waiting <= context.config.parkedBytesMax() >> 2) {
            isOriginHeld = false;
            engine.receive(origin, true);
        }
    }

    /** Whether all of it was sent; it may not have left yet. */
    boolean isComplete() {
        return isComplete;
    }

    /** Whether all of it has left. */
    boolean hasLeft() {
        return isComplete && handshake.toClient == 0;
    }

    /** The client goes on sending; false if it has gone too far. */
    boolean discard(int length) {
        discarded += length;
        return discarded <= LINGER_BYTES_MAX;
    }

    private void complete() {
        isComplete = true;
        context.engine.finish(client);
    }
}
