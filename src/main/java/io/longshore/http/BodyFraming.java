package io.longshore.http;

import org.agrona.DirectBuffer;

/**
 * Finds where the body of a response ends (RFC 9112 section 6.3) while its bytes pass by, untouched: by Content-Length,
 * by the last chunk and its trailer fields, or by the end of the connection.
 *
 * <p>Keeps numbers only, no bytes, and is fed in pieces of any size. Chunked framing is read strictly: what breaks it
 * could end the body for the client elsewhere than for us.
 */
public final class BodyFraming {
    /** The outcome of {@link #consume} where the framing is broken. */
    public static final int MALFORMED = -1;

    /**
     * The most bytes of a line with a chunk's size and its extensions. Extensions are for nothing but wasting memory.
     */
    private static final int SIZE_LINE_BYTES_MAX = 256;
    /** 15 hexadecimal digits can not overflow a long. */
    private static final int SIZE_DIGITS_MAX = 15;

    private static final int TRAILERS_BYTES_MAX = 8192;

    private static final int COMPLETE = 0;
    private static final int LENGTH = 1;
    private static final int UNTIL_EOF = 2;
    private static final int SIZE = 3;
    private static final int EXTENSION = 4;
    private static final int SIZE_LF = 5;
    private static final int DATA = 6;
    private static final int DATA_CR = 7;
    private static final int DATA_LF = 8;
    private static final int TRAILER_START = 9;
    private static final int TRAILER_NAME = 10;
    private static final int TRAILER_VALUE = 11;
    private static final int TRAILER_LF = 12;
    private static final int LAST_LF = 13;
    private static final int BROKEN = 14;

    private int state = COMPLETE;
    /** Bytes of the body, or of the chunk, that have not passed yet. */
    private long remaining;
    /** Bytes of the size line, or of all trailers. */
    private int lineBytes;

    private int sizeDigits;

    /** Whether any bytes may follow the head of this response: not after 1xx, 204 and 304, whatever its fields say. */
    static boolean hasBody(Head response) {
        int status = response.status();
        return status >= 200 && status != 204 && status != 304;
    }

    /**
     * Starts the body that follows this head; the answer to a GET.
     *
     * @param response a complete head, not needed afterwards
     */
    public void start(Head response) {
        lineBytes = 0;
        sizeDigits = 0;
        remaining = 0;
        if (!hasBody(response) || response.contentLength() == 0) {
            state = COMPLETE;
        } else if (response.contentLength() > 0) {
            state = LENGTH;
            remaining = response.contentLength();
        } else {
            state = response.isChunked() ? SIZE : UNTIL_EOF;
        }
    }

    /** Whether the body has passed to its last byte. */
    public boolean isComplete() {
        return state == COMPLETE;
    }

    /** Whether only the end of the connection ends the body. */
    public boolean endsAtEof() {
        return state == UNTIL_EOF;
    }

    /**
     * Looks at the next bytes.
     *
     * @param buffer holds them; not kept
     * @return how many of them belong to the body (fewer than {@code length} only where it is complete), or
     *     {@link #MALFORMED}, now and ever after
     */
    public int consume(DirectBuffer buffer, int offset, int length) {
        int taken = 0;
        while (taken < length && state != COMPLETE && state != BROKEN) {
            switch (state) {
                case UNTIL_EOF -> taken = length;
                case LENGTH, DATA -> taken += pass(length - taken);
                default -> {
                    state = step(buffer.getByte(offset + taken));
                    taken++;
                }
            }
        }
        return state == BROKEN ? MALFORMED : taken;
    }

    private int pass(int available) {
        int bytes = (int) Math.min(remaining, available);
        remaining -= bytes;
        if (remaining == 0) {
            state = state == DATA ? DATA_CR : COMPLETE;
        }
        return bytes;
    }

    private int step(byte b) {
        return switch (state) {
            case SIZE -> size(b);
            case EXTENSION -> extension(b);
            case SIZE_LF -> b == Octets.LF ? afterSize() : BROKEN;
            case DATA_CR -> b == Octets.CR ? DATA_LF : BROKEN;
            case DATA_LF -> b == Octets.LF ? SIZE : BROKEN;
            default -> trailers(b);
        };
    }

    private int size(byte b) {
        int digit = Octets.hex(b);
        if (digit >= 0) {
            remaining = remaining << 4 | digit;
            sizeDigits++;
            return sizeDigits <= SIZE_DIGITS_MAX ? SIZE : BROKEN;
        }
        if (sizeDigits == 0) {
            return BROKEN;
        }
        if (b == Octets.CR) {
            return SIZE_LF;
        }
        return b == ';' ? EXTENSION : BROKEN;
    }

    private int extension(byte b) {
        lineBytes++;
        if (b == Octets.CR) {
            return SIZE_LF;
        }
        return Octets.isField(b) && lineBytes <= SIZE_LINE_BYTES_MAX ? EXTENSION : BROKEN;
    }

    private int afterSize() {
        lineBytes = 0;
        sizeDigits = 0;
        return remaining > 0 ? DATA : TRAILER_START;
    }

    private int trailers(byte b) {
        lineBytes++;
        if (lineBytes > TRAILERS_BYTES_MAX) {
            return BROKEN;
        }
        return switch (state) {
            case TRAILER_START -> b == Octets.CR ? LAST_LF : Octets.isToken(b) ? TRAILER_NAME : BROKEN;
            case TRAILER_NAME -> b == ':' ? TRAILER_VALUE : Octets.isToken(b) ? TRAILER_NAME : BROKEN;
            case TRAILER_VALUE -> b == Octets.CR ? TRAILER_LF : Octets.isField(b) ? TRAILER_VALUE : BROKEN;
            case TRAILER_LF -> b == Octets.LF ? TRAILER_START : BROKEN;
            default -> b == Octets.LF ? COMPLETE : BROKEN;
        };
    }
}
