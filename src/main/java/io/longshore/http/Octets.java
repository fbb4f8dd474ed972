package io.longshore.http;

import org.agrona.DirectBuffer;

/** The classes of bytes in HTTP's grammar, as one table, and comparisons of bytes that stand in a buffer. */
final class Octets {
    static final byte CR = '\r';
    static final byte LF = '\n';
    static final byte SP = ' ';
    static final byte HTAB = '\t';

    private static final int TOKEN = 1;
    private static final int FIELD = 1 << 1;
    private static final int TARGET = 1 << 2;
    private static final int HOST = 1 << 3;
    private static final int BASE64 = 1 << 4;

    private static final byte[] CLASSES = new byte[256];
    private static final byte[] HEX = new byte[256];

    static {
        for (int b = 0; b < 256; b++) {
            boolean letter = (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z');
            boolean digit = b >= '0' && b <= '9';
            int classes = 0;
            // RFC 9110 section 5.6.2, tchar.
            classes |= letter || digit || "!#$%&'*+-.^_`|~".indexOf(b) >= 0 ? TOKEN : 0;
            // RFC 9110 section 5.5: VCHAR, obs-text, and the white space between them.
            classes |= b == '\t' || (b >= ' ' && b != 0x7f) ? FIELD : 0;
            // Printable ASCII; a fragment is never sent (RFC 9112 section 3.2). More is decided by RequestTarget.
            classes |= b > ' ' && b < 0x7f && b != '#' ? TARGET : 0;
            // RFC 3986 section 3.2.2, the unreserved bytes of a reg-name. See Authority for what is left out.
            classes |= letter || digit || "-._~".indexOf(b) >= 0 ? HOST : 0;
            classes |= letter || digit || b == '+' || b == '/' ? BASE64 : 0;
            CLASSES[b] = (byte) classes;
            HEX[b] = (byte) Character.digit(b < 0x80 ? b : -1, 16);
        }
    }

    private Octets() {}

    static boolean isToken(byte b) {
        return (CLASSES[b & 0xff] & TOKEN) != 0;
    }

    /** Whether a field value or a reason phrase may hold this byte. */
    static boolean isField(byte b) {
        return (CLASSES[b & 0xff] & FIELD) != 0;
    }

    static boolean isTarget(byte b) {
        return (CLASSES[b & 0xff] & TARGET) != 0;
    }

    static boolean isHost(byte b) {
        return (CLASSES[b & 0xff] & HOST) != 0;
    }

    static boolean isBase64(byte b) {
        return (CLASSES[b & 0xff] & BASE64) != 0;
    }

    static boolean isDigit(byte b) {
        return b >= '0' && b <= '9';
    }

    /** SP or HTAB, the parts of OWS. */
    static boolean isBlank(byte b) {
        return b == SP || b == HTAB;
    }

    /** The value of a hexadecimal digit, or -1. */
    static int hex(byte b) {
        return HEX[b & 0xff];
    }

    static byte lower(byte b) {
        return b >= 'A' && b <= 'Z' ? (byte) (b + ('a' - 'A')) : b;
    }

    /** Whether the region is {@code lowerCase}, ASCII letters compared without case. */
    static boolean equalsIgnoreCase(DirectBuffer buffer, int offset, int length, byte[] lowerCase) {
        return length == lowerCase.length && startsWithIgnoreCase(buffer, offset, length, lowerCase);
    }

    /** Whether the region begins with {@code lowerCase}, ASCII letters compared without case. */
    static boolean startsWithIgnoreCase(DirectBuffer buffer, int offset, int length, byte[] lowerCase) {
        if (length < lowerCase.length) {
            return false;
        }
        for (int i = 0; i < lowerCase.length; i++) {
            if (lower(buffer.getByte(offset + i)) != lowerCase[i]) {
                return false;
            }
        }
        return true;
    }

    /** Whether two regions of one length hold the same bytes, ASCII letters compared without case. */
    static boolean equalsIgnoreCase(DirectBuffer a, int offsetA, DirectBuffer b, int offsetB, int length) {
        for (int i = 0; i < length; i++) {
            if (lower(a.getByte(offsetA + i)) != lower(b.getByte(offsetB + i))) {
                return false;
            }
        }
        return true;
    }

    /** Whether two regions of one length hold the same bytes. */
    static boolean equals(DirectBuffer a, int offsetA, DirectBuffer b, int offsetB, int length) {
        for (int i = 0; i < length; i++) {
            if (a.getByte(offsetA + i) != b.getByte(offsetB + i)) {
                return false;
            }
        }
        return true;
    }
}
