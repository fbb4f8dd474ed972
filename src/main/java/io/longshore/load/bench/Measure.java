package io.longshore.load.bench;

/** What a run measures: its name in files, its unit, and which way is better. */
public enum Measure {
    THROUGHPUT("throughput", "thousand echoes a second", true),
    BANDWIDTH("bandwidth", "GB a second", true),
    CPU_PER_MESSAGE("cpu-per-message", "us of the proxy's CPU for each relayed message", false),
    CPU_PER_GB("cpu-per-gb", "ms of the proxy's CPU for each GB relayed", false),
    CPU_PER_HANDSHAKE("cpu-per-handshake", "us of the proxy's CPU for each handshake", false),
    CPU_PER_DISCONNECT("cpu-per-disconnect", "us of the proxy's CPU for each tunnel that ended", false),
    LAST_DISCONNECT("last-disconnect", "ms until the origin had seen the last tunnel end", false),
    HANDSHAKES("handshakes", "handshakes a second", true),
    P50("p50", "us, median latency", false),
    P99("p99", "us, 99th percentile of latency", false),
    P999("p999", "us, 99.9th percentile of latency", false),
    USER_MEMORY_PER_TUNNEL("user-memory-per-tunnel", "bytes of resident memory for each idle tunnel", false),
    KERNEL_MEMORY_PER_TUNNEL(
            "kernel-memory-per-tunnel", "bytes of kernel slab for each tunnel, the load's taken off", false),
    RESIDENT("resident", "MiB of resident memory in all", false),
    PROXY_CORE_BUSY("proxy-core-busy", "share of the proxy's core", true),
    LOAD_BUSY("load-busy", "share of the load's core", false);

    private final String label;
    private final String unit;
    private final boolean isMoreBetter;

    Measure(String label, String unit, boolean isMoreBetter) {
        this.label = label;
        this.unit = unit;
        this.isMoreBetter = isMoreBetter;
    }

    /** The measure of this label, or null if there is none. */
    static Measure of(String label) {
        for (Measure measure : values()) {
            if (measure.label.equals(label)) {
                return measure;
            }
        }
        return null;
    }

    /** The name in scenario files and results. */
    public String label() {
        return label;
    }

    /** The unit, as a phrase that follows a number. */
    public String unit() {
        return unit;
    }

    /** Whether a larger value is the better one. */
    public boolean isMoreBetter() {
        return isMoreBetter;
    }
}
