package io.longshore.http;

import org.agrona.DirectBuffer;

/**
 * Parses the head of an HTTP/1.1 message strictly (RFC 9112), where it stands.
 *
 * <p>What makes two parsers disagree about one message is refused rather than repaired, because an edge proxy that
 * repairs is one half of a request smuggling: bare CR or LF, folded lines, white space before a colon, lengths that are
 * repeated, listed or signed, any transfer coding but {@code chunked}. See {@link HeadFault} for all of them.
 *
 * <p>The parse is a state machine over bytes whose memory stands in {@link Head}. A fault is found at the byte that
 * proves it; what needs a whole target or a whole head is looked at once, when that is complete. So the outcome for a
 * number of bytes depends on those bytes alone and not on how they were cut into calls, and each byte is visited a
 * fixed number of times. One parser serves all heads of a loop; it has no state of its own.
 */
public final class HeadParser {
    private final int headBytesMax;
    private final int headersMax;

    /**
     * A parser with these bounds.
     *
     * @param headBytesMax the longest head in bytes; no byte behind it is looked at
     * @param headersMax the most fields in a head, and the most options in its Connection fields
     */
    public HeadParser(int headBytesMax, int headersMax) {
        this.headBytesMax = headBytesMax;
        this.headersMax = headersMax;
    }

    /**
     * Parses a request head, or as much of it as has arrived.
     *
     * <p>To resume, call again with the same {@code head} and all bytes since the head's start; they may have moved to
     * another buffer. A parse that has come to its end stays there until {@link Head#reset()}.
     *
     * @param buffer holds the bytes; {@code head} refers to it afterwards
     * @param offset where the head starts
     * @param length the bytes that have arrived, at least as many as in the call before; there may be more than the
     *     head
     * @param head receives what was found
     * @return {@code > 0} the length of the complete head, {@code 0} it needs more bytes, {@code < 0} the
     *     {@link HeadFault#code()} of a fault
     */
    public int request(DirectBuffer buffer, int offset, int length, Head head) {
        head.wrap(buffer, offset);
        if (head.outcome == 0) {
            int end = Math.min(length, headBytesMax);
            int outcome = RequestLine.advance(head, end);
            if (outcome == 0) {
                outcome = FieldLines.advance(head, end, headersMax);
            }
            if (outcome > 0) {
                int fault = HeadChecks.request(head, headersMax);
                outcome = fault < 0 ? fault : outcome;
            } else if (outcome == 0 && head.position == headBytesMax) {
                HeadFault fault =
                        head.state < FieldLines.LINE_START ? HeadFault.TARGET_TOO_LONG : HeadFault.HEAD_TOO_LARGE;
                outcome = fault.code();
            }
            head.outcome = outcome;
        }
        return head.outcome;
    }

    /**
     * Parses a response head, or as much of it as has arrived; an interim response (1xx) is a head like any other. The
     * parameters and the outcome are those of {@link #request}.
     */
    public int response(DirectBuffer buffer, int offset, int length, Head head) {
        head.wrap(buffer, offset);
        if (head.outcome == 0) {
            int end = Math.min(length, headBytesMax);
            int outcome = StatusLine.advance(head, end);
            if (outcome == 0) {
                outcome = FieldLines.advance(head, end, headersMax);
            }
            if (outcome > 0) {
                int fault = HeadChecks.response(head, headersMax);
                outcome = fault < 0 ? fault : outcome;
            } else if (outcome == 0 && head.position == headBytesMax) {
                outcome = HeadFault.HEAD_TOO_LARGE.code();
            }
            head.outcome = outcome;
        }
        return head.outcome;
    }
}
