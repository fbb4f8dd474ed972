package io.longshore.config;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Objects;

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
    private static final long MAPPED_PREFIX = 0x0000_ffff_0000_0000L;

    /** The range that holds just {@code address}. */
    public static AddressRange of(InetAddress address) {
        byte[] bytes = address.getAddress();
        long high = 0;
        long low = MAPPED_PREFIX;
        if (bytes.length == 4) {
            low |= bigEndian(bytes, 0, 4);
        } else {
            high = bigEndian(bytes, 0, 8);
            low = bigEndian(bytes, 8, 8);
        }
        return new AddressRange(high, low, high, low);
    }

    /**
     * The range that {@code text} says: {@code 10.0.0.1}, {@code 10.0.0.1-10.0.0.9}, {@code 10.0.0.0/24}, and the same
     * for IPv6, without brackets. No name is looked up.
     *
     * @throws IllegalArgumentException if it says none; the message is fit for a user
     */
    public static AddressRange parse(String text) {
        int slash = text.indexOf('/');
        if (slash >= 0) {
            return parseBlock(text, slash);
        }
        int dash = text.indexOf('-');
        if (dash < 0 || text.chars().anyMatch(c -> c >= 'g' && c <= 'z')) {
            return of(AddressText.parseIp(text)); // Names may have hyphens: "my-host" is no range.
        }
        AddressRange first = of(AddressText.parseIp(text.substring(0, dash)));
        AddressRange last = of(AddressText.parseIp(text.substring(dash + 1)));
        if (first.isIpv4() != last.isIpv4()) {
            throw new WrongText(Quote.of(text) + " begins in one address family and ends in the other");
        }
        if (compare(first.firstHigh, first.firstLow, last.firstHigh, last.firstLow) > 0) {
            throw new WrongText(
                    Quote.of(text) + " ends before it begins", "; did you mean " + last + "-" + first + "?");
        }
        return new AddressRange(first.firstHigh, first.firstLow, last.lastHigh, last.lastLow);
    }

    /** Whether the range is of IPv4 addresses. */
    public boolean isIpv4() {
        return isMapped(firstHigh, firstLow) && isMapped(lastHigh, lastLow);
    }

    /** How many addresses the range holds, at least 1; {@link Long#MAX_VALUE} if they are more than that. */
    public long size() {
        long borrow = Long.compareUnsigned(lastLow, firstLow) < 0 ? 1 : 0;
        long high = lastHigh - firstHigh - borrow;
        long low = lastLow - firstLow;
        return high != 0 || low < 0 || low == Long.MAX_VALUE ? Long.MAX_VALUE : low + 1;
    }

    /**
     * The address at {@code index}, counted from the first.
     *
     * @throws IndexOutOfBoundsException if {@code index} is not within 0 and {@link #size()} - 1
     */
    public InetAddress at(long index) {
        Objects.checkIndex(index, size());
        long low = firstLow + index;
        return address(firstHigh + (Long.compareUnsigned(low, firstLow) < 0 ? 1 : 0), low);
    }

    /**
     * Whether the address with these 128 bits lies inside. An IPv4 address lies in IPv4 ranges only: {@code ::/0} holds
     * every IPv6 address, and no IPv4 address because of the form that we keep it in.
     */
    public boolean contains(long high, long low) {
        return compare(firstHigh, firstLow, high, low) <= 0
                && compare(high, low, lastHigh, lastLow) <= 0
                && isMapped(high, low) == isIpv4();
    }

    /** Whether some address lies in both ranges. */
    public boolean overlaps(AddressRange other) {
        return isIpv4() == other.isIpv4()
                && compare(firstHigh, firstLow, other.lastHigh, other.lastLow) <= 0
                && compare(other.firstHigh, other.firstLow, lastHigh, lastLow) <= 0;
    }

    /** Unsigned comparison of two 128-bit numbers. */
    public static int compare(long highA, long lowA, long highB, long lowB) {
        int order = Long.compareUnsigned(highA, highB);
        return order != 0 ? order : Long.compareUnsigned(lowA, lowB);
    }

    /** One address, or {@code a-b}: {@link #parse} turns it into an equal range. */
    @Override
    public String toString() {
        String first = AddressText.format(address(firstHigh, firstLow));
        boolean isOne = firstHigh == lastHigh && firstLow == lastLow;
        return isOne ? first : first + '-' + AddressText.format(address(lastHigh, lastLow));
    }

    private static AddressRange parseBlock(String text, int slash) {
        AddressRange base = of(AddressText.parseIp(text.substring(0, slash)));
        int addressBits = base.isIpv4() ? 32 : 128;
        int prefix = AddressText.decimal(text, slash + 1, text.length(), addressBits);
        if (prefix < 0) {
            throw new WrongText(Quote.of(text) + " has no prefix length from 0 to " + addressBits + " after the slash");
        }
        int hostBits = addressBits - prefix;
        long hostHigh = hostBits <= 64 ? 0 : ones(hostBits - 64);
        long hostLow = ones(Math.min(hostBits, 64));
        if ((base.firstHigh & hostHigh) != 0 || (base.firstLow & hostLow) != 0) {
            InetAddress network = address(base.firstHigh & ~hostHigh, base.firstLow & ~hostLow);
            throw new WrongText(
                    Quote.of(text) + " is an address inside a block, not the block",
                    "; did you mean " + AddressText.format(network) + '/' + prefix + " or " + base + '?');
        }
        return new AddressRange(base.firstHigh, base.firstLow, base.firstHigh | hostHigh, base.firstLow | hostLow);
    }

    private static long ones(int count) {
        return count == 64 ? -1L : (1L << count) - 1;
    }

    private static boolean isMapped(long high, long low) {
        return high == 0 && (low & 0xffff_ffff_0000_0000L) == MAPPED_PREFIX;
    }

    private static InetAddress address(long high, long low) {
        byte[] bytes;
        if (isMapped(high, low)) {
            bytes = new byte[] {(byte) (low >>> 24), (byte) (low >>> 16), (byte) (low >>> 8), (byte) low};
        } else {
            bytes = new byte[16];
            for (int i = 0; i < 8; i++) {
                bytes[i] = (byte) (high >>> (56 - 8 * i));
                bytes[8 + i] = (byte) (low >>> (56 - 8 * i));
            }
        }
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new AssertionError("4 or 16 bytes are always an address", e);
        }
    }

    private static long bigEndian(byte[] bytes, int from, int length) {
        long value = 0;
        for (int i = 0; i < length; i++) {
            value = value << 8 | (bytes[from + i] & 0xff);
        }
        return value;
    }
}
