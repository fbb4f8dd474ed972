package io.longshore.session;

import io.longshore.metrics.TrailEvent;
import io.longshore.net.Address;
import org.agrona.UnsafeApi;

/**
 * An established tunnel: one record outside the heap, and nothing else. A flyweight without an object: every accessor takes
 * the record's address, which {@link Occupants#tunnelAt} finds. The hot part comes first, and lies in two cache lines.
 *
 * <pre>
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +---------------------------------------------------------------+
 *   |                        client handle                          |  0
 *   +                                                               +
 *   |                                                               |
 *   +---------------------------------------------------------------+
 *   |                        origin handle                          |  8
 *   +                                                               +
 *   |                                                               |
 *   +---------------------------------------------------------------+
 *   |        activity: when a byte or an end last passed, ns        |  16
 *   +                                                               +
 *   |                                                               |
 *   +---------------------------------------------------------------+
 *   |        timer: what the one timer was last set to, ns          |  24
 *   +                                                               +
 *   |                                                               |
 *   +---------------------------------------------------------------+
 *   |        up, from client to origin: bytes received              |  32
 *   +                                                               +
 *   |                                                               |
 *   +---------------------------------------------------------------+
 *   |        progress: when the target last took something, or      |  40
 *   +        when there began to be something to take, ns           +
 *   |                                                               |
 *   +---------------------------------------------------------------+
 *   |        pending: bytes sent that the target has not taken      |  48
 *   +-------------------------------+-------------------------------+
 *   |        pipe flags       |F|E|H|        client port            |  52
 *   +-------------------------------+-------------------------------+
 *   |        down, from origin to client: the same 24 bytes,        |  56
 *   +        with nothing in the place of the client's port         +
 *   |                             ...                               |
 *   +---------------------------------------------------------------+
 *   |        route: its place in the configuration                  |  80
 *   +---------------------------------------------------------------+
 *   |        handshake: number of the session whose bytes are       |  84
 *   |        still under way, plus 1; 0 when they have left         |
 *   +---------------------------------------------------------------+
 *   |        trail, see TrailEvent                                  |  88
 *   +                                                               +
 *   |                                                               |
 *   +---------------------------------------------------------------+
 *   |        opened: when the client was accepted, ns               |  96
 *   +                                                               +
 *   |                                                               |
 *   +---------------------------------------------------------------+
 *   |        client address, 128 bits                               |  104
 *   +                             ...                               +
 *   +---------------------------------------------------------------+
 *   |        our own address towards the origin, 128 bits,          |  120
 *   +        zero if it is not known                                +
 *   |                             ...                               |
 *   +---------------------------------------------------------------+
 *   |        lease, folded: port, local port, row                   |  136
 *   +                                                               +
 *   |                                                               |
 *   +---------------------------------------------------------------+
 *   pipe flags: H the source is held, E the source has ended, F its end was the first
 * </pre>
 *
 * <p>This is everything that a tunnel is, beside its two sockets and the bytes that the engine has parked for them: whoever
 * is given those and this record can go on with it. Times are of the engine's clock (CLOCK_MONOTONIC, which all processes of
 * a host share); handles are the engine's own; the numbers of route and lease mean the route, the source address and the
 * endpoint that stand there in this process's configuration, and would travel as those.
 *
 * <p>One loop's thread uses it. A record's address is good until the tunnel has ended, and no longer.
 */
final class Tunnel {
    /** The length of a record. Three starts of four lie so that the first 84 bytes touch two cache lines. */
    static final int LENGTH = 144;

    static final int CLIENT = 0;
    static final int ORIGIN = 8;
    private static final int ACTIVITY_NS = 16;
    private static final int TIMER_NS = 24;
    /** The two pipes; {@link HalfPipe} knows what is in them. */
    static final int UP = 32;

    private static final int CLIENT_PORT = 54;
    static final int DOWN = 56;
    private static final int ROUTE = 80;
    private static final int HANDSHAKE = 84;
    private static final int TRAIL = 88;
    private static final int OPENED_NS = 96;
    private static final int CLIENT_ADDRESS = 104;
    private static final int LOCAL_ADDRESS = 120;
    private static final int LEASE = 136;

    private Tunnel() {}

    /** Makes a record of a tunnel between these two; everything else is zero. */
    static void begin(long tunnel, long client, long origin) {
        UnsafeApi.setMemory(tunnel, LENGTH, (byte) 0);
        UnsafeApi.putLong(tunnel + CLIENT, client);
        UnsafeApi.putLong(tunnel + ORIGIN, origin);
    }

    static long client(long tunnel) {
        return UnsafeApi.getLong(tunnel + CLIENT);
    }

    static long origin(long tunnel) {
        return UnsafeApi.getLong(tunnel + ORIGIN);
    }

    static long activityNs(long tunnel) {
        return UnsafeApi.getLong(tunnel + ACTIVITY_NS);
    }

    static void activityNs(long tunnel, long nowNs) {
        UnsafeApi.putLong(tunnel + ACTIVITY_NS, nowNs);
    }

    static long timerNs(long tunnel) {
        return UnsafeApi.getLong(tunnel + TIMER_NS);
    }

    static void timerNs(long tunnel, long deadlineNs) {
        UnsafeApi.putLong(tunnel + TIMER_NS, deadlineNs);
    }

    static int route(long tunnel) {
        return UnsafeApi.getInt(tunnel + ROUTE);
    }

    static void route(long tunnel, int number) {
        UnsafeApi.putInt(tunnel + ROUTE, number);
    }

    static int handshake(long tunnel) {
        return UnsafeApi.getInt(tunnel + HANDSHAKE);
    }

    static void handshake(long tunnel, int number) {
        UnsafeApi.putInt(tunnel + HANDSHAKE, number);
    }

    static long trail(long tunnel) {
        return UnsafeApi.getLong(tunnel + TRAIL);
    }

    static void trail(long tunnel, long trail) {
        UnsafeApi.putLong(tunnel + TRAIL, trail);
    }

    /** Appends a station to the trail. */
    static void pass(long tunnel, TrailEvent station) {
        trail(tunnel, station.appendedTo(trail(tunnel)));
    }

    static long openedNs(long tunnel) {
        return UnsafeApi.getLong(tunnel + OPENED_NS);
    }

    static void openedNs(long tunnel, long openedNs) {
        UnsafeApi.putLong(tunnel + OPENED_NS, openedNs);
    }

    static long clientHigh(long tunnel) {
        return UnsafeApi.getLong(tunnel + CLIENT_ADDRESS);
    }

    static long clientLow(long tunnel) {
        return UnsafeApi.getLong(tunnel + CLIENT_ADDRESS + Long.BYTES);
    }

    static int clientPort(long tunnel) {
        return UnsafeApi.getChar(tunnel + CLIENT_PORT);
    }

    static void clientAddress(long tunnel, Address client) {
        UnsafeApi.putLong(tunnel + CLIENT_ADDRESS, client.high());
        UnsafeApi.putLong(tunnel + CLIENT_ADDRESS + Long.BYTES, client.low());
        UnsafeApi.putChar(tunnel + CLIENT_PORT, (char) client.port());
    }

    static long localHigh(long tunnel) {
        return UnsafeApi.getLong(tunnel + LOCAL_ADDRESS);
    }

    static long localLow(long tunnel) {
        return UnsafeApi.getLong(tunnel + LOCAL_ADDRESS + Long.BYTES);
    }

    /** Without the port, which stands in the lease. */
    static void localAddress(long tunnel, Address local) {
        UnsafeApi.putLong(tunnel + LOCAL_ADDRESS, local.high());
        UnsafeApi.putLong(tunnel + LOCAL_ADDRESS + Long.BYTES, local.low());
    }

    /** The right to the tuple, as {@link io.longshore.origin.Lease#fold} gave it. */
    static long lease(long tunnel) {
        return UnsafeApi.getLong(tunnel + LEASE);
    }

    static void lease(long tunnel, long folded) {
        UnsafeApi.putLong(tunnel + LEASE, folded);
    }
}
