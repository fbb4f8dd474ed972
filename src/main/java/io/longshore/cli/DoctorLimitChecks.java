package io.longshore.cli;

import static io.longshore.cli.DoctorFinding.gigabytes;
import static io.longshore.cli.DoctorFinding.number;

import io.longshore.sys.Proc;

/** Limits of the process and the host, held against the tunnels that there are to be. */
final class DoctorLimitChecks {
    private static final long SOMAXCONN_MIN = 4_096;
    private static final String APPLY = "longshore sysctl apply ";
    private static final String MEMORY_PROFILE = "62-longshore-memory";
    /** The -1m profiles hold so many. */
    private static final long PROFILE_TUNNELS_MAX = 1_000_000;

    private final DoctorHost host;
    private final DoctorNeed need;
    private final DoctorFinding.Sink findings;

    private DoctorLimitChecks(DoctorHost host, DoctorNeed need, DoctorFinding.Sink findings) {
        this.host = host;
        this.need = need;
        this.findings = findings;
    }

    static void run(DoctorHost host, DoctorNeed need, DoctorFinding.Sink findings) {
        DoctorLimitChecks checks = new DoctorLimitChecks(host, need, findings);
        checks.descriptors();
        checks.hostDescriptors();
        checks.memory();
        checks.tcpMemory();
        checks.conntrack();
        checks.timeWaitBuckets();
        checks.queues();
        checks.synCookies();
    }

    /** The variant of a profile that these tunnels need: the plain one, -100k or -1m. */
    static String profile(String name, long tunnels) {
        return name + (tunnels <= 25_000 ? "" : tunnels <= 100_000 ? "-100k" : "-1m");
    }

    /** The profile that mends it, or the value itself where there are more tunnels than any profile is made for. */
    private String fix(String profile, String setting) {
        long tunnels = need.tunnels();
        return tunnels > PROFILE_TUNNELS_MAX ? "sysctl -w " + setting : APPLY + profile(profile, tunnels);
    }

    private Proc proc() {
        return host.proc();
    }

    private void descriptors() {
        // The JVM raises the soft limit to the hard one by itself.
        long limit = host.descriptors().hard();
        long wanted = need.descriptors();
        long tunnels = tunnelsOf(limit);
        findings.add(
                need.levelAt(tunnels),
                "descriptors",
                "hard limit " + number(limit) + " (soft "
                        + number(host.descriptors().soft()) + "): (" + number(limit)
                        + " - " + number(DoctorNeed.DESCRIPTORS_BESIDES) + ") / 2 = " + number(tunnels)
                        + " tunnels, of " + need.text(),
                "LimitNOFILE=" + wanted + " in the service's unit (systemctl edit), or ulimit -Hn " + wanted
                        + " before the start");
    }

    private void hostDescriptors() {
        long wanted = need.descriptors();
        long perProcess = proc().number("sys/fs/nr_open", Long.MAX_VALUE);
        findings.add(
                need.levelAt(tunnelsOf(perProcess)),
                "nr-open",
                "fs.nr_open " + number(perProcess) + " bounds LimitNOFILE, " + number(wanted) + " are needed for "
                        + need.text(),
                "sysctl -w fs.nr_open=" + roundedUp(wanted));
        long all = proc().number("sys/fs/file-max", Long.MAX_VALUE);
        findings.add(
                need.levelAt(tunnelsOf(all)),
                "file-max",
                "fs.file-max " + number(all) + " for the whole host, " + number(wanted) + " are needed for "
                        + need.text(),
                "sysctl -w fs.file-max=" + roundedUp(wanted + wanted / 8));
    }

    private static long tunnelsOf(long descriptors) {
        return descriptors == Long.MAX_VALUE
                ? Long.MAX_VALUE
                : Math.max(0, descriptors - DoctorNeed.DESCRIPTORS_BESIDES) / 2;
    }

    private void memory() {
        long tunnels = host.memoryBytes() / DoctorNeed.BYTES_PER_TUNNEL;
        findings.add(
                need.levelAt(tunnels),
                "memory",
                gigabytes(host.memoryBytes()) + " available / (2 sockets x 4.9 KB kernel + 0.9 KB user) = "
                        + number(tunnels) + " idle tunnels, of " + need.text(),
                "a machine with " + gigabytes(need.tunnels() * DoctorNeed.BYTES_PER_TUNNEL)
                        + " free, or fewer tunnels on each");
    }

    private void tcpMemory() {
        long[] pages = proc().numbers("sys/net/ipv4/tcp_mem");
        if (pages.length != 3) {
            findings.ok("tcp-mem", "net.ipv4.tcp_mem is not to be seen here");
            return;
        }
        long sockets = 2 * need.tunnels();
        // The sockets' own 4.9 KB are no part of it; a page is charged as soon as anything waits in a socket. Falling
        // short is no failure: the kernel shrinks windows.
        long held = pages[1] / 2;
        findings.add(
                held >= need.tunnels() ? DoctorFinding.Level.OK : DoctorFinding.Level.WARN,
                "tcp-mem",
                "buffers are saved on from " + number(pages[1]) + " pages (" + gigabytes(pages[1] * 4096)
                        + "): one page in each of two sockets for " + number(held) + " tunnels at once; the "
                        + number(sockets) + " sockets themselves take "
                        + gigabytes(sockets * DoctorNeed.KERNEL_BYTES_PER_SOCKET) + " besides",
                fix(MEMORY_PROFILE, tcpMem(sockets)));
    }

    /** A page a socket at the second number, where saving begins; the others in the proportions of the profiles. */
    private static String tcpMem(long pages) {
        return "net.ipv4.tcp_mem=\"" + pages * 4 / 5 + " " + pages + " " + pages * 6 / 5 + "\"";
    }

    private void conntrack() {
        long max = proc().number("sys/net/netfilter/nf_conntrack_max", -1);
        if (max < 0) {
            findings.ok("conntrack", "not loaded");
            return;
        }
        if (max == 0) {
            findings.ok("conntrack", "nf_conntrack_max 0: the table has no limit");
            return;
        }
        long wanted = need.tunnels() * 5 / 2;
        findings.add(
                need.levelAt(max * 2 / 5),
                "conntrack",
                "nf_conntrack_max " + number(max) + ", 2.5 x " + number(need.tunnels()) + " tunnels = " + number(wanted)
                        + ": two legs each, and what closed lately",
                fix("63-longshore-conntrack", "net.netfilter.nf_conntrack_max=" + wanted)
                        + ", or no tracking at all for our ports (nft: notrack)");
    }

    private void timeWaitBuckets() {
        long max = proc().number("sys/net/ipv4/tcp_max_tw_buckets", Long.MAX_VALUE);
        findings.add(
                max >= need.tunnels() ? DoctorFinding.Level.OK : DoctorFinding.Level.WARN,
                "tw-buckets",
                "tcp_max_tw_buckets " + number(max) + ": tunnels that we may close within 60 s before the kernel ends"
                        + " TIME_WAIT early",
                fix(MEMORY_PROFILE, "net.ipv4.tcp_max_tw_buckets=" + roundedUp(need.tunnels())));
    }

    private void queues() {
        long max = proc().number("sys/net/core/somaxconn", SOMAXCONN_MIN);
        findings.add(
                max >= SOMAXCONN_MIN ? DoctorFinding.Level.OK : DoctorFinding.Level.WARN,
                "somaxconn",
                "net.core.somaxconn " + number(max)
                        + ": connections that may wait for a loop when all clients return at" + " once",
                APPLY + "61-longshore-queues");
    }

    private void synCookies() {
        long value = proc().number("sys/net/ipv4/tcp_syncookies", 1);
        if (value == 1) {
            findings.ok("syncookies", "tcp_syncookies 1: sent when a queue is full");
            return;
        }
        findings.warn(
                "syncookies",
                value == 0
                        ? "tcp_syncookies 0: a flood of SYNs keeps honest clients out"
                        : "tcp_syncookies " + value + ": sent always, so that connections lose options for nothing",
                "sysctl -w net.ipv4.tcp_syncookies=1");
    }

    /** Up to a multiple of 65,536, for a setting that is to be read by people. */
    static long roundedUp(long value) {
        return value > Long.MAX_VALUE - 65_535 ? value : (value + 65_535) / 65_536 * 65_536;
    }
}
