package io.longshore.sys;

import java.util.BitSet;

/**
 * The ports that the kernel hands out by itself in this network namespace.
 *
 * @param low the first of {@code ip_local_port_range}
 * @param high the last, inclusive
 * @param reserved {@code ip_local_reserved_ports}: what the kernel leaves out, inside the range or not. Not to be changed
 */
public record PortRange(int low, int high, BitSet reserved) {
    /** The kernel's default, for a host that does not tell. */
    private static final PortRange DEFAULT = new PortRange(32_768, 60_999, new BitSet());

    /** What {@code /proc/sys/net/ipv4} says. It holds for IPv6 as well. */
    public static PortRange read(Proc proc) {
        long[] range = proc.numbers("sys/net/ipv4/ip_local_port_range");
        BitSet reserved = parsePorts(proc.text("sys/net/ipv4/ip_local_reserved_ports"));
        return range.length == 2
                ? new PortRange((int) range[0], (int) range[1], reserved)
                : new PortRange(DEFAULT.low, DEFAULT.high, reserved);
    }

    /** The ports of a list like {@code 8080,9000-9005}, the form of {@code ip_local_reserved_ports}. */
    public static BitSet parsePorts(String list) {
        BitSet ports = new BitSet(65_536);
        for (String item :
                list == null || list.isBlank() ? new String[0] : list.strip().split(",")) {
            String[] ends = item.strip().split("-", 2);
            ports.set(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]) + 1);
        }
        return ports;
    }

    /** How many ports lie in the range, the reserved ones among them. */
    public int width() {
        return high - low + 1;
    }

    /** How many ports of the range are reserved. */
    public int reservedInside() {
        return reserved.get(low, high + 1).cardinality();
    }

    /** How many ports the kernel can give to connections of one source address to one endpoint. */
    public int usable() {
        return width() - reservedInside();
    }

    /** Whether the kernel may pick this port. */
    public boolean isUsable(int port) {
        return port >= low && port <= high && !reserved.get(port);
    }
}
