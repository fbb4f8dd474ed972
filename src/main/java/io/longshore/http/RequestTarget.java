package io.longshore.http;

/**
 * The request target (RFC 9112 section 3.2): finds its form and its parts, and refuses what an origin might read as
 * another path than the one that we route by.
 *
 * <p>Path and query go to the origin as the literal bytes that came. They are not normalised, so nothing may stand in a
 * path that an origin's normalisation would make another path of. Refused are:
 *
 * <ul>
 *   <li>dot segments, with the dots plain or percent-encoded, ended by a slash, an encoded slash or backslash, a
 *       semicolon (some containers cut {@code ..;x} down to {@code ..}), the query, or the end;
 *   <li>a backslash, which some origins take for a slash, and an encoded NUL, which ends C strings;
 *   <li>a percent sign without two hexadecimal digits, in the query too.
 * </ul>
 *
 * <p>Other encoded bytes stay encoded: {@code /%61} is not {@code /a} to our routes. Bytes that RFC 3986 wants encoded
 * but browsers send plain, such as {@code |} or quotes, pass.
 */
final class RequestTarget {
    private static final byte[] HTTP = HeaderNames.ascii("http://");
    private static final byte[] HTTPS = HeaderNames.ascii("https://");
    private static final byte[] CONNECT = HeaderNames.ascii("CONNECT");
    private static final byte[] OPTIONS = HeaderNames.ascii("OPTIONS");
    /** The method of HTTP/2's connection preface, {@code PRI * HTTP/2.0}: let its version be what is refused. */
    private static final byte[] PRI = HeaderNames.ascii("PRI");

    private RequestTarget() {}

    /** Looks at the complete target once: fills in path, query and authority, and returns 0 or the code of a fault. */
    static int parse(Head head) {
        int start = head.targetOffset;
        int end = start + head.targetLength;
        boolean isWellFormed;
        if (head.methodIs(CONNECT)) {
            int hostLength = Authority.hostLength(head.buffer(), head.offset() + start, head.targetLength);
            isWellFormed = hostLength > 0 && hostLength < head.targetLength;
        } else if (head.byteAt(start) == '/') {
            isWellFormed = pathAndQuery(head, start, end);
        } else if (head.targetLength == 1 && head.byteAt(start) == '*') {
            isWellFormed = head.methodIs(OPTIONS) || head.methodIs(PRI);
        } else {
            isWellFormed = absolute(head, start, end);
        }
        return isWellFormed ? 0 : HeadFault.BAD_TARGET.code();
    }

    private static boolean absolute(Head head, int start, int end) {
        int at = start + schemeLength(head, start, end);
        if (at == start) {
            return false;
        }
        int pathStart = at;
        while (pathStart < end && head.byteAt(pathStart) != '/' && head.byteAt(pathStart) != '?') {
            pathStart++;
        }
        head.targetAuthorityOffset = at;
        head.targetAuthorityLength = pathStart - at;
        if (Authority.hostLength(head.buffer(), head.offset() + at, pathStart - at) < 0) {
            return false;
        }
        if (pathStart < end && head.byteAt(pathStart) == '/') {
            return pathAndQuery(head, pathStart, end);
        }
        // An empty path means "/" (RFC 9110 section 4.2.3). There is a slash to point at: the one before the authority.
        head.pathOffset = at - 1;
        head.pathLength = 1;
        return query(head, pathStart, end);
    }

    private static int schemeLength(Head head, int start, int end) {
        if (Octets.startsWithIgnoreCase(head.buffer(), head.offset() + start, end - start, HTTP)) {
            return HTTP.length;
        }
        return Octets.startsWithIgnoreCase(head.buffer(), head.offset() + start, end - start, HTTPS) ? HTTPS.length : 0;
    }

    private static boolean pathAndQuery(Head head, int start, int end) {
        // How many bytes the segment has, all of them dots; -1 once it has anything else.
        int dots = 0;
        int at = start;
        while (at < end && head.byteAt(at) != '?') {
            byte b = head.byteAt(at);
            at++;
            if (b == '\\') {
                return false;
            }
            if (b == '%') {
                int decoded = percentDecoded(head, at, end);
                if (decoded <= 0) {
                    return false;
                }
                b = (byte) decoded;
                at += 2;
            }
            if (b == '/' || b == '\\' || b == ';') {
                if (isDotSegment(dots)) {
                    return false;
                }
                dots = b == ';' ? -1 : 0;
            } else {
                dots = b == '.' && dots >= 0 ? dots + 1 : -1;
            }
        }
        head.pathOffset = start;
        head.pathLength = at - start;
        return !isDotSegment(dots) && query(head, at, end);
    }

    private static boolean isDotSegment(int dots) {
        return dots == 1 || dots == 2;
    }

    private static boolean query(Head head, int start, int end) {
        for (int at = start; at < end; at++) {
            if (head.byteAt(at) == '%' && percentDecoded(head, at + 1, end) < 0) {
                return false;
            }
        }
        head.queryOffset = start;
        head.queryLength = end - start;
        return true;
    }

    /** The byte that two hexadecimal digits at {@code at} stand for, or -1 where they are not two. */
    private static int percentDecoded(Head head, int at, int end) {
        if (at + 2 > end) {
            return -1;
        }
        int high = Octets.hex(head.byteAt(at));
        int low = Octets.hex(head.byteAt(at + 1));
        return high < 0 || low < 0 ? -1 : high << 4 | low;
    }
}
