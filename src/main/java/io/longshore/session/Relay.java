package io.longshore.session;

import io.longshore.config.Config;
import io.longshore.metrics.CloseReason;
import io.longshore.net.Engine;

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
    private final Config.Route route;
    private final HalfPipe up;
    private final HalfPipe down;
    private long activityNs;
    private CloseReason firstEnd;

    Relay(Engine engine, Config.Route route, long client, long origin, int parkedBytesMax) {
        this.route = route;
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

    /** A byte has moved. */
    void touched(long nowNs) {
        activityNs = nowNs;
    }

    /** The source of a pipe has ended. */
    void ended(HalfPipe pipe, long nowNs) {
        activityNs = nowNs;
        if (firstEnd == null) {
            firstEnd = pipe == up ? CloseReason.CLIENT_CLOSED_FIRST : CloseReason.ORIGIN_CLOSED_FIRST;
        }
        pipe.ended();
    }

    /** Whether both directions have ended and every byte has left. */
    boolean isDone() {
        return up.isDone() && down.isDone();
    }

    /** Which side's end came first, as the reason of a clean close. */
    CloseReason firstEnd() {
        return firstEnd;
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
