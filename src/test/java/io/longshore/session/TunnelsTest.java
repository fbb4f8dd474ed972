package io.longshore.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.net.Address;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import org.agrona.UnsafeApi;
import org.junit.jupiter.api.Test;

final class TunnelsTest {
    private final Tunnels tunnels = new Tunnels();

    @Test
    void ownsNothingBeforeTheFirstTunnelAndAfterTheLast() {
        assertEquals(0, tunnels.bytes());
        int number = tunnels.take();
        assertEquals(64 * Tunnel.LENGTH, tunnels.bytes());
        tunnels.give(number);
        assertEquals(0, tunnels.bytes());
        assertEquals(0, tunnels.count());
    }

    @Test
    void usesTheLowestFreeNumberSoThatASlabAtTheEndComesFree() {
        for (int i = 0; i < 200; i++) {
            assertEquals(i, tunnels.take());
        }
        tunnels.give(150);
        tunnels.give(3);
        tunnels.give(64);
        assertEquals(3, tunnels.take());
        assertEquals(64, tunnels.take());
        assertEquals(150, tunnels.take());
        for (int i = 192; i < 200; i++) {
            tunnels.give(i);
        }
        assertEquals(3 * 64 * Tunnel.LENGTH, tunnels.bytes());
        assertEquals(192, tunnels.take());
        for (int i = 0; i < 193; i++) {
            tunnels.give(i);
        }
        assertEquals(0, tunnels.bytes());
    }

    @Test
    void neverGivesTwoTunnelsTheSameMemory() {
        SplittableRandom random = new SplittableRandom(5);
        List<Integer> taken = new ArrayList<>();
        BitSet numbers = new BitSet();
        for (int step = 0; step < 20_000; step++) {
            // Waves of up to some thousand tunnels, of which most leave again.
            boolean isRising = step / 5_000 % 2 == 0;
            if (taken.isEmpty() || random.nextInt(10) < (isRising ? 8 : 2)) {
                int number = tunnels.take();
                assertTrue(!numbers.get(number), "two tunnels with number " + number);
                numbers.set(number);
                taken.add(number);
                Tunnel.begin(tunnels.addressOf(number), number, number + 1L);
                Tunnel.lease(tunnels.addressOf(number), ~number);
            } else {
                int number = taken.remove(random.nextInt(taken.size()));
                long tunnel = tunnels.addressOf(number);
                assertEquals(number, Tunnel.client(tunnel));
                assertEquals(number + 1L, Tunnel.origin(tunnel));
                assertEquals(~number, Tunnel.lease(tunnel));
                numbers.clear(number);
                tunnels.give(number);
            }
            assertEquals(taken.size(), tunnels.count());
        }
        taken.forEach(tunnels::give);
        assertEquals(0, tunnels.bytes());
    }

    @Test
    void noticesARecordThatIsGivenBackTwice() {
        int number = tunnels.take();
        tunnels.take();
        tunnels.give(number);
        assertThrows(AssertionError.class, () -> tunnels.give(number));
        tunnels.give(1);
    }

    @Test
    void keepsEachFieldApartFromTheOthers() {
        int number = tunnels.take();
        long tunnel = tunnels.addressOf(number);
        UnsafeApi.setMemory(tunnel, Tunnel.LENGTH, (byte) 0x5a);
        Tunnel.begin(tunnel, -2, -3);
        Tunnel.activityNs(tunnel, -4);
        Tunnel.timerNs(tunnel, -5);
        Tunnel.route(tunnel, -6);
        Tunnel.handshake(tunnel, -7);
        Tunnel.trail(tunnel, -8);
        Tunnel.openedNs(tunnel, -9);
        Tunnel.clientAddress(tunnel, new Address(-10, -11, 65_535));
        Tunnel.localAddress(tunnel, new Address(-12, -13, 0));
        Tunnel.lease(tunnel, -14);
        assertEquals(-2, Tunnel.client(tunnel));
        assertEquals(-3, Tunnel.origin(tunnel));
        assertEquals(-4, Tunnel.activityNs(tunnel));
        assertEquals(-5, Tunnel.timerNs(tunnel));
        assertEquals(-6, Tunnel.route(tunnel));
        assertEquals(-7, Tunnel.handshake(tunnel));
        assertEquals(-8, Tunnel.trail(tunnel));
        assertEquals(-9, Tunnel.openedNs(tunnel));
        assertEquals(-10, Tunnel.clientHigh(tunnel));
        assertEquals(-11, Tunnel.clientLow(tunnel));
        assertEquals(65_535, Tunnel.clientPort(tunnel));
        assertEquals(-12, Tunnel.localHigh(tunnel));
        assertEquals(-13, Tunnel.localLow(tunnel));
        assertEquals(-14, Tunnel.lease(tunnel));
        // The pipes own what is left, and nothing was written there but the client's port.
        for (int at = Tunnel.UP; at < Tunnel.DOWN + 24; at++) {
            if (at < 54 || at > 55) {
                assertEquals(0, UnsafeApi.getByte(tunnel + at), "byte " + at);
            }
        }
        assertNotEquals(0, UnsafeApi.getByte(tunnel + 54));
        tunnels.give(number);
    }
}
