package io.longshore.http;

import org.agrona.MutableDirectBuffer;

/**
 * Writes the heads that leave the proxy: the upgrade to the origin, the origin's answer to the client, and our own
 * refusals.
 *
 * <p>Each method writes at {@code out[offset ..]} at most {@code capacity} bytes and returns the length, or -1 where it
 * does not fit (what stands in the region then means nothing). The regions of {@code out} and of the heads must not
 * overlap. Field names, values and the target are copied as they came; only the white space around values is
 * normalised. Belongs to one loop.
 */
public final class HeadWriter {
    private static final byte[] CRLF = HeaderNames.ascii("\r\n");
    private static final byte[] COLON = HeaderNames.ascii(": ");
    private static final byte[] COMMA = HeaderNames.ascii(", ");
    private static final byte[] SPACE = HeaderNames.ascii(" ");
    private static final byte[] QUOTE = HeaderNames.ascii("\"");
    private static final byte[] HTTP_1_1 = HeaderNames.ascii(" HTTP/1.1\r\n");
    private static final byte[] STATUS_LINE = HeaderNames.ascii("HTTP/1.1 ");
    private static final byte[] SWITCHING = HeaderNames.ascii("HTTP/1.1 101 Switching Protocols\r\n");
    private static final byte[] UPGRADE_WEBSOCKET = HeaderNames.ascii("Upgrade: websocket\r\n");
    private static final byte[] CONNECTION_UPGRADE = HeaderNames.ascii("Connection: Upgrade\r\n");
    private static final byte[] CONNECTION_CLOSE = HeaderNames.ascii("Connection: close\r\n");
    private static final byte[] CONNECTION_UPGRADE_CLOSE = HeaderNames.ascii("Connection: upgrade, close\r\n");
    private static final byte[] TRANSFER_CHUNKED = HeaderNames.ascii("Transfer-Encoding: chunked\r\n");
    private static final byte[] RETRY_AFTER = HeaderNames.ascii("Retry-After: ");
    private static final byte[] X_FORWARDED_FOR = HeaderNames.ascii("X-Forwarded-For: ");
    private static final byte[] X_REAL_IP = HeaderNames.ascii("X-Real-IP: ");
    private static final byte[] X_FORWARDED_PROTO = HeaderNames.ascii("X-Forwarded-Proto: ");
    private static final byte[] X_FORWARDED_HOST = HeaderNames.ascii("X-Forwarded-Host: ");
    private static final byte[] FORWARDED = HeaderNames.ascii("Forwarded: ");
    private static final byte[] FOR = HeaderNames.ascii("for=");
    private static final byte[] FOR_IPV6 = HeaderNames.ascii("for=\"[");
    private static final byte[] END_IPV6 = HeaderNames.ascii("]\"");
    private static final byte[] HOST_PARAMETER = HeaderNames.ascii(";host=");
    private static final byte[] PROTO_PARAMETER = HeaderNames.ascii(";proto=");
    private static final byte[] HTTP = HeaderNames.ascii("http");
    private static final byte[] HTTPS = HeaderNames.ascii("https");

    private MutableDirectBuffer destination;
    private int start;
    private int position;
    private int limit;
    private boolean fits;

    /**
     * Writes the upgrade request for the origin: the target in origin-form, end-to-end fields, our own Connection and
     * Upgrade with {@code websocket} alone, and the fields about the client. Of those, what an untrusted peer sent is
     * replaced. A trusted peer's X-Forwarded-For and Forwarded are extended, its other fields kept, missing ones added.
     *
     * @param request a head that {@link Upgrade#checkRequest} has passed
     * @return the length, or -1
     */
    public int originRequest(MutableDirectBuffer out, int offset, int capacity, Head request, Forwarded forwarded) {
        begin(out, offset, capacity);
        put(request, request.methodOffset(), request.methodLength());
        put(SPACE);
        put(request, request.pathOffset(), request.pathLength());
        put(request, request.queryOffset(), request.queryLength());
        put(HTTP_1_1);
        for (int i = 0; i < request.headerCount(); i++) {
            boolean passes = HopByHop.isForwarded(request, i)
                    ? forwarded.isTrusted && isKeptFromTrusted(request, i)
                    : !HopByHop.endsHere(request, i);
            if (passes) {
                putField(request, i);
            }
        }
        put(CONNECTION_UPGRADE);
        put(UPGRADE_WEBSOCKET);
        putForwarded(request, forwarded);
        put(CRLF);
        return end();
    }

    /**
     * Writes the 101 for the client: the origin's end-to-end fields, and our own Connection and Upgrade. A body length
     * has no meaning in a 101 (RFC 9110 section 15.2) and is left out.
     *
     * @param response a head that {@link Upgrade#checkResponse} has passed
     * @return the length, or -1
     */
    public int clientSwitching(MutableDirectBuffer out, int offset, int capacity, Head response) {
        begin(out, offset, capacity);
        put(SWITCHING);
        putEndToEnd(response, false);
        put(CONNECTION_UPGRADE);
        put(UPGRADE_WEBSOCKET);
        put(CRLF);
        return end();
    }

    /**
     * Writes an origin's refusal for the client: its status and reason, its end-to-end fields, the framing of its body
     * (see {@link BodyFraming}), and {@code Connection: close}. An Upgrade field passes with a 426 only, where it
     * belongs to the answer; elsewhere it would be an echo of ours.
     *
     * @param response a complete head with a final status (200 or more)
     * @return the length, or -1
     */
    public int clientResponse(MutableDirectBuffer out, int offset, int capacity, Head response) {
        begin(out, offset, capacity);
        put(STATUS_LINE);
        putNumber(response.status());
        put(SPACE);
        put(response, response.reasonOffset(), response.reasonLength());
        put(CRLF);
        putEndToEnd(response, BodyFraming.hasBody(response) || response.status() == 304);
        if (response.isChunked() && BodyFraming.hasBody(response)) {
            put(TRANSFER_CHUNKED);
        }
        if (response.status() == 426) {
            putUpgradeOf(response);
            put(CONNECTION_UPGRADE_CLOSE);
        } else {
            put(CONNECTION_CLOSE);
        }
        put(CRLF);
        return end();
    }

    /**
     * Writes a refusal of our own, with a short text for a person.
     *
     * @param status 400, 404, 405, 408, 413, 414, 426, 431, 500, 502, 503, 504 or 505; any other is sent as 500
     * @param isToHead whether it answers a HEAD, which is told the length of a body but gets none
     * @param retryAfterSeconds when to come back, for a 503; 0 for no such field
     * @return the length, or -1
     */
    public int refusal(
            MutableDirectBuffer out, int offset, int capacity, int status, boolean isToHead, int retryAfterSeconds) {
        begin(out, offset, capacity);
        put(Refusals.head(status));
        if (status == 503 && retryAfterSeconds > 0) {
            put(RETRY_AFTER);
            putNumber(retryAfterSeconds);
            put(CRLF);
        }
        put(CRLF);
        if (!isToHead) {
            put(Refusals.body(status));
        }
        return end();
    }

    // ---- The fields about the client.

    /**
     * X-Forwarded-For and Forwarded are written anew with all values so far. A name with an underscore never passes:
     * the trusted peer may have let it through from a client that was not.
     */
    private static boolean isKeptFromTrusted(Head request, int i) {
        return !request.nameIs(i, HeaderNames.X_FORWARDED_FOR)
                && !request.nameIs(i, HeaderNames.FORWARDED)
                && !HopByHop.hasUnderscore(request, i);
    }

    private void putForwarded(Head request, Forwarded forwarded) {
        boolean isTrusted = forwarded.isTrusted;
        put(X_FORWARDED_FOR);
        if (isTrusted) {
            putValuesSoFar(request, HeaderNames.X_FORWARDED_FOR);
        }
        putAddress(forwarded);
        put(CRLF);
        if (!isTrusted || request.find(HeaderNames.X_REAL_IP) < 0) {
            put(X_REAL_IP);
            putAddress(forwarded);
            put(CRLF);
        }
        if (!isTrusted || request.find(HeaderNames.X_FORWARDED_PROTO) < 0) {
            put(X_FORWARDED_PROTO);
            put(forwarded.isHttps ? HTTPS : HTTP);
            put(CRLF);
        }
        if (!isTrusted || request.find(HeaderNames.X_FORWARDED_HOST) < 0) {
            put(X_FORWARDED_HOST);
            put(request, request.authorityOffset(), request.authorityLength());
            put(CRLF);
        }
        put(FORWARDED);
        if (isTrusted) {
            putValuesSoFar(request, HeaderNames.FORWARDED);
        }
        putForwardedElement(request, forwarded);
        put(CRLF);
    }

    /** One forwarded-element of RFC 7239 section 4; what is not a token is quoted, IPv6 is in brackets. */
    private void putForwardedElement(Head request, Forwarded forwarded) {
        put(forwarded.isIpv6 ? FOR_IPV6 : FOR);
        putAddress(forwarded);
        if (forwarded.isIpv6) {
            put(END_IPV6);
        }
        put(HOST_PARAMETER);
        boolean isQuoted = !isToken(request, request.authorityOffset(), request.authorityLength());
        if (isQuoted) {
            put(QUOTE);
        }
        // Authority's syntax has neither quotes nor backslashes in it, so there is nothing to escape.
        put(request, request.authorityOffset(), request.authorityLength());
        if (isQuoted) {
            put(QUOTE);
        }
        put(PROTO_PARAMETER);
        put(forwarded.isHttps ? HTTPS : HTTP);
    }

    private void putValuesSoFar(Head request, byte[] lowerCaseName) {
        for (int i = request.find(lowerCaseName); i >= 0; i = request.find(lowerCaseName, i + 1)) {
            if (request.valueLength(i) > 0) {
                put(request, request.valueOffset(i), request.valueLength(i));
                put(COMMA);
            }
        }
    }

    private void putAddress(Forwarded forwarded) {
        put(forwarded.address, forwarded.addressLength);
    }

    private static boolean isToken(Head head, int offset, int length) {
        for (int at = 0; at < length; at++) {
            if (!Octets.isToken(head.byteAt(offset + at))) {
                return false;
            }
        }
        return length > 0;
    }

    // ---- The fields of a response.

    private void putEndToEnd(Head response, boolean withLength) {
        for (int i = 0; i < response.headerCount(); i++) {
            boolean passes =
                    !HopByHop.endsHere(response, i) && (withLength || !response.nameIs(i, HeaderNames.CONTENT_LENGTH));
            if (passes) {
                putField(response, i);
            }
        }
    }

    private void putUpgradeOf(Head response) {
        int first = response.find(HeaderNames.UPGRADE);
        if (first < 0) {
            put(UPGRADE_WEBSOCKET);
        }
        for (int i = first; i >= 0; i = response.find(HeaderNames.UPGRADE, i + 1)) {
            putField(response, i);
        }
    }

    // ---- Putting bytes.

    private void begin(MutableDirectBuffer out, int offset, int capacity) {
        destination = out;
        start = offset;
        position = offset;
        limit = offset + capacity;
        fits = true;
    }

    /** The length of what was put, or -1; lets go of the buffer. */
    private int end() {
        destination = null;
        return fits ? position - start : -1;
    }

    private void putField(Head head, int i) {
        put(head, head.nameOffset(i), head.nameLength(i));
        put(COLON);
        put(head, head.valueOffset(i), head.valueLength(i));
        put(CRLF);
    }

    private void put(byte[] bytes) {
        put(bytes, bytes.length);
    }

    private void put(byte[] bytes, int length) {
        if (claims(length)) {
            destination.putBytes(position, bytes, 0, length);
            position += length;
        }
    }

    private void put(Head head, int relativeOffset, int length) {
        if (claims(length)) {
            destination.putBytes(position, head.buffer(), head.offset() + relativeOffset, length);
            position += length;
        }
    }

    private void putNumber(int natural) {
        int digits = 1;
        for (int rest = natural / 10; rest > 0; rest /= 10) {
            digits++;
        }
        if (claims(digits)) {
            position += destination.putNaturalIntAscii(position, natural);
        }
    }

    private boolean claims(int length) {
        fits &= length <= limit - position;
        return fits;
    }
}
