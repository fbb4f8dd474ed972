package io.longshore.http;

import static java.nio.charset.StandardCharsets.US_ASCII;

/**
 * The field names and tokens that we look for, in lower case: what {@link Head#find}, {@link Head#count} and
 * {@link Head#listHas} take. Never written to; they are arrays only because comparing bytes with bytes needs no
 * decoding.
 */
public final class HeaderNames {
    public static final byte[] CONNECTION = ascii("connection");
    public static final byte[] CONTENT_LENGTH = ascii("content-length");
    public static final byte[] FORWARDED = ascii("forwarded");
    public static final byte[] HOST = ascii("host");
    public static final byte[] ORIGIN = ascii("origin");
    public static final byte[] SEC_WEBSOCKET_ACCEPT = ascii("sec-websocket-accept");
    public static final byte[] SEC_WEBSOCKET_EXTENSIONS = ascii("sec-websocket-extensions");
    public static final byte[] SEC_WEBSOCKET_KEY = ascii("sec-websocket-key");
    public static final byte[] SEC_WEBSOCKET_PROTOCOL = ascii("sec-websocket-protocol");
    public static final byte[] SEC_WEBSOCKET_VERSION = ascii("sec-websocket-version");
    public static final byte[] TRANSFER_ENCODING = ascii("transfer-encoding");
    public static final byte[] UPGRADE = ascii("upgrade");
    public static final byte[] X_FORWARDED_FOR = ascii("x-forwarded-for");
    public static final byte[] X_FORWARDED_HOST = ascii("x-forwarded-host");
    public static final byte[] X_FORWARDED_PROTO = ascii("x-forwarded-proto");
    public static final byte[] X_REAL_IP = ascii("x-real-ip");

    // ---- Tokens inside values.
    public static final byte[] CHUNKED = ascii("chunked");
    public static final byte[] WEBSOCKET = ascii("websocket");

    /** What every version that we speak begins with; the minor version's digit follows. */
    static final byte[] HTTP_1 = ascii("HTTP/1.");

    private HeaderNames() {}

    /** The bytes of {@code text}, which is ASCII; for constants, not for the hot path. */
    static byte[] ascii(String text) {
        return text.getBytes(US_ASCII);
    }
}
