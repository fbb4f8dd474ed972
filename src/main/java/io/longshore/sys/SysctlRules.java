package io.longshore.sys;

import static java.util.Map.entry;

import java.util.Map;
import java.util.Set;

/**
 * What the kernel does with a key: for whom it is, which values it takes, what a value costs. From the kernel's
 * Documentation/networking/ip-sysctl.rst, nf_conntrack-sysctl.rst, admin-guide/sysctl/fs.rst and the tables in
 * net/ipv4/sysctl_net_ipv4.c, net/core/sysctl_net_core.c, net/netfilter/nf_conntrack_standalone.c and fs/file_table.c. A
 * key that stands in none of the tables below is taken as it is written; reading it back decides.
 */
final class SysctlRules {
    private static final long INT_MAX = Integer.MAX_VALUE;
    /** proc_dointvec_jiffies() refuses what overflows an int in ticks; 1000 ticks a second is the most there is. */
    private static final long SECONDS_MAX = INT_MAX / 1000;

    /** The numbers that a value is made of. Several of them must be in rising order. */
    private record Shape(int count, long min, long max) {}

    private static final Map<String, Shape> SHAPES = Map.ofEntries(
            entry(SysctlPorts.RANGE, new Shape(2, 1, 65_535)),
            entry("net.ipv4.tcp_timestamps", new Shape(1, 0, 2)),
            entry("net.ipv4.tcp_tw_reuse", new Shape(1, 0, 2)),
            entry("net.ipv4.tcp_syncookies", new Shape(1, 0, 2)),
            entry("net.ipv4.tcp_migrate_req", new Shape(1, 0, 1)),
            entry("net.ipv4.tcp_max_tw_buckets", new Shape(1, 0, INT_MAX)),
            entry("net.ipv4.tcp_max_orphans", new Shape(1, 0, INT_MAX)),
            entry("net.ipv4.tcp_max_syn_backlog", new Shape(1, 0, INT_MAX)),
            entry("net.ipv4.tcp_fin_timeout", new Shape(1, 0, SECONDS_MAX)),
            entry("net.ipv4.tcp_rmem", new Shape(3, 1, INT_MAX)),
            entry("net.ipv4.tcp_wmem", new Shape(3, 1, INT_MAX)),
            entry("net.ipv4.tcp_mem", new Shape(3, 0, Long.MAX_VALUE)),
            entry("net.ipv4.tcp_notsent_lowat", new Shape(1, 0, 0xffff_ffffL)),
            entry("net.core.somaxconn", new Shape(1, 0, INT_MAX)),
            entry("net.core.netdev_max_backlog", new Shape(1, 0, INT_MAX)),
            entry("fs.file-max", new Shape(1, 0, Long.MAX_VALUE)),
            entry("fs.nr_open", new Shape(1, 64, INT_MAX / 64 * 64)),
            entry("net.netfilter.nf_conntrack_max", new Shape(1, 0, INT_MAX)),
            entry("net.netfilter.nf_conntrack_buckets", new Shape(1, 1, INT_MAX)),
            entry("net.netfilter.nf_conntrack_tcp_timeout_established", new Shape(1, 0, SECONDS_MAX)),
            entry("net.netfilter.nf_conntrack_tcp_timeout_time_wait", new Shape(1, 0, SECONDS_MAX)));

    /** Limits: more than the profile says does no harm, and somebody wanted it. */
    private static final Set<String> RAISED_ONLY = Set.of(
            "net.core.somaxconn",
            "net.core.netdev_max_backlog",
            "net.ipv4.tcp_max_tw_buckets",
            "net.ipv4.tcp_max_orphans",
            "net.ipv4.tcp_mem",
            "fs.file-max",
            "fs.nr_open",
            "net.netfilter.nf_conntrack_max",
            "net.netfilter.nf_conntrack_buckets");

    /** Of net.core, where keys are the host's by default, those that each network namespace has of its own. */
    private static final Set<String> CORE_PER_NETWORK = Set.of(
            "net.core.somaxconn",
            "net.core.optmem_max",
            "net.core.txrehash",
            "net.core.rps_default_mask",
            "net.core.tstamp_allow_data",
            "net.core.xfrm_acq_expires",
            "net.core.xfrm_aevent_etime",
            "net.core.xfrm_aevent_rseqth",
            "net.core.xfrm_larval_drop");

    /** Elsewhere under net, where keys are the namespace's by default, those of the whole host. */
    private static final Set<String> HOST_WIDE = Set.of(
            "net.ipv4.tcp_mem",
            "net.ipv4.udp_mem",
            "net.ipv4.tcp_max_orphans",
            "net.ipv4.tcp_low_latency",
            "net.ipv4.tcp_allowed_congestion_control",
            "net.ipv4.fib_sync_mem",
            "net.ipv4.inet_peer_threshold",
            "net.ipv4.inet_peer_minttl",
            "net.ipv4.inet_peer_maxttl",
            "net.ipv4.ipfrag_secret_interval",
            "net.ipv6.ip6frag_secret_interval",
            "net.ipv6.mld_max_msf",
            "net.ipv6.mld_qrv",
            "net.nf_conntrack_max",
            "net.netfilter.nf_conntrack_max",
            "net.netfilter.nf_conntrack_buckets",
            "net.netfilter.nf_conntrack_expect_max",
            "net.netfilter.nf_log_all_netns");

    /** struct nf_conn with its extensions; struct tcp_timewait_sock. */
    private static final long CONNTRACK_BYTES = 320;

    private static final long TIME_WAIT_BYTES = 280;

    private SysctlRules() {}

    /**
     * Whether the key belongs to the whole host. Everything outside {@code net} counts as that: some of it belongs to other
     * kinds of namespace, none to a network's. Some keys of the host are visible in every namespace, and older kernels let
     * them be written there too.
     */
    static boolean isHostWide(String key) {
        if (key.startsWith("net.core.")) {
            return !CORE_PER_NETWORK.contains(key);
        }
        boolean isRouteCache = key.startsWith("net.ipv4.route.")
                && !key.endsWith(".min_adv_mss")
                && !key.endsWith(".min_pmtu")
                && !key.endsWith(".mtu_expires");
        return !key.startsWith("net.") || HOST_WIDE.contains(key) || isRouteCache;
    }

    /**
     * What to write in place of {@code before} where the profile says {@code wanted}: the larger of each number for a key
     * that is a limit, else what the profile says.
     */
    static String target(String key, String before, String wanted) {
        String[] have = before.split(" ");
        String[] want = wanted.split(" ");
        if (!RAISED_ONLY.contains(key) || have.length != want.length) {
            return wanted;
        }
        for (int i = 0; i < want.length; i++) {
            // fs.file-max can be anything up to the largest unsigned long.
            if (Long.compareUnsigned(Long.parseUnsignedLong(have[i]), Long.parseUnsignedLong(want[i])) > 0) {
                want[i] = have[i];
            }
        }
        return String.join(" ", want);
    }

    /** Why the kernel would refuse this value, or silently take another one in its place; null if it takes it. */
    static String fault(String key, String value, long pageBytes) {
        Shape shape = SHAPES.get(key);
        if (shape == null) {
            return null;
        }
        String[] numbers = value.split(" ");
        if (numbers.length != shape.count()) {
            return "the kernel wants " + shape.count() + (shape.count() == 1 ? " number" : " numbers");
        }
        long least = shape.min();
        for (String number : numbers) {
            if (!number.matches("-?\\d{1,18}|9\\d{18}")) {
                return number + " is not a number the kernel takes";
            }
            long n;
            try {
                n = Long.parseLong(number);
            } catch (NumberFormatException e) {
                return number + " is more than the kernel's " + shape.max();
            }
            if (n < shape.min() || n > shape.max()) {
                return number + " is outside the kernel's " + shape.min() + " to " + shape.max();
            }
            if (n < least) {
                return "the numbers must not fall";
            }
            least = n;
        }
        // Buckets fill whole pages of pointers (nf_ct_alloc_hashtable).
        if (key.equals("net.netfilter.nf_conntrack_buckets") && least % (pageBytes / 8) != 0) {
            return "the kernel rounds it up to a multiple of " + pageBytes / 8;
        }
        return null;
    }

    /** The kernel memory that may be in use because of this value, 0 where it is not worth counting. */
    static long bytes(String key, String value, long pageBytes) {
        String last = value.substring(value.lastIndexOf(' ') + 1);
        return switch (key) {
            case "net.ipv4.tcp_mem" -> saturated(Long.parseLong(last), pageBytes);
            case "net.ipv4.tcp_max_tw_buckets" -> saturated(Long.parseLong(last), TIME_WAIT_BYTES);
            case "net.netfilter.nf_conntrack_max" -> saturated(Long.parseLong(last), CONNTRACK_BYTES);
            case "net.netfilter.nf_conntrack_buckets" -> saturated(Long.parseLong(last), 8);
            default -> 0;
        };
    }

    private static long saturated(long count, long each) {
        return count > Long.MAX_VALUE / 16 / each ? Long.MAX_VALUE / 16 : count * each;
    }
}
