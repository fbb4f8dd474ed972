package io.longshore.origin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.config.Config;
import io.longshore.metrics.CloseReason;
import io.longshore.net.Errno;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who waits for a tuple: in order, bounded, and never beside a free one. */
class WaitingTest {
    private static final int QUEUE = 3;

    private final Config.Origin origin =
            Accounts.origin("chat", List.of("10.0.0.1:80", "10.0.0.2:80"), List.of(), QUEUE);
    private final SourcePorts account = Accounts.account(Accounts.ports(PortMode.KERNEL, 1), origin);
    private final OriginState state = Accounts.state(account, origin);

    /** A session that waits. */
    private static final class Visitor {
        final Dial dial;
        final Deque<Lease> granted = new ArrayDeque<>();
        final Waiter waiter = new Waiter(granted::add);

        Visitor(Dial dial) {
            this.dial = dial;
        }

        boolean await() {
            assertNull(dial.next());
            assertTrue(dial.mayWait());
            return dial.await(waiter);
        }
    }

    private Visitor visitor() {
        return new Visitor(Accounts.dial(state, "192.0.2.1"));
    }

    private Lease connected() {
        Dial dial = Accounts.dial(state, "192.0.2.9");
        Lease lease = dial.next().lease();
        dial.succeeded();
        return lease;
    }

    @Test
    void servesWhoCameFirst() {
        Lease one = connected();
        Lease two = connected();
        List<Visitor> visitors = List.of(visitor(), visitor(), visitor());
        visitors.forEach(visitor -> assertTrue(visitor.await()));
        Visitor tooMany = visitor();
        assertFalse(tooMany.await());
        assertFalse(tooMany.dial.mayWait());
        assertEquals(CloseReason.NO_SOURCE_PORT, tooMany.dial.reasonOf());

        two.free();
        assertEquals(
                List.of(1, 0, 0),
                visitors.stream().map(visitor -> visitor.granted.size()).toList());
        one.free();
        assertEquals(
                List.of(1, 1, 0),
                visitors.stream().map(visitor -> visitor.granted.size()).toList());
        assertTrue(account.hasWaiters());

        Attempt attempt = visitors.get(0).dial.next(visitors.get(0).granted.remove());
        assertEquals("10.0.0.2:80", attempt.endpoint().toString(), "the endpoint whose tuple came free");
        visitors.get(0).dial.failed(-Errno.ECONNREFUSED);
        assertEquals(1, visitors.get(2).granted.size(), "who fails hands on");
        assertFalse(account.hasWaiters());
        assertEquals(2, Accounts.taken(account));
        visitors.get(1).granted.remove().free();
        visitors.get(2).granted.remove().free();
        assertEquals(0, Accounts.taken(account));
    }

    @Test
    void letsNoNewcomerGoAheadOfWhoWaits() {
        Lease one = connected();
        Lease two = connected();
        Visitor first = visitor();
        assertTrue(first.await());
        Visitor newcomer = visitor();
        assertNull(newcomer.dial.next());
        one.free();
        assertEquals(1, first.granted.size());
        assertNull(newcomer.dial.next(), "nobody waits, but all is taken");
        assertTrue(newcomer.await());
        two.free();
        assertEquals(1, newcomer.granted.size());
    }

    @Test
    void passesOverWhoHasLeft() {
        Lease one = connected();
        connected();
        Visitor first = visitor();
        Visitor second = visitor();
        assertTrue(first.await() && second.await());
        assertTrue(first.dial.leave(first.waiter));
        assertFalse(first.dial.leave(first.waiter));
        one.free();
        assertEquals(0, first.granted.size());
        assertEquals(1, second.granted.size());
        assertFalse(second.dial.leave(second.waiter), "its lease is on its way");
        assertFalse(account.hasWaiters());
    }

    @Test
    void keepsAWaiterWhoseLoopHasNoRoomToBeTold() {
        Lease one = connected();
        connected();
        Visitor deaf = visitor();
        boolean[] hasRoom = {false};
        Waiter waiter = new Waiter(lease -> hasRoom[0] && deaf.granted.add(lease));
        assertNull(deaf.dial.next());
        assertTrue(deaf.dial.await(waiter));
        one.free();
        assertEquals(1, Accounts.taken(account), "the tuple is back in the account");
        hasRoom[0] = true;
        account.serve();
        assertEquals(1, deaf.granted.size());
        assertEquals(2, Accounts.taken(account));
    }

    @Test
    void looksAgainOnceItStandsInTheQueue() {
        Lease one = connected();
        connected();
        Visitor late = visitor();
        assertNull(late.dial.next());
        one.free();
        assertTrue(late.dial.await(late.waiter));
        assertEquals(1, late.granted.size());
    }

    @Test
    void waitsForNoEndpointThatHasFailedIt() {
        Lease one = connected();
        Visitor visitor = visitor();
        // The turn is at the first endpoint again, which is full; the second one refuses.
        Attempt attempt = visitor.dial.next();
        assertEquals("10.0.0.2:80", attempt.endpoint().toString());
        visitor.dial.failed(-Errno.ECONNREFUSED);
        assertTrue(visitor.await());
        account.serve();
        assertEquals(0, visitor.granted.size(), "a tuple towards the endpoint that refused is free, and of no use");
        one.free();
        assertEquals(0, visitor.granted.remove().endpoint);
    }

    @Test
    void tellsAFullSourceAndNotTheErrorOfAnotherEndpoint() {
        connected();
        Visitor visitor = visitor();
        assertNotNull(visitor.dial.next());
        visitor.dial.failed(-Errno.ECONNREFUSED);
        assertNull(visitor.dial.next());
        assertEquals(CloseReason.NO_SOURCE_PORT, visitor.dial.reasonOf());
    }

    @Test
    void servesAnOriginThroughTheTupleThatAnotherOneFreed() {
        Config.Origin chat = Accounts.origin("chat", List.of("10.0.0.1:80"), List.of(), QUEUE);
        Config.Origin news = Accounts.origin("news", List.of("10.0.0.1:80"), List.of(), QUEUE);
        SourcePorts shared = Accounts.account(Accounts.ports(PortMode.KERNEL, 1), chat, news);
        assertEquals(1, shared.accounts().size(), "one endpoint from one source is one row, as for the kernel");
        Dial first = Accounts.dial(Accounts.state(shared, chat), "192.0.2.1");
        Lease lease = first.next().lease();
        first.succeeded();
        Visitor other = new Visitor(Accounts.dial(Accounts.state(shared, news), "192.0.2.1"));
        assertTrue(other.await());
        lease.free();
        Lease granted = other.granted.remove();
        assertSame(lease.row, granted.row);
        granted.free();
        assertEquals(0, Accounts.taken(shared));
    }

    @Test
    void handsNothingOverThatTheKernelDoesNotHave() {
        Lease one = connected();
        connected();
        Visitor visitor = visitor();
        assertTrue(visitor.await());
        one.miss(true);
        assertEquals(0, visitor.granted.size(), "the source counts as full");
        assertEquals(1, account.accounts().get(0).misses());
        account.accounts().get(0).unblock();
        account.serve();
        assertEquals(1, visitor.granted.size());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6})
    void leavesNobodyWaitingBesideAFreeTuple(int seed) throws InterruptedException {
        // Two tuples, four loops; everybody waits until served, so a lost wake-up or lease is a thread that never ends.
        Config.Origin busy = Accounts.origin("chat", List.of("10.0.0.1:80"), List.of(), 4);
        PortMode mode = seed % 2 == 0 ? PortMode.KERNEL : PortMode.RING;
        SourcePorts ports = Accounts.account(Accounts.ports(mode, 2), busy);
        AtomicInteger out = new AtomicInteger();
        AtomicInteger left = new AtomicInteger();
        Together.run(4, number -> {
            OriginState loop = Accounts.state(ports, busy);
            SplittableRandom random = new SplittableRandom(seed * 31L + number);
            for (int i = 0; i < 10_000; i++) {
                ConcurrentLinkedQueue<Lease> mailbox = new ConcurrentLinkedQueue<>();
                Dial dial = Accounts.dial(loop, "192.0.2." + number);
                Attempt attempt = dial.next();
                if (attempt == null) {
                    Waiter waiter = new Waiter(mailbox::add);
                    assertTrue(dial.await(waiter), "there is a place for each loop");
                    if (random.nextInt(4) == 0 && dial.leave(waiter)) {
                        left.incrementAndGet();
                        assertNull(mailbox.poll());
                        continue;
                    }
                    Lease granted = mailbox.poll();
                    while (granted == null && !Thread.currentThread().isInterrupted()) {
                        Thread.yield();
                        granted = mailbox.poll();
                    }
                    attempt = dial.next(granted);
                }
                assertTrue(out.incrementAndGet() <= 2, "more tuples are out than there are");
                if (random.nextInt(8) == 0) {
                    Thread.yield();
                }
                out.decrementAndGet();
                if (random.nextBoolean()) {
                    dial.failed(-Errno.ECONNREFUSED);
                } else {
                    dial.abandoned();
                }
            }
        });
        assertEquals(0, Accounts.taken(ports));
        assertFalse(ports.hasWaiters());
        List<Lease> rest = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            Attempt attempt =
                    Accounts.dial(Accounts.state(ports, busy), "192.0.2.1").next();
            assertNotNull(attempt, "both tuples are there");
            rest.add(attempt.lease());
        }
        if (mode == PortMode.RING) {
            assertTrue(rest.get(0).port != rest.get(1).port);
        }
    }
}
