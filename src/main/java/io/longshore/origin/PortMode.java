package io.longshore.origin;

import java.util.Locale;

/**
 * How a free port is found when a source dials an endpoint; see docs/ports.md for what each costs.
 *
 * <p>Source: net/ipv4/inet_hashtables.c (__inet_hash_connect), ip(7), IP_LOCAL_PORT_RANGE(2const).
 */
public enum PortMode {
    /**
     * Linux 6.8 and newer: IP_LOCAL_PORT_RANGE set to the whole range makes connect(2) search it in steps of one from a
     * random start, instead of all even ports before the first odd one.
     */
    FULL_RANGE,
    /** Linux 6.3 to 6.7: the same option with a random window of {@link PortSettings#WINDOW_PORTS} ports, and another try. */
    WINDOW,
    /** IP_BIND_ADDRESS_NO_PORT alone: right, but slow past half occupancy. */
    KERNEL,
    /** Any kernel: we pick the port, the one freed longest ago, from a slice that automatic selection leaves alone. */
    RING;

    /** The name in settings, logs and files: {@code full-range}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
