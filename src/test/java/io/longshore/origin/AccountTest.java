package io.longshore.origin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.config.Config;
import io.longshore.metrics.PortRow;
import io.longshore.net.Address;
import io.longshore.net.Errno;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * 25,000 dials in each mode, 100,000 together, on two loops: they fail in every way, wait, give up, stand, close and leave
 * tuples behind; and after every step the account has exactly the leases that are out and the tuples that are held.
 */
class AccountTest {
    private static final int DIALS = 25_000;
    private static final int PORTS = 12;
    private static final int[] FAILURES = {
        Errno.ECONNREFUSED, Errno.ETIMEDOUT, Errno.EADDRNOTAVAIL, Errno.EADDRINUSE, Errno.EMFILE, Errno.EHOSTUNREACH
    };

    /** A session: its dial, and what it has at the moment. */
    private static final class Session {
        final Dial dial;
        final Deque<Lease> mail = new ArrayDeque<>();
        Waiter waiter;
        Attempt attempt;
        Lease lease;
        Tuple tuple;

        Session(Dial dial) {
            this.dial = dial;
        }
    }

    private record Tuple(Address local, Address endpoint) {}

    private final SplittableRandom random = new SplittableRandom(47);
    private final Config.Origin chat = Accounts.origin(
            "chat", List.of("10.0.0.1:80", "10.0.0.2:80"), List.of(Ranges.of("127.0.0.2", "127.0.0.4")), 6);
    /** Shares half of its rows with the other one. */
    private final Config.Origin news = Accounts.origin(
            "news", List.of("10.0.0.2:80", "10.0.0.3:80"), List.of(Ranges.of("127.0.0.2", "127.0.0.4")), 6);

    private final List<Session> sessions = new ArrayList<>();
    private final Set<Tuple> open = new LinkedHashSet<>();
    private final Set<Tuple> closed = new LinkedHashSet<>();
    private SourcePorts ports;
    private int dials;
    private int granted;
    private int stood;

    @ParameterizedTest
    @EnumSource(PortMode.class)
    void balancesAfterEveryStep(PortMode mode) {
        ports = Accounts.account(Accounts.ports(mode, PORTS), chat, news);
        assertEquals(9, ports.accounts().size());
        List<OriginState> loops = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            loops.add(Accounts.state(ports, chat));
            loops.add(Accounts.state(ports, news));
        }
        while (dials < DIALS) {
            step(loops);
            assertBalanced();
        }
        assertTrue(stood > DIALS / 8 && granted > DIALS / 100, stood + " stood, " + granted + " had waited");
        while (!sessions.isEmpty()) {
            proceed(sessions.get(0));
            assertBalanced();
        }
        closed.clear();
        keep();
        keep();
        keep();
        assertEquals(0, Accounts.taken(ports));
        assertEquals(0, Accounts.held(ports));
        assertFalse(ports.hasWaiters());
    }

    private void step(List<OriginState> loops) {
        int kind = random.nextInt(100);
        if (kind < 45) {
            Session session =
                    new Session(Accounts.dial(loops.get(random.nextInt(4)), "192.0.2." + random.nextInt(200)));
            sessions.add(session);
            next(session);
        } else if (kind < 95 && !sessions.isEmpty()) {
            proceed(sessions.get(random.nextInt(sessions.size())));
        } else if (kind < 98) {
            closed.removeIf(tuple -> random.nextInt(3) == 0);
        } else {
            keep();
        }
    }

    private void next(Session session) {
        session.attempt = session.dial.next();
        if (session.attempt != null) {
            dials++;
        } else if (session.dial.mayWait()) {
            session.waiter = new Waiter(session.mail::add);
            if (!session.dial.await(session.waiter)) {
                sessions.remove(session);
            }
        } else {
            sessions.remove(session);
        }
    }

    /** What happens to one session next. */
    private void proceed(Session session) {
        if (!session.mail.isEmpty()) {
            granted++;
            session.waiter = null;
            if (random.nextInt(5) == 0) {
                // It has ended meanwhile.
                session.mail.remove().free();
                sessions.remove(session);
            } else {
                session.attempt = session.dial.next(session.mail.remove());
                dials++;
            }
        } else if (session.waiter != null) {
            assertTrue(session.dial.leave(session.waiter), "no lease is on its way");
            sessions.remove(session);
        } else if (session.attempt != null) {
            endAttempt(session);
        } else {
            close(session);
        }
    }

    private void endAttempt(Session session) {
        int kind = random.nextInt(20);
        Tuple tuple = kind < 8 ? choose(session.attempt) : null;
        if (tuple != null) {
            open.add(tuple);
            session.tuple = tuple;
            session.lease = session.attempt.lease();
            session.attempt = null;
            session.dial.succeeded();
            session.lease.connected(random.nextInt(50) == 0 ? null : tuple.local);
            stood++;
        } else if (kind < 8) {
            session.dial.failed(-Errno.EADDRNOTAVAIL);
            next(session);
        } else if (kind == 8) {
            session.dial.abandoned();
            sessions.remove(session);
        } else {
            session.dial.failed(-FAILURES[random.nextInt(FAILURES.length)]);
            next(session);
        }
    }

    /** The kernel's choice of a port: one that is free, or in TIME_WAIT where it likes (tcp_tw_reuse). */
    private Tuple choose(Attempt attempt) {
        boolean reuses = random.nextInt(4) == 0;
        int start = random.nextInt(PORTS);
        for (int i = 0; i < PORTS; i++) {
            int port = attempt.source().port() != 0 ? attempt.source().port() : 40_000 + (start + i) % PORTS;
            Tuple tuple = new Tuple(attempt.source().withPort(port), attempt.endpoint());
            if (!open.contains(tuple) && (reuses && attempt.source().port() == 0 || !closed.contains(tuple))) {
                closed.remove(tuple);
                return tuple;
            }
        }
        return null;
    }

    private void close(Session session) {
        open.remove(session.tuple);
        sessions.remove(session);
        boolean isHeld = random.nextInt(3) == 0;
        if (isHeld) {
            closed.add(session.tuple);
        }
        if (random.nextBoolean()) {
            giveBackFolded(session.lease.fold(), isHeld);
        } else if (isHeld) {
            session.lease.hold();
        } else {
            session.lease.free();
        }
    }

    /** As a tunnel does, which has kept nothing but the number. */
    private void giveBackFolded(long lease, boolean isHeld) {
        if (isHeld) {
            ports.hold(lease);
        } else {
            ports.free(lease);
        }
    }

    private void keep() {
        SourcePorts.KernelView kernel = new SourcePorts.KernelView() {
            @Override
            public boolean visitHeld(SourcePorts.TupleVisitor visitor) {
                tell(closed, visitor);
                return true;
            }

            @Override
            public boolean visitAll(SourcePorts.TupleVisitor visitor) {
                tell(closed, visitor);
                tell(open, visitor);
                return true;
            }
        };
        ports.reconcile(kernel);
        if (random.nextInt(4) == 0) {
            ports.countForeign(kernel);
        }
    }

    private static void tell(Set<Tuple> tuples, SourcePorts.TupleVisitor visitor) {
        for (Tuple tuple : tuples) {
            Address local = tuple.local;
            Address remote = tuple.endpoint;
            visitor.visit(local.high(), local.low(), local.port(), remote.high(), remote.low(), remote.port());
        }
    }

    private void assertBalanced() {
        long out = 0;
        for (Session session : sessions) {
            out += session.mail.size() + (session.attempt != null ? 1 : 0) + (session.lease != null ? 1 : 0);
        }
        assertEquals(out, Accounts.taken(ports) - Accounts.held(ports), "leases that are out");
        for (PortRow row : ports.accounts()) {
            assertTrue(row.held() >= 0 && row.taken() >= row.held() && row.taken() <= row.capacity());
        }
    }
}
