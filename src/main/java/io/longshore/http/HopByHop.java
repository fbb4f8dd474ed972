package io.longshore.http;

/** Which fields of a head end at this hop, and which ones tell about the client (RFC 9110 section 7.6.1). */
final class HopByHop {
    /** Fields about one connection. We write our own where one is needed. */
    private static final byte[][] HOP_BY_HOP = {
        HeaderNames.CONNECTION,
        HeaderNames.ascii("keep-alive"),
        HeaderNames.ascii("proxy-connection"),
        HeaderNames.ascii("proxy-authenticate"),
        HeaderNames.ascii("proxy-authentication-info"),
        HeaderNames.ascii("proxy-authorization"),
        HeaderNames.ascii("te"),
        HeaderNames.ascii("trailer"),
        HeaderNames.TRANSFER_ENCODING,
        HeaderNames.UPGRADE,
        HeaderNames.ascii("http2-settings"),
    };

    /**
     * End-to-end fields that no Connection field can take away. Without this a client could make us drop what the
     * origin or a proxy behind us decides by ("hop-by-hop header abuse"): who it is, where it comes from, how long the
     * body is.
     */
    private static final byte[][] PROTECTED = {
        HeaderNames.HOST,
        HeaderNames.ORIGIN,
        HeaderNames.CONTENT_LENGTH,
        HeaderNames.ascii("content-type"),
        HeaderNames.ascii("content-encoding"),
        HeaderNames.ascii("authorization"),
        HeaderNames.ascii("www-authenticate"),
        HeaderNames.ascii("cookie"),
        HeaderNames.ascii("set-cookie"),
        HeaderNames.ascii("cache-control"),
        HeaderNames.ascii("date"),
        HeaderNames.ascii("location"),
        HeaderNames.ascii("retry-after"),
        HeaderNames.ascii("user-agent"),
        HeaderNames.ascii("via"),
    };

    /** The prefix of Sec-WebSocket-*, Sec-Fetch-* and others: fields that a page's script cannot set. */
    private static final byte[] SEC = HeaderNames.ascii("sec-");

    private static final byte[] X_FORWARDED = HeaderNames.ascii("x-forwarded");

    private HopByHop() {}

    /** Whether the {@code i}-th field ends here, by its name or because Connection nominates it. */
    static boolean endsHere(Head head, int i) {
        return isOneOf(head, i, HOP_BY_HOP) || (head.connectionNominates(i) && !isProtected(head, i));
    }

    /**
     * Whether the {@code i}-th field says where a request came from: Forwarded, X-Real-IP, X-Forwarded and all names
     * that begin so. An underscore counts as a hyphen, because CGI and its heirs cannot tell the two apart.
     */
    static boolean isForwarded(Head head, int i) {
        boolean isRealIp =
                head.nameLength(i) == HeaderNames.X_REAL_IP.length && startsLike(head, i, HeaderNames.X_REAL_IP);
        return isRealIp || startsLike(head, i, X_FORWARDED) || head.nameIs(i, HeaderNames.FORWARDED);
    }

    /** Whether the name has an underscore in it. */
    static boolean hasUnderscore(Head head, int i) {
        for (int at = 0; at < head.nameLength(i); at++) {
            if (head.byteAt(head.nameOffset(i) + at) == '_') {
                return true;
            }
        }
        return false;
    }

    private static boolean isProtected(Head head, int i) {
        return isOneOf(head, i, PROTECTED) || startsLike(head, i, SEC) || isForwarded(head, i);
    }

    private static boolean isOneOf(Head head, int i, byte[][] names) {
        for (byte[] name : names) {
            if (head.nameIs(i, name)) {
                return true;
            }
        }
        return false;
    }

    private static boolean startsLike(Head head, int i, byte[] prefix) {
        if (head.nameLength(i) < prefix.length) {
            return false;
        }
        for (int at = 0; at < prefix.length; at++) {
            byte b = Octets.lower(head.byteAt(head.nameOffset(i) + at));
            if ((b == '_' ? '-' : b) != prefix[at]) {
                return false;
            }
        }
        return true;
    }
}
