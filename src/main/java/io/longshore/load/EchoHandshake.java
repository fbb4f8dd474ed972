package io.longshore.load;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.longshore.http.Head;
import io.longshore.http.HeadFault;
import io.longshore.http.HeadParser;
import io.longshore.http.HeadWriter;
import io.longshore.http.HeaderNames;
import io.longshore.http.Upgrade;
import org.agrona.concurrent.UnsafeBuffer;

/** The server's side of the opening handshake (RFC 6455 section 4.2); one for all connections of a loop. */
final class EchoHandshake {
    /** The longest request head. */
    static final int HEAD_BYTES_MAX = 8 << 10;
    /** The most fields in it. */
    static final int HEADERS_MAX = 64;
    /** Memory for an answer: the fixed text, and the longest subprotocol that is accepted. */
    static final int ANSWER_BYTES_MAX = 1 << 10;

    private static final int SUBPROTOCOL_BYTES_MAX = 256;
    private static final byte[] SWITCHING = ("HTTP/1.1 101 Switching Protocols\r\n"
                    + "Upgrade: websocket\r\n"
                    + "Connection: Upgrade\r\n"
                    + "Sec-WebSocket-Accept: ")
            .getBytes(US_ASCII);
    private static final byte[] SUBPROTOCOL = "\r\nSec-WebSocket-Protocol: ".getBytes(US_ASCII);
    private static final byte[] END = "\r\n\r\n".getBytes(US_ASCII);

    private final HeadParser parser = new HeadParser(HEAD_BYTES_MAX, HEADERS_MAX);
    private final HeadWriter writer = new HeadWriter();
    private final Upgrade upgrade = new Upgrade();
    private final UnsafeBuffer in = new UnsafeBuffer(0, 0);
    private final UnsafeBuffer out = new UnsafeBuffer(0, 0);

    /**
     * Parses all that has arrived of a request.
     *
     * @param head belongs to this connection until the request is answered
     * @return the length of the head of a good upgrade, 0 if more is needed, or the code of a {@link HeadFault}
     */
    int request(long address, int length, Head head) {
        in.wrap(address, length);
        int outcome = parser.request(in, 0, length, head);
        if (outcome <= 0) {
            return outcome;
        }
        int fault = Upgrade.checkRequest(head);
        return fault < 0 ? fault : outcome;
    }

    /**
     * Writes the 101 for the request that {@code head} holds, with the first subprotocol that the client offers.
     *
     * @param address room for {@link #ANSWER_BYTES_MAX} bytes
     * @return the length
     */
    int switching(Head head, long address) {
        out.wrap(address, ANSWER_BYTES_MAX);
        int at = put(0, SWITCHING);
        int key = head.find(HeaderNames.SEC_WEBSOCKET_KEY);
        at += upgrade.acceptKey(head.buffer(), head.offset() + head.valueOffset(key), out, at);
        int field = head.find(HeaderNames.SEC_WEBSOCKET_PROTOCOL);
        int length = field < 0 ? 0 : firstTokenLength(head, field);
        if (length > 0) {
            at = put(at, SUBPROTOCOL);
            out.putBytes(at, head.buffer(), head.offset() + head.valueOffset(field), length);
            at += length;
        }
        return put(at, END);
    }

    /**
     * Writes the refusal that a fault earns.
     *
     * @param fault the negative outcome of {@link #request}
     * @param address room for {@link #ANSWER_BYTES_MAX} bytes
     * @return the length
     */
    int refusal(Head head, int fault, long address) {
        out.wrap(address, ANSWER_BYTES_MAX);
        boolean isToHead = head.isComplete() && head.isHead();
        return writer.refusal(out, 0, ANSWER_BYTES_MAX, HeadFault.of(fault).status(), isToHead, 0);
    }

    private int put(int at, byte[] bytes) {
        out.putBytes(at, bytes);
        return at + bytes.length;
    }

    /** The length of the token that begins this value and is followed by a comma or the end; 0 where there is none. */
    private static int firstTokenLength(Head head, int field) {
        int start = head.offset() + head.valueOffset(field);
        int length = 0;
        while (length < head.valueLength(field) && isToken(head.buffer().getByte(start + length))) {
            length++;
        }
        boolean isWhole = length == head.valueLength(field)
                || ", \t".indexOf(head.buffer().getByte(start + length)) >= 0;
        return isWhole && length <= SUBPROTOCOL_BYTES_MAX ? length : 0;
    }

    /** RFC 9110 section 5.6.2. */
    private static boolean isToken(byte b) {
        return b >= 'a' && b <= 'z'
                || b >= 'A' && b <= 'Z'
                || b >= '0' && b <= '9'
                || b > ' ' && "!#$%&'*+-.^_`|~".indexOf(b) >= 0;
    }
}
