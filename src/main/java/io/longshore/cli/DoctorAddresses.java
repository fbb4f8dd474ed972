package io.longshore.cli;

import io.longshore.config.AddressRange;
import java.math.BigInteger;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/** Which commands make addresses this host's own. */
final class DoctorAddresses {
    private static final int ONE_BY_ONE_MAX = 4;

    private DoctorAddresses() {}

    /**
     * The commands: an address on a device where a few are missing, else a local route for each block of the range
     * (AnyIP), which makes a /24 or a /64 ours in one line.
     *
     * @param missing the addresses of the range that were found not to be ours, at least one
     */
    static List<String> fixes(AddressRange range, List<InetAddress> missing) {
        List<String> commands = new ArrayList<>();
        if (range.size() == 1 || missing.size() < Math.min(range.size(), ONE_BY_ONE_MAX)) {
            for (InetAddress address : missing) {
                boolean isIpv4 = address instanceof Inet4Address;
                commands.add("ip addr add " + text(address) + (isIpv4 ? "/32" : "/128") + " dev DEVICE");
            }
            return commands;
        }
        for (String block : blocks(range)) {
            commands.add((range.isIpv4() ? "ip route" : "ip -6 route") + " add local " + block + " dev lo");
        }
        return commands;
    }

    /** The fewest CIDR blocks that hold the range and nothing else, in ascending order. */
    static List<String> blocks(AddressRange range) {
        int bits = range.isIpv4() ? 32 : 128;
        BigInteger space = BigInteger.ONE.shiftLeft(bits);
        BigInteger next = unsigned(range.firstHigh(), range.firstLow()).mod(space);
        BigInteger end = unsigned(range.lastHigh(), range.lastLow()).mod(space).add(BigInteger.ONE);
        BigInteger first = next;
        List<String> blocks = new ArrayList<>();
        while (next.compareTo(end) < 0) {
            // As large as its first address is aligned, and as what is left allows.
            int aligned = next.signum() == 0 ? bits : next.getLowestSetBit();
            int left = end.subtract(next).bitLength() - 1;
            int hostBits = Math.min(aligned, left);
            AddressRange at = shifted(range, next.subtract(first));
            blocks.add(at + "/" + (bits - hostBits));
            next = next.add(BigInteger.ONE.shiftLeft(hostBits));
        }
        return blocks;
    }

    private static AddressRange shifted(AddressRange range, BigInteger offset) {
        BigInteger at = unsigned(range.firstHigh(), range.firstLow()).add(offset);
        long high = at.shiftRight(64).longValue();
        return new AddressRange(high, at.longValue(), high, at.longValue());
    }

    private static BigInteger unsigned(long high, long low) {
        return new BigInteger(Long.toUnsignedString(high))
                .shiftLeft(64)
                .add(new BigInteger(Long.toUnsignedString(low)));
    }

    private static String text(InetAddress address) {
        return AddressRange.of(address).toString();
    }
}
