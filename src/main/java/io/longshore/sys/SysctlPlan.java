package io.longshore.sys;

import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What applying some profiles would do here, key by key. Making it reads and writes nothing.
 *
 * @param profiles what was asked for
 * @param steps in the order in which they are written
 * @param refusals what concerns no single key; where there is one, or a refused step, nothing may be applied
 */
public record SysctlPlan(SysctlHost host, List<SysctlProfile> profiles, List<Step> steps, List<String> refusals) {
    /** A socket with nothing in its queues, measured on Linux 6.18 with both of a tunnel's: 4.9 KB of kernel memory. */
    private static final long SOCKET_BYTES = 4_900;

    private static final String UNPRIVILEGED = "net.ipv4.ip_unprivileged_port_start";

    /** What becomes of a key. */
    public enum Kind {
        /** It will be written. */
        CHANGE,
        /** It is as the profile says. */
        SAME,
        /** It is a limit, and the host's is higher. */
        KEPT,
        /** It is the host's, and this is not the initial network namespace: left alone. */
        HOST_WIDE,
        /** This kernel does not have it: left out. */
        UNKNOWN,
        /** The kernel would not take the value as it stands: nothing is applied. */
        REFUSED
    }

    /**
     * One key.
     *
     * @param profile the name of the profile it comes from
     * @param entry what the profile says; null for the ports that are reserved, which no file can know
     * @param before the value in force, empty where it is not known
     * @param after the value that will be in force
     * @param note why, for every kind but CHANGE and SAME
     */
    public record Step(
            Kind kind,
            String profile,
            SysctlProfile.Entry entry,
            String key,
            String before,
            String after,
            String note) {}

    /**
     * Compares the profiles with the running kernel.
     *
     * @throws IOException if a key that is there cannot be read
     */
    public static SysctlPlan of(SysctlTree tree, SysctlHost host, List<SysctlProfile> profiles) throws IOException {
        Map<String, Step> steps = new LinkedHashMap<>();
        for (SysctlProfile profile : profiles) {
            for (SysctlProfile.Entry entry : profile.entries()) {
                // The later file wins, as at boot.
                steps.remove(entry.key());
                steps.put(entry.key(), step(tree, host, profile.name(), entry));
            }
        }
        List<Step> all = new ArrayList<>(steps.values());
        Step range = steps.get(SysctlPorts.RANGE);
        if (range != null && isInForce(range)) {
            // Before the range: a port must be reserved before it can be picked.
            Step asked = steps.get(SysctlPorts.RESERVED);
            all.remove(asked);
            all.add(all.indexOf(range), reservation(tree, range, asked));
        }
        return new SysctlPlan(host, List.copyOf(profiles), List.copyOf(all), refusals(host, profiles, all));
    }

    /** The steps of one kind. */
    public List<Step> of(Kind kind) {
        return steps.stream().filter(step -> step.kind() == kind).toList();
    }

    /** Everything that forbids to apply this, in sentences. */
    public List<String> allRefusals() {
        List<String> all = new ArrayList<>();
        for (Step step : of(Kind.REFUSED)) {
            all.add(step.key() + " = " + step.after() + ": " + step.note());
        }
        all.addAll(refusals);
        return all;
    }

    private static Step step(SysctlTree tree, SysctlHost host, String profile, SysctlProfile.Entry entry)
            throws IOException {
        String key = entry.key();
        if (!host.isInitialNetwork() && SysctlRules.isHostWide(key)) {
            return new Step(
                    Kind.HOST_WIDE,
                    profile,
                    entry,
                    key,
                    "",
                    entry.value(),
                    "the whole host's: written only from the initial network namespace");
        }
        if (!tree.exists(key)) {
            return new Step(Kind.UNKNOWN, profile, entry, key, "", entry.value(), "this kernel does not have it");
        }
        String before = tree.read(key);
        String fault = SysctlRules.fault(key, entry.value(), host.pageBytes());
        if (fault == null && key.equals(SysctlPorts.RANGE)) {
            fault = privileged(tree, entry.value());
        }
        if (fault != null) {
            return new Step(Kind.REFUSED, profile, entry, key, before, entry.value(), fault);
        }
        String after = SysctlRules.target(key, before, entry.value());
        if (!after.equals(before)) {
            return new Step(Kind.CHANGE, profile, entry, key, before, after, "");
        }
        return before.equals(entry.value())
                ? new Step(Kind.SAME, profile, entry, key, before, after, "")
                : new Step(
                        Kind.KEPT,
                        profile,
                        entry,
                        key,
                        before,
                        after,
                        "the profile asks for no more than " + entry.value());
    }

    private static String privileged(SysctlTree tree, String range) throws IOException {
        int low = SysctlPorts.range(range)[0];
        int start = tree.exists(UNPRIVILEGED) ? Integer.parseInt(tree.read(UNPRIVILEGED)) : 1;
        return low < start ? "the kernel wants at least " + UNPRIVILEGED + ", " + start : null;
    }

    /**
     * What must be reserved so that the range may be as wide as it is going to be.
     *
     * @param asked what a profile wants to be reserved, null if none does
     */
    private static Step reservation(SysctlTree tree, Step range, Step asked) throws IOException {
        int[] ends = SysctlPorts.range(range.after());
        String before = tree.read(SysctlPorts.RESERVED);
        BitSet ports = SysctlPorts.parse(asked == null ? before : asked.after());
        BitSet added = SysctlPorts.listeners(tree, SysctlPorts.range(range.before()), ends[0], ends[1]);
        added.andNot(ports);
        ports.or(added);
        String after = SysctlPorts.format(ports);
        return new Step(
                after.equals(before) ? Kind.SAME : Kind.CHANGE,
                range.profile(),
                null,
                SysctlPorts.RESERVED,
                before,
                after,
                added.isEmpty() ? "" : "local services wait on " + SysctlPorts.format(added));
    }

    private static boolean isInForce(Step step) {
        return step.kind() == Kind.CHANGE || step.kind() == Kind.SAME || step.kind() == Kind.KEPT;
    }

    /**
     * Whether the machine can hold at once what these values allow: the sockets, what their buffers may take, and the
     * tables beside them. A quarter of the memory is left to everything else, ourselves included. Values that were in force
     * already are not ours to refuse, and what is not written here costs nothing here.
     */
    private static List<String> refusals(SysctlHost host, List<SysctlProfile> profiles, List<Step> steps) {
        long total = 0;
        boolean isRaised = false;
        List<String> parts = new ArrayList<>();
        for (Step step : steps) {
            long bytes = isInForce(step) ? SysctlRules.bytes(step.key(), step.after(), host.pageBytes()) : 0;
            if (bytes > 0) {
                isRaised |= step.kind() == Kind.CHANGE;
                total += bytes;
                parts.add(gigabytes(bytes) + " " + step.key());
            }
        }
        long tunnels = profiles.stream().mapToLong(SysctlProfile::tunnels).max().orElse(0);
        if (tunnels > 0 && host.isInitialNetwork()) {
            long sockets = tunnels * 2 * SOCKET_BYTES;
            total += sockets;
            parts.add(0, gigabytes(sockets) + " sockets of " + tunnels + " tunnels");
        }
        if (!isRaised || total <= host.memoryBytes() / 4 * 3) {
            return List.of();
        }
        return List.of("this machine's " + gigabytes(host.memoryBytes())
                + " cannot hold what the profiles allow and leave a" + " quarter free: " + String.join(", ", parts));
    }

    private static String gigabytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f GB", bytes / 1e9);
    }
}
