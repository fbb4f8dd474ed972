package io.longshore.cli;

import static io.longshore.cli.DoctorFinding.number;

import io.longshore.config.Config;
import io.longshore.sys.PortRange;
import io.longshore.sys.Proc;
import java.util.BitSet;
import java.util.StringJoiner;

/** The range of automatic ports, who sits in it, and how long a closed tuple is held. */
final class DoctorPortChecks {
    private static final String PROFILE = "longshore sysctl apply 60-longshore-ports";

    private DoctorPortChecks() {}

    /** @param config null without a file */
    static void run(DoctorHost host, Config config, DoctorFinding.Sink findings) {
        PortRange range = host.range();
        width(range, findings);
        parity(range, findings);
        reserved(range, findings);
        listeners(host, range, config, findings);
        timeWait(host.proc(), findings);
    }

    private static void width(PortRange range, DoctorFinding.Sink findings) {
        int full = DoctorNeed.PROFILE_HIGH - DoctorNeed.PROFILE_LOW + 1;
        String text = range.low() + " to " + range.high() + ": " + number(range.width()) + " ports for each source"
                + " address and endpoint";
        if (range.width() >= full) {
            findings.ok("port-range", text);
        } else {
            findings.warn("port-range", text + ", of " + number(full) + " from 9024 to 65535", PROFILE);
        }
    }

    private static void parity(PortRange range, DoctorFinding.Sink findings) {
        boolean isEnd = range.high() == DoctorNeed.PROFILE_HIGH;
        if ((range.low() & 1) != (range.high() & 1)) {
            findings.ok("port-parity", range.low() + " and " + range.high() + ": as many even ports as odd ones");
        } else {
            findings.warn(
                    "port-parity",
                    range.low() + " and " + range.high() + " are both " + ((range.low() & 1) == 0 ? "even" : "odd")
                            + ": the kernel searches such a range unevenly",
                    "sysctl -w net.ipv4.ip_local_port_range=\"" + (range.low() + (isEnd ? 1 : 0)) + " "
                            + (range.high() + (isEnd ? 0 : 1)) + "\"");
        }
    }

    private static void reserved(PortRange range, DoctorFinding.Sink findings) {
        int inside = range.reservedInside();
        String text = inside == 0
                ? "none in the range: " + number(range.usable()) + " usable"
                : number(range.width()) + " - " + number(inside) + " in the range = " + number(range.usable())
                        + " usable (" + shortList(range.reserved()) + ")";
        if (inside * 2 > range.width()) {
            findings.warn(
                    "reserved-ports",
                    text + ": more than half of the range",
                    "take out of net.ipv4.ip_local_reserved_ports what nobody needs (mode ring needs its slice)");
        } else {
            findings.ok("reserved-ports", text);
        }
    }

    private static void listeners(DoctorHost host, PortRange range, Config config, DoctorFinding.Sink findings) {
        BitSet inside = (BitSet) host.listeners().clone();
        if (config != null) {
            config.listeners().forEach(listener -> inside.set(listener.address().getPort()));
        }
        inside.clear(0, range.low());
        inside.clear(range.high() + 1, 65_537);
        inside.andNot(range.reserved());
        if (inside.isEmpty()) {
            findings.ok("listeners", "none on an automatic port that is not reserved");
            return;
        }
        BitSet wanted = (BitSet) range.reserved().clone();
        wanted.or(inside);
        findings.warn(
                "listeners",
                "on automatic ports that are not reserved: " + shortList(inside)
                        + "; a connection may take such a port while its service restarts",
                "sysctl -w net.ipv4.ip_local_reserved_ports=" + list(wanted));
    }

    private static void timeWait(Proc proc, DoctorFinding.Sink findings) {
        long timestamps = proc.number("sys/net/ipv4/tcp_timestamps", 1);
        long reuse = proc.number("sys/net/ipv4/tcp_tw_reuse", 2);
        if (timestamps == 0) {
            findings.warn(
                    "tcp-timestamps",
                    "tcp_timestamps 0: nothing tells an old segment from a new connection on the same tuple"
                            + (reuse == 0 ? "" : ", and tcp_tw_reuse " + reuse + " does nothing"),
                    "sysctl -w net.ipv4.tcp_timestamps=1");
        } else {
            findings.ok("tcp-timestamps", "tcp_timestamps " + timestamps);
        }
        String held = "a tuple that we close is held for 60 s: "
                + number(DoctorNeed.PROFILE_HIGH + 1 - DoctorNeed.PROFILE_LOW)
                + " / 60 = 941 closes a second for each source and endpoint at most";
        findings.ok(
                "tw-reuse",
                reuse == 1
                        ? "tcp_tw_reuse 1: a tuple in TIME_WAIT may be dialled again after a second"
                        : "tcp_tw_reuse " + reuse + (reuse == 2 ? " (loopback only): " : ": ") + held);
        if (proc.number("sys/net/ipv4/tcp_tw_recycle", 0) != 0) {
            findings.fail(
                    "tw-recycle",
                    "tcp_tw_recycle is on: clients behind one NAT lose their SYNs",
                    "sysctl -w net.ipv4.tcp_tw_recycle=0");
        }
    }

    /** {@code 80,9000-9010}: the form of ip_local_reserved_ports. */
    static String list(BitSet ports) {
        StringJoiner list = new StringJoiner(",");
        for (int first = ports.nextSetBit(0); first >= 0; ) {
            int end = ports.nextClearBit(first);
            list.add(end - first == 1 ? Integer.toString(first) : first + "-" + (end - 1));
            first = ports.nextSetBit(end);
        }
        return list.toString();
    }

    /** The list for reading: its end is left out where it is long. */
    private static String shortList(BitSet ports) {
        String list = list(ports);
        int comma = list.length() <= 80 ? -1 : list.lastIndexOf(',', 80);
        return comma < 0 ? list : list.substring(0, comma) + ",... (" + number(ports.cardinality()) + " ports)";
    }
}
