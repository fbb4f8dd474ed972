package io.longshore.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.net.Address;
import io.longshore.net.Completions;
import io.longshore.sys.Kernel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.agrona.UnsafeApi;
import org.junit.jupiter.api.Test;

/** What the simulated engine has beyond the contract: it catches owners who break it, and it runs out of ports. */
final class SimEngineTest {
    private static final Address ORIGIN = Address.ofIpv4(0x7f00_0001, 9_000);
    private static final Address SOURCE = Address.ofIpv4(0x7f00_0002, 0);

    private final SimWorld world = new SimWorld(7, Odds.kind(Odds.Fashion.SMALL));
    private final SimEngine engine = new SimEngine(world);
    private final Owner owner = new Owner();
    private final List<SimSocket> accepted = new ArrayList<>();

    /** Remembers dial results and the last lent address. */
    private static final class Owner implements Completions {
        final List<Integer> dials = new ArrayList<>();
        long lastLent;
        long sent;

        @Override
        public void accepted(long listener, long handle, Address peer) {}

        @Override
        public void acceptPaused(long listener, int result) {}

        @Override
        public void connected(long handle, int result) {
            dials.add(result);
        }

        @Override
        public void received(long handle, long address, int length) {
            lastLent = address;
        }

        @Override
        public void ended(long handle) {}

        @Override
        public void broken(long handle, int result) {}

        @Override
        public void sent(long handle, int bytes) {
            sent += bytes;
        }

        @Override
        public void expired(long handle) {}
    }

    @Test
    void overwritesLentMemoryAndCatchesWhoSendsItLater() {
        long handle = dialled();
        engine.receive(handle, true);
        accepted.get(0).write(new byte[] {1, 2, 3, 4}, 0, 4);
        pollUntil(() -> owner.lastLent != 0);
        assertFalse(UnsafeApi.getByte(owner.lastLent) == 1);
        Violation violation = assertThrows(Violation.class, () -> engine.send(handle, owner.lastLent, 4));
        assertEquals("lent-memory", violation.oracle);
    }

    @Test
    void catchesWhoTouchesMemoryThatIsBeingSent() {
        long handle = dialled();
        int length = 60_000;
        long memory = UnsafeApi.allocateMemory(length);
        UnsafeApi.setMemory(memory, length, (byte) 1);
        engine.send(handle, memory, length);
        pollUntil(() -> owner.sent > 0);
        UnsafeApi.putByte(memory + length - 1, (byte) 2);
        byte[] into = new byte[4_096];
        Violation violation = assertThrows(
                Violation.class, () -> pollUntil(() -> accepted.get(0).read(into, 0, into.length) < 0));
        assertEquals("sent-memory-untouched", violation.oracle);
        UnsafeApi.freeMemory(memory);
    }

    @Test
    void catchesASendAfterTheFinish() {
        long handle = dialled();
        engine.finish(handle);
        long memory = UnsafeApi.allocateMemory(8);
        Violation violation = assertThrows(Violation.class, () -> engine.send(handle, memory, 8));
        assertEquals("send-in-order", violation.oracle);
        UnsafeApi.freeMemory(memory);
    }

    @Test
    void givesEachPortOncePerTarget() {
        world.tuples.portRange(40_000, 40_004);
        listenAt(ORIGIN);
        listenAt(ORIGIN.withPort(9_001));
        List<Long> handles = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            handles.add(engine.dial(ORIGIN, SOURCE));
        }
        pollUntil(() -> owner.dials.size() == 6);
        assertEquals(
                1,
                owner.dials.stream()
                        .filter(result -> result == -Kernel.EADDRNOTAVAIL)
                        .count());
        assertEquals(5, world.tuples.held(SOURCE, ORIGIN));
        engine.dial(ORIGIN.withPort(9_001), SOURCE);
        pollUntil(() -> owner.dials.size() == 7);
        assertEquals(0, owner.dials.get(6), "another target, the same ports");
        handles.forEach(engine::abort);
        assertEquals(0, world.tuples.held(SOURCE, ORIGIN), "a reset frees the tuple at once");
    }

    @Test
    void holdsTheTupleOfWhoClosesFirst() {
        long handle = dialled();
        engine.close(handle);
        pollUntil(() -> accepted.get(0).isReadable());
        accepted.get(0).close();
        long closedNs = world.elapsedNs();
        pollUntil(() -> world.elapsedNs() > closedNs + Odds.SECOND);
        assertEquals(1, world.tuples.held(SOURCE, ORIGIN), "TIME_WAIT");
        pollUntil(() -> world.elapsedNs() > closedNs + 62 * Odds.SECOND);
        assertEquals(0, world.tuples.held(SOURCE, ORIGIN));
    }

    @Test
    void countsCompletionsThatCameTooLate() throws IOException {
        long handle = dialled();
        long memory = UnsafeApi.allocateMemory(8);
        engine.send(handle, memory, 8);
        engine.close(handle);
        UnsafeApi.freeMemory(memory);
        pollUntil(() -> engine.staleCompletions() == 1);
        assertTrue(owner.sent == 0);
        engine.close();
    }

    private long dialled() {
        listenAt(ORIGIN);
        long handle = engine.dial(ORIGIN, SOURCE);
        pollUntil(() -> owner.dials.size() == 1);
        return handle;
    }

    private void listenAt(Address address) {
        SimListener[] listener = new SimListener[1];
        listener[0] = world.listen(address, () -> accepted.add(listener[0].accept()));
    }

    private void pollUntil(BooleanSupplier condition) {
        for (int i = 0; !condition.getAsBoolean(); i++) {
            assertTrue(i < 100_000, "waited in vain");
            engine.poll(Odds.MILLI, owner);
        }
    }
}
