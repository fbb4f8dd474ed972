package io.longshore.http;

/**
 * Why a head was refused: what the parser, or a check after it, found first.
 *
 * <p>The names equal constants of {@code io.longshore.metrics.CloseReason}, so that the session maps one to the other
 * by name. A fault in an origin's response that is not about its 101 has no reason of its own there: the session counts
 * it as a broken or a too large origin head, and answers 502 whatever {@link #status()} says.
 */
public enum HeadFault {
    /** The first word is not a method: not a token, endless, or not HTTP at all (a TLS ClientHello). */
    BAD_METHOD(400),
    /** The request target has a forbidden byte, a bad percent-encoding, a dot segment, or no form of RFC 9112 3.2. */
    BAD_TARGET(400),
    /** The request line is longer than we read. */
    TARGET_TOO_LONG(414),
    /** The request line does not end in HTTP/1.x: another version, or none. */
    BAD_HTTP_VERSION(505),
    /** A CR without its LF, or a LF without its CR. */
    BARE_CR_OR_LF(400),
    /** A NUL or another control byte in a field line. */
    FORBIDDEN_BYTE(400),
    /** A field line continues on the next one (RFC 9112 section 5.2). */
    OBSOLETE_FOLD(400),
    /** White space inside or behind a field name (RFC 9112 section 5.1). */
    SPACE_BEFORE_COLON(400),
    /** A field name is empty, indented, no token, or has no colon. */
    BAD_HEADER_NAME(400),
    /** The head did not end within the bytes that we read. */
    HEAD_TOO_LARGE(431),
    /** More field lines, or more connection options, than we keep. */
    TOO_MANY_HEADERS(431),
    /** Content-Length is repeated, a list, signed, not a number, or past 18 digits. */
    BAD_CONTENT_LENGTH(400),
    /** Content-Length and Transfer-Encoding together: the classic request smuggling (RFC 9112 section 6.1). */
    LENGTH_WITH_TRANSFER_ENCODING(400),
    /** Transfer-Encoding is repeated, something other than exactly {@code chunked}, or came with HTTP/1.0. */
    BAD_TRANSFER_ENCODING(400),
    /** Host is missing, repeated, no {@code host[:port]}, or differs from an absolute-form target. */
    BAD_HOST(400),
    /** A well-formed request that asks for no WebSocket, or asks over HTTP/1.0. */
    NOT_AN_UPGRADE(426),
    /** No upgrade, and a method that we would not answer either way. */
    METHOD_NOT_ALLOWED(405),
    /** A WebSocket upgrade with a method other than GET (RFC 6455 section 4.2.1). */
    UPGRADE_METHOD(400),
    /** A WebSocket upgrade that announces a body. */
    UPGRADE_WITH_BODY(400),
    /** Sec-WebSocket-Key is missing, repeated, or not 16 bytes of base64. */
    BAD_WEBSOCKET_KEY(400),
    /** Sec-WebSocket-Version is not exactly one 13. */
    BAD_WEBSOCKET_VERSION(426),
    /** A 101 for a request that asked for no upgrade. */
    UNASKED_101(502),
    /** A 101 whose Upgrade is not exactly {@code websocket}, or whose Connection does not say {@code upgrade}. */
    BAD_101_UPGRADE(502),
    /** A 101 whose Sec-WebSocket-Accept is missing, repeated, or not the answer to the client's key. */
    BAD_101_ACCEPT(502),
    /** A 101 with a subprotocol that the client did not offer, or with several. */
    BAD_101_SUBPROTOCOL(502),
    /** A 101 with an extension that the client did not offer, or that does not parse. */
    BAD_101_EXTENSION(502),
    /** A response does not begin with a status line. */
    BAD_STATUS_LINE(502);

    private static final HeadFault[] ALL = values();

    private final int status;

    HeadFault(int status) {
        this.status = status;
    }

    /** The HTTP status of the refusal that this fault earns. */
    public int status() {
        return status;
    }

    /** The fault as a parser's or check's outcome: always negative. */
    public int code() {
        return -(ordinal() + 1);
    }

    /**
     * The fault that {@code code} stands for.
     *
     * @param code a negative outcome of {@link HeadParser} or {@link Upgrade}
     */
    public static HeadFault of(int code) {
        return ALL[-code - 1];
    }
}
