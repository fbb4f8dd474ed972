package io.longshore.origin;

import java.util.BitSet;

/**
 * Which ports dials may use, and how they are found.
 *
 * @param mode how a free one is found
 * @param low the first port of the range (of the slice, in RING)
 * @param high the last port of the range
 * @param reserved ports of the range that automatic selection passes over: {@code ip_local_reserved_ports}, and those with
 *     an explicitly bound socket; in RING the slice is reserved as a whole, and this is empty
 */
public record PortSettings(PortMode mode, int low, int high, BitSet reserved) {
    /** The ports of one window: wide enough to hold a free one at 99 % with near certainty, narrow enough to be quick. */
    public static final int WINDOW_PORTS = 500;

    /** How often another window is tried before the source counts as full. */
    public static final int WINDOW_TRIES = 12;

    /** Ports without bounds and reservations: what a host has that was never tuned, for tests. */
    public static final PortSettings DEFAULT = new PortSettings(PortMode.KERNEL, 32768, 60999, new BitSet());

    /** How many ports a source address has towards one endpoint. */
    public int usablePorts() {
        return high - low + 1 - reservedPorts();
    }

    /** How many ports of the range are never used. */
    public int reservedPorts() {
        return reserved.get(low, high + 1).cardinality();
    }

    /**
     * The value of IP_LOCAL_PORT_RANGE for one dial, {@code high << 16 | low}, or 0 where it is not set.
     *
     * @param chance a random number, for the place of the window
     */
    public int portRange(long chance) {
        return switch (mode) {
            case FULL_RANGE -> wholeRange();
            case WINDOW -> {
                if (high - low < WINDOW_PORTS) {
                    yield wholeRange();
                }
                // Windows may hang over both ends and are cut there, so that the outermost port is in as many of them
                // as any
                // other. Else the free ports gather at the ends of a busy range, where hardly a window finds them.
                int first =
                        low - WINDOW_PORTS + 1 + (int) Long.remainderUnsigned(chance, high - low + (long) WINDOW_PORTS);
                yield Math.min(high, first + WINDOW_PORTS - 1) << 16 | Math.max(low, first);
            }
            case KERNEL, RING -> 0;
        };
    }

    /** The same for the last try at a source: all ports, because the account says that there is one somewhere. */
    public int lastPortRange() {
        return mode == PortMode.WINDOW ? wholeRange() : portRange(0);
    }

    private int wholeRange() {
        return high << 16 | low;
    }
}
