package io.longshore.cli;

import io.longshore.config.AddressRange;
import io.longshore.config.Config;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * How many tunnels the host is to hold, and what they take.
 *
 * <p>With {@code --plan} that many are held against every limit, and what cannot hold them fails. Otherwise the promise is
 * what the ports give, or the memory if that is less: it is the one limit that no setting moves. A limit below the promise
 * is a warning then: it wastes ports.
 *
 * @param tunnels the number to reach
 * @param isPlanned whether the user named it
 * @param origins the origins they go to: those of the file, or one endpoint dialled from one address
 */
record DoctorNeed(long tunnels, boolean isPlanned, List<Origin> origins) {
    /** The ports of 9024 to 65535, the range of profile 60-longshore-ports. */
    static final int PROFILE_LOW = 9024;

    static final int PROFILE_HIGH = 65_535;

    /** Kernel memory of an idle TCP socket, measured on Linux 6.18: the socket, its file, its inode and its dentry. */
    static final long KERNEL_BYTES_PER_SOCKET = 4_900;
    /** User memory of an idle tunnel, JDK 17, as the benchmark measures it on either engine (350 to 980), rounded. */
    static final long USER_BYTES_PER_TUNNEL = 900;

    static final long BYTES_PER_TUNNEL = 2 * KERNEL_BYTES_PER_SOCKET + USER_BYTES_PER_TUNNEL;
    /** Listeners, selectors, logs, the JDK's own files: a few hundred, rounded up. */
    static final long DESCRIPTORS_BESIDES = 1_024;
    /** More than any host holds, and few enough that no arithmetic on it overflows. */
    static final long TUNNELS_MAX = 1L << 32;
    /** Above this fill a source address spills over to the next; a plan stays below it. */
    static final int FILL_PERCENT = 80;

    /**
     * An origin's share of the tuple space. Sources dial endpoints of their own family only.
     *
     * @param name its name in the configuration
     * @param sourcesIpv4 source addresses; 1 where the kernel chooses
     * @param sourcesIpv6 the same for IPv6
     * @param endpointsIpv4 endpoints
     * @param endpointsIpv6 endpoints
     */
    record Origin(String name, long sourcesIpv4, long sourcesIpv6, int endpointsIpv4, int endpointsIpv6) {
        static Origin of(Config.Origin origin) {
            long ipv4 = 0;
            long ipv6 = 0;
            for (AddressRange range : origin.sources()) {
                // The reader refuses ranges that overlap: nothing is counted twice.
                if (range.isIpv4()) {
                    ipv4 = add(ipv4, range.size());
                } else {
                    ipv6 = add(ipv6, range.size());
                }
            }
            int endpointsIpv4 = 0;
            for (InetSocketAddress endpoint : origin.endpoints()) {
                endpointsIpv4 += endpoint.getAddress() instanceof Inet4Address ? 1 : 0;
            }
            boolean isKernels = origin.sources().isEmpty();
            return new Origin(
                    origin.name(),
                    isKernels ? 1 : ipv4,
                    isKernels ? 1 : ipv6,
                    endpointsIpv4,
                    origin.endpoints().size() - endpointsIpv4);
        }

        /** Pairs of a source and an endpoint that it can dial. */
        long pairs() {
            return add(multiply(sourcesIpv4, endpointsIpv4), multiply(sourcesIpv6, endpointsIpv6));
        }

        int endpoints() {
            return endpointsIpv4 + endpointsIpv6;
        }
    }

    /** What there is to hold against the host; {@code config} is null without a file, {@code planned} 0 without a plan. */
    static DoctorNeed of(Config config, long planned, DoctorHost host) {
        List<Origin> origins = new ArrayList<>();
        if (config == null) {
            origins.add(new Origin("", 1, 0, 1, 0));
        } else {
            config.origins().values().forEach(origin -> origins.add(Origin.of(origin)));
        }
        if (planned > 0) {
            return new DoctorNeed(planned, true, origins);
        }
        long byPorts = 0;
        for (Origin origin : origins) {
            byPorts = add(byPorts, multiply(origin.pairs(), host.range().usable()));
        }
        long tunnels = Math.min(byPorts, host.memoryBytes() / BYTES_PER_TUNNEL);
        return new DoctorNeed(Math.min(tunnels, TUNNELS_MAX), false, origins);
    }

    /** Two sockets a tunnel, and what a process has open besides. */
    long descriptors() {
        return 2 * tunnels + DESCRIPTORS_BESIDES;
    }

    /** How bad it is that something holds only so many tunnels. */
    DoctorFinding.Level levelAt(long tunnelsMax) {
        if (tunnelsMax >= tunnels) {
            return DoctorFinding.Level.OK;
        }
        return isPlanned ? DoctorFinding.Level.FAIL : DoctorFinding.Level.WARN;
    }

    /** The promise in words, for the end of a sentence. */
    String text() {
        return DoctorFinding.number(tunnels)
                + (isPlanned ? " tunnels planned" : " tunnels that ports and memory allow");
    }

    /** A product that stops at {@link Long#MAX_VALUE}: an IPv6 /64 has more tuples than a long has numbers. */
    static long multiply(long a, long b) {
        return a != 0 && b > Long.MAX_VALUE / a ? Long.MAX_VALUE : a * b;
    }

    /** A sum that stops at {@link Long#MAX_VALUE}. */
    static long add(long a, long b) {
        return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
    }
}
