package io.longshore.sys;

import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * A setting found on this host that costs connections, whoever made it: most of them are handed down from pages about
 * kernels that are long gone.
 *
 * @param value the value in force
 * @param why what it breaks, and what to write instead
 */
public record SysctlHarm(String key, String value, String why) {
    /** One page of data for each of 1,024 sockets: nobody means less, somebody meant bytes or megabytes. */
    private static final long TCP_PAGES_MIN = 1_024;

    private static final int TIME_WAIT_MIN = 4_096;

    /** Shorter than one cycle of our keepalive probes with two of them lost. */
    private static final int ESTABLISHED_SECONDS_MIN = 180;

    /**
     * Looks at the running kernel.
     *
     * @throws IOException if a key that is there cannot be read
     */
    public static List<SysctlHarm> found(SysctlTree tree, SysctlHost host) throws IOException {
        Search search = new Search(tree);
        search.flag(
                "net.ipv4.tcp_tw_recycle",
                "1",
                "drops clients that share an address behind NAT: set it to 0 (Linux 4.12 took it away)");
        boolean hasTimestamps = !search.value("net.ipv4.tcp_timestamps").equals("0");
        search.flag(
                "net.ipv4.tcp_timestamps",
                "0",
                "without timestamps a late segment can hit the next connection on its tuple, and TIME_WAIT is never"
                        + " reused: set it to 1");
        if (!hasTimestamps) {
            search.flag("net.ipv4.tcp_tw_reuse", "1", "has no effect without tcp_timestamps");
        }
        search.flag(
                "net.ipv4.tcp_syncookies",
                "0",
                "a SYN flood then fills the queue of half-open connections: set it to 1");
        search.flag(
                "net.ipv4.tcp_syncookies",
                "2",
                "is for tests: cookies for everybody, even when nothing is short: set it to 1");
        search.flag(
                "net.ipv4.tcp_abort_on_overflow",
                "1",
                "resets clients for a burst that a retry would survive: set it to 0");
        search.flag(
                "net.ipv4.ip_autobind_reuse",
                "1",
                "lets programs without IP_BIND_ADDRESS_NO_PORT take ports that others hold: set it to 0");
        search.flag("net.ipv4.tcp_sack", "0", "one lost segment then costs a window of retransmissions: set it to 1");
        search.flag("net.ipv4.tcp_window_scaling", "0", "no connection gets past 64 KiB a round trip: set it to 1");
        search.flag("net.ipv4.tcp_moderate_rcvbuf", "0", "receive windows stay at their first size: set it to 1");
        search.ports();
        search.below(
                "net.ipv4.tcp_max_tw_buckets", TIME_WAIT_MIN, "TIME_WAIT is cut short after that many closes a minute");
        search.below(
                "net.netfilter.nf_conntrack_tcp_timeout_established",
                ESTABLISHED_SECONDS_MIN,
                "idle tunnels are forgotten between two keepalive probes");
        search.memory(host);
        return search.found;
    }

    private static final class Search {
        private final SysctlTree tree;
        private final List<SysctlHarm> found = new ArrayList<>();

        Search(SysctlTree tree) {
            this.tree = tree;
        }

        /** The value, or nothing where there is no such key. */
        String value(String key) throws IOException {
            return tree.exists(key) ? tree.read(key) : "";
        }

        void flag(String key, String bad, String why) throws IOException {
            if (value(key).equals(bad)) {
                found.add(new SysctlHarm(key, bad, why));
            }
        }

        void below(String key, long least, String why) throws IOException {
            String value = value(key);
            if (!value.isEmpty() && Long.parseLong(value) < least) {
                found.add(new SysctlHarm(key, value, why));
            }
        }

        void ports() throws IOException {
            String range = value(SysctlPorts.RANGE);
            if (range.isEmpty()) {
                return;
            }
            int[] ends = SysctlPorts.range(range);
            if (((ends[0] ^ ends[1]) & 1) == 0) {
                found.add(new SysctlHarm(
                        SysctlPorts.RANGE,
                        range,
                        "ends of the same parity: the search for a port treats even and odd ones unevenly; move one end"
                                + " by one"));
            }
            String list = value(SysctlPorts.RESERVED);
            BitSet reserved = SysctlPorts.parse(list);
            int taken = reserved.get(ends[0], ends[1] + 1).cardinality();
            int size = ends[1] - ends[0] + 1;
            if (taken > size / 2) {
                found.add(new SysctlHarm(
                        SysctlPorts.RESERVED, list, "takes " + taken + " of the range's " + size + " ports away"));
            }
        }

        void memory(SysctlHost host) throws IOException {
            String pages = value("net.ipv4.tcp_mem");
            if (pages.isEmpty()) {
                return;
            }
            long most = Long.parseLong(pages.substring(pages.lastIndexOf(' ') + 1));
            if (most < TCP_PAGES_MIN) {
                found.add(
                        new SysctlHarm("net.ipv4.tcp_mem", pages, "is in pages: TCP as a whole gets next to nothing"));
            } else if (most > host.memoryBytes() / host.pageBytes()) {
                found.add(new SysctlHarm(
                        "net.ipv4.tcp_mem", pages, "is in pages: TCP may take more memory than this machine has"));
            }
        }
    }
}
