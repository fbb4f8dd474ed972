package io.longshore.config;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A whole, checked configuration: what {@code longshore serve} runs with. Frozen; a reload makes a new one.
 *
 * <p>All durations are nanoseconds, all sizes bytes. What each setting means, its range and its default stand in
 * {@code Setting}, and nowhere else.
 *
 * @param engine which engine the loops run on
 * @param loops the number of event loops, at least 1 ({@code auto} is already resolved: to the number of {@code cpus},
 *     or to that of the cores where none are listed)
 * @param cpus the CPU that each loop is pinned to, empty for no pinning; else one entry a loop
 * @param listeners at least one
 * @param origins by name, in the file's order
 * @param routes in the file's order; which one wins is the router's business
 * @param drainTimeoutNs how long established tunnels may live on after SIGTERM
 * @param parkedBytesMax bytes a direction may hold that its target refused
 * @param headBytesMax the longest request or response head
 * @param headersMax the most header fields in a head
 * @param accessLog where access lines go: empty for nowhere, {@code -} for standard output, else a file
 * @param countersDirectory where the counter files go; empty for the default place
 * @param keepaliveIdleNs a silent peer is probed after this; whole seconds, for TCP_KEEPIDLE (tcp(7))
 * @param userTimeoutNs unanswered bytes or probes end a connection after this; for TCP_USER_TIMEOUT (tcp(7)), and above
 *     every route's {@code stalledTimeoutNs}
 * @param ports how source ports are found
 */
public record Config(
        EngineChoice engine,
        int loops,
        List<Integer> cpus,
        List<Listener> listeners,
        Map<String, Origin> origins,
        List<Route> routes,
        long drainTimeoutNs,
        int parkedBytesMax,
        int headBytesMax,
        int headersMax,
        String accessLog,
        Optional<Path> countersDirectory,
        long keepaliveIdleNs,
        long userTimeoutNs,
        Ports ports) {
    /** Copies the collections, so that nobody changes a configuration that loops are running on. */
    public Config {
        cpus = List.copyOf(cpus);
        listeners = List.copyOf(listeners);
        origins = Collections.unmodifiableMap(new LinkedHashMap<>(origins));
        routes = List.copyOf(routes);
    }

    /** How source ports are found; what each means stands in {@code origin.PortMode}. */
    public enum PortChoice {
        AUTO,
        FULL_RANGE,
        WINDOW,
        KERNEL,
        RING
    }

    /**
     * How source ports are found.
     *
     * @param mode the mode asked for
     * @param ringLow the first port of the ring's slice; 0 if there is none
     * @param ringHigh the last port of the ring's slice; 0 if there is none
     */
    public record Ports(PortChoice mode, int ringLow, int ringHigh) {
        /** The best mode of the host, without a slice for the ring. */
        public static final Ports AUTO = new Ports(PortChoice.AUTO, 0, 0);
    }

    /** Which engine the configuration asks for. */
    public enum EngineChoice {
        /** The best one that runs here. */
        AUTO,
        /** {@code java.nio}. */
        NIO,
        /** io_uring(7). */
        IO_URING
    }

    /**
     * A place where clients connect.
     *
     * @param address what to listen on; port 0 takes a free one (for tests)
     * @param headTimeoutNs a request head must be complete this long after the accept
     * @param trustedProxies peers whose forwarded headers are believed and extended
     * @param proxyProtocol whether a connection begins with a PROXY protocol header; only trusted proxies connect then
     */
    public record Listener(
            InetSocketAddress address, long headTimeoutNs, List<AddressRange> trustedProxies, boolean proxyProtocol) {
        /** Copies the list. */
        public Listener {
            trustedProxies = List.copyOf(trustedProxies);
        }
    }

    /**
     * A service behind the proxy.
     *
     * @param name its name in the configuration
     * @param endpoints where it listens; at least one
     * @param sources the source addresses to dial from; empty leaves the choice to the kernel
     * @param connectTimeoutNs how long one attempt to connect may take
     * @param originHeadTimeoutNs how long the answer to the upgrade may take, counted from the connect
     * @param queue how many clients may wait for a source port
     * @param queueTimeoutNs how long they may
     */
    public record Origin(
            String name,
            List<InetSocketAddress> endpoints,
            List<AddressRange> sources,
            long connectTimeoutNs,
            long originHeadTimeoutNs,
            int queue,
            long queueTimeoutNs) {
        /** Copies the lists. */
        public Origin {
            endpoints = List.copyOf(endpoints);
            sources = List.copyOf(sources);
        }
    }

    /**
     * Which requests go to which origin.
     *
     * @param host an exact host name in lower case without port, {@code *.example.com}, or {@code *}
     * @param path a path prefix that starts with a slash; the longest wins
     * @param origin the name of the origin
     * @param idleTimeoutNs a tunnel without a byte in either direction ends after this
     * @param halfClosedTimeoutNs a tunnel with one direction ended, and no byte in the other, ends after this
     * @param stalledTimeoutNs a tunnel whose reader takes nothing while bytes wait for it ends after this
     */
    public record Route(
            String host,
            String path,
            String origin,
            long idleTimeoutNs,
            long halfClosedTimeoutNs,
            long stalledTimeoutNs) {}
}
