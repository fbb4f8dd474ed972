package io.longshore.session;

import io.longshore.config.Config;
import io.longshore.metrics.CloseReason;
import io.longshore.metrics.Counter;
import io.longshore.metrics.Counters;
import io.longshore.net.Engine;
import io.longshore.net.Errno;

/**
 * An established tunnel: two {@link HalfPipe}s and the rules about time that hold for both.
 *
 * <ol>
 *   <li>No byte in either direction for {@code idle-timeout}: the tunnel ends.
 *   <li>One direction has ended, and no byte in the other for {@code half-closed-timeout}: it ends.
 *   <li>Bytes wait for a reader that takes none for {@code stalled-timeout}: it ends.
 * </ol>
 *
 * <p>The session's one timer is not moved at every byte. It fires, {@link #dueReason} looks at what really happened, and
 * {@link #nextDeadlineNs} says when to look again.
 */
final class Relay {
    private final Engine engine;
    private final Counters counters;
    private final Config.Route route;
    private final HalfPipe up;
    private final HalfPipe down;
    private long activityNs;
    private CloseReason firstEnd;

    Relay(SessionContext context, Config.Route route, long client, long origin) {
        this.route = route;
        engine = context.engine;
        counters = context.counters;
        int parkedBytesMax = context.config.parkedBytesMax();
        up = new HalfPipe(engine, client, origin, parkedBytesMax);
        down = new HalfPipe(engine, origin, client, parkedBytesMax);
        activityNs = engine.nowNs();
    }

    /** The direction from the client to the origin. */
    HalfPipe up() {
        return up;
    }

    /** The direction from the origin to the client. */
    HalfPipe down() {
        return down;
    }

    /** Passes bytes on; the memory is lent. Returns whether their source has just been held. */
    boolean received(boolean isFromClient, long address, int length) {
        activityNs = engine.nowNs();
        counters.add(isFromClient ? Counter.CLIENT_BYTES_IN : Counter.ORIGIN_BYTES_IN, length);
        return (isFromClient ? up : down).received(address, length);
    }

    /** Counts bytes that came with the handshake and are sent with it. */
    void countAhead(boolean isFromClient, int length) {
        counters.add(isFromClient ? Counter.CLIENT_BYTES_IN : Counter.ORIGIN_BYTES_IN, length);
        (isFromClient ? up : down).countAhead(length);
    }

    /** The tunnel begins, with so many bytes of the handshake's on their way. */
    void begin(int toClient, int toOrigin) {
        down.waitsAhead(toClient);
        up.waitsAhead(toOrigin);
        down.holdIfFull();
        up.holdIfFull();
    }

    /** A kernel took bytes of the handshake's, and so many are left. */
    void sentAhead(boolean isToClient, int left) {
        activityNs = engine.nowNs();
        (isToClient ? down : up).waitsAhead(left);
    }

    /** A kernel took bytes of the tunnel. */
    void sent(boolean isToClient, int count) {
        activityNs = engine.nowNs();
        (isToClient ? down : up).sent(count);
    }

    /** One side has ended; the end goes to the other behind the last byte. */
    void ended(boolean isClient) {
        activityNs = engine.nowNs();
        if (firstEnd == null) {
            firstEnd = isClient ? CloseReason.CLIENT_CLOSED_FIRST : CloseReason.ORIGIN_CLOSED_FIRST;
        }
        (isClient ? up : down).ended();
    }

    /** Whether bytes wait for either side. */
    boolean isWaiting() {
        return up.isWaiting() || down.isWaiting();
    }

    /** Whether both directions have ended and every byte has left. */
    boolean isDone() {
        return up.isDone() && down.isDone();
    }

    /** Which side's end came first, as the reason of a clean close. */
    CloseReason firstEnd() {
        return firstEnd;
    }

    /** Which side has broken, and how, as the reason of a reset. */
    static CloseReason breakOf(boolean isClient, int result) {
        boolean isReset = result == -Errno.ECONNRESET || result == -Errno.EPIPE;
        if (isClient) {
            return isReset ? CloseReason.CLIENT_RESET : CloseReason.CLIENT_VANISHED;
        }
        return isReset ? CloseReason.ORIGIN_RESET : CloseReason.ORIGIN_VANISHED;
    }

    /** The rule that ends the tunnel now, or null. */
    CloseReason dueReason(long nowNs) {
        if (down.isWaiting() && nowNs - down.progressNs() >= route.stalledTimeoutNs()) {
            return CloseReason.CLIENT_STALLED;
        }
        if (up.isWaiting() && nowNs - up.progressNs() >= route.stalledTimeoutNs()) {
            return CloseReason.ORIGIN_STALLED;
        }
        long quietNs = nowNs - activityNs;
        if (isHalfClosed() && quietNs >= route.halfClosedTimeoutNs()) {
            return CloseReason.HALF_CLOSED_TIMEOUT;
        }
        return quietNs >= route.idleTimeoutNs() ? CloseReason.IDLE_TIMEOUT : null;
    }

    /** When a rule can be due at the earliest, as things stand. */
    long nextDeadlineNs() {
        long quietMaxNs =
                isHalfClosed() ? Math.min(route.halfClosedTimeoutNs(), route.idleTimeoutNs()) : route.idleTimeoutNs();
        long deadlineNs = activityNs + quietMaxNs;
        if (down.isWaiting()) {
            deadlineNs = earlier(deadlineNs, down.progressNs() + route.stalledTimeoutNs());
        }
        if (up.isWaiting()) {
            deadlineNs = earlier(deadlineNs, up.progressNs() + route.stalledTimeoutNs());
        }
        return deadlineNs;
    }

    private boolean isHalfClosed() {
        return firstEnd != null;
    }

    private static long earlier(long a, long b) {
        return a - b < 0 ? a : b;
    }
}
