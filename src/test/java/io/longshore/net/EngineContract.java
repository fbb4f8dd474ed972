package io.longshore.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.sys.Kernel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every {@link Engine} does, whatever is underneath: connections, bytes, ends. */
@Timeout(120)
public abstract class EngineContract extends EngineContractBase {
    // ---- Connections.

    @Test
    void acceptsWithThePeersAddress() {
        EngineLab.Peer peer = lab.connectTo(listenerAddress());
        long handle = nextAccepted();
        assertEquals(peer.local(), recorder.acceptedPeers.get(0));
        assertEquals(listenerAddress(), engine.localAddress(handle));
        assertEquals(1, engine.connections());
    }

    @Test
    void leavesConnectionsInTheQueueWhileItDoesNotAccept() {
        long listener = listener();
        engine.accepting(listener, false);
        EngineLab.Peer peer = lab.connectTo(listenerAddress());
        settle();
        assertEquals(0, recorder.accepted.size());
        engine.accepting(listener, true);
        assertEquals(0, recorder.accepted.size(), "nothing is told inside a call");
        long handle = nextAccepted();
        send(peer, "late".getBytes());
        engine.receive(handle, true);
        pollUntil(() -> recorder.receivedBytes(handle) == 4, "bytes sent while it waited");
    }

    @Test
    void pausesOnceWhenDescriptorsRunOutAndResumesWhenTold() {
        long listener = listener();
        lab.connectTo(listenerAddress());
        nextAccepted();
        // The peer takes its own descriptor first.
        lab.connectTo(listenerAddress());
        lab.starve(true);
        try {
            pollUntil(() -> recorder.count("acceptPaused", listener) == 1, "the pause");
            settle();
        } finally {
            lab.starve(false);
        }
        assertEquals(1, recorder.count("acceptPaused", listener), "an engine that has paused does not spin");
        assertEquals(-Kernel.EMFILE, recorder.first("acceptPaused", listener));
        assertEquals(1, recorder.accepted.size());
        engine.accepting(listener, true);
        pollUntil(() -> recorder.accepted.size() == 2, "the connection that waited");
    }

    @Test
    void refusesToListenWhereItCannotBind() {
        try {
            engine.listen(NOT_OURS);
        } catch (IOException e) {
            assertEquals(0, engine.connections());
            return;
        }
        throw new AssertionError("it listens on an address that is not ours");
    }

    @Test
    void aClosedListenerRefusesNewConnections() {
        long listener = listener();
        Address address = listenerAddress();
        engine.close(listener);
        settle();
        long dialled = engine.dial(address, null);
        pollUntil(() -> recorder.count("connected", dialled) == 1, "the answer");
        assertEquals(-Kernel.ECONNREFUSED, recorder.first("connected", dialled));
    }

    @Test
    void connectsToAPeer() {
        EngineLab.PeerListener peers = lab.listen();
        long handle = engine.dial(peers.address(), null);
        assertEquals(0, recorder.events.size(), "nothing is told inside dial");
        EngineLab.Peer peer = acceptedBy(peers);
        pollUntil(() -> recorder.count("connected", handle) == 1, "connected");
        assertEquals(0, recorder.first("connected", handle));
        send(peer, "held".getBytes());
        settle();
        assertEquals(0, recorder.count("received", handle), "receiving is off at first");
        engine.receive(handle, true);
        pollUntil(() -> recorder.receivedBytes(handle) == 4, "bytes");
        assertTrue(engine.localAddress(handle).port() > 0);
    }

    @Test
    void dialsFromTheSourceItIsGiven() {
        EngineLab.PeerListener peers = lab.listen();
        Address source = Address.ofIpv4(0x7f00_0005, 0);
        long handle = engine.dial(peers.address(), source);
        pollUntil(() -> recorder.count("connected", handle) == 1, "connected");
        assertEquals(0, recorder.first("connected", handle));
        acceptedBy(peers);
        assertEquals(source, engine.localAddress(handle).withPort(0));
    }

    @Test
    void reportsARefusedDial() {
        long handle = engine.dial(lab.refusing(), null);
        assertEquals(1, engine.connections());
        pollUntil(() -> recorder.count("connected", handle) == 1, "the refusal");
        assertEquals(-Kernel.ECONNREFUSED, recorder.first("connected", handle));
        assertEquals(1, engine.connections(), "after a failure the handle still is the owner's");
        engine.close(handle);
        assertEquals(0, engine.connections());
    }

    @Test
    void reportsASourceThatIsNotOurs() {
        long handle = engine.dial(lab.listen().address(), NOT_OURS);
        assertEquals(0, recorder.events.size(), "nothing is told inside dial");
        pollUntil(() -> recorder.count("connected", handle) == 1, "the failure");
        assertEquals(-Kernel.EADDRNOTAVAIL, recorder.first("connected", handle));
    }

    @Test
    void reportsATupleThatIsTaken() {
        EngineLab.PeerListener peers = lab.listen();
        Address taken;
        int result;
        int tries = 0;
        do {
            long first = engine.dial(peers.address(), lab.host());
            pollUntil(() -> recorder.count("connected", first) == 1, "connected");
            taken = engine.localAddress(first);
            // Explicit ports of the kernel's automatic choice may collide with it, so the first dial is explicit as well.
            engine.abort(first);
            settle();
            long second = engine.dial(peers.address(), taken);
            pollUntil(() -> recorder.count("connected", second) == 1, "connected again");
            result = (int) recorder.first("connected", second);
            // Another program on this host may hold the port too, without SO_REUSEADDR: then any other will do.
        } while (result == -Kernel.EADDRINUSE && ++tries < 50);
        assertEquals(0, result);
        long third = engine.dial(peers.address(), taken);
        pollUntil(() -> recorder.count("connected", third) == 1, "the failure");
        assertEquals(-Kernel.EADDRNOTAVAIL, recorder.first("connected", third));
    }

    @Test
    void forgetsADialThatIsClosedAtOnce() {
        EngineLab.PeerListener peers = lab.listen();
        long good = engine.dial(peers.address(), null);
        long bad = engine.dial(lab.refusing(), null);
        long worse = engine.dial(peers.address(), NOT_OURS);
        engine.close(good);
        engine.abort(bad);
        engine.close(worse);
        assertEquals(0, engine.connections());
        settle();
        assertEquals(0, recorder.events.size());
    }

    // ---- Bytes.

    @Test
    void receivesInOrder() {
        EngineLab.Peer peer = lab.connectTo(listenerAddress());
        long handle = nextAccepted();
        engine.receive(handle, true);
        byte[] bytes = pattern(1, 100_000);
        send(peer, bytes);
        pollUntil(() -> recorder.receivedBytes(handle) == bytes.length, "all bytes");
        assertArrayEquals(bytes, recorder.bytes(handle));
        for (Recorder.Event event : recorder.events) {
            assertFalse(event.name().equals("received") && event.number() > engine.receiveBytesMax());
        }
    }

    @Test
    void tellsOfEveryByteThatItSentAndNeverInsideSend() {
        EngineLab.Peer peer = lab.connectTo(listenerAddress());
        long handle = nextAccepted();
        byte[] bytes = pattern(2, lab.plenty());
        int before = recorder.events.size();
        engine.send(handle, memory(bytes), bytes.length);
        assertEquals(before, recorder.events.size(), "nothing is told inside send");
        settle();
        assertTrue(recorder.sum("sent", handle) < bytes.length, "a peer that does not read");
        assertArrayEquals(bytes, receive(peer, bytes.length));
        pollUntil(() -> recorder.sum("sent", handle) == bytes.length, "sent of all of it");
        settle();
        assertEquals(bytes.length, recorder.sum("sent", handle));
    }

    @Test
    void relaysLentBytesAndParksWhatTheTargetRefuses() {
        EngineLab.Peer source = lab.connectTo(listenerAddress());
        long from = nextAccepted();
        EngineLab.Peer target = lab.connectTo(listenerAddress());
        long to = nextAccepted();
        recorder.receiver = new Relay(from, to);
        engine.receive(from, true);
        byte[] bytes = pattern(3, lab.plenty());
        int sent = 0;
        while (sent < bytes.length) {
            int taken = source.send(bytes, sent, Math.min(bytes.length - sent, 50_000));
            assertTrue(taken >= 0);
            sent += taken;
            cycle();
        }
        pollUntil(() -> recorder.receivedBytes(from) == bytes.length, "all received");
        assertTrue(engine.parkedBytes() > 0, "the target does not read");
        assertArrayEquals(bytes, receive(target, bytes.length));
        pollUntil(() -> recorder.sum("sent", to) == bytes.length, "sent of all of it");
        assertEquals(0, engine.parkedBytes());
    }

    @Test
    void keepsLentAndOwnMemoryInOrder() {
        EngineLab.Peer source = lab.connectTo(listenerAddress());
        long from = nextAccepted();
        EngineLab.Peer target = lab.connectTo(listenerAddress());
        long to = nextAccepted();
        recorder.receiver = new Relay(from, to);
        engine.receive(from, true);
        byte[] first = pattern(4, lab.plenty() / 2);
        byte[] second = pattern(5, 3_000);
        byte[] third = pattern(6, 5_000);
        engine.send(to, memory(first), first.length);
        send(source, second);
        pollUntil(() -> recorder.receivedBytes(from) == second.length, "the middle");
        engine.send(to, memory(third), third.length);
        byte[] got = receive(target, first.length + second.length + third.length);
        assertArrayEquals(first, slice(got, 0, first.length));
        assertArrayEquals(second, slice(got, first.length, second.length));
        assertArrayEquals(third, slice(got, first.length + second.length, third.length));
        pollUntil(() -> recorder.sum("sent", to) == got.length, "sent of all of it");
    }

    @Test
    void holdsBackBytesAndEndUntilItReceivesAgain() {
        EngineLab.Peer peer = lab.connectTo(listenerAddress());
        long handle = nextAccepted();
        engine.receive(handle, true);
        send(peer, pattern(7, 10));
        pollUntil(() -> recorder.receivedBytes(handle) == 10, "the first bytes");
        engine.receive(handle, false);
        send(peer, pattern(8, 5));
        peer.finish();
        int before = recorder.count(handle);
        settle();
        assertEquals(before, recorder.count(handle), "held");
        engine.receive(handle, true);
        assertEquals(before, recorder.count(handle), "nothing is told inside receive");
        pollUntil(() -> recorder.count("ended", handle) == 1, "the end");
        assertEquals(15, recorder.receivedBytes(handle));
    }

    @Test
    void holdsInsideTheCallback() {
        EngineLab.Peer peer = lab.connectTo(listenerAddress());
        long handle = nextAccepted();
        recorder.reaction = event -> engine.receive(handle, !event.name().equals("received"));
        engine.receive(handle, true);
        // More than one read, so that an engine that goes on reading after the hold is seen.
        byte[] bytes = pattern(9, 3 * Math.min(engine.receiveBytesMax(), 40_000));
        int sent = 0;
        while (recorder.count("received", handle) == 0) {
            sent += Math.max(0, peer.send(bytes, sent, bytes.length - sent));
            cycle();
        }
        settle();
        assertEquals(1, recorder.count("received", handle));
        recorder.reaction = event -> {};
        engine.receive(handle, true);
        while (sent < bytes.length) {
            sent += Math.max(0, peer.send(bytes, sent, bytes.length - sent));
            cycle();
        }
        pollUntil(() -> recorder.receivedBytes(handle) == bytes.length, "the rest");
        assertArrayEquals(bytes, recorder.bytes(handle));
    }

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
