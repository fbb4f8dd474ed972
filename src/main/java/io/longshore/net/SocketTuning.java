package io.longshore.net;

/**
 * How an engine sets up its sockets; the same for accepted and dialled ones.
 *
 * @param keepaliveIdleSeconds TCP_KEEPIDLE: a silent peer is probed after this; tcp(7)
 * @param keepaliveIntervalSeconds TCP_KEEPINTVL: the time between probes
 * @param userTimeoutMs TCP_USER_TIMEOUT: how long sent bytes (or a closed window) may go unacknowledged until the
 *     connection is broken; RFC 5482. It also decides how long probes may, in the place of TCP_KEEPCNT (tcp(7)). And it
 *     kills a live peer that holds a zero window, so it must be longer than any stalled-timeout
 * @param backlog the accept queue of a listener; the kernel clamps it to net.core.somaxconn
 * @param receiveBytesMax the most bytes of one read
 * @param bindsRoutedIpv6 whether IPv6 sources may be addresses that a route of type "local" delivers here and no device has
 *     (AnyIP): they can be bound with IPV6_FREEBIND only. Without it, a source that is not ours is told by its bind
 */
public record SocketTuning(
        int keepaliveIdleSeconds,
        int keepaliveIntervalSeconds,
        int userTimeoutMs,
        int backlog,
        int receiveBytesMax,
        boolean bindsRoutedIpv6) {
    /** The tuning of a proxy with the default configuration. */
    public static final SocketTuning DEFAULT = new SocketTuning(60, 10, 90_000, 65_535, 128 << 10, false);
}
