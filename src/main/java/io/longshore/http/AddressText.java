package io.longshore.http;

import org.agrona.DirectBuffer;

/**
 * Reads IP addresses in text from bytes that a peer sent: by hand, because the JDK's parser wants a String, takes
 * {@code 1} and {@code 010.1} for addresses, and asks the name service about everything else.
 */
public final class AddressText {
    private static final long MAPPED_PREFIX = 0x0000_ffff_0000_0000L;

    private AddressText() {}

    /**
     * Reads an address without a port: four decimal numbers without leading zeros, or any form of RFC 4291 section 2.2,
     * without a zone.
     *
     * @param bits receives the high and the low eight bytes, in the form of {@code io.longshore.net.Address}; only
     *     written if the text is an address
     * @return whether the whole text is an address
     */
    public static boolean parse(DirectBuffer text, int from, int limit, long[] bits) {
        if (indexOf(text, ':', from, limit) >= 0) {
            return parseIpv6(text, from, limit, bits);
        }
        long ipv4 = ipv4Bits(text, from, limit);
        if (ipv4 < 0) {
            return false;
        }
        bits[0] = 0;
        bits[1] = MAPPED_PREFIX | ipv4;
        return true;
    }

    /**
     * Reads an address with or without a port: {@code a.b.c.d}, {@code a.b.c.d:port}, {@code [v6]}, {@code [v6]:port},
     * or a bare IPv6 address, which cannot have a port.
     */
    public static boolean parseWithPort(DirectBuffer text, int from, int limit, long[] bits) {
        if (from < limit && text.getByte(from) == '[') {
            int bracket = indexOf(text, ']', from, limit);
            return bracket >= 0
                    && indexOf(text, ':', from, bracket) >= 0
                    && (bracket + 1 == limit || isPort(text, bracket + 1, limit))
                    && parse(text, from + 1, bracket, bits);
        }
        int colon = indexOf(text, ':', from, limit);
        boolean hasPort = colon >= 0 && indexOf(text, ':', colon + 1, limit) < 0;
        if (hasPort) {
            return isPort(text, colon, limit) && parse(text, from, colon, bits);
        }
        return parse(text, from, limit, bits);
    }

    /** The first place of {@code wanted} in {@code from} to {@code limit - 1}, or -1. */
    public static int indexOf(DirectBuffer text, char wanted, int from, int limit) {
        for (int i = from; i < limit; i++) {
            if (text.getByte(i) == wanted) {
                return i;
            }
        }
        return -1;
    }

    /** Whether this is a colon and one to five digits. */
    private static boolean isPort(DirectBuffer text, int from, int limit) {
        boolean isPort = text.getByte(from) == ':' && limit - from >= 2 && limit - from <= 6;
        for (int i = from + 1; i < limit; i++) {
            isPort &= isDigit(text.getByte(i));
        }
        return isPort;
    }

    /** The 32 bits of a dotted address, or -1. */
    private static long ipv4Bits(DirectBuffer text, int from, int limit) {
        long bits = 0;
        int parts = 0;
        int part = -1;
        for (int i = from; i <= limit; i++) {
            byte next = i < limit ? text.getByte(i) : (byte) '.';
            if (next == '.') {
                if (part < 0 || ++parts > 4) {
                    return -1;
                }
                bits = bits << 8 | part;
                part = -1;
            } else if (!isDigit(next) || part == 0) {
                // A leading zero means octal to some readers and decimal to others: an address that two machines read
                // differently is none.
                return -1;
            } else {
                part = Math.max(part, 0) * 10 + (next - '0');
                if (part > 255) {
                    return -1;
                }
            }
        }
        return parts == 4 ? bits : -1;
    }

    private static boolean parseIpv6(DirectBuffer text, int from, int limit, long[] bits) {
        int[] groups = new int[8];
        int count = 0;
        int gap = -1;
        int i = from;
        if (limit - from >= 2 && text.getByte(from) == ':' && text.getByte(from + 1) == ':') {
            gap = 0;
            i += 2;
        }
        while (i < limit) {
            int start = i;
            int group = 0;
            while (i < limit && i - start < 4 && hexDigit(text.getByte(i)) >= 0) {
                group = group << 4 | hexDigit(text.getByte(i++));
            }
            if (i == start || count == 8) {
                return false;
            }
            if (i < limit && text.getByte(i) == '.') {
                long ipv4 = ipv4Bits(text, start, limit);
                if (ipv4 < 0 || count > 6) {
                    return false;
                }
                groups[count++] = (int) (ipv4 >>> 16);
                groups[count++] = (int) ipv4 & 0xffff;
                break;
            }
            groups[count++] = group;
            if (i == limit) {
                break;
            }
            if (text.getByte(i++) != ':' || i == limit) {
                return false;
            }
            if (text.getByte(i) == ':') {
                if (gap >= 0) {
                    return false;
                }
                gap = count;
                i++;
            }
        }
        if (gap < 0 ? count != 8 : count == 8) {
            return false;
        }
        // The groups behind "::" belong at the end; what it stands for is zero.
        for (int moved = 1; gap >= 0 && moved <= count - gap; moved++) {
            groups[8 - moved] = groups[count - moved];
            groups[count - moved] = 0;
        }
        bits[0] = fourGroups(groups, 0);
        bits[1] = fourGroups(groups, 4);
        return true;
    }

    private static long fourGroups(int[] groups, int from) {
        return (long) groups[from] << 48
                | (long) groups[from + 1] << 32
                | (long) groups[from + 2] << 16
                | groups[from + 3];
    }

    private static boolean isDigit(byte value) {
        return value >= '0' && value <= '9';
    }

    private static int hexDigit(byte value) {
        if (isDigit(value)) {
            return value - '0';
        }
        int lowered = value | 0x20;
        return lowered >= 'a' && lowered <= 'f' ? lowered - 'a' + 10 : -1;
    }
}
