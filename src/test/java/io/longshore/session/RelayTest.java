package io.longshore.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.metrics.CloseReason;
import io.longshore.net.Errno;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An established tunnel: holding and resuming, ends in their order, and the rules about time. */
final class RelayTest {
    private final SessionLab lab = new SessionLab();
    private long client;
    private long origin;

    @BeforeEach
    void open() {
        client = lab.tunnel();
        origin = lab.lastDialled();
    }

    @AfterEach
    void close() {
        lab.close();
    }

    @Test
    void holdsTheSourceWhenOneMoreReadCouldPassTheBoundAndResumesAtAQuarter() {
        int room = SessionLab.PARKED_BYTES_MAX - FakeEngine.RECEIVE_BYTES_MAX;
        lab.receive(client, new byte[room]);
        assertTrue(lab.socket(client).isReceiving, "one more read fits exactly");
        lab.receive(client, new byte[1]);
        assertFalse(lab.socket(client).isReceiving);
        lab.engine.take(origin, room - SessionLab.PARKED_BYTES_MAX / 4, lab.door);
        assertFalse(lab.socket(client).isReceiving, "one byte more than a quarter is left");
        lab.engine.take(origin, 1, lab.door);
        assertTrue(lab.socket(client).isReceiving);
        assertTrue(lab.socket(origin).isReceiving, "the other direction is not concerned");
    }

    @Test
    void endsEachDirectionAloneAndTheTunnelWhenBothHaveLeft() {
        lab.receive(client, "last words");
        lab.door.ended(client);
        assertTrue(lab.socket(origin).isFinished, "the end stands behind the last byte");
        assertNull(lab.socket(client).end);
        lab.receive(origin, "an answer");
        lab.door.ended(origin);
        assertTrue(lab.socket(client).isFinished);
        lab.takeAll(client);
        assertTrue(lab.engine.isOpen(client), "bytes are under way to the origin");
        lab.takeAll(origin);
        assertEquals(FakeEngine.End.CLOSED, lab.socket(client).end);
        assertEquals(FakeEngine.End.CLOSED, lab.socket(origin).end);
        assertTrue(lab.socket(origin).text().endsWith("last words"));
        lab.expectAllEnded(CloseReason.CLIENT_CLOSED_FIRST);
    }

    @Test
    void passesAResetOn() {
        lab.door.broken(origin, -Errno.ECONNRESET);
        assertEquals(FakeEngine.End.ABORTED, lab.socket(client).end);
        lab.expectAllEnded(CloseReason.ORIGIN_RESET);
    }

    @Test
    void aPeerThatTheNetworkLostHasVanished() {
        lab.door.broken(client, -Errno.ETIMEDOUT);
        assertEquals(FakeEngine.End.ABORTED, lab.socket(origin).end);
        lab.expectAllEnded(CloseReason.CLIENT_VANISHED);
    }

    @Test
    void countsIdlenessFromTheLastByteWithoutMovingTheTimer() {
        long set = lab.engine.deadlines.get(client);
        lab.engine.nowNs += 60 * SessionLab.SECOND;
        lab.receive(origin, "x");
        lab.takeAll(client);
        assertTrue(lab.engine.deadlines.get(client) - set <= 0, "a byte does not put the timer off");
        while (lab.entries.isEmpty()) {
            lab.expire(client);
        }
        assertEquals(160 * SessionLab.SECOND, lab.entries.get(0).durationNs());
        assertEquals(FakeEngine.End.CLOSED, lab.socket(client).end);
        lab.expectAllEnded(CloseReason.IDLE_TIMEOUT);
    }

    @Test
    void givesTheOtherDirectionTheHalfClosedTimeout() {
        lab.door.ended(origin);
        assertEquals(30, lab.secondsToDeadline(client));
        lab.engine.nowNs += 10 * SessionLab.SECOND;
        lab.receive(client, "still here");
        lab.takeAll(origin);
        lab.expire(client);
        assertEquals(10, lab.secondsToDeadline(client), "30 seconds after the last byte");
        lab.expire(client);
        lab.expectAllEnded(CloseReason.HALF_CLOSED_TIMEOUT);
    }

    @Test
    void endsAStalledTunnelOnTimeThoughItsSourceWasNeverHeld() {
        lab.engine.nowNs += 5 * SessionLab.SECOND;
        lab.receive(client, "nobody takes this");
        assertTrue(lab.secondsToDeadline(client) <= 20, "due in " + lab.secondsToDeadline(client));
        while (lab.entries.isEmpty()) {
            lab.expire(client);
        }
        assertEquals(25 * SessionLab.SECOND, lab.entries.get(0).durationNs());
        assertEquals(FakeEngine.End.ABORTED, lab.socket(client).end, "bytes are lost: no clean end");
        assertEquals(FakeEngine.End.ABORTED, lab.socket(origin).end);
        lab.expectAllEnded(CloseReason.ORIGIN_STALLED);
    }

    @Test
    void aReaderThatTakesALittleIsNotStalled() {
        lab.receive(origin, "slowly");
        for (int i = 0; i < 5; i++) {
            lab.engine.nowNs += 15 * SessionLab.SECOND;
            lab.engine.take(client, 1, lab.door);
            if (lab.engine.deadlines.get(client) - lab.engine.nowNs <= 0) {
                lab.expire(client);
            }
        }
        assertTrue(lab.engine.isOpen(client));
    }

    @Test
    void cutsATunnelWithAResetWhenBytesAreStillUnderWay() {
        lab.receive(origin, "half of a message");
        lab.door.endDrain();
        assertEquals(FakeEngine.End.ABORTED, lab.socket(client).end, "an end would claim that this was all");
        lab.expectAllEnded(CloseReason.DRAINED);
    }

    @Test
    void endsAQuietTunnelCleanlyWhenItIsDrained() {
        lab.door.endDrain();
        assertEquals(FakeEngine.End.CLOSED, lab.socket(client).end);
        assertEquals(FakeEngine.End.CLOSED, lab.socket(origin).end);
        lab.expectAllEnded(CloseReason.DRAINED);
    }
}
