package io.longshore.config;

import java.net.InetAddress;

/**
 * An inclusive range of IP addresses of one family: one address, {@code a-b}, or a CIDR block.
 *
 * <p>The bounds are 128-bit numbers in network order, {@code high} first; IPv4 stands in its IPv4-mapped form
 * ({@code ::ffff:a.b.c.d}), as in {@code io.longshore.net.Address}.
 *
 * @param firstHigh the first address's first eight bytes
 * @param firstLow the first address's last eight bytes
 * @param lastHigh the last address's first eight bytes
 * @param lastLow the last address's last eight bytes
 */
public record AddressRange(long firstHigh, long firstLow, long lastHigh, long lastLow) {
    /** The range that holds just {@code address}. */
    public static AddressRange of(InetAddress address) {
        byte[] bytes = address.getAddress();
        long high = 0;
        long low = 0x0000_ffff_0000_0000L;
        if (bytes.length == 4) {
            low |= bigEndian(bytes, 0, 4);
        } else {
            high = bigEndian(bytes, 0, 8);
            low = bigEndian(bytes, 8, 8);
        }
        return new AddressRange(high, low, high, low);
    }

    /** Whether the address with these 128 bits lies inside. */
    public boolean contains(long high, long low) {
        return compare(firstHigh, firstLow, high, low) <= 0 && compare(high, low, lastHigh, lastLow) <= 0;
    }

    /** Unsigned comparison of two 128-bit numbers. */
    public static int compare(long highA, long lowA, long highB, long lowB) {
        int order = Long.compareUnsigned(highA, highB);
        return order != 0 ? order : Long.compareUnsigned(lowA, lowB);
    }

    private static long bigEndian(byte[] bytes, int from, int length) {
        long value = 0;
        for (int i = 0; i < length; i++) {
            value = value << 8 | (bytes[from + i] & 0xff);
        }
        return value;
    }
}
