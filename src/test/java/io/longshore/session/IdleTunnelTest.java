package io.longshore.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.lab.SampleUpgrade;
import io.longshore.metrics.AccessEntry;
import io.longshore.metrics.CloseReason;
import io.longshore.net.Errno;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is left of a session when its tunnel stands: a record, and that only until the tunnel has ended. */
final class IdleTunnelTest {
    private static final int TUNNELS = 500;

    private final SessionLab lab = new SessionLab();

    @AfterEach
    void close() {
        lab.close();
    }

    private Occupants occupants() {
        return lab.door.occupants();
    }

    @Test
    void leavesNoSessionBehindAndARecordOfAtMostTwoHundredBytes() {
        for (int i = 0; i < TUNNELS; i++) {
            lab.tunnel();
        }
        assertEquals(TUNNELS, lab.door.sessions());
        assertEquals(0, occupants().sessions());
        assertEquals(TUNNELS, occupants().tunnels().count());
        long bytes = occupants().tunnels().bytes() / TUNNELS;
        assertTrue(bytes <= 200, bytes + " bytes a tunnel");
        lab.door.stop();
        assertEquals(TUNNELS, lab.entries.size());
        assertEquals(0, occupants().tunnels().bytes());
        assertEquals(0, lab.door.sessions());
    }

    @Test
    void keepsTheSessionBesideTheRecordWhileItsHandshakeIsLeaving() {
        long client = lab.awaiting101();
        long origin = lab.lastDialled();
        lab.receive(origin, SampleUpgrade.ANSWER);
        assertEquals(1, occupants().sessions());
        assertEquals(1, occupants().tunnels().count());
        lab.receive(origin, "first frame");
        lab.engine.take(client, 10, lab.door);
        assertEquals(1, occupants().sessions());
        assertTrue(lab.engine.pages().taken() > 0);
        lab.takeAll(client);
        assertEquals(0, occupants().sessions());
        assertEquals(0, lab.engine.pages().taken());
        assertTrue(lab.socket(client).text().endsWith("first frame"));
        lab.door.stop();
        lab.expectAllEnded(CloseReason.STOPPED);
    }

    @Test
    void givesTheHandshakesMemoryBackWhenItsTunnelEndsBeforeItHasLeft() {
        lab.awaiting101();
        long origin = lab.lastDialled();
        lab.receive(origin, SampleUpgrade.ANSWER);
        lab.door.broken(origin, -Errno.ECONNRESET);
        assertEquals(0, occupants().sessions());
        lab.expectAllEnded(CloseReason.ORIGIN_RESET);
    }

    @Test
    void theAccessEntryTellsWhatTheSessionKnew() {
        long client = lab.tunnel();
        long origin = lab.lastDialled();
        lab.receive(client, "four");
        lab.receive(origin, "eleven more");
        lab.takeAll(client);
        lab.takeAll(origin);
        lab.engine.nowNs += 7 * SessionLab.SECOND;
        lab.door.stop();
        AccessEntry entry = lab.entries.get(0);
        assertEquals(0xffff_c000_0201L, entry.clientLow());
        assertEquals(4_711, entry.clientPort());
        assertEquals("/", entry.route());
        assertEquals("o", entry.origin());
        assertEquals(lab.socket(origin).target.toString(), entry.endpoint());
        assertEquals(0xffff_7f00_0001L, entry.sourceLow());
        assertEquals(lab.engine.localAddress(origin).port(), entry.sourcePort());
        assertEquals(101, entry.status());
        assertEquals(4, entry.bytesFromClient());
        assertEquals(11, entry.bytesFromOrigin());
        assertEquals(7 * SessionLab.SECOND, entry.durationNs());
        lab.expectAllEnded(CloseReason.STOPPED);
    }

    @Test
    void aFaultInTheCallbackThatOpensTheTunnelEndsItAsOneOfOurs() {
        long client = lab.awaiting101();
        long origin = lab.lastDialled();
        lab.engine.failsToReceive = client;
        lab.receive(origin, SampleUpgrade.ANSWER);
        assertEquals(1, lab.faults.size());
        assertEquals(FakeEngine.End.ABORTED, lab.socket(client).end);
        assertEquals(FakeEngine.End.ABORTED, lab.socket(origin).end);
        assertEquals(0, occupants().sessions());
        lab.expectAllEnded(CloseReason.INTERNAL);
    }

    @Test
    void aWaveOfHandshakesLeavesTheLoopFitForTheNextOne() {
        for (int wave = 0; wave < 2; wave++) {
            long[] clients = new long[TUNNELS];
            for (int i = 0; i < TUNNELS; i++) {
                clients[i] = lab.accept();
            }
            assertEquals(TUNNELS, occupants().sessions());
            for (long client : clients) {
                lab.door.ended(client);
            }
            assertEquals(0, occupants().sessions());
            assertEquals(0, lab.door.sessions());
        }
        long client = lab.tunnel();
        lab.receive(client, "x");
        assertEquals(1, lab.socket(lab.lastDialled()).pending());
    }
}
