package io.longshore.config;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Every setting of the configuration file, each exactly once: where it stands, what it may be, what it is when left
 * out, and why it exists. The reader, the README's table, {@code longshore check --explain} and
 * {@code docs/longshore.yaml} all come from here.
 */
public enum Setting {
    /** See {@link Config#engine()}. */
    ENGINE(
            Level.TOP,
            "engine",
            SettingType.choice(Arrays.stream(Config.EngineChoice.values())
                    .map(choice -> choice.name().toLowerCase(Locale.ROOT))
                    .toList()),
            "auto",
            "",
            "How the loops talk to the kernel. auto takes io_uring where it passes a self-test at start (Linux 6.1 or newer,"
                    + " not forbidden by a sandbox or kernel.io_uring_disabled), else nio, java.nio, which runs"
                    + " everywhere. The log says which, and why."),
    /** See {@link Config#loops()}. */
    LOOPS(
            Level.TOP,
            "loops",
            SettingType.numberOrAuto(1, 1024),
            "auto",
            "",
            "The number of event loops; each has a thread, a listening socket and its own connections. auto makes one"
                    + " for each entry of cpus, or one per core where cpus is left out."),
    /** See {@link Config#cpus()}. */
    CPUS(
            Level.TOP,
            "cpus",
            // CPU_SETSIZE of sched.h is 1024: no higher number fits the mask that pins a thread.
            SettingType.list(0, 1024, "numbers", SettingType.number(0, 1023)),
            "none",
            "[0, 1]",
            "The CPU that each loop is pinned to, one entry a loop. Pinning keeps a loop's connections in one core's"
                    + " caches; without it the scheduler moves the loops as it likes."),
    /** See {@link Config#listeners()}. */
    LISTENERS(Level.TOP, "listeners", SettingType.sections(1, 64, Level.LISTENER), null, "", "Where clients connect."),
    /** See {@link Config#origins()}. */
    ORIGINS(
            Level.TOP,
            "origins",
            SettingType.namedSections(1, 1024, Level.ORIGIN),
            null,
            "",
            "The services behind the proxy, by name."),
    /** See {@link Config#routes()}. */
    ROUTES(
            Level.TOP,
            "routes",
            SettingType.sections(1, 4096, Level.ROUTE),
            null,
            "",
            "Which requests go to which origin. An exact host wins over *.example.com, which wins over *; of one host's"
                    + " routes the longest path wins."),
    /** See {@link Config#drainTimeoutNs()}. */
    DRAIN_TIMEOUT(
            Level.TOP,
            "drain-timeout",
            SettingType.duration(0, TimeUnit.HOURS.toNanos(24)),
            "30s",
            "",
            "How long established tunnels may live on after SIGTERM, while nothing new is accepted. Then they are"
                    + " closed and the process ends."),
    /** See {@link Config#parkedBytesMax()}. */
    PARKED_BYTES_MAX(
            Level.TOP,
            "parked-bytes-max",
            SettingType.size(4 << 10, 64 << 20),
            "256KiB",
            "",
            "How many bytes each direction of a tunnel may hold that the reader has not taken yet; past that its sender"
                    + " is held. A tunnel that keeps up holds none."),
    /** See {@link Config#headBytesMax()}. */
    HEAD_BYTES_MAX(
            Level.TOP,
            "head-bytes-max",
            // The page that a head is gathered in is 64 KiB.
            SettingType.size(1 << 10, 64 << 10),
            "32KiB",
            "",
            "The longest request or response head. A longer request gets 431, a longer response becomes 502."),
    /** See {@link Config#headersMax()}. */
    HEADERS_MAX(
            Level.TOP,
            "headers-max",
            SettingType.number(8, 1024),
            "128",
            "",
            "The most header fields in a head. More in a request get 431, more in a response become 502."),
    /** See {@link Config.Ports#mode()}. */
    PORT_MODE(
            Level.TOP,
            "port-mode",
            SettingType.choice(Arrays.stream(Config.PortChoice.values())
                    .map(choice -> choice.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                    .toList()),
            "auto",
            "",
            "How a free source port is found. auto takes the best that this kernel can do: full-range from Linux 6.8,"
                    + " window from 6.3, below that ring where ring-ports are reserved, else kernel."),
    /** See {@link Config.Ports#ringLow()}. */
    RING_PORTS(
            Level.TOP,
            "ring-ports",
            SettingType.portRange(),
            "none",
            "",
            "The ports that port-mode ring picks from. They must stand in net.ipv4.ip_local_reserved_ports, so that the"
                    + " kernel's own choice leaves them alone."),
    /** See {@link Config#keepaliveIdleNs()}. */
    KEEPALIVE_IDLE(
            Level.TOP,
            "keepalive-idle",
            // MAX_TCP_KEEPIDLE is 32,767 s, and the option counts whole seconds (tcp(7)).
            SettingType.duration(TimeUnit.SECONDS.toNanos(1), TimeUnit.HOURS.toNanos(9), TimeUnit.SECONDS.toNanos(1)),
            "60s",
            "",
            "A silent peer, client or origin, is probed by the kernel after this long (TCP_KEEPIDLE): how a peer that"
                    + " vanished without a word is noticed."),
    /** See {@link Config#userTimeoutNs()}. */
    USER_TIMEOUT(
            Level.TOP,
            "user-timeout",
            SettingType.duration(TimeUnit.SECONDS.toNanos(1), TimeUnit.HOURS.toNanos(48)),
            "90s",
            "",
            "A connection whose sent bytes or probes stay unanswered this long is given up (TCP_USER_TIMEOUT). The"
                    + " kernel also ends a live peer that takes nothing, so it must be above every stalled-timeout."),
    /** See {@link Config#accessLog()}. */
    ACCESS_LOG(
            Level.TOP,
            "access-log",
            SettingType.logFile(),
            "none",
            "",
            "Where one line per tunnel goes, when it ends. Lines are dropped and counted rather than slowing a loop."),
    /** See {@link Config#countersDirectory()}. */
    COUNTERS(
            Level.TOP,
            "counters",
            SettingType.directory(),
            "/run/longshore/PID, else in $XDG_RUNTIME_DIR, else in the temporary folder",
            "/run/longshore/edge",
            "The directory of the counter files, which longshore stat reads without disturbing the process."),

    /** See {@link Config.Listener#address()}. */
    ADDRESS(
            Level.LISTENER,
            "address",
            SettingType.listenAddress(),
            null,
            "127.0.0.1:8080",
            "The address and port to accept connections on."),
    /** See {@link Config.Listener#headTimeoutNs()}. */
    HEAD_TIMEOUT(
            Level.LISTENER,
            "head-timeout",
            timeout(),
            "10s",
            "",
            "A request's head must be complete this long after the connection was accepted, else 408. It bounds what a"
                    + " client that sends one byte a second can hold."),
    /** See {@link Config.Listener#trustedProxies()}. */
    TRUSTED_PROXIES(
            Level.LISTENER,
            "trusted-proxies",
            SettingType.list(0, 1024, "addresses", SettingType.peerRange()),
            "none",
            "[10.0.0.0/8, \"fd00::/8\"]",
            "Peers whose Forwarded and X-Forwarded-* headers are believed and extended. Everybody else's are"
                    + " replaced."),
    /** See {@link Config.Listener#proxyProtocol()}. */
    PROXY_PROTOCOL(
            Level.LISTENER,
            "proxy-protocol",
            SettingType.onOrOff(),
            "false",
            "",
            "Whether every connection begins with a PROXY protocol header (version 1 or 2), in which a layer-4 balancer"
                    + " names its client: for the choice of a source address, the forwarded headers and the access log."
                    + " Peers outside trusted-proxies, which is required then, are reset."),

    /** See {@link Config.Origin#endpoints()}. */
    ENDPOINTS(
            Level.ORIGIN,
            "endpoints",
            SettingType.list(1, 256, "IP:port", SettingType.endpoint()),
            null,
            "[127.0.0.1:9000]",
            "Where the origin listens. When one endpoint fails to answer, the next is tried."),
    /** See {@link Config.Origin#sources()}. */
    SOURCES(
            Level.ORIGIN,
            "sources",
            SettingType.list(0, 1024, "addresses", SettingType.sourceRange()),
            "none",
            "[127.0.0.2-127.0.0.9]",
            "The addresses to dial from, each with its own ports towards each endpoint, and a client keeps its address. A"
                    + " block of more than " + ConfigCheck.SOURCES_USED_MAX
                    + ", such as an IPv6 /64, is used through so"
                    + " many of its addresses. None leaves the choice to the kernel."),
    /** See {@link Config.Origin#connectTimeoutNs()}. */
    CONNECT_TIMEOUT(
            Level.ORIGIN,
            "connect-timeout",
            timeout(),
            "5s",
            "",
            "How long one attempt to connect to an endpoint may take before the next one is tried."),
    /** See {@link Config.Origin#originHeadTimeoutNs()}. */
    ORIGIN_HEAD_TIMEOUT(
            Level.ORIGIN,
            "origin-head-timeout",
            timeout(),
            "30s",
            "",
            "How long the origin may take to answer the upgrade, counted from the connect; then the client gets 504."),
    /** See {@link Config.Origin#queue()}. */
    QUEUE(
            Level.ORIGIN,
            "queue",
            SettingType.number(0, 100_000),
            "10",
            "",
            "How many clients may wait for a source port when all are taken, first come first served. The next one is"
                    + " refused with 503 and Retry-After."),
    /** See {@link Config.Origin#queueTimeoutNs()}. */
    QUEUE_TIMEOUT(
            Level.ORIGIN,
            "queue-timeout",
            timeout(),
            "5s",
            "",
            "How long a client may wait for a source port; then it is refused with 503 and Retry-After."),

    /** See {@link Config.Route#host()}. */
    HOST(
            Level.ROUTE,
            "host",
            SettingType.host(),
            "*",
            "\"*\"",
            "The host a request must name, without regard to letter case and port: exact, *.example.com for everything"
                    + " under a name, or * for any. Quote a value that begins with a star."),
    /** See {@link Config.Route#path()}. */
    PATH(
            Level.ROUTE,
            "path",
            SettingType.path(),
            "/",
            "",
            "What the request's path must begin with; the longest match wins."),
    /** See {@link Config.Route#origin()}. */
    ORIGIN(Level.ROUTE, "origin", SettingType.originName(), null, "chat", "The origin that these requests go to."),
    /** See {@link Config.Route#idleTimeoutNs()}. */
    IDLE_TIMEOUT(
            Level.ROUTE,
            "idle-timeout",
            timeout(),
            "100s",
            "",
            "A tunnel without a byte in either direction for this long is closed. Keep it above the application's own"
                    + " ping interval."),
    /** See {@link Config.Route#halfClosedTimeoutNs()}. */
    HALF_CLOSED_TIMEOUT(
            Level.ROUTE,
            "half-closed-timeout",
            timeout(),
            "60s",
            "",
            "Once one direction has ended, a tunnel without a byte in the other for this long is closed."),
    /** See {@link Config.Route#stalledTimeoutNs()}. */
    STALLED_TIMEOUT(
            Level.ROUTE,
            "stalled-timeout",
            timeout(),
            "60s",
            "",
            "A tunnel whose reader takes nothing for this long while bytes wait for it is closed.");

    /** Where in the file a setting stands. */
    public enum Level {
        /** At the top of the file. */
        TOP("", ""),
        /** In an entry of {@code listeners}. */
        LISTENER("listeners[].", "listeners"),
        /** In an entry of {@code origins}. */
        ORIGIN("origins.NAME.", "origins"),
        /** In an entry of {@code routes}. */
        ROUTE("routes[].", "routes");

        private final String prefix;
        private final String plural;

        Level(String prefix, String plural) {
            this.prefix = prefix;
            this.plural = plural;
        }

        String plural() {
            return plural;
        }

        /** The settings of this level by key, in their order. */
        Map<String, Setting> settings() {
            return BY_LEVEL.get(this);
        }
    }

    private static final Map<Level, Map<String, Setting>> BY_LEVEL = new EnumMap<>(Level.class);

    static {
        for (Setting setting : values()) {
            BY_LEVEL.computeIfAbsent(setting.level, level -> new LinkedHashMap<>())
                    .put(setting.key, setting);
        }
    }

    private final Level level;
    private final String key;
    private final SettingType type;
    private final String defaultText;
    private final String example;
    private final String why;

    Setting(Level level, String key, SettingType type, String defaultText, String example, String why) {
        this.level = level;
        this.key = key;
        this.type = type;
        this.defaultText = defaultText;
        this.example = example;
        this.why = why;
    }

    /** Where the setting stands. */
    public Level level() {
        return level;
    }

    /** Its key in the file. */
    public String key() {
        return key;
    }

    /** Level and key: {@code routes[].idle-timeout}. */
    public String path() {
        return level.prefix + key;
    }

    /** What kind of value it takes, in users' words. */
    public String typeText() {
        return type.name();
    }

    /** Which values are allowed, in users' words. */
    public String range() {
        return type.range();
    }

    /** Whether the file must have it. */
    public boolean isRequired() {
        return defaultText == null;
    }

    /** What stands when it is left out; {@code required} if it must not be. */
    public String defaultText() {
        return isRequired() ? "required" : defaultText;
    }

    /** Why it exists: one or two sentences for a user. */
    public String why() {
        return why;
    }

    SettingType type() {
        return type;
    }

    /** A value as it may stand in a YAML file: the default where that is a value, else something plausible. */
    String example() {
        return example.isEmpty() ? defaultText : example;
    }

    private static SettingType timeout() {
        return SettingType.duration(TimeUnit.MILLISECONDS.toNanos(1), TimeUnit.HOURS.toNanos(24));
    }
}
