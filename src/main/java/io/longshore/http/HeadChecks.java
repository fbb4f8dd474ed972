package io.longshore.http;

import org.agrona.DirectBuffer;

/** What only a complete head can tell: whether its framing is unambiguous, and whether it says whom it is for. */
final class HeadChecks {
    /** 18 digits are more bytes than anybody has, and can not overflow a long. */
    private static final int CONTENT_LENGTH_DIGITS_MAX = 18;

    private HeadChecks() {}

    /** Checks a request head that has parsed; returns 0 or the code of a fault. */
    static int request(Head head, int headersMax) {
        int fault = framing(head);
        fault = fault == 0 ? host(head) : fault;
        return fault == 0 ? connection(head, headersMax) : fault;
    }

    /** Checks a response head that has parsed; returns 0 or the code of a fault. */
    static int response(Head head, int headersMax) {
        int fault = framing(head);
        return fault == 0 ? connection(head, headersMax) : fault;
    }

    private static int framing(Head head) {
        int lengths = head.count(HeaderNames.CONTENT_LENGTH);
        int encodings = head.count(HeaderNames.TRANSFER_ENCODING);
        if (lengths > 0 && encodings > 0) {
            return HeadFault.LENGTH_WITH_TRANSFER_ENCODING.code();
        }
        if (lengths > 0) {
            head.contentLength = lengths == 1 ? contentLength(head, head.find(HeaderNames.CONTENT_LENGTH)) : -1;
            return head.contentLength < 0 ? HeadFault.BAD_CONTENT_LENGTH.code() : 0;
        }
        if (encodings > 0) {
            head.isChunked = encodings == 1
                    && head.minorVersion > 0
                    && head.valueIs(head.find(HeaderNames.TRANSFER_ENCODING), HeaderNames.CHUNKED);
            return head.isChunked ? 0 : HeadFault.BAD_TRANSFER_ENCODING.code();
        }
        return 0;
    }

    /** The number in the {@code i}-th field, or -1 where it is not just digits. */
    private static long contentLength(Head head, int i) {
        int digits = head.valueLength(i);
        if (digits == 0 || digits > CONTENT_LENGTH_DIGITS_MAX) {
            return -1;
        }
        long value = 0;
        for (int at = 0; at < digits; at++) {
            byte b = head.byteAt(head.valueOffset(i) + at);
            if (!Octets.isDigit(b)) {
                return -1;
            }
            value = value * 10 + (b - '0');
        }
        return value;
    }

    /**
     * Exactly one Host (HTTP/1.0 may do without), and an absolute-form target must have the very same authority: equal
     * but for the case of letters, a default port written in both or in neither. RFC 9112 section 3.2.2 lets a proxy
     * replace a Host that differs; a client that sends two names wants two answers, so we refuse.
     */
    private static int host(Head head) {
        int field = head.find(HeaderNames.HOST);
        if (field < 0) {
            head.authorityOffset = head.targetAuthorityOffset;
            head.authorityLength = head.targetAuthorityLength;
        } else {
            head.authorityOffset = head.valueOffset(field);
            head.authorityLength = head.valueLength(field);
        }
        DirectBuffer buffer = head.buffer();
        int hostLength = Authority.hostLength(buffer, head.offset() + head.authorityOffset, head.authorityLength);
        head.hostLength = Math.max(hostLength, 0);
        boolean isGood = field < 0
                ? head.minorVersion == 0
                : hostLength > 0 && head.find(HeaderNames.HOST, field + 1) < 0 && agreesWithTarget(head);
        return isGood ? 0 : HeadFault.BAD_HOST.code();
    }

    private static boolean agreesWithTarget(Head head) {
        int length = head.targetAuthorityLength;
        if (length == 0) {
            return true;
        }
        DirectBuffer buffer = head.buffer();
        int target = head.offset() + head.targetAuthorityOffset;
        return length == head.authorityLength
                && Octets.equalsIgnoreCase(buffer, target, buffer, head.offset() + head.authorityOffset, length);
    }

    /**
     * Bounds the options of Connection by the number of fields. They name fields, so more of them than fields mean
     * nothing; without a bound, fields times options of a 32 KiB head would be millions of comparisons.
     */
    private static int connection(Head head, int headersMax) {
        return head.listLength(HeaderNames.CONNECTION, headersMax + 1) > headersMax
                ? HeadFault.TOO_MANY_HEADERS.code()
                : 0;
    }
}
