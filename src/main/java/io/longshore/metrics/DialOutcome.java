package io.longshore.metrics;

import java.util.Locale;

/** How one attempt to connect to an endpoint ended; counted per attempt. */
public enum DialOutcome {
    CONNECTED,
    /** ECONNREFUSED or ECONNRESET. */
    REFUSED,
    /** EHOSTUNREACH, ENETUNREACH, EACCES, EPERM and every errno that no other outcome names. */
    UNREACHABLE,
    /** Our connect-timeout, or the kernel's ETIMEDOUT. */
    TIMED_OUT,
    /** EADDRNOTAVAIL: no free port for this source and endpoint, or the source address is not ours. */
    ADDRESS_NOT_AVAILABLE,
    /** EADDRINUSE: the tuple or the port is taken. */
    ADDRESS_IN_USE,
    /** EMFILE, ENFILE, ENOMEM, ENOBUFS: the host is out of something. */
    NO_RESOURCE,
    /** The client left while the attempt was under way. */
    ABANDONED;

    private final String label = name().toLowerCase(Locale.ROOT).replace('_', '-');

    /** The name in logs and metrics: {@code timed-out}. */
    public String label() {
        return label;
    }
}
