package io.longshore.cli;

import static io.longshore.cli.DoctorFinding.number;

import io.longshore.config.AddressRange;
import io.longshore.config.Config;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/** Each origin of a configuration: whether its source addresses are ours, and how many tunnels its ports give. */
final class DoctorOriginChecks {
    /** All addresses of a range are tried up to here; of a larger one this many, evenly spread, its ends among them. */
    static final int TRIED_MAX = 256;

    private static final int FIXES_MAX = 4;

    private DoctorOriginChecks() {}

    static void run(DoctorHost host, Config config, DoctorNeed need, DoctorFinding.Sink findings) {
        boolean isAnythingLocal = host.proc().number("sys/net/ipv4/ip_nonlocal_bind", 0) != 0;
        if (isAnythingLocal) {
            findings.warn(
                    "nonlocal-bind",
                    "ip_nonlocal_bind is on: whether a source address is this host's own cannot be tried",
                    "sysctl -w net.ipv4.ip_nonlocal_bind=0 (IP_FREEBIND does the same for our sockets alone)");
        }
        for (Config.Origin origin : config.origins().values()) {
            sources(host, origin, isAnythingLocal, findings);
        }
        for (DoctorNeed.Origin origin : need.origins()) {
            capacity(host, need, origin, findings);
        }
    }

    private static void sources(
            DoctorHost host, Config.Origin origin, boolean isAnythingLocal, DoctorFinding.Sink findings) {
        String check = "sources " + origin.name();
        if (origin.sources().isEmpty()) {
            findings.ok(check, "none named: the kernel chooses one address for each endpoint");
            return;
        }
        List<String> foreign = new ArrayList<>();
        List<String> fixes = new ArrayList<>();
        long count = 0;
        for (AddressRange range : origin.sources()) {
            count = DoctorNeed.add(count, range.size());
            List<InetAddress> missing = missing(host, range);
            if (!missing.isEmpty()) {
                foreign.add(range.toString());
                fixes.addAll(DoctorAddresses.fixes(range, missing));
            }
        }
        if (!foreign.isEmpty()) {
            int left = fixes.size() - FIXES_MAX;
            findings.fail(
                    check,
                    "not addresses of this host: " + String.join(", ", foreign)
                            + "; answers to them do not arrive here, IP_FREEBIND or not",
                    String.join(" && ", fixes.subList(0, Math.min(FIXES_MAX, fixes.size())))
                            + (left > 0 ? " (and " + left + " more)" : ""));
        } else if (!isAnythingLocal) {
            findings.ok(check, number(count) + (count == 1 ? " address" : " addresses") + " of this host");
        }
    }

    /** Those of the range's addresses that were tried and are not ours. */
    private static List<InetAddress> missing(DoctorHost host, AddressRange range) {
        List<InetAddress> missing = new ArrayList<>();
        long size = range.size();
        long tried = Math.min(size, TRIED_MAX);
        for (long i = 0; i < tried; i++) {
            // The last one is the range's last; a /64 has more addresses than a long counts, of which these are the
            // first.
            long index = tried == size ? i : i == tried - 1 ? size - 1 : size / tried * i;
            InetAddress address = range.at(index);
            AddressRange one = AddressRange.of(address);
            if (host.isLocal().check(one.firstHigh(), one.firstLow()) != 0) {
                missing.add(address);
            }
        }
        return missing;
    }

    private static void capacity(
            DoctorHost host, DoctorNeed need, DoctorNeed.Origin origin, DoctorFinding.Sink findings) {
        String check = "capacity " + origin.name();
        int usable = host.range().usable();
        long tuples = DoctorNeed.multiply(origin.pairs(), usable);
        String text = arithmetic(origin, usable) + " = " + number(tuples) + " tunnels";
        if (tuples == 0) {
            findings.fail(
                    check,
                    text + ": no source address is of an endpoint's family",
                    "name sources of the endpoints' family (IPv4 or IPv6), or none");
            return;
        }
        long planned = tuples / 100 * DoctorNeed.FILL_PERCENT;
        if (need.isPlanned() && tuples < need.tunnels()) {
            findings.fail(check, text + ", " + need.text(), DoctorPlan.sourcesLine(origin, usable, need.tunnels()));
        } else if (need.isPlanned() && planned < need.tunnels()) {
            findings.warn(
                    check,
                    text + ", " + need.text() + ": more than " + DoctorNeed.FILL_PERCENT + " %",
                    DoctorPlan.sourcesLine(origin, usable, need.tunnels()));
        } else {
            findings.ok(check, text);
        }
    }

    private static String arithmetic(DoctorNeed.Origin origin, int usable) {
        String ports = number(usable) + " ports x ";
        if (origin.endpointsIpv6() == 0) {
            return ports + product(origin.sourcesIpv4(), origin.endpointsIpv4());
        }
        if (origin.endpointsIpv4() == 0) {
            return ports + product(origin.sourcesIpv6(), origin.endpointsIpv6());
        }
        return ports + "(" + product(origin.sourcesIpv4(), origin.endpointsIpv4()) + " of IPv4 + "
                + product(origin.sourcesIpv6(), origin.endpointsIpv6()) + " of IPv6)";
    }

    private static String product(long sources, int endpoints) {
        return number(sources)
                + (sources == 1 ? " source x " : " sources x ")
                + number(endpoints)
                + (endpoints == 1 ? " endpoint" : " endpoints");
    }
}
