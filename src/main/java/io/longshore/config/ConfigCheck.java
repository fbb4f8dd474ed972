package io.longshore.config;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds the combinations of valid values that cannot work together. Each rule is one method, and says which of the
 * values is the one to change.
 */
final class ConfigCheck {
    /**
     * The source addresses of one origin that are used; a larger block, such as an IPv6 /64, is used through so many of its
     * addresses. Every one is weighed for every new client; 4,096 of them reach 231 million tunnels an endpoint.
     */
    static final int SOURCES_USED_MAX = 4096;

    /** Rows of the account, one per source address and endpoint: 64 MiB of counters, and 3.7 thousand million tuples. */
    static final int ROWS_MAX = 65_536;

    /** Ports in the rings of all rows together: 8 bytes each, 256 MiB. */
    static final int RING_PORTS_MAX = 32 << 20;

    private final Section top;
    private final Faults faults;

    private ConfigCheck(Section top, Faults faults) {
        this.top = top;
        this.faults = faults;
    }

    /** Checks everything that spans two values. */
    static void run(Section top, Faults faults) {
        ConfigCheck check = new ConfigCheck(top, faults);
        check.loopsHaveTheirCpus();
        check.listenersDiffer();
        check.proxyHeadersComeFromSomebody();
        for (Section origin : top.sections(Setting.ORIGINS)) {
            check.endpointsDiffer(origin);
            check.sourcesAreApart(origin);
            check.sourcesFitTheEndpoints(origin);
        }
        check.rowsAreBounded();
        check.ringHasItsPorts();
        check.routesLeadSomewhere();
        check.routesDiffer();
        check.userTimeoutIsAboveEveryStall();
    }

    private void loopsHaveTheirCpus() {
        List<Section.Found> cpus = top.entries(Setting.CPUS);
        Map<Object, Integer> lines = new HashMap<>();
        for (Section.Found cpu : cpus) {
            Integer before = lines.putIfAbsent(cpu.value(), cpu.at().line());
            if (before != null) {
                faults.add(cpu.at(), "cpus", "CPU " + cpu.value() + " is listed twice; allowed: one loop a CPU");
            }
        }
        int loops = top.number(Setting.LOOPS);
        if (!cpus.isEmpty() && loops != SettingType.AUTO && loops != cpus.size()) {
            faults.add(
                    top.at(Setting.CPUS),
                    "cpus",
                    "has " + cpus.size() + " entries for " + loops
                            + " loops; allowed: one entry a loop, or loops: auto");
        }
    }

    private void listenersDiffer() {
        Map<Object, Section> byAddress = new HashMap<>();
        for (Section listener : top.sections(Setting.LISTENERS)) {
            Object address = listener.value(Setting.ADDRESS);
            // Port 0 is a different port each time.
            if (address == null || ((InetSocketAddress) address).getPort() == 0) {
                continue;
            }
            Section before = byAddress.putIfAbsent(address, listener);
            if (before != null) {
                faults.add(
                        listener.at(Setting.ADDRESS),
                        listener.path(Setting.ADDRESS),
                        AddressText.format((InetSocketAddress) address) + " is listened on in line "
                                + before.at(Setting.ADDRESS).line() + " already");
            }
        }
    }

    /** A header from anybody would let clients choose their addresses; from nobody, the listener would serve none. */
    private void proxyHeadersComeFromSomebody() {
        for (Section listener : top.sections(Setting.LISTENERS)) {
            if (listener.isOn(Setting.PROXY_PROTOCOL) && !listener.isGiven(Setting.TRUSTED_PROXIES)) {
                faults.addUnlessCutShort(
                        listener.at(Setting.PROXY_PROTOCOL),
                        listener.path(Setting.PROXY_PROTOCOL),
                        "is true without an address in trusted-proxies; allowed: with those of the balancers there, or"
                                + " false");
            }
        }
    }

    private void endpointsDiffer(Section origin) {
        Map<Object, Position> before = new HashMap<>();
        for (Section.Found endpoint : origin.entries(Setting.ENDPOINTS)) {
            Position first = before.putIfAbsent(endpoint.value(), endpoint.at());
            if (first != null) {
                faults.add(
                        endpoint.at(),
                        origin.path(Setting.ENDPOINTS),
                        AddressText.format((InetSocketAddress) endpoint.value()) + " is listed in line " + first.line()
                                + " already");
            }
        }
    }

    private void rowsAreBounded() {
        SettingType.Ports ring = (SettingType.Ports) top.value(Setting.RING_PORTS);
        long rows = 0;
        for (Section origin : top.sections(Setting.ORIGINS)) {
            long sources = 0;
            for (Section.Found source : origin.entries(Setting.SOURCES)) {
                sources += Math.min(SOURCES_USED_MAX, ((AddressRange) source.value()).size());
            }
            rows += Math.max(1, Math.min(sources, SOURCES_USED_MAX))
                    * origin.entries(Setting.ENDPOINTS).size();
            if (rows > ROWS_MAX || rows * ring.count() > RING_PORTS_MAX) {
                String allowed = rows > ROWS_MAX
                        ? "at most " + ROWS_MAX
                        : "at most " + RING_PORTS_MAX / ring.count() + " with " + ring.count() + " ring-ports";
                faults.add(
                        origin.at(Setting.SOURCES),
                        origin.path(Setting.SOURCES),
                        "makes " + rows + " pairs of a source address and an endpoint, counted over all origins so far;"
                                + " allowed: " + allowed);
                return;
            }
        }
    }

    private void ringHasItsPorts() {
        SettingType.Ports ring = (SettingType.Ports) top.value(Setting.RING_PORTS);
        if ("ring".equals(top.value(Setting.PORT_MODE)) && ring.isNone()) {
            faults.add(
                    top.at(Setting.PORT_MODE),
                    "port-mode",
                    "ring needs ports of its own; allowed: ring with ring-ports: low-high, or another mode");
        }
    }

    private void sourcesAreApart(Section origin) {
        List<Section.Found> sources = origin.entries(Setting.SOURCES);
        // An address counted twice would seem to have twice its ports. Sorted, only neighbours can overlap first.
        List<Section.Found> sorted = new ArrayList<>(sources);
        sorted.sort((a, b) -> {
            AddressRange left = (AddressRange) a.value();
            AddressRange right = (AddressRange) b.value();
            return AddressRange.compare(left.firstHigh(), left.firstLow(), right.firstHigh(), right.firstLow());
        });
        Section.Found widest = null;
        for (Section.Found source : sorted) {
            AddressRange range = (AddressRange) source.value();
            if (widest != null && range.overlaps((AddressRange) widest.value())) {
                boolean isLater = sources.indexOf(source) > sources.indexOf(widest);
                Section.Found later = isLater ? source : widest;
                Section.Found earlier = isLater ? widest : source;
                faults.add(
                        later.at(),
                        origin.path(Setting.SOURCES),
                        later.value() + " overlaps " + earlier.value() + " in line "
                                + earlier.at().line() + "; allowed: each address once");
            }
            widest = widest == null || endsLater(range, (AddressRange) widest.value()) ? source : widest;
        }
    }

    private static boolean endsLater(AddressRange range, AddressRange other) {
        return AddressRange.compare(range.lastHigh(), range.lastLow(), other.lastHigh(), other.lastLow()) > 0;
    }

    /**
     * A socket is bound and connected within one family. So where sources are given, each must have an endpoint of its
     * family, and each endpoint a source: else one of them would stand in the file and never be used.
     */
    private void sourcesFitTheEndpoints(Section origin) {
        List<Section.Found> endpoints = origin.entries(Setting.ENDPOINTS);
        List<Section.Found> sources = origin.entries(Setting.SOURCES);
        if (endpoints.isEmpty() || sources.isEmpty()) {
            return;
        }
        Set<Boolean> endpointFamilies = new HashSet<>();
        Set<Boolean> sourceFamilies = new HashSet<>();
        endpoints.forEach(endpoint -> endpointFamilies.add(isIpv4(endpoint)));
        sources.forEach(source -> sourceFamilies.add(((AddressRange) source.value()).isIpv4()));
        for (Section.Found source : sources) {
            boolean isIpv4 = ((AddressRange) source.value()).isIpv4();
            if (!endpointFamilies.contains(isIpv4)) {
                faults.add(
                        source.at(),
                        origin.path(Setting.SOURCES),
                        source.value() + " is " + family(isIpv4) + ", but every endpoint is " + family(!isIpv4)
                                + "; allowed: sources of an endpoint's family");
            }
        }
        // Where nothing fits, the sources were told already; telling the endpoints too would be one mistake twice.
        boolean someFit = sourceFamilies.stream().anyMatch(endpointFamilies::contains);
        for (Section.Found endpoint : someFit ? endpoints : List.<Section.Found>of()) {
            boolean isIpv4 = isIpv4(endpoint);
            if (!sourceFamilies.contains(isIpv4)) {
                faults.add(
                        endpoint.at(),
                        origin.path(Setting.ENDPOINTS),
                        AddressText.format((InetSocketAddress) endpoint.value()) + " is " + family(isIpv4)
                                + ", but every source is " + family(!isIpv4)
                                + "; allowed: endpoints that some source can dial");
            }
        }
    }

    private static boolean isIpv4(Section.Found endpoint) {
        return ((InetSocketAddress) endpoint.value()).getAddress().getAddress().length == 4;
    }

    private static String family(boolean isIpv4) {
        return isIpv4 ? "IPv4" : "IPv6";
    }

    private void routesLeadSomewhere() {
        Map<String, Section> origins = new LinkedHashMap<>();
        top.sections(Setting.ORIGINS).forEach(origin -> origins.put(origin.name(), origin));
        if (origins.isEmpty()) {
            return; // That is a fault already, and the only one to mend.
        }
        for (Section route : top.sections(Setting.ROUTES)) {
            String name = route.text(Setting.ORIGIN);
            if (name == null || origins.containsKey(name)) {
                continue;
            }
            String allowed = "; allowed: " + Quote.sentence(String.join(", ", origins.keySet()));
            faults.addUnlessCutShort(
                    route.at(Setting.ORIGIN),
                    route.path(Setting.ORIGIN),
                    Quote.of(name) + " is no origin of this file" + allowed
                            + Spelling.didYouMean(name, origins.keySet()));
        }
    }

    private void routesDiffer() {
        Map<List<String>, Section> before = new HashMap<>();
        for (Section route : top.sections(Setting.ROUTES)) {
            // A host or path that was given but is faulty is unknown: comparing the default in its place would lie.
            if (isFaulty(route, Setting.HOST) || isFaulty(route, Setting.PATH)) {
                continue;
            }
            String host = route.text(Setting.HOST);
            String path = route.text(Setting.PATH);
            Section first = before.putIfAbsent(List.of(host, path), route);
            if (first != null) {
                faults.add(
                        route.at(),
                        "routes",
                        "host " + Quote.of(host) + " with path " + Quote.of(path) + " is routed in line "
                                + first.at().line() + " already");
            }
        }
    }

    private static boolean isFaulty(Section section, Setting setting) {
        return section.hasSeen(setting) && !section.isGiven(setting);
    }

    private void userTimeoutIsAboveEveryStall() {
        long userTimeoutNs = top.nanos(Setting.USER_TIMEOUT);
        if (isFaulty(top, Setting.USER_TIMEOUT)) {
            return;
        }
        boolean isDefaultTooLong = false;
        for (Section route : top.sections(Setting.ROUTES)) {
            long stalledNs = route.nanos(Setting.STALLED_TIMEOUT);
            if (stalledNs < userTimeoutNs) {
                continue;
            }
            if (route.isGiven(Setting.STALLED_TIMEOUT)) {
                faults.add(
                        route.at(Setting.STALLED_TIMEOUT),
                        route.path(Setting.STALLED_TIMEOUT),
                        DurationText.format(stalledNs) + " is not below user-timeout, "
                                + DurationText.format(userTimeoutNs)
                                + ", at which the kernel ends the connection; allowed: less, or a longer user-timeout");
            } else {
                isDefaultTooLong = true;
            }
        }
        if (isDefaultTooLong) {
            faults.add(
                    top.at(Setting.USER_TIMEOUT),
                    "user-timeout",
                    DurationText.format(userTimeoutNs)
                            + " is not above the stalled-timeout of every route ("
                            + Setting.STALLED_TIMEOUT.defaultText()
                            + " unless given); allowed: more, or shorter stalled-timeouts");
        }
    }
}
