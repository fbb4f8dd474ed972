package io.longshore.metrics;

import java.util.Locale;

/**
 * Why a connection ended. Every client connection that was accepted ends with exactly one of these, is counted under it
 * and shows it in its access line ({@link #label()}).
 *
 * <p>A reason says who caused the end (the client, the origin, us), and how far the connection had come. A reason with
 * a status is a refusal: the client was sent that HTTP status, or would have been, had it still been there.
 */
public enum CloseReason {
    // ---- A layer-4 balancer's PROXY protocol header. Answered with a reset, for what follows may not even be HTTP.
    PROXY_HEADER_UNTRUSTED(Side.CLIENT, Phase.HEAD, 0),
    PROXY_HEADER_MALFORMED(Side.CLIENT, Phase.HEAD, 0),
    PROXY_HEADER_TIMEOUT(Side.CLIENT, Phase.HEAD, 0),
    // ---- The client's request head does not parse (HOSTILE rows 15 to 24). Same names as io.longshore.http.HeadFault.
    BAD_METHOD(Side.CLIENT, Phase.HEAD, 400),
    BAD_TARGET(Side.CLIENT, Phase.HEAD, 400),
    TARGET_TOO_LONG(Side.CLIENT, Phase.HEAD, 414),
    BAD_HTTP_VERSION(Side.CLIENT, Phase.HEAD, 505),
    BARE_CR_OR_LF(Side.CLIENT, Phase.HEAD, 400),
    FORBIDDEN_BYTE(Side.CLIENT, Phase.HEAD, 400),
    OBSOLETE_FOLD(Side.CLIENT, Phase.HEAD, 400),
    SPACE_BEFORE_COLON(Side.CLIENT, Phase.HEAD, 400),
    BAD_HEADER_NAME(Side.CLIENT, Phase.HEAD, 400),
    HEAD_TOO_LARGE(Side.CLIENT, Phase.HEAD, 431),
    TOO_MANY_HEADERS(Side.CLIENT, Phase.HEAD, 431),
    BAD_CONTENT_LENGTH(Side.CLIENT, Phase.HEAD, 400),
    LENGTH_WITH_TRANSFER_ENCODING(Side.CLIENT, Phase.HEAD, 400),
    BAD_TRANSFER_ENCODING(Side.CLIENT, Phase.HEAD, 400),
    BAD_HOST(Side.CLIENT, Phase.HEAD, 400),
    // ---- It parses, but is not an upgrade that we relay (rows 1 to 10). Same names as io.longshore.http.HeadFault.
    NOT_AN_UPGRADE(Side.CLIENT, Phase.HEAD, 426),
    METHOD_NOT_ALLOWED(Side.CLIENT, Phase.HEAD, 405),
    UPGRADE_METHOD(Side.CLIENT, Phase.HEAD, 400),
    UPGRADE_WITH_BODY(Side.CLIENT, Phase.HEAD, 400),
    BAD_WEBSOCKET_KEY(Side.CLIENT, Phase.HEAD, 400),
    BAD_WEBSOCKET_VERSION(Side.CLIENT, Phase.HEAD, 426),
    // ---- The client in the handshake.
    NO_ROUTE(Side.CLIENT, Phase.HEAD, 404),
    HEAD_TIMEOUT(Side.CLIENT, Phase.HEAD, 408),
    CLIENT_LEFT_BEFORE_HEAD(Side.CLIENT, Phase.HEAD, 0),
    CLIENT_RESET_BEFORE_HEAD(Side.CLIENT, Phase.HEAD, 0),
    CLIENT_LEFT_IN_DIAL(Side.CLIENT, Phase.DIAL, 0),
    CLIENT_RESET_IN_DIAL(Side.CLIENT, Phase.DIAL, 0),
    CLIENT_LEFT_BEFORE_101(Side.CLIENT, Phase.AWAITING_101, 0),
    CLIENT_RESET_BEFORE_101(Side.CLIENT, Phase.AWAITING_101, 0),
    // ---- The dial (rows 35 to 38).
    ORIGIN_REFUSED(Side.ORIGIN, Phase.DIAL, 502),
    ORIGIN_UNREACHABLE(Side.ORIGIN, Phase.DIAL, 502),
    CONNECT_TIMEOUT(Side.ORIGIN, Phase.DIAL, 504),
    NO_SOURCE_PORT(Side.PROXY, Phase.DIAL, 503),
    /** Every tuple was taken, and none came free within the queue-timeout. */
    QUEUE_TIMEOUT(Side.PROXY, Phase.DIAL, 503),
    NO_DESCRIPTOR(Side.PROXY, Phase.DIAL, 503),
    // ---- The origin's answer (rows 26 to 34).
    ORIGIN_ANSWERED(Side.ORIGIN, Phase.AWAITING_101, 0),
    ORIGIN_LEFT_BEFORE_101(Side.ORIGIN, Phase.AWAITING_101, 502),
    ORIGIN_RESET_BEFORE_101(Side.ORIGIN, Phase.AWAITING_101, 502),
    ORIGIN_HEAD_TIMEOUT(Side.ORIGIN, Phase.AWAITING_101, 504),
    ORIGIN_HEAD_BROKEN(Side.ORIGIN, Phase.AWAITING_101, 502),
    ORIGIN_HEAD_TOO_LARGE(Side.ORIGIN, Phase.AWAITING_101, 502),
    UNASKED_101(Side.ORIGIN, Phase.AWAITING_101, 502),
    BAD_101_UPGRADE(Side.ORIGIN, Phase.AWAITING_101, 502),
    BAD_101_ACCEPT(Side.ORIGIN, Phase.AWAITING_101, 502),
    BAD_101_SUBPROTOCOL(Side.ORIGIN, Phase.AWAITING_101, 502),
    BAD_101_EXTENSION(Side.ORIGIN, Phase.AWAITING_101, 502),
    /** A refusal of the origin was being passed on, and its body broke off or was malformed. */
    ORIGIN_BODY_BROKEN(Side.ORIGIN, Phase.AWAITING_101, 0),
    // ---- The tunnel (rows 39 to 43). "First" is the side whose end arrived first.
    CLIENT_CLOSED_FIRST(Side.CLIENT, Phase.TUNNEL, 0),
    ORIGIN_CLOSED_FIRST(Side.ORIGIN, Phase.TUNNEL, 0),
    CLIENT_RESET(Side.CLIENT, Phase.TUNNEL, 0),
    ORIGIN_RESET(Side.ORIGIN, Phase.TUNNEL, 0),
    CLIENT_VANISHED(Side.CLIENT, Phase.TUNNEL, 0),
    ORIGIN_VANISHED(Side.ORIGIN, Phase.TUNNEL, 0),
    IDLE_TIMEOUT(Side.PROXY, Phase.TUNNEL, 0),
    HALF_CLOSED_TIMEOUT(Side.PROXY, Phase.TUNNEL, 0),
    CLIENT_STALLED(Side.CLIENT, Phase.TUNNEL, 0),
    ORIGIN_STALLED(Side.ORIGIN, Phase.TUNNEL, 0),
    // ---- Ourselves.
    DRAINING(Side.PROXY, Phase.HEAD, 503),
    DRAINED(Side.PROXY, Phase.TUNNEL, 0),
    STOPPED(Side.PROXY, Phase.TUNNEL, 0),
    INTERNAL(Side.PROXY, Phase.TUNNEL, 500);

    /** Who caused it. */
    public enum Side {
        CLIENT,
        ORIGIN,
        PROXY
    }

    /** How far the connection had come. */
    public enum Phase {
        HEAD,
        DIAL,
        AWAITING_101,
        TUNNEL
    }

    private static final CloseReason[] ALL = values();

    private final Side side;
    private final Phase phase;
    private final int status;
    private final String label;

    CloseReason(Side side, Phase phase, int status) {
        this.side = side;
        this.phase = phase;
        this.status = status;
        this.label = name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    public Side side() {
        return side;
    }

    public Phase phase() {
        return phase;
    }

    /** The HTTP status of a refusal, or 0 where the connection ends without one. */
    public int status() {
        return status;
    }

    /** The name in logs and metrics: {@code head-timeout}. */
    public String label() {
        return label;
    }

    /** The reason with this ordinal, without the copy that {@link #values()} makes. */
    public static CloseReason of(int ordinal) {
        return ALL[ordinal];
    }
}
