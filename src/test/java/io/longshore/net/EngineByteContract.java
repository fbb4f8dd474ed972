package io.longshore.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.sys.Kernel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.agrona.UnsafeApi;
import org.junit.jupiter.api.Test;

/** The part of the contract about how connections come to be, and about bytes that go through them. */
public abstract class EngineByteContract extends EngineFlowContract {
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
        send(peer, "late".getBytes(StandardCharsets.US_ASCII));
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
        send(peer, "held".getBytes(StandardCharsets.US_ASCII));
        settle();
        assertEquals(0, recorder.count("received", handle), "receiving is off at first");
        engine.receive(handle, true);
        pollUntil(() -> recorder.receivedBytes(handle) == 4, "bytes");
        assertTrue(engine.localAddress(handle).port() > 0);
    }

    @Test
    void receivesWhereItWasToldToBeforeItWasConnected() {
        EngineLab.PeerListener peers = lab.listen();
        long handle = engine.dial(peers.address(), null);
        engine.receive(handle, true);
        EngineLab.Peer peer = acceptedBy(peers);
        pollUntil(() -> recorder.count("connected", handle) == 1, "connected");
        send(peer, pattern(3, 10));
        pollUntil(() -> recorder.receivedBytes(handle) == 10, "what came");
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
        // An address that nobody else dials from; a port may still be somebody's who listens on all addresses.
        Address taken = Address.ofIpv4(0x7f00_5307, 20_100);
        long first = connected(peers.address(), taken);
        while (recorder.first("connected", first) != 0 && taken.port() < 20_120) {
            taken = taken.withPort(taken.port() + 1);
            first = connected(peers.address(), taken);
        }
        assertEquals(0, recorder.first("connected", first));
        long second = connected(peers.address(), taken);
        assertEquals(-Kernel.EADDRNOTAVAIL, recorder.first("connected", second));
    }

    private long connected(Address target, Address source) {
        long handle = engine.dial(target, source);
        pollUntil(() -> recorder.count("connected", handle) == 1, "the end of the dial");
        return handle;
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
    void needsNoMemoryOfAConnectionThatItHasAborted() {
        EngineLab.Peer peer = lab.connectTo(listenerAddress());
        long handle = nextAccepted();
        byte[] bytes = pattern(11, 1_000);
        long memory = memory(bytes);
        engine.send(handle, memory, bytes.length);
        engine.abort(handle);
        UnsafeApi.setMemory(memory, bytes.length, (byte) 0);
        byte[] part = new byte[bytes.length];
        int[] got = new int[1];
        pollUntil(
                () -> {
                    cycle();
                    int count = peer.receive(part);
                    for (int i = 0; i < count; i++) {
                        assertEquals(bytes[got[0]++], part[i], "the next owner's");
                    }
                    return count == EngineLab.RESET;
                },
                "the reset");
    }

    @Test
    void receivesWhatStandsBehindUrgentData() {
        EngineLab.Peer peer = lab.connectTo(listenerAddress());
        long handle = nextAccepted();
        // One read ends at the mark, and everything has arrived by then.
        send(peer, pattern(7, 10));
        peer.sendUrgent();
        send(peer, pattern(8, 5));
        settle();
        engine.receive(handle, true);
        pollUntil(() -> recorder.receivedBytes(handle) == 15, "what stands behind it");
        send(peer, pattern(9, 3));
        pollUntil(() -> recorder.receivedBytes(handle) == 18, "and what comes later");
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
}
