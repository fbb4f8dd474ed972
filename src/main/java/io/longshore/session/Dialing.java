package io.longshore.session;

import io.longshore.metrics.CloseReason;
import io.longshore.metrics.Counter;
import io.longshore.metrics.DialOutcome;
import io.longshore.metrics.TrailEvent;
import io.longshore.net.Engine;
import io.longshore.net.Errno;
import io.longshore.origin.Attempt;
import io.longshore.origin.Dial;
import io.longshore.origin.Lease;
import io.longshore.origin.OriginState;
import io.longshore.origin.Waiter;

/** DIALING: attempt after attempt, and maybe a wait for a tuple. Part of its {@link Handshake}, which is used again. */
final class Dialing {
    /** The longest that a lease may be on its way to the loop of who waits for it. */
    private static final long GRANT_NS = 100_000_000L;

    private final SessionContext context;
    private final Handshake handshake;
    private final Engine engine;
    private Session session;
    private OriginState origin;
    private Dial dial;
    /** The attempt under way, or null. */
    private Attempt attempt;
    /** The place in the origin's queue, or null. */
    private Waiter waiter;

    Dialing(SessionContext context, Handshake handshake) {
        this.context = context;
        this.handshake = handshake;
        engine = context.engine;
    }

    /** Dials for this session; {@link SessionContext#forwardedClient} says for whom. */
    void begin(Session newSession, OriginState newOrigin) {
        session = newSession;
        origin = newOrigin;
        dial = new Dial(origin, context.forwardedClient.high(), context.forwardedClient.low());
        dial();
    }

    void release() {
        session = null;
        origin = null;
        dial = null;
        attempt = null;
        waiter = null;
    }

    private void dial() {
        attempt = dial.next();
        if (attempt != null) {
            beginAttempt();
        } else if (dial.mayWait()) {
            await();
        } else {
            session.refuse(dial.reasonOf());
        }
    }

    private void beginAttempt() {
        session.pass(TrailEvent.DIAL);
        session.dialing(attempt);
        session.schedule(engine.nowNs() + origin.connectTimeoutNs());
    }

    /** The attempt has ended: with a connection, an error, or (as -ETIMEDOUT) by our own timer. */
    void connected(int result) {
        context.counters.dialed(Dial.outcomeOf(result));
        if (result != 0) {
            session.pass(TrailEvent.DIAL_FAILED);
            session.origin().giveUp();
            attempt = null;
            dial.failed(result);
            dial();
            return;
        }
        session.pass(TrailEvent.CONNECTED);
        session.origin().connected(attempt);
        attempt = null;
        dial.succeeded();
        session.awaitAnswer();
        session.schedule(engine.nowNs() + origin.originHeadTimeoutNs());
        handshake.sendRequest();
    }

    /** The attempt, or the wait for a tuple, has taken too long. */
    void dialTimedOut() {
        if (waiter == null) {
            connected(-Errno.ETIMEDOUT);
        } else if (leaveQueue()) {
            session.refuse(CloseReason.QUEUE_TIMEOUT);
        } else {
            // A lease is on its way; if it gets lost on a mailbox that is full, we leave then.
            session.schedule(engine.nowNs() + GRANT_NS);
        }
    }

    /** The session ends, or refuses, while it dials or waits. */
    void abandoned() {
        if (waiter != null) {
            // A lease that is on its way already finds the session gone, and is given back.
            dial.leave(waiter);
            noLongerWaiting();
        }
        if (attempt != null) {
            context.counters.dialed(DialOutcome.ABANDONED);
            session.origin().giveUp();
            attempt = null;
            dial.abandoned();
        }
    }

    // ---- Waiting for a tuple.

    private void await() {
        session.beginDial();
        waiter = new Waiter(session::grantFromAnyThread);
        if (!dial.await(waiter)) {
            waiter = null;
            session.refuse(dial.reasonOf());
            return;
        }
        session.pass(TrailEvent.QUEUED);
        context.counters.add(Counter.QUEUE_WAITING, 1);
        session.schedule(engine.nowNs() + origin.queueTimeoutNs());
    }

    /** False if a lease is on its way. */
    private boolean leaveQueue() {
        if (!dial.leave(waiter)) {
            return false;
        }
        noLongerWaiting();
        return true;
    }

    /** Takes the lease that was waited for; false if nobody waits for it any more. */
    boolean granted(Lease lease) {
        if (waiter == null) {
            return false;
        }
        noLongerWaiting();
        attempt = dial.next(lease);
        beginAttempt();
        return true;
    }

    private void noLongerWaiting() {
        waiter = null;
        context.counters.add(Counter.QUEUE_WAITING, -1);
    }
}
