package io.longshore.session;

import io.longshore.http.BodyFraming;
import io.longshore.http.Head;
import io.longshore.metrics.CloseReason;
import io.longshore.net.Pages;
import io.longshore.origin.Dial;

/**
 * What a session needs until its tunnel stands, and gives back then: the heads of both sides, the bytes that came behind
 * them, what is being sent, and the dial. A tunnel keeps none of it.
 *
 * <p>The memory of what is being sent belongs to the engine until it has told that all of it was taken; {@link #toClient}
 * and {@link #toOrigin} count what is still out, and the handshake is released when both are zero.
 */
final class Handshake {
    /** Room for what we add to a head: the fields about the client, Connection and Upgrade. */
    private static final int ROOM = 1024;
    /** When a client that found us out of something may come back. */
    private static final int RETRY_AFTER_SECONDS = 5;

    /** The client's head as it came, and behind it what the client did not wait with. */
    final HeadBuffer request = new HeadBuffer();
    /** The head that the origin is sent. */
    final HeadBuffer originRequest = new HeadBuffer();
    /** The origin's head as it came, and behind it the first frames. */
    final HeadBuffer response = new HeadBuffer();
    /** The head that the client is sent: the 101, the origin's refusal or ours. */
    final HeadBuffer answer = new HeadBuffer();

    final Head requestHead;
    final Head responseHead;
    final BodyFraming framing = new BodyFraming();
    Dial dial;
    /** The length of the client's head in {@link #request}. */
    int requestHeadLength;
    /** Bytes of interim responses dropped so far. */
    int interimBytes;
    /** Bytes sent to the client that its kernel has not taken. */
    int toClient;
    /** Bytes sent to the origin that its kernel has not taken. */
    int toOrigin;

    Handshake(int headersMax) {
        requestHead = new Head(headersMax);
        responseHead = new Head(headersMax);
    }

    /** How many bytes the client has sent behind its head. */
    int earlyLength() {
        return request.length() - requestHeadLength;
    }

    /** Writes the head that the origin is sent; false if no page holds it. */
    boolean composeOriginRequest(SessionContext context) {
        int room = requestHeadLength + ROOM;
        while (room <= Pages.LARGEST) {
            originRequest.reserve(context.engine.pages(), room);
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

    /** Writes the 101 that the client is sent; false if it does not fit, which no origin's head within limits causes. */
    boolean composeSwitching(SessionContext context) {
        reserveAnswer(context);
        return composed(context.writer.clientSwitching(answer.view(), 0, answer.capacity(), responseHead));
    }

    /** Writes the head of the origin's refusal for the client, and makes its body's framing ready. */
    boolean composeAnswer(SessionContext context) {
        reserveAnswer(context);
        framing.start(responseHead);
        return composed(context.writer.clientResponse(answer.view(), 0, answer.capacity(), responseHead));
    }

    /** Writes a refusal of our own. */
    void composeRefusal(SessionContext context, CloseReason why) {
        answer.reserve(context.engine.pages(), ROOM);
        boolean isToHead = requestHead.isComplete() && requestHead.isHead();
        int retryAfterSeconds = why.status() == 503 ? RETRY_AFTER_SECONDS : 0;
        boolean fits = composed(context.writer.refusal(
                answer.view(), 0, answer.capacity(), why.status(), isToHead, retryAfterSeconds));
        assert fits : "our own refusals are short";
    }

    private void reserveAnswer(SessionContext context) {
        answer.reserve(context.engine.pages(), Math.min(responseHead.length() + ROOM, Pages.LARGEST));
    }

    private boolean composed(int length) {
        if (length < 0) {
            return false;
        }
        answer.setLength(length);
        return true;
    }

    /** Gives all memory back and makes this ready for the next session. */
    void release(Pages pages) {
        request.release(pages);
        originRequest.release(pages);
        response.release(pages);
        answer.release(pages);
        requestHead.reset();
        responseHead.reset();
        dial = null;
        requestHeadLength = 0;
        interimBytes = 0;
        toClient = 0;
        toOrigin = 0;
    }
}
