package io.longshore.metrics;

import java.util.Locale;

/**
 * Every number that a loop keeps about itself; close reasons, dial outcomes and the histogram of cycle times stand
 * beside them in the same block ({@link Counters}).
 *
 * <p>Labels are what users and their dashboards see: a label that was released is never given another meaning.
 */
public enum Counter {
    CONNECTIONS_ACCEPTED(Unit.COUNT, Type.COUNTER, "client connections accepted"),
    HANDSHAKES_STARTED(Unit.COUNT, Type.COUNTER, "valid upgrade requests that found a route, and so led to a dial"),
    HANDSHAKES_REFUSED(Unit.COUNT, Type.COUNTER, "connections that the proxy itself ended with an HTTP error"),
    QUEUE_WAITING(Unit.COUNT, Type.GAUGE, "clients that wait for a source port to come free"),
    TUNNELS_ESTABLISHED(Unit.COUNT, Type.COUNTER, "upgrades that completed: the client was sent its 101"),
    SESSIONS_ACTIVE(Unit.COUNT, Type.GAUGE, "client connections that are open, in whatever state"),
    TUNNELS_ACTIVE(Unit.COUNT, Type.GAUGE, "upgraded connections that are open"),
    CONNECTIONS_OPEN(Unit.COUNT, Type.GAUGE, "sockets to clients and to origins together, dialling ones included"),
    CLIENT_BYTES_IN(Unit.BYTES, Type.COUNTER, "bytes received from clients in tunnels"),
    ORIGIN_BYTES_IN(Unit.BYTES, Type.COUNTER, "bytes received from origins in tunnels"),
    PARKED_BYTES(Unit.BYTES, Type.GAUGE, "bytes that their target refused and that wait in pages"),
    PAGES_TAKEN(Unit.COUNT, Type.GAUGE, "pages that hold parked bytes or an unfinished head"),
    TIMERS_ACTIVE(Unit.COUNT, Type.GAUGE, "timers that are running"),
    ACCEPT_PAUSES(Unit.COUNT, Type.COUNTER, "pauses of accepting because the host was out of descriptors or memory"),
    STALE_COMPLETIONS(Unit.COUNT, Type.COUNTER, "events that came for a connection which was closed already"),
    SESSION_FAULTS(Unit.COUNT, Type.COUNTER, "faults of our own code that were caught at a session's border"),
    ACCESS_LINES_DROPPED(Unit.COUNT, Type.COUNTER, "access lines dropped because their queue was full"),
    LOOP_CYCLES(Unit.COUNT, Type.COUNTER, "cycles of the loop"),
    LOOP_BUSY_CYCLES(Unit.COUNT, Type.COUNTER, "cycles that had something to do"),
    LOOP_SAMPLES(Unit.COUNT, Type.COUNTER, "cycles whose busy time was measured"),
    LOOP_BUSY_NS_SAMPLED(Unit.NANOSECONDS, Type.COUNTER, "busy time of the measured cycles together"),
    LOOP_CYCLE_MAX_NS(Unit.NANOSECONDS, Type.MAXIMUM, "the longest measured cycle");

    /** What a value is measured in. */
    public enum Unit {
        COUNT,
        BYTES,
        NANOSECONDS;

        private final String label = name().toLowerCase(Locale.ROOT);

        /** The name in the counter file. */
        public String label() {
            return label;
        }
    }

    /** How a value moves, and so what may be done with it. */
    public enum Type {
        /** Only grows; has a rate; the loops' values add up. */
        COUNTER,
        /** Goes up and down; has no rate; the loops' values add up. */
        GAUGE,
        /** Only grows; has no rate; over all loops the largest counts. */
        MAXIMUM;

        private final String label = name().toLowerCase(Locale.ROOT);

        /** The name in the counter file. */
        public String label() {
            return label;
        }
    }

    private final Unit unit;
    private final Type type;
    private final String sentence;
    private final String label = name().toLowerCase(Locale.ROOT).replace('_', '-');

    Counter(Unit unit, Type type, String sentence) {
        this.unit = unit;
        this.type = type;
        this.sentence = sentence;
    }

    /** What the value is measured in. */
    public Unit unit() {
        return unit;
    }

    /** How the value moves. */
    public Type type() {
        return type;
    }

    /** What is counted, in words, without a full stop. */
    public String sentence() {
        return sentence;
    }

    /** The name in tables and metrics: {@code connections-accepted}. */
    public String label() {
        return label;
    }
}
