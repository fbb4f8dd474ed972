package io.longshore.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.lab.SampleUpgrade;
import io.longshore.metrics.CloseReason;
import io.longshore.metrics.Counter;
import io.longshore.metrics.PortRow;
import io.longshore.origin.PortMode;
import io.longshore.origin.PortSettings;
import java.util.BitSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Sessions that find every tuple taken: two endpoints with one port each, and a queue of two. */
final class QueueTest {
    private final SessionLab lab = new SessionLab(new PortSettings(PortMode.KERNEL, 40_000, 40_000, new BitSet()));
    private final long first = lab.tunnel();
    private final long firstOrigin = lab.lastDialled();
    private final long second = lab.tunnel();

    @AfterEach
    void close() {
        lab.close();
    }

    private long waiting() {
        int dials = lab.engine.dialled.size();
        long client = lab.accept();
        lab.receive(client, SampleUpgrade.request("/"));
        assertEquals(dials, lab.engine.dialled.size(), "nothing is dialled that the account knows to be full");
        return client;
    }

    private void end(long client) {
        lab.door.broken(client, -104);
    }

    @Test
    void dialsWithTheTupleThatAnotherSessionFreed() {
        long client = waiting();
        assertEquals(1, lab.counters.get(Counter.QUEUE_WAITING));
        assertEquals(5, lab.secondsToDeadline(client));
        end(first);
        assertEquals(2, lab.tuplesTaken(), "its lease is on its way");
        lab.deliverMail();
        assertEquals(0, lab.counters.get(Counter.QUEUE_WAITING));
        assertEquals(lab.socket(firstOrigin).target, lab.socket(lab.lastDialled()).target);
        lab.door.connected(lab.lastDialled(), 0);
        lab.takeAll(lab.lastDialled());
        lab.receive(lab.lastDialled(), SampleUpgrade.ANSWER);
        lab.takeAll(client);
        assertEquals(2, lab.counters.get(Counter.TUNNELS_ACTIVE));
        lab.door.stop();
        lab.expectAllEnded(CloseReason.CLIENT_RESET, CloseReason.STOPPED, CloseReason.STOPPED);
    }

    @Test
    void refusesWhoHasWaitedTooLong() {
        long client = waiting();
        lab.expire(client);
        lab.takeAll(client);
        String answer = lab.socket(client).text();
        assertTrue(answer.startsWith("HTTP/1.1 503 ") && answer.contains("\r\nRetry-After: 5\r\n"), answer);
        end(first);
        assertEquals(1, lab.tuplesTaken(), "nobody waits any more");
        lab.door.ended(client);
        lab.door.stop();
        lab.expectAllEnded(CloseReason.CLIENT_RESET, CloseReason.QUEUE_TIMEOUT, CloseReason.STOPPED);
    }

    @Test
    void refusesWhomTheQueueHasNoPlaceFor() {
        waiting();
        long leaving = waiting();
        long tooMany = waiting();
        lab.takeAll(tooMany);
        assertTrue(lab.socket(tooMany).text().startsWith("HTTP/1.1 503 "));
        lab.door.ended(leaving);
        long inItsPlace = waiting();
        lab.takeAll(inItsPlace);
        assertEquals("", lab.socket(inItsPlace).text());
        assertEquals(2, lab.counters.get(Counter.QUEUE_WAITING));
        lab.door.ended(tooMany);
        lab.door.stop();
        lab.deliverMail();
        lab.expectAllEnded(
                CloseReason.CLIENT_LEFT_IN_DIAL,
                CloseReason.NO_SOURCE_PORT,
                CloseReason.STOPPED,
                CloseReason.STOPPED,
                CloseReason.STOPPED,
                CloseReason.STOPPED);
    }

    @Test
    void passesOnALeaseThatFindsItsSessionGone() {
        long leaving = waiting();
        waiting();
        end(first);
        lab.door.ended(leaving);
        int dials = lab.engine.dialled.size();
        lab.deliverMail();
        assertEquals(dials + 1, lab.engine.dialled.size(), "the next one has it");
        assertEquals(2, lab.tuplesTaken());
        lab.door.stop();
        lab.deliverMail();
        lab.expectAllEnded(
                CloseReason.CLIENT_RESET, CloseReason.CLIENT_LEFT_IN_DIAL, CloseReason.STOPPED, CloseReason.STOPPED);
    }

    @Test
    void waitsALittleLongerForALeaseThatIsOnItsWay() {
        long client = waiting();
        end(first);
        lab.expire(client);
        assertEquals("", lab.socket(client).text());
        lab.deliverMail();
        lab.door.connected(lab.lastDialled(), 0);
        assertEquals(1, lab.secondsToDeadline(client), "the origin's answer is awaited");
        lab.door.stop();
        lab.expectAllEnded(CloseReason.CLIENT_RESET, CloseReason.STOPPED, CloseReason.STOPPED);
    }

    @Test
    void losesNoTupleOnAMailboxThatIsFull() {
        long client = waiting();
        lab.mailboxLengthMax = 0;
        end(first);
        assertEquals(1, lab.tuplesTaken());
        lab.mailboxLengthMax = 10;
        lab.ports.serve();
        assertEquals(2, lab.tuplesTaken());
        lab.deliverMail();
        assertEquals(4, lab.engine.dialled.size() + 1, "a third dial");
        lab.door.ended(client);
        lab.door.stop();
        lab.expectAllEnded(CloseReason.CLIENT_RESET, CloseReason.CLIENT_LEFT_IN_DIAL, CloseReason.STOPPED);
    }

    @Test
    void keepsTheTupleTakenThatTheKernelHolds() {
        lab.engine.isHeld = true;
        lab.door.stop();
        assertEquals(2, lab.tuplesTaken());
        assertEquals(2, lab.ports.accounts().stream().mapToLong(PortRow::held).sum());
        assertTrue(lab.socket(second).end == FakeEngine.End.CLOSED);
    }
}
