package io.longshore.metrics;

/**
 * One station in a connection's life. A session keeps its last ten as a {@code long}, six bits each, the newest lowest;
 * the access line prints them oldest first: {@code trail=head>dial>connected>101>client-fin>origin-fin}.
 */
public enum TrailEvent {
    NAMED("named"),
    HEAD("head"),
    DIAL("dial"),
    DIAL_FAILED("dial-failed"),
    CONNECTED("connected"),
    INTERIM("1xx"),
    UPGRADED("101"),
    ANSWERED("answered"),
    REFUSED("refused"),
    CLIENT_FIN("client-fin"),
    ORIGIN_FIN("origin-fin"),
    CLIENT_RST("client-rst"),
    ORIGIN_RST("origin-rst"),
    HELD_CLIENT("held-client"),
    HELD_ORIGIN("held-origin"),
    TIMER("timer"),
    DRAIN("drain"),
    QUEUED("queued");

    private static final TrailEvent[] ALL = values();
    private static final int BITS = 6;

    private final String label;

    TrailEvent(String label) {
        this.label = label;
    }

    /** The trail with this event appended; the oldest of ten falls off. */
    public long appendedTo(long trail) {
        return trail << BITS | (ordinal() + 1);
    }

    /** The trail in words, oldest first; empty for 0. */
    public static String text(long trail) {
        StringBuilder text = new StringBuilder(64);
        for (int shift = 9 * BITS; shift >= 0; shift -= BITS) {
            int code = (int) (trail >>> shift) & ((1 << BITS) - 1);
            if (code > 0 && code <= ALL.length) {
                if (text.length() > 0) {
                    text.append('>');
                }
                text.append(ALL[code - 1].label);
            }
        }
        return text.toString();
    }
}
