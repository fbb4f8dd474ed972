package io.longshore.session;

/** Where a {@link Session} is on its way. */
enum SessionState {
    /** Waiting for a balancer's PROXY protocol header; only where the listener wants one. */
    PROXY_HEADER,
    /** Waiting for the client's request head. */
    HEAD,
    /** Connecting to the origin. */
    DIALING,
    /** The origin was sent the upgrade, its answer is awaited. */
    AWAITING_101,
    /** The tunnel stands, and its record has taken over; what the handshake has sent is still leaving. */
    RELAYING,
    /** A refusal, ours or the origin's, is on its way to the client. */
    ANSWERING,
    /** The refusal has left with a FIN; what the client still sends is thrown away until it closes too. */
    LINGERING,
    /** Gone, or a tunnel without a session. */
    CLOSED;

    /** Whether the line leads from here to there: always onwards, never back. */
    boolean leadsTo(SessionState next) {
        return switch (next) {
            case PROXY_HEADER -> false;
            case HEAD -> this == PROXY_HEADER;
            case DIALING -> this == HEAD;
            case AWAITING_101 -> this == DIALING;
            case RELAYING -> this == AWAITING_101;
            case ANSWERING -> this == PROXY_HEADER || this == HEAD || this == DIALING || this == AWAITING_101;
            case LINGERING -> this == ANSWERING;
            case CLOSED -> this != CLOSED;
        };
    }

    /** That state, which must be one that the line leads to from here. */
    SessionState to(SessionState next) {
        if (!leadsTo(next)) {
            throw new IllegalStateException(this + " does not lead to " + next);
        }
        return next;
    }
}
