package io.longshore.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.agrona.BufferUtil;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The tools of the contract suite, and the part of it that needs no peer: timers and waking. */
public abstract class EngineContractBase {
    /** TEST-NET-1 (RFC 5737): no host owns it. */
    static final Address NOT_OURS = Address.ofIpv4(0xc000_0201, 0);

    /** In the engine's time; far more than anything here takes. */
    private static final long DEADLINE_NS = 30_000_000_000L;

    private static final long CYCLE_NS = 1_000_000L;

    EngineLab lab;
    Engine engine;
    Recorder recorder;
    boolean isEngineClosed;
    private final List<ByteBuffer> memory = new ArrayList<>();
    private long listener = -1;
    private Address listenerAddress;
    private int nextAccepted;

    /** A fresh engine in fresh surroundings. */
    protected abstract EngineLab openLab() throws IOException;

    @BeforeEach
    void openTheLab() throws IOException {
        lab = openLab();
        engine = lab.engine();
        recorder = new Recorder();
    }

    /** Whatever a test did: once its handles are closed nothing is left. */
    @AfterEach
    void nothingIsLeft() {
        try {
            if (!isEngineClosed) {
                recorder.accepted.forEach(engine::close);
                recorder.events.forEach(event -> engine.close(event.handle()));
                settle();
                recorder.accepted.forEach(engine::close);
                recorder.events.forEach(event -> engine.close(event.handle()));
                assertEquals(0, engine.connections(), "connections");
                assertEquals(0, engine.timers(), "timers");
                engine.close();
            }
            assertEquals(0, engine.parkedBytes(), "parked bytes");
            assertEquals(0, engine.pages().taken(), "pages");
        } finally {
            lab.close();
        }
    }

    @Test
    void aTimerFiresOnceAndNotEarly() {
        long handle = listener();
        long deadline = engine.nowNs() + 20_000_000L;
        boolean[] early = new boolean[1];
        recorder.reaction = event -> early[0] |= engine.nowNs() - deadline < 0;
        engine.schedule(handle, deadline);
        assertEquals(1, engine.timers());
        pollUntil(() -> recorder.count("expired", handle) == 1, "the timer");
        assertEquals(0, engine.timers());
        settle();
        assertEquals(1, recorder.count("expired", handle));
        assertTrue(!early[0], "early");
    }

    @Test
    void aLaterTimerReplacesTheEarlierOne() {
        long handle = listener();
        long first = engine.nowNs() + 10_000_000L;
        long second = first + 100_000_000L;
        boolean[] early = new boolean[1];
        recorder.reaction = event -> early[0] |= engine.nowNs() - second < 0;
        engine.schedule(handle, first);
        engine.schedule(handle, second);
        assertEquals(1, engine.timers());
        pollUntil(() -> recorder.count("expired", handle) == 1, "the timer");
        assertTrue(!early[0], "the first deadline counts no more");
        settle();
        assertEquals(1, recorder.count("expired", handle));
    }

    @Test
    void aClearedTimerDoesNotFire() {
        long handle = listener();
        engine.schedule(handle, engine.nowNs());
        engine.unschedule(handle);
        assertEquals(0, engine.timers());
        settle();
        assertEquals(0, recorder.count("expired", handle));
    }

    @Test
    void aTimerDiesWithItsHandle() {
        long handle = engine.dial(lab.listen().address(), null);
        engine.schedule(handle, engine.nowNs());
        engine.close(handle);
        assertEquals(0, engine.timers());
        settle();
        assertEquals(0, recorder.count("expired", handle));
    }

    @Test
    void aTimerMayBeSetAgainInsideItsCallback() {
        long handle = listener();
        recorder.reaction = event -> {
            if (recorder.count("expired", handle) < 3) {
                engine.schedule(handle, engine.nowNs() + 5_000_000L);
            }
        };
        engine.schedule(handle, engine.nowNs() - 1_000_000L);
        assertEquals(0, recorder.events.size(), "nothing is told inside schedule");
        pollUntil(() -> recorder.count("expired", handle) == 3, "three rounds");
    }

    @Test
    void anotherThreadWakesThePoll() throws InterruptedException {
        // Without the wake this would poll for an hour; it does not matter which of the two comes first.
        Thread waker = new Thread(engine::wake);
        waker.start();
        assertEquals(0, engine.poll(3_600_000_000_000L, recorder));
        waker.join();
        Thread second = new Thread(engine::wake);
        second.start();
        second.join();
        long before = engine.nowNs();
        assertEquals(0, engine.poll(3_600_000_000_000L, recorder));
        assertTrue(engine.nowNs() - before >= 0);
    }

    @Test
    void aPollThatDoesNotWaitReturnsWithNothing() {
        listener();
        for (int i = 0; i < 3; i++) {
            assertEquals(0, engine.poll(0, recorder));
        }
    }

    // ---- Tools.

    /** Sends what it receives of one handle to another, inside the callback. */
    class Relay implements Completions {
        private final long from;
        private final long to;

        Relay(long from, long to) {
            this.from = from;
            this.to = to;
        }

        @Override
        public void received(long handle, long address, int length) {
            if (handle == from) {
                engine.send(to, address, length);
            }
        }

        @Override
        public void accepted(long acceptor, long handle, Address peer) {}

        @Override
        public void acceptPaused(long acceptor, int result) {}

        @Override
        public void connected(long handle, int result) {}

        @Override
        public void ended(long handle) {}

        @Override
        public void broken(long handle, int result) {}

        @Override
        public void sent(long handle, int bytes) {}

        @Override
        public void expired(long handle) {}
    }

    /** The listener of this test. */
    long listener() {
        if (listener < 0) {
            try {
                listener = engine.listen(lab.host());
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            listenerAddress = engine.localAddress(listener);
        }
        return listener;
    }

    Address listenerAddress() {
        listener();
        return listenerAddress;
    }

    /** Waits for the next accepted connection. */
    long nextAccepted() {
        pollUntil(() -> recorder.accepted.size() > nextAccepted, "accepted");
        return recorder.accepted.get(nextAccepted++);
    }

    EngineLab.Peer acceptedBy(EngineLab.PeerListener peers) {
        EngineLab.Peer[] peer = new EngineLab.Peer[1];
        pollUntil(
                () -> {
                    peer[0] = peers.accept();
                    return peer[0] != null;
                },
                "a connection at the peer");
        return peer[0];
    }

    void cycle() {
        if (isEngineClosed) {
            lab.passTime();
        } else {
            engine.poll(CYCLE_NS, recorder);
        }
    }

    void pollUntil(BooleanSupplier condition, String what) {
        long start = engine.nowNs();
        while (!condition.getAsBoolean()) {
            if (engine.nowNs() - start > DEADLINE_NS) {
                List<Recorder.Event> last =
                        recorder.events.subList(Math.max(0, recorder.events.size() - 20), recorder.events.size());
                fail("waited in vain for " + what + "; the last callbacks: " + last);
            }
            cycle();
        }
    }

    /** Gives whatever might wrongly happen the time to do so. */
    void settle() {
        for (int i = 0; i < 25 && !isEngineClosed; i++) {
            engine.poll(CYCLE_NS, recorder);
        }
    }

    /** Sends all of it from a peer. */
    void send(EngineLab.Peer peer, byte[] bytes) {
        assertTrue(sendUnlessReset(peer, bytes), "the peer was reset");
    }

    /** Sends all of it from a peer; returns false if it was reset on the way. */
    boolean sendUnlessReset(EngineLab.Peer peer, byte[] bytes) {
        int[] sent = new int[1];
        pollUntil(
                () -> {
                    int taken = peer.send(bytes, sent[0], bytes.length - sent[0]);
                    sent[0] = taken < 0 ? -1 : sent[0] + taken;
                    return sent[0] < 0 || sent[0] == bytes.length;
                },
                "room for the peer's bytes");
        return sent[0] >= 0;
    }

    /** Receives exactly so many bytes at a peer. */
    byte[] receive(EngineLab.Peer peer, int length) {
        byte[] bytes = new byte[length];
        int[] got = new int[1];
        pollUntil(
                () -> {
                    byte[] part = new byte[Math.min(length - got[0], 65_536)];
                    int count = peer.receive(part);
                    assertTrue(count >= 0, "result " + count + " after " + got[0] + " of " + length + " bytes");
                    System.arraycopy(part, 0, bytes, got[0], count);
                    got[0] += count;
                    return got[0] == length;
                },
                "bytes at the peer");
        return bytes;
    }

    /** Receives until the stream ends in one way or the other. */
    byte[] receiveAll(EngineLab.Peer peer) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        byte[] part = new byte[65_536];
        pollUntil(
                () -> {
                    int count = peer.receive(part);
                    if (count > 0) {
                        bytes.write(part, 0, count);
                    }
                    return count < 0;
                },
                "the end at the peer");
        return bytes.toByteArray();
    }

    void expectEnd(EngineLab.Peer peer) {
        expect(peer, EngineLab.ENDED);
    }

    void expectReset(EngineLab.Peer peer) {
        expect(peer, EngineLab.RESET);
    }

    private void expect(EngineLab.Peer peer, int expected) {
        int[] result = new int[1];
        byte[] part = new byte[65_536];
        pollUntil(
                () -> {
                    result[0] = peer.receive(part);
                    assertTrue(result[0] <= 0 || expected == EngineLab.RESET, "bytes where the end was expected");
                    return result[0] < 0;
                },
                "the end at the peer");
        assertEquals(expected, result[0]);
    }

    /** Off-heap memory with these bytes, alive until the test ends. */
    long memory(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(bytes.length);
        buffer.put(bytes);
        memory.add(buffer);
        return BufferUtil.address(buffer);
    }

    static byte[] slice(byte[] bytes, int from, int length) {
        return Arrays.copyOfRange(bytes, from, from + length);
    }

    static byte[] pattern(int stream, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            int mixed = (i + stream * 0x51ed_270b) * 0x9e37_79b1;
            bytes[i] = (byte) (mixed >>> 23);
        }
        return bytes;
    }
}
