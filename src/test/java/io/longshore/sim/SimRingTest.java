package io.longshore.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.net.Address;
import io.longshore.net.Completions;
import io.longshore.sys.Kernel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import org.agrona.UnsafeApi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a simulated engine on a ring does that one on a selector does not; each of its odds, one at a time. */
final class SimRingTest {
    private static final Address PROXY = Address.ofIpv4(0x7f00_0001, 8_080);
    private static final int ALWAYS = 1_000;

    private final Odds odds = Odds.kind(Odds.Fashion.SMALL);
    private final SimWorld world = new SimWorld(11, odds);
    private final Owner owner = new Owner();
    private final long memory = UnsafeApi.allocateMemory(100);
    private SimEngine engine;
    private SimSocket peer;
    private long handle;

    /** Remembers what it is told, and holds whoever it receives from where a test wants it. */
    private final class Owner implements Completions {
        final List<Long> accepted = new ArrayList<>();
        final List<Integer> sent = new ArrayList<>();
        boolean holds;
        int received;
        int broken;

        @Override
        public void accepted(long listener, long newHandle, Address from) {
            accepted.add(newHandle);
        }

        @Override
        public void acceptPaused(long listener, int result) {}

        @Override
        public void connected(long dialled, int result) {}

        @Override
        public void received(long source, long address, int length) {
            received += length;
            if (holds) {
                engine.receive(source, false);
            }
        }

        @Override
        public void ended(long source) {}

        @Override
        public void broken(long source, int result) {
            broken = result;
        }

        @Override
        public void sent(long target, int bytes) {
            sent.add(bytes);
        }

        @Override
        public void expired(long scheduled) {}
    }

    @BeforeEach
    void listen() throws IOException {
        engine = new SimEngine(world);
        engine.listen(PROXY);
    }

    @AfterEach
    void close() {
        engine.close();
        UnsafeApi.freeMemory(memory);
    }

    @Test
    void takesNothingBeforeTheNextCycle() {
        odds.lateTake = ALWAYS;
        accept();
        engine.send(handle, memory, 8);
        passTime();
        assertEquals(0, peer.available());
        pollUntil(() -> peer.available() == 8);
        pollUntil(() -> owner.sent.equals(List.of(8)));
    }

    @Test
    void takesOneSendAtATime() {
        odds.lateTake = ALWAYS;
        odds.takesOne = ALWAYS;
        odds.chained = ALWAYS;
        accept();
        engine.send(handle, memory, 8);
        engine.send(handle, memory + 8, 90);
        pollUntil(() -> owner.sent.size() == 1);
        assertEquals(List.of(8), owner.sent, "the second waits, though there is room for it");
        pollUntil(() -> peer.available() == 98);
    }

    @Test
    void sendsTheFinOfAnIdleConnectionInTheNextCycle() {
        odds.lateFinish = ALWAYS;
        accept();
        engine.finish(handle);
        passTime();
        assertFalse(peer.isReadable());
        pollUntil(() -> peer.isReadable());
        assertEquals(SimSocket.EOF, peer.read(new byte[1], 0, 1));
    }

    @Test
    void closesALittleLater() {
        odds.lateClose = ALWAYS;
        accept();
        engine.close(handle);
        assertEquals(0, engine.connections());
        assertFalse(peer.other.isClosed());
        passTime();
        assertTrue(peer.other.isClosed());
    }

    @Test
    void whatItHasReceivedNoResetTakesBack() {
        holdAfterPartOfTenBytes();
        int told = owner.received;
        peer.reset();
        passTime();
        pollFor(Odds.SECOND);
        assertEquals(told, owner.received, "held");
        assertEquals(0, owner.broken, "held");
        owner.holds = false;
        engine.receive(handle, true);
        pollUntil(() -> owner.broken == -Kernel.ECONNRESET);
        assertEquals(10, owner.received);
    }

    @Test
    void whatItHasReceivedMakesNoCloseAReset() {
        holdAfterPartOfTenBytes();
        engine.close(handle);
        passTime();
        assertEquals(SimSocket.EOF, peer.read(new byte[1], 0, 1));
    }

    /** The owner knows of some of them, the engine has the others, and the kernel none. */
    private void holdAfterPartOfTenBytes() {
        odds.overshoot = ALWAYS;
        odds.harshReset = ALWAYS;
        accept();
        odds.splitCompletion = ALWAYS;
        owner.holds = true;
        engine.receive(handle, true);
        peer.write(new byte[10], 0, 10);
        pollUntil(() -> owner.received > 0);
        assertTrue(owner.received < 10, "the seed wants another one");
        assertEquals(0, peer.other.available());
    }

    @Test
    void tellsOfSeveralConnectionsInOneCycle() {
        odds.chained = ALWAYS;
        odds.wholeBatch = ALWAYS;
        for (int i = 0; i < 3; i++) {
            connect();
        }
        passTime();
        assertEquals(3, engine.poll(0, owner));
        assertEquals(3, owner.accepted.size());
    }

    @Test
    void passesAHandleOver() {
        accept();
        engine.receive(handle, true);
        peer.write(new byte[5], 0, 5);
        passTime();
        odds.passedOver = ALWAYS;
        assertEquals(0, engine.poll(0, owner));
        assertTrue(engine.isBusy());
        odds.passedOver = 0;
        assertEquals(1, engine.poll(0, owner));
        assertEquals(5, owner.received);
    }

    @Test
    void dialsInItsOwnTime() {
        odds.lateDial = ALWAYS;
        SimListener listener = world.listen(PROXY.withPort(9_000), () -> {});
        long closed = engine.dial(listener.address, null);
        long dialled = engine.dial(listener.address, null);
        assertEquals(0, world.tuples.held(), "the kernel has heard of neither");
        engine.close(closed);
        passTime();
        assertEquals(1, world.tuples.held());
        engine.abort(dialled);
        assertEquals(0, world.tuples.held());
    }

    @Test
    void aSeedIsOneOfTheTwoMannersAndBothAreDrawn() {
        int rings = 0;
        for (long seed = 0; seed < 200; seed++) {
            Odds.Manner manner = Odds.Manner.drawn(seed);
            boolean isRing =
                    Odds.drawn(new SplittableRandom(seed), manner, seed).isRing();
            assertEquals(manner == Odds.Manner.RING, isRing);
            rings += isRing ? 1 : 0;
        }
        assertTrue(rings > 60 && rings < 140, rings + " of 200");
    }

    /** One connection, receiving not yet. */
    private void accept() {
        connect();
        pollUntil(() -> owner.accepted.size() == 1 && peer != null);
        handle = owner.accepted.get(0);
    }

    private void connect() {
        new SimDial(world, PROXY, null, 0, false, (socket, result) -> peer = socket);
    }

    /** Far more time than anything here takes, and no cycle in it. */
    private void passTime() {
        long until = world.elapsedNs() + Odds.SECOND;
        while (world.advance(until)) {
            // Event after event.
        }
    }

    private void pollFor(long durationNs) {
        long until = world.elapsedNs() + durationNs;
        pollUntil(() -> world.elapsedNs() >= until);
    }

    private void pollUntil(BooleanSupplier condition) {
        for (int i = 0; !condition.getAsBoolean(); i++) {
            assertTrue(i < 100_000, "waited in vain");
            engine.poll(10 * Odds.MICRO, owner);
        }
    }
}
