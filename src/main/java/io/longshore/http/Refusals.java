package io.longshore.http;

/**
 * Our own answers, complete but for the last of their fields: made once, sent as they are.
 *
 * <p>Each is small enough for one segment, has a body that a person can read, and ends the connection, because what
 * else a refused client has sent is never looked at.
 */
final class Refusals {
    private static final int STATUS_MIN = 400;
    private static final int STATUS_MAX = 599;

    /** By status - 400: the status line and all fields but Retry-After; and the empty line with the body. */
    private static final byte[][] HEADS = new byte[STATUS_MAX - STATUS_MIN + 1][];

    private static final byte[][] BODIES = new byte[STATUS_MAX - STATUS_MIN + 1][];

    static {
        add(400, "Bad Request", "");
        add(404, "Not Found", "");
        add(405, "Method Not Allowed", "Allow: GET\r\n");
        add(408, "Request Timeout", "");
        add(413, "Content Too Large", "");
        add(414, "URI Too Long", "");
        // RFC 9110 section 15.5.22: a 426 says what to upgrade to; RFC 6455 section 4.4: and to which version of it.
        add(426, "Upgrade Required", "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n");
        add(431, "Request Header Fields Too Large", "");
        add(500, "Internal Server Error", "");
        add(502, "Bad Gateway", "");
        add(503, "Service Unavailable", "");
        add(504, "Gateway Timeout", "");
        add(505, "HTTP Version Not Supported", "");
    }

    private Refusals() {}

    /** The head of the refusal with this status, up to where more fields may follow. */
    static byte[] head(int status) {
        return HEADS[index(status)];
    }

    /** The body of the refusal with this status. */
    static byte[] body(int status) {
        return BODIES[index(status)];
    }

    private static int index(int status) {
        boolean isKnown = status >= STATUS_MIN && status <= STATUS_MAX && HEADS[status - STATUS_MIN] != null;
        return (isKnown ? status : 500) - STATUS_MIN;
    }

    private static void add(int status, String reason, String fields) {
        String body = status + " " + reason + "\n";
        HEADS[status - STATUS_MIN] = HeaderNames.ascii("HTTP/1.1 " + status + " " + reason + "\r\n"
                + "Content-Type: text/plain; charset=utf-8\r\n"
                + "Content-Length: " + body.length() + "\r\n"
                + "Connection: " + (status == 426 ? "upgrade, close" : "close") + "\r\n"
                + fields);
        BODIES[status - STATUS_MIN] = HeaderNames.ascii(body);
    }
}
