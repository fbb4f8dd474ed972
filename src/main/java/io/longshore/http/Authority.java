package io.longshore.http;

import org.agrona.DirectBuffer;

/**
 * The syntax of {@code host[:port]} (RFC 3986 section 3.2), as strict as the hosts that a proxy can route by.
 *
 * <p>Host is a name of letters, digits and {@code - . _ ~} without empty labels (one dot may end it), an IPv4 address,
 * or an IPv6 address in brackets. Refused although RFC 3986 has them: userinfo; percent-encodings and {@code
 * !$&'()*+,;=} in names, which no name in the DNS needs and which would end up inside the lists of X-Forwarded-Host;
 * IPvFuture and zone identifiers; a colon without a port.
 */
final class Authority {
    private static final int HOST_BYTES_MAX = 255;

    private Authority() {}

    /** The length of the host in this {@code host[:port]}, brackets included; or -1 where it is none. */
    static int hostLength(DirectBuffer buffer, int offset, int length) {
        int hostLength = length > 0 && buffer.getByte(offset) == '['
                ? bracketedLength(buffer, offset, length)
                : nameLength(buffer, offset, length);
        if (hostLength <= 0 || hostLength > HOST_BYTES_MAX) {
            return -1;
        }
        boolean isWhole = hostLength == length || isPort(buffer, offset + hostLength, length - hostLength);
        return isWhole ? hostLength : -1;
    }

    private static int nameLength(DirectBuffer buffer, int offset, int length) {
        int at = 0;
        boolean isLabelEmpty = true;
        while (at < length && Octets.isHost(buffer.getByte(offset + at))) {
            boolean isDot = buffer.getByte(offset + at) == '.';
            if (isDot && isLabelEmpty) {
                return -1;
            }
            isLabelEmpty = isDot;
            at++;
        }
        return at;
    }

    /** Whether this is a colon and a port of 1 to 5 digits, at most 65535. */
    private static boolean isPort(DirectBuffer buffer, int offset, int length) {
        if (length < 2 || length > 6 || buffer.getByte(offset) != ':') {
            return false;
        }
        int port = 0;
        for (int i = 1; i < length; i++) {
            byte b = buffer.getByte(offset + i);
            if (!Octets.isDigit(b)) {
                return false;
            }
            port = port * 10 + (b - '0');
        }
        return port <= 65535;
    }

    private static int bracketedLength(DirectBuffer buffer, int offset, int length) {
        int close = 1;
        while (close < length && buffer.getByte(offset + close) != ']') {
            close++;
        }
        return close < length && isIpv6(buffer, offset + 1, close - 1) ? close + 1 : -1;
    }

    /** RFC 4291 section 2.2: eight groups, or fewer around one {@code ::}; the last two may be an IPv4 address. */
    private static boolean isIpv6(DirectBuffer buffer, int offset, int length) {
        int groups = 0;
        boolean isCompressed = false;
        int at = 0;
        while (at < length) {
            if (buffer.getByte(offset + at) == ':') {
                // A colon where a group could begin is good for nothing but "::".
                boolean isDouble = at + 1 < length && buffer.getByte(offset + at + 1) == ':';
                if (!isDouble || isCompressed) {
                    return false;
                }
                isCompressed = true;
                at += 2;
                continue;
            }
            int digits = 0;
            while (at + digits < length && Octets.hex(buffer.getByte(offset + at + digits)) >= 0) {
                digits++;
            }
            int next = at + digits;
            if (next < length && buffer.getByte(offset + next) == '.') {
                groups += 2;
                return isIpv4(buffer, offset + at, length - at) && areEnough(groups, isCompressed);
            }
            if (digits == 0 || digits > 4) {
                return false;
            }
            groups++;
            at = next;
            if (at < length) {
                if (buffer.getByte(offset + at) != ':' || at + 1 == length) {
                    return false;
                }
                // A single colon is taken here; of a double one both are left for the next turn.
                at += buffer.getByte(offset + at + 1) == ':' ? 0 : 1;
            }
        }
        return areEnough(groups, isCompressed);
    }

    private static boolean areEnough(int groups, boolean isCompressed) {
        return isCompressed ? groups < 8 : groups == 8;
    }

    private static boolean isIpv4(DirectBuffer buffer, int offset, int length) {
        int at = 0;
        for (int part = 0; part < 4; part++) {
            if (part > 0 && (at == length || buffer.getByte(offset + at++) != '.')) {
                return false;
            }
            int value = 0;
            int digits = 0;
            while (at < length && digits < 4 && Octets.isDigit(buffer.getByte(offset + at))) {
                value = value * 10 + (buffer.getByte(offset + at) - '0');
                at++;
                digits++;
            }
            if (digits == 0 || digits > 3 || value > 255) {
                return false;
            }
        }
        return at == length;
    }
}
