package io.longshore.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.sys.Kernel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What every {@link Engine} does, whatever is underneath: a suite for a subclass that opens a {@link EngineLab}. This part
 * is about ends and handles; bytes, timers and the tools are above.
 */
@Timeout(120)
public abstract class EngineContract extends EngineByteContract {
    // ---- Ends.

    @Test
    void reportsTheEndOnceAndStillSends() {
        EngineLab.Peer peer = lab.connectTo(listenerAddress());
        long handle = nextAccepted();
        engine.receive(handle, true);
        send(peer, pattern(10, 100));
        peer.finish();
        pollUntil(() -> recorder.count("ended", handle) == 1, "the end");
        assertEquals(100, recorder.receivedBytes(handle));
        byte[] answer = pattern(11, 5_000);
        engine.send(handle, memory(answer), answer.length);
        assertArrayEquals(answer, receive(peer, answer.length));
        engine.receive(handle, false);
        engine.receive(handle, true);
        settle();
        assertEquals(1, recorder.count("ended", handle));
    }

    @Test
    void sendsTheFinAfterTheLastParkedByteAndStillReceives() {
        EngineLab.Peer peer = lab.connectTo(listenerAddress());
        long handle = nextAccepted();
        engine.receive(handle, true);
        byte[] bytes = pattern(12, lab.plenty());
        engine.send(handle, memory(bytes), bytes.length);
        engine.finish(handle);
        engine.finish(handle);
        assertArrayEquals(bytes, receive(peer, bytes.length));
        expectEnd(peer);
        byte[] answer = pattern(13, 20_000);
        send(peer, answer);
        peer.finish();
        pollUntil(() -> recorder.count("ended", handle) == 1, "the other end");
        assertArrayEquals(answer, recorder.bytes(handle));
        assertEquals(0, recorder.count("broken", handle));
    }

    @Test
    void reportsAResetOnce() {
        EngineLab.Peer peer = lab.connectTo(listenerAddress());
        long handle = nextAccepted();
        engine.receive(handle, true);
        send(peer, pattern(14, 10));
        pollUntil(() -> recorder.receivedBytes(handle) == 10, "bytes");
        peer.reset();
        pollUntil(() -> recorder.count("broken", handle) == 1, "the reset");
        assertEquals(-Kernel.ECONNRESET, recorder.first("broken", handle));
        engine.send(handle, memory(new byte[10]), 10);
        settle();
        assertEquals(1, recorder.count("broken", handle));
        assertEquals(1, engine.connections(), "it still is the owner's to close");
    }

    @Test
    void theResetIsTheLastThingToBeTold() {
        EngineLab.Peer peer = lab.connectTo(listenerAddress());
        long handle = nextAccepted();
        engine.receive(handle, true);
        long bytes = memory(new byte[10]);
        recorder.reaction = event -> {
            if (event.name().equals("sent") && recorder.count("sent", handle) == 1) {
                // Taken at once, told later: and the reset comes first.
                engine.send(handle, bytes, 10);
                peer.reset();
            }
        };
        engine.send(handle, bytes, 10);
        pollUntil(() -> recorder.count("broken", handle) == 1, "the reset");
        settle();
        assertEquals("broken", recorder.events.get(recorder.events.size() - 1).name());
    }

    @Test
    void aPeerThatClosesWithUnreadBytesResetsUs() {
        EngineLab.Peer peer = lab.connectTo(listenerAddress());
        long handle = nextAccepted();
        engine.receive(handle, true);
        byte[] bytes = pattern(15, 50);
        engine.send(handle, memory(bytes), bytes.length);
        pollUntil(() -> recorder.sum("sent", handle) == 50, "sent");
        settle();
        peer.close();
        pollUntil(() -> recorder.count("broken", handle) == 1, "the reset");
        assertEquals(0, recorder.count("ended", handle));
    }

    @Test
    void aHeldConnectionTellsOfAResetWhenItIsReceivedFromAgain() {
        EngineLab.Peer peer = lab.connectTo(listenerAddress());
        long handle = nextAccepted();
        int before = recorder.count(handle);
        peer.reset();
        settle();
        assertEquals(before, recorder.count(handle), "held");
        engine.receive(handle, true);
        pollUntil(() -> recorder.count("broken", handle) == 1, "the reset");
    }

    @Test
    void aHeldConnectionTellsOfAResetWhenASendFails() {
        EngineLab.Peer peer = lab.connectTo(listenerAddress());
        long handle = nextAccepted();
        peer.reset();
        settle();
        engine.send(handle, memory(new byte[100]), 100);
        assertEquals(0, recorder.count("broken", handle), "nothing is told inside send");
        pollUntil(() -> recorder.count("broken", handle) == 1, "the reset");
        settle();
        assertEquals(1, recorder.count("broken", handle));
        assertEquals(0, recorder.sum("sent", handle));
    }

    @Test
    void aHeldConnectionTellsOfAResetWhenItsParkedBytesCannotLeave() {
        EngineLab.Peer peer = lab.connectTo(listenerAddress());
        long handle = nextAccepted();
        byte[] bytes = pattern(16, lab.plenty());
        engine.send(handle, memory(bytes), bytes.length);
        settle();
        peer.reset();
        pollUntil(() -> recorder.count("broken", handle) == 1, "the reset");
        engine.close(handle);
        assertEquals(0, engine.parkedBytes());
    }

    @Test
    void closingLetsTakenBytesLeave() {
        EngineLab.Peer peer = lab.connectTo(listenerAddress());
        long handle = nextAccepted();
        byte[] bytes = pattern(17, 60);
        engine.send(handle, memory(bytes), bytes.length);
        pollUntil(() -> recorder.sum("sent", handle) == bytes.length, "sent");
        engine.close(handle);
        assertEquals(0, engine.connections());
        assertArrayEquals(bytes, receive(peer, bytes.length));
        expectEnd(peer);
    }

    @Test
    void closingDiscardsWhatIsParked() {
        EngineLab.Peer peer = lab.connectTo(listenerAddress());
        long handle = nextAccepted();
        byte[] bytes = pattern(18, lab.plenty());
        engine.send(handle, memory(bytes), bytes.length);
        settle();
        int told = (int) recorder.sum("sent", handle);
        engine.close(handle);
        assertEquals(0, engine.parkedBytes());
        byte[] got = receiveAll(peer);
        assertTrue(got.length >= told && got.length < bytes.length, got.length + " of " + told);
        assertArrayEquals(slice(bytes, 0, got.length), got);
    }

    @Test
    void abortResetsThePeer() {
        EngineLab.Peer peer = lab.connectTo(listenerAddress());
        long handle = nextAccepted();
        engine.abort(handle);
        assertEquals(0, engine.connections());
        expectReset(peer);
    }

    @Test
    void abortDiscardsWhatIsParkedAndResetsThePeer() {
        EngineLab.Peer peer = lab.connectTo(listenerAddress());
        long handle = nextAccepted();
        byte[] bytes = pattern(19, lab.plenty());
        engine.send(handle, memory(bytes), bytes.length);
        settle();
        engine.abort(handle);
        assertEquals(0, engine.parkedBytes());
        expectReset(peer);
    }

    // ---- Tuples.

    @Test
    void theKernelHoldsTheTupleOfWhoEndsFirst() {
        EngineLab.PeerListener peers = lab.listen();
        long handle = dialled(peers);
        EngineLab.Peer peer = acceptedBy(peers);
        assertTrue(engine.holdsTuple(handle), "a close now would be the first end");
        engine.finish(handle);
        expectEnd(peer);
        peer.finish();
        pollUntil(() -> recorder.count("ended", handle) == 1, "the end");
        settle();
        assertTrue(engine.holdsTuple(handle), "both ends are through, and TIME_WAIT is ours");
    }

    @Test
    void theKernelHoldsNoTupleOfWhoEndsSecond() {
        EngineLab.PeerListener peers = lab.listen();
        long handle = dialled(peers);
        EngineLab.Peer peer = acceptedBy(peers);
        peer.finish();
        pollUntil(() -> recorder.count("ended", handle) == 1, "the end");
        assertTrue(engine.holdsTuple(handle), "our own end has not been sent");
        engine.finish(handle);
        expectEnd(peer);
        pollUntil(() -> !engine.holdsTuple(handle), "the last acknowledgement");
    }

    @Test
    void theKernelHoldsNoTupleAfterAReset() {
        EngineLab.PeerListener peers = lab.listen();
        long handle = dialled(peers);
        acceptedBy(peers).reset();
        pollUntil(() -> recorder.count("broken", handle) == 1, "the reset");
        assertFalse(engine.holdsTuple(handle));
        engine.close(handle);
        assertFalse(engine.holdsTuple(handle), "nor of a handle that is gone");
    }

    private long dialled(EngineLab.PeerListener peers) {
        long handle = engine.dial(peers.address(), null);
        pollUntil(() -> recorder.count("connected", handle) == 1, "connected");
        engine.receive(handle, true);
        return handle;
    }

    // ---- Handles.

    @Test
    void nothingIsToldOfAHandleThatWasClosedInsideItsCallback() {
        for (String name : List.of("accepted", "received", "ended", "sent", "broken", "expired")) {
            recorder.events.clear();
            List<Long> closed = new ArrayList<>();
            recorder.reaction = event -> {
                if (event.name().equals(name)) {
                    closed.add(event.handle());
                    engine.close(event.handle());
                }
            };
            int acceptedBefore = recorder.accepted.size();
            EngineLab.Peer peer = lab.connectTo(listenerAddress());
            pollUntil(() -> recorder.accepted.size() > acceptedBefore, "accepted");
            long handle = recorder.accepted.get(acceptedBefore);
            engine.receive(handle, true);
            engine.send(handle, memory(new byte[40]), 40);
            engine.schedule(handle, engine.nowNs());
            if (name.equals("broken")) {
                settle();
                peer.reset();
            } else {
                // The peer may be reset by now, if the handle was closed with bytes unread.
                sendUnlessReset(peer, new byte[30]);
                peer.finish();
            }
            pollUntil(() -> closed.contains(handle), name);
            int before = recorder.count(handle);
            settle();
            assertEquals(before, recorder.count(handle), "after a close inside " + name);
            assertEquals(1, closed.size());
            assertEquals(0, engine.connections());
        }
    }

    @Test
    void aSentThatIsUnderWayDiesWithItsHandle() {
        lab.connectTo(listenerAddress());
        long handle = nextAccepted();
        engine.send(handle, memory(new byte[40]), 40);
        engine.close(handle);
        EngineLab.Peer second = lab.connectTo(listenerAddress());
        long other = nextAccepted();
        send(second, new byte[10]);
        settle();
        assertEquals(0, recorder.count("sent", handle));
        assertEquals(0, recorder.count("sent", other));
        assertEquals(0, recorder.count("received", other));
    }

    @Test
    void aSlotIsUsedAgainUnderAnotherHandle() {
        lab.connectTo(listenerAddress());
        long first = nextAccepted();
        engine.close(first);
        EngineLab.Peer peer = lab.connectTo(listenerAddress());
        long second = nextAccepted();
        assertEquals(Engine.slotOf(first), Engine.slotOf(second));
        assertNotEquals(first, second);
        byte[] bytes = pattern(20, 40);
        engine.send(second, memory(bytes), bytes.length);
        engine.abort(first);
        engine.close(first);
        assertArrayEquals(bytes, receive(peer, bytes.length));
        assertEquals(1, engine.connections());
    }

    @Test
    void callsOnAClosedHandleDoNothing() {
        EngineLab.Peer peer = lab.connectTo(listenerAddress());
        long handle = nextAccepted();
        engine.close(handle);
        long listener = listener();
        engine.close(listener);
        for (long closed : new long[] {handle, listener}) {
            engine.accepting(closed, true);
            engine.receive(closed, true);
            engine.send(closed, memory(new byte[10]), 10);
            engine.finish(closed);
            engine.schedule(closed, engine.nowNs());
            engine.unschedule(closed);
            engine.close(closed);
            engine.abort(closed);
            assertNull(engine.localAddress(closed));
        }
        expectEnd(peer);
        settle();
        assertEquals(0, engine.timers());
        assertEquals(0, engine.connections());
    }

    @Test
    void closingTheEngineClosesItsConnections() {
        EngineLab.Peer peer = lab.connectTo(listenerAddress());
        nextAccepted();
        engine.close();
        assertEquals(0, engine.connections());
        isEngineClosed = true;
        expectEnd(peer);
    }
}
