package io.longshore.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.lab.SampleUpgrade;
import io.longshore.metrics.AccessEntry;
import io.longshore.metrics.CloseReason;
import io.longshore.metrics.Counter;
import io.longshore.metrics.DialOutcome;
import io.longshore.net.Errno;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A connection's way before its tunnel, and the ways that lead nowhere. */
final class SessionTest {
    private static final String EOF_ANSWER = "HTTP/1.1 404 Not Found\r\n\r\nhalf a pa";

    private final SessionLab lab = new SessionLab();

    @AfterEach
    void close() {
        lab.close();
    }

    @Test
    void keepsItsMemoryStillUntilTheKernelHasTakenIt() {
        // Early data and early frames, in pieces that make the pages grow, and nothing taken until the end.
        long client = lab.accept();
        lab.receive(client, SampleUpgrade.request("/") + "a".repeat(3_000));
        long origin = lab.lastDialled();
        lab.receive(client, "b".repeat(30_000));
        lab.door.connected(origin, 0);
        lab.receive(client, "c".repeat(30_000));
        lab.receive(origin, SampleUpgrade.ANSWER.substring(0, 20));
        lab.receive(origin, SampleUpgrade.ANSWER.substring(20) + "d".repeat(50_000));
        lab.receive(client, "e".repeat(100));
        lab.receive(origin, "f".repeat(100));
        for (int i = 0; i < 200_000; i += 997) {
            lab.engine.take(client, 997, lab.door);
            lab.engine.take(origin, 997, lab.door);
        }
        assertTrue(lab.socket(origin)
                .text()
                .endsWith("\r\n\r\n" + "a".repeat(3_000) + "b".repeat(30_000) + "c".repeat(30_000) + "e".repeat(100)));
        assertTrue(lab.socket(client).text().endsWith("\r\n\r\n" + "d".repeat(50_000) + "f".repeat(100)));
        assertEquals(0, lab.engine.pages().taken());
        lab.door.stop();
        lab.expectAllEnded(CloseReason.STOPPED);
        assertEquals(63_100, lab.entries.get(0).bytesFromClient());
    }

    @Test
    void countsAnAttemptThatARefusalCutsShort() {
        lab.dialling();
        lab.door.endDrain();
        assertEquals(1, lab.counters.dialedCount(DialOutcome.ABANDONED));
        lab.door.stop();
        lab.expectAllEnded(CloseReason.DRAINING);
    }

    @Test
    void triesTheNextEndpointAndTellsWhenNoneIsLeft() {
        long client = lab.dialling();
        long first = lab.lastDialled();
        lab.door.connected(first, -Errno.ECONNREFUSED);
        assertFalse(lab.engine.isOpen(first));
        lab.expire(client);
        assertTrue(lab.engine.isOpen(client));
        lab.takeAll(client);
        assertTrue(
                lab.socket(client).text().startsWith("HTTP/1.1 504 "),
                lab.socket(client).text());
        lab.door.ended(client);
        lab.expectAllEnded(CloseReason.CONNECT_TIMEOUT);
    }

    @Test
    void throwsAwayWhatARefusedClientStillSendsAndNotEndlessly() {
        long client = lab.accept();
        lab.receive(client, "rubbish\r\n\r\n");
        lab.takeAll(client);
        assertTrue(lab.socket(client).isFinished);
        for (int i = 0; i < 9 && lab.engine.isOpen(client); i++) {
            lab.receive(client, new byte[128 << 10]);
        }
        assertEquals(FakeEngine.End.ABORTED, lab.socket(client).end);
        assertEquals(1, lab.entries.size());
    }

    @Test
    void cutsAnAnswerThatTheClientDoesNotTakeWithAReset() {
        long client = lab.awaiting101();
        lab.receive(lab.lastDialled(), EOF_ANSWER);
        lab.expire(client);
        assertEquals(FakeEngine.End.ABORTED, lab.socket(client).end, "its body ends at the end of the connection");
        lab.expectAllEnded(CloseReason.ORIGIN_ANSWERED);
    }

    @Test
    void cutsAnAnswerWithAResetWhenTheProcessStops() {
        long client = lab.awaiting101();
        lab.receive(lab.lastDialled(), EOF_ANSWER);
        lab.takeAll(client);
        lab.door.stop();
        assertEquals(FakeEngine.End.ABORTED, lab.socket(client).end);
        lab.expectAllEnded(CloseReason.ORIGIN_ANSWERED);
    }

    @Test
    void passesAnAnswerOnAndEndsWithTheClient() {
        long client = lab.awaiting101();
        long origin = lab.lastDialled();
        lab.receive(origin, EOF_ANSWER);
        lab.takeAll(client);
        lab.receive(origin, "ge");
        lab.door.ended(origin);
        assertFalse(lab.socket(client).text().endsWith("page"));
        lab.takeAll(client);
        assertTrue(lab.socket(client).text().endsWith("half a page"));
        assertTrue(lab.socket(client).isFinished);
        lab.door.ended(client);
        assertEquals(FakeEngine.End.CLOSED, lab.socket(client).end);
        lab.expectAllEnded(CloseReason.ORIGIN_ANSWERED);
    }

    @Test
    void aFaultOfOurOwnEndsOneSessionWithResetsAndNoOther() {
        long other = lab.tunnel();
        long client = lab.tunnel();
        long origin = lab.lastDialled();
        // More than was ever sent: an engine that lies.
        lab.door.sent(client, 5);
        assertEquals(FakeEngine.End.ABORTED, lab.socket(client).end);
        assertEquals(FakeEngine.End.ABORTED, lab.socket(origin).end);
        assertEquals(1, lab.faults.size());
        assertEquals(1, lab.counters.get(Counter.SESSION_FAULTS));
        assertTrue(lab.engine.isOpen(other));
        lab.door.stop();
        lab.expectAllEnded(CloseReason.INTERNAL, CloseReason.STOPPED);
    }

    @Test
    void closesItsListenersInADrainEvenWhileClientsKeepComing() {
        lab.door.drain();
        lab.door.closeQuietListeners();
        int cycles = 0;
        while (lab.door.isListening() && cycles++ < 10_000) {
            lab.accept();
            lab.engine.nowNs += 1_000_000;
            lab.door.closeQuietListeners();
        }
        assertFalse(lab.door.isListening());
        assertTrue(cycles > 10, "those who wait in the queue get in");
        lab.door.stop();
        assertEquals(lab.counters.get(Counter.CONNECTIONS_ACCEPTED), lab.entries.size());
        assertTrue(lab.entries.stream().map(AccessEntry::reason).allMatch(CloseReason.STOPPED::equals));
    }
}
