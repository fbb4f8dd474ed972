package io.longshore.metrics;

/** Appends addresses to a line: {@code 192.0.2.1:80}, {@code [2001:db8::1]:80}. Makes no objects. */
final class AddressText {
    private static final long MAPPED_PREFIX = 0x0000_ffff_0000_0000L;
    private static final int GROUPS = 8;

    private AddressText() {}

    /** Appends the address with these 128 bits; IPv4 if they are in the IPv4-mapped range. */
    static void append(StringBuilder text, long high, long low, int port) {
        if (high == 0 && (low & 0xffff_ffff_0000_0000L) == MAPPED_PREFIX) {
            for (int shift = 24; shift >= 0; shift -= 8) {
                text.append(low >>> shift & 0xff).append(shift > 0 ? '.' : ':');
            }
        } else {
            text.append('[');
            appendIpv6(text, high, low);
            text.append("]:");
        }
        text.append(port);
    }

    /** RFC 5952: lower case, no leading zeros, "::" for the longest run of two or more zero groups, first of equals. */
    private static void appendIpv6(StringBuilder text, long high, long low) {
        int runStart = GROUPS;
        int runLength = 1;
        int length = 0;
        for (int i = 0; i < GROUPS; i++) {
            length = group(high, low, i) == 0 ? length + 1 : 0;
            if (length > runLength) {
                runLength = length;
                runStart = i + 1 - length;
            }
        }
        boolean needsColon = false;
        for (int i = 0; i < GROUPS; i++) {
            if (i == runStart) {
                text.append("::");
                i += runLength - 1;
                needsColon = false;
                continue;
            }
            if (needsColon) {
                text.append(':');
            }
            appendHex(text, group(high, low, i));
            needsColon = true;
        }
    }

    private static int group(long high, long low, int i) {
        return (int) ((i < 4 ? high : low) >>> (48 - 16 * (i & 3))) & 0xffff;
    }

    private static void appendHex(StringBuilder text, int group) {
        boolean isLeading = true;
        for (int shift = 12; shift >= 0; shift -= 4) {
            int digit = group >>> shift & 0xf;
            isLeading &= digit == 0 && shift > 0;
            if (!isLeading) {
                text.append(Character.forDigit(digit, 16));
            }
        }
    }
}
