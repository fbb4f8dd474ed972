package io.longshore.cli;

import static io.longshore.cli.DoctorFinding.gigabytes;
import static io.longshore.cli.DoctorFinding.number;

import io.longshore.sys.PortRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What so many tunnels take, as arithmetic that a person can check: {@code longshore doctor --plan 1M}.
 *
 * @param tunnels how many
 * @param ports usable ports of a source address, with the range of profile 60-longshore-ports and what is reserved now
 * @param needs the source addresses that each origin needs
 * @param descriptors of the process
 * @param kernelBytes of idle sockets, two a tunnel
 * @param userBytes of idle tunnels
 */
record DoctorPlan(long tunnels, int ports, List<SourceNeed> needs, long descriptors, long kernelBytes, long userBytes) {
    private static final Pattern AMOUNT = Pattern.compile("(\\d{1,9})([kM]?)");

    /**
     * Source addresses that an origin needs for all of the tunnels.
     *
     * @param origin its name; empty without a file
     * @param endpoints how many it has, of the family that it has most of
     * @param sources how many addresses are needed
     * @param named how many of that family its configuration has
     */
    record SourceNeed(String origin, int endpoints, long sources, long named) {}

    static DoctorPlan of(DoctorHost host, DoctorNeed need) {
        PortRange now = host.range();
        PortRange full = new PortRange(
                Math.min(now.low(), DoctorNeed.PROFILE_LOW),
                Math.max(now.high(), DoctorNeed.PROFILE_HIGH),
                now.reserved());
        int ports = full.usable();
        List<SourceNeed> needs = new ArrayList<>();
        for (DoctorNeed.Origin origin : need.origins()) {
            boolean isIpv4 = origin.endpointsIpv4() >= origin.endpointsIpv6();
            int endpoints = isIpv4 ? origin.endpointsIpv4() : origin.endpointsIpv6();
            long named = isIpv4 ? origin.sourcesIpv4() : origin.sourcesIpv6();
            needs.add(new SourceNeed(origin.name(), endpoints, sources(need.tunnels(), ports, endpoints), named));
        }
        return new DoctorPlan(
                need.tunnels(),
                ports,
                List.copyOf(needs),
                need.descriptors(),
                need.tunnels() * 2 * DoctorNeed.KERNEL_BYTES_PER_SOCKET,
                need.tunnels() * DoctorNeed.USER_BYTES_PER_TUNNEL);
    }

    /**
     * The number in {@code 250000}, {@code 100k} or {@code 1M}.
     *
     * @throws IllegalArgumentException if it is none from 1 to 100M; the message is fit for a user
     */
    static long parse(String text) {
        Matcher matcher = AMOUNT.matcher(text);
        long value = 0;
        if (matcher.matches()) {
            long unit = matcher.group(2).isEmpty() ? 1 : matcher.group(2).equals("k") ? 1_000 : 1_000_000;
            value = Long.parseLong(matcher.group(1)) * unit;
        }
        if (value < 1 || value > 100_000_000) {
            throw new IllegalArgumentException(
                    "'" + text + "' is no number of tunnels from 1 to 100M, like 250000 or" + " 100k");
        }
        return value;
    }

    /** Source addresses for the tunnels at 80 % of the ports, rounded up. */
    static long sources(long tunnels, int ports, int endpoints) {
        long filled = (long) ports * DoctorNeed.FILL_PERCENT * endpoints;
        return (tunnels * 100 + filled - 1) / filled;
    }

    /** How an origin gets its tunnels, for the fix of a finding. */
    static String sourcesLine(DoctorNeed.Origin origin, int ports, long tunnels) {
        int endpoints = Math.max(1, Math.max(origin.endpointsIpv4(), origin.endpointsIpv6()));
        return sources(tunnels, Math.max(1, ports), endpoints) + " source addresses for " + DoctorNeed.FILL_PERCENT
                + " % of " + number(ports) + " ports";
    }

    /** The plan for people, one subject a line. */
    List<String> lines(DoctorHost host) {
        List<String> lines = new ArrayList<>();
        lines.add("plan: " + number(tunnels) + " tunnels");
        PortRange now = host.range();
        int full = DoctorNeed.PROFILE_HIGH - DoctorNeed.PROFILE_LOW + 1;
        lines.add(line(
                "ports",
                "65,535 - 9,024 + 1 = " + number(full) + " (profile 60-longshore-ports), less "
                        + number(full - ports) + " reserved = " + number(ports) + "; now " + now.low() + " to "
                        + now.high()
                        + ": " + number(now.usable())));
        for (SourceNeed need : needs) {
            lines.add(line("sources", sourceText(need)));
        }
        lines.add(line(
                "descriptors",
                number(tunnels) + " x 2 + " + number(DoctorNeed.DESCRIPTORS_BESIDES) + " = " + number(descriptors)
                        + "; now " + number(host.descriptors().hard())));
        lines.add(line(
                "memory",
                number(tunnels) + " x (2 x 4.9 KB kernel + 0.9 KB user) = " + gigabytes(kernelBytes)
                        + " + " + gigabytes(userBytes) + " = " + gigabytes(kernelBytes + userBytes)
                        + " idle; now available "
                        + gigabytes(host.memoryBytes())));
        long conntrack = tunnels * 5 / 2;
        lines.add(line(
                "conntrack",
                number(tunnels) + " x 2.5 = " + number(conntrack) + " entries, where connections are" + " tracked"));
        lines.add(line("service", "LimitNOFILE=" + descriptors));
        lines.add(line(
                "sysctls",
                "fs.nr_open >= " + number(descriptors) + ", fs.file-max >= "
                        + number(descriptors + descriptors / 8) + ", net.ipv4.ip_local_port_range = 9024 65535,"
                        + " net.ipv4.tcp_max_tw_buckets >= " + number(tunnels) + ", net.ipv4.tcp_mem: second number >= "
                        + number(2 * tunnels) + " pages, net.netfilter.nf_conntrack_max >= " + number(conntrack)));
        lines.add(line("profiles", "longshore sysctl apply " + String.join(" ", profiles())));
        if (tunnels > 1_000_000) {
            lines.add(line(
                    "", "(the largest profiles are made for a million tunnels: raise their numbers to the above)"));
        }
        return lines;
    }

    /** The profiles that hold all of it. */
    List<String> profiles() {
        return List.of(
                "60-longshore-ports",
                "61-longshore-queues",
                DoctorLimitChecks.profile("62-longshore-memory", tunnels),
                DoctorLimitChecks.profile("63-longshore-conntrack", tunnels));
    }

    private String sourceText(SourceNeed need) {
        String whole = number(tunnels) + " / (" + number(ports) + " x " + DoctorNeed.FILL_PERCENT + " % x "
                + need.endpoints() + (need.endpoints() == 1 ? " endpoint" : " endpoints") + ") = "
                + number(need.sources())
                + (need.sources() == 1 ? " source address" : " source addresses");
        return need.origin().isEmpty()
                ? whole
                : "origin " + need.origin() + ": " + whole + ", " + number(need.named()) + " named";
    }

    private static String line(String subject, String text) {
        return String.format(Locale.ROOT, "  %-12s %s", subject, text);
    }
}
