package io.longshore.http;

import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * The opening handshake of RFC 6455: section 4.2.1 for what the client asks, section 4.1 for what the origin answers.
 *
 * <p>Holds the digest and the scratch memory for {@code Sec-WebSocket-Accept}, so it belongs to one loop.
 */
public final class Upgrade {
    /** The length of a Sec-WebSocket-Key: 16 bytes in base64. */
    static final int KEY_BYTES = 24;
    /** The length of a Sec-WebSocket-Accept: a SHA-1 in base64. */
    static final int ACCEPT_BYTES = 28;

    private static final int KEY_BYTES_WITHOUT_PADDING = 22;
    /** A peer that agrees to more extensions than this is not believed; it bounds the work of looking for them. */
    private static final int EXTENSIONS_MAX = 32;

    private static final byte[] GUID = HeaderNames.ascii("258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    private static final byte[] VERSION_13 = HeaderNames.ascii("13");

    private final MessageDigest sha1;
    private final byte[] keyAndGuid = new byte[KEY_BYTES + GUID.length];
    private final byte[] hash = new byte[20];
    private final byte[] accept = new byte[ACCEPT_BYTES];
    private final FieldList answered = new FieldList();
    private final FieldList offered = new FieldList();

    /** Makes the digest; once per loop. */
    public Upgrade() {
        try {
            sha1 = MessageDigest.getInstance("SHA-1");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-1", e);
        }
        System.arraycopy(GUID, 0, keyAndGuid, KEY_BYTES, GUID.length);
    }

    /**
     * Whether a complete request head is a WebSocket upgrade that we may send to an origin.
     *
     * <p>It asks for one if it is HTTP/1.1, Upgrade lists {@code websocket} (other protocols in the list are not passed
     * on) and Connection lists {@code upgrade}. Otherwise it is an ordinary request, which we do not relay. If it asks,
     * it must ask correctly; the version is looked at before the key, because a client of another version has another
     * key.
     *
     * @return 0, or the code of a fault
     */
    public static int checkRequest(Head request) {
        if (!asksForWebSocket(request)) {
            boolean isPlain = request.isGet() || request.isHead();
            return (isPlain ? HeadFault.NOT_AN_UPGRADE : HeadFault.METHOD_NOT_ALLOWED).code();
        }
        if (!request.isGet()) {
            return HeadFault.UPGRADE_METHOD.code();
        }
        if (request.contentLength() > 0 || request.isChunked()) {
            return HeadFault.UPGRADE_WITH_BODY.code();
        }
        int version = single(request, HeaderNames.SEC_WEBSOCKET_VERSION);
        if (version < 0 || !request.valueIs(version, VERSION_13)) {
            return HeadFault.BAD_WEBSOCKET_VERSION.code();
        }
        int key = single(request, HeaderNames.SEC_WEBSOCKET_KEY);
        return key < 0 || !isKey(request, key) ? HeadFault.BAD_WEBSOCKET_KEY.code() : 0;
    }

    /**
     * Whether a complete 101 answers this request: the token, the accept value, no subprotocol and no extension that
     * the client has not offered. An extension's parameters are between the two ends.
     *
     * @param response a head with status 101
     * @param request the request head that the client sent
     * @return 0, or the code of a fault
     */
    public int checkResponse(Head response, Head request) {
        if (!asksForWebSocket(request)) {
            return HeadFault.UNASKED_101.code();
        }
        int upgrade = single(response, HeaderNames.UPGRADE);
        boolean isUpgrade = response.minorVersion() > 0
                && upgrade >= 0
                && response.valueIs(upgrade, HeaderNames.WEBSOCKET)
                && response.connectionHas(HeaderNames.UPGRADE);
        if (!isUpgrade) {
            return HeadFault.BAD_101_UPGRADE.code();
        }
        if (!isAccepted(response, request)) {
            return HeadFault.BAD_101_ACCEPT.code();
        }
        if (!isSubprotocolOffered(response, request)) {
            return HeadFault.BAD_101_SUBPROTOCOL.code();
        }
        return areExtensionsOffered(response, request) ? 0 : HeadFault.BAD_101_EXTENSION.code();
    }

    /**
     * Writes the Sec-WebSocket-Accept that belongs to a key: the base64 of the SHA-1 of the key and RFC 6455's GUID.
     *
     * @param keys holds the key's 24 bytes at {@code keyOffset}
     * @param out receives 28 bytes at {@code outOffset}
     * @return 28
     */
    public int acceptKey(DirectBuffer keys, int keyOffset, MutableDirectBuffer out, int outOffset) {
        computeAccept(keys, keyOffset);
        out.putBytes(outOffset, accept);
        return ACCEPT_BYTES;
    }

    private static boolean asksForWebSocket(Head request) {
        return request.minorVersion() > 0
                && request.listHas(HeaderNames.UPGRADE, HeaderNames.WEBSOCKET)
                && request.connectionHas(HeaderNames.UPGRADE);
    }

    /** The only field of this name, or -1 where there is none or more than one. */
    private static int single(Head head, byte[] lowerCase) {
        int first = head.find(lowerCase);
        return first >= 0 && head.find(lowerCase, first + 1) < 0 ? first : -1;
    }

    /**
     * 22 base64 digits and two equals signs are 16 bytes and four spare bits. The spare bits may be anything, as in
     * RFC 4648 section 3.5: nobody decodes the key, and some clients draw all of its digits at random.
     */
    private static boolean isKey(Head request, int i) {
        if (request.valueLength(i) != KEY_BYTES) {
            return false;
        }
        for (int at = 0; at < KEY_BYTES; at++) {
            byte b = request.byteAt(request.valueOffset(i) + at);
            if (at < KEY_BYTES_WITHOUT_PADDING ? !Octets.isBase64(b) : b != '=') {
                return false;
            }
        }
        return true;
    }

    private boolean isAccepted(Head response, Head request) {
        int field = single(response, HeaderNames.SEC_WEBSOCKET_ACCEPT);
        int key = single(request, HeaderNames.SEC_WEBSOCKET_KEY);
        if (field < 0 || key < 0 || response.valueLength(field) != ACCEPT_BYTES) {
            return false;
        }
        computeAccept(request.buffer(), request.offset() + request.valueOffset(key));
        for (int at = 0; at < ACCEPT_BYTES; at++) {
            if (response.byteAt(response.valueOffset(field) + at) != accept[at]) {
                return false;
            }
        }
        return true;
    }

    private void computeAccept(DirectBuffer keys, int keyOffset) {
        keys.getBytes(keyOffset, keyAndGuid, 0, KEY_BYTES);
        sha1.update(keyAndGuid, 0, keyAndGuid.length);
        try {
            sha1.digest(hash, 0, hash.length);
        } catch (DigestException e) {
            throw new AssertionError("a SHA-1 has 20 bytes", e);
        }
        Base64.getEncoder().encode(hash, accept);
    }

    /** RFC 6455 section 4.1: no subprotocol, or one that was offered, in the very letters. */
    private boolean isSubprotocolOffered(Head response, Head request) {
        int field = response.find(HeaderNames.SEC_WEBSOCKET_PROTOCOL);
        if (field < 0) {
            return true;
        }
        if (single(response, HeaderNames.SEC_WEBSOCKET_PROTOCOL) < 0) {
            return false;
        }
        int length = response.valueLength(field);
        offered.of(request, HeaderNames.SEC_WEBSOCKET_PROTOCOL);
        while (offered.next()) {
            boolean isToken = offered.nameLength() == offered.length();
            if (isToken
                    && length == offered.length()
                    && Octets.equals(
                            response.buffer(),
                            response.offset() + response.valueOffset(field),
                            request.buffer(),
                            request.offset() + offered.offset(),
                            length)) {
                return true;
            }
        }
        return false;
    }

    private boolean areExtensionsOffered(Head response, Head request) {
        int count = 0;
        answered.of(response, HeaderNames.SEC_WEBSOCKET_EXTENSIONS);
        while (answered.next()) {
            count++;
            if (count > EXTENSIONS_MAX || !isExtensionOffered(response, request)) {
                return false;
            }
        }
        return true;
    }

    private boolean isExtensionOffered(Head response, Head request) {
        int length = answered.nameLength();
        offered.of(request, HeaderNames.SEC_WEBSOCKET_EXTENSIONS);
        while (length > 0 && offered.next()) {
            if (offered.nameLength() == length
                    && Octets.equalsIgnoreCase(
                            response.buffer(),
                            response.offset() + answered.offset(),
                            request.buffer(),
                            request.offset() + offered.offset(),
                            length)) {
                return true;
            }
        }
        return false;
    }
}
