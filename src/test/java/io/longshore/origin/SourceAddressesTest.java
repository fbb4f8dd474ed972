package io.longshore.origin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.config.AddressRange;
import io.longshore.net.Address;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SourceAddressesTest {
    private static final long MAPPED = 0x0000_ffff_0000_0000L;
    private static final int CLIENTS = 20_000;

    @Test
    void givesEveryClientTheSameSourceForEver() {
        // These stand for every client there is: if they change, a release moves clients to other source addresses. The
        // values come from an independent implementation of the two algorithms.
        SourceAddresses sources = sources(Ranges.of("127.0.0.2", "127.0.0.9"));
        assertEquals("127.0.0.8", pick(sources, "192.0.2.1", 0));
        assertEquals("127.0.0.3", pick(sources, "192.0.2.1", 1));
        assertEquals("127.0.0.5", pick(sources, "192.0.2.2", 0));
        assertEquals("127.0.0.9", pick(sources, "2001:db8::1", 0));
        SourceAddresses large = sources(Ranges.of("10.0.0.0", "10.255.255.255"));
        assertEquals("10.73.3.243", pick(large, "192.0.2.1", 0));
        assertEquals("10.68.78.246", pick(large, "192.0.2.1", 1));
    }

    @Test
    void spreadsTheClientsEvenly() {
        for (int count : new int[] {2, 3, 8, 23, 256}) {
            assertEven(sources(Ranges.of("10.0.0.0", "10.0.0." + (count - 1))), count, 0);
        }
        assertEven(sources(Ranges.of("10.0.0.0", "10.0.0.22")), 23, 2);
    }

    @Test
    void spreadsClientsOfOneSubnetEvenlyOverNeighbouringAddresses() {
        SourceAddresses sources = sources(Ranges.of("10.0.0.0", "10.0.0.3"));
        Map<Long, Integer> share = new HashMap<>();
        for (int client = 0; client < 256; client++) {
            share.merge(sources.pick(0, MAPPED | 0xc0000200L | client, 0).low(), 1, Integer::sum);
        }
        // 64 expected; 4 standard deviations of a binomial of 256 with a quarter are 28.
        share.values().forEach(clients -> assertTrue(Math.abs(clients - 64) <= 28, share::toString));
    }

    @Test
    void movesNoMoreThanItsShareToAnAddedAddress() {
        SourceAddresses before = sources(Ranges.of("10.0.0.1", "10.0.0.4"), Ranges.of("10.0.0.6", "10.0.0.10"));
        SourceAddresses after = sources(Ranges.of("10.0.0.1", "10.0.0.10"));
        Address added = Ranges.address("10.0.0.5");
        int moved = 0;
        for (long[] client : clients()) {
            Address was = before.pick(client[0], client[1], 0);
            Address is = after.pick(client[0], client[1], 0);
            if (!is.equals(was)) {
                assertEquals(added, is);
                assertEquals(was, after.pick(client[0], client[1], 1));
                moved++;
            }
        }
        assertNear(CLIENTS / 10.0, moved);
    }

    @Test
    void doesNotCareAboutTheOrderOfTheList() {
        List<AddressRange> ranges = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            ranges.add(Ranges.of("10.0.0." + i));
        }
        SourceAddresses sources = new SourceAddresses(ranges, true);
        Collections.reverse(ranges);
        SourceAddresses reversed = new SourceAddresses(ranges, true);
        for (long[] client : clients()) {
            assertEquals(sources.pick(client[0], client[1], 0), reversed.pick(client[0], client[1], 0));
            assertEquals(sources.pick(client[0], client[1], 2), reversed.pick(client[0], client[1], 2));
        }
    }

    @Test
    void ranksEveryAddressOnce() {
        SourceAddresses sources = sources(Ranges.of("10.0.0.0", "10.0.0.99"));
        Set<Address> ranked = new HashSet<>();
        for (int rank = 0; rank < 100; rank++) {
            ranked.add(sources.pick(0, MAPPED | 0xc0000201L, rank));
        }
        assertEquals(100, ranked.size());
        assertThrows(IndexOutOfBoundsException.class, () -> sources.pick(0, MAPPED, 100));
        assertThrows(IndexOutOfBoundsException.class, () -> sources.pick(0, MAPPED, -1));
    }

    @Test
    void countsIpv6ClientsByTheirSlash64AndIpv4ClientsEach() {
        SourceAddresses sources = sources(Ranges.of("10.0.0.0", "10.0.0.255"));
        long network = 0x2001_0db8_0000_0001L;
        Address source = sources.pick(network, 1, 0);
        Set<Address> ofNeighbours = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            assertEquals(source, sources.pick(network, 0x1234_5678_9abc_def0L * i, 0));
            ofNeighbours.add(sources.pick(network + 1 + i, 1, 0));
        }
        assertTrue(ofNeighbours.size() > 50, "other networks get other addresses: " + ofNeighbours.size());
        assertNotEquals(sources.pick(0, MAPPED | 0xc0000201L, 0), sources.pick(0, MAPPED | 0xc0000202L, 0));
    }

    @Test
    void picksFromABlockThatFillsNoMemory() {
        SourceAddresses sources =
                new SourceAddresses(List.of(Ranges.of("2001:db8::", "2001:db8::ffff:ffff:ffff:ffff")), false);
        Set<Address> picked = new HashSet<>();
        for (long[] client : clients()) {
            Address source = sources.pick(client[0], client[1], 0);
            assertEquals(0x2001_0db8_0000_0000L, source.high());
            assertEquals(0, source.port());
            assertNotEquals(source, sources.pick(client[0], client[1], 1));
            picked.add(source);
        }
        // 20,000 of 2^40 meet with a probability of 2 in 10,000.
        assertEquals(CLIENTS, picked.size());
    }

    @Test
    void spreadsTheClientsOfALargePoolEvenly() {
        SourceAddresses sources = sources(Ranges.of("10.0.0.0", "10.0.255.255"));
        int[] share = new int[16];
        for (long[] client : clients()) {
            share[(int) sources.pick(client[0], client[1], 0).low() >>> 12 & 15]++;
        }
        for (int clients : share) {
            assertNear(CLIENTS / 16.0, clients);
        }
    }

    @Test
    void movesNoMoreThanItsShareWhenALargePoolGrowsAtItsEnd() {
        SourceAddresses before = sources(Ranges.of("10.1.0.0", "10.1.15.255"));
        SourceAddresses after = sources(Ranges.of("10.1.0.0", "10.1.15.255"), Ranges.of("10.0.0.0", "10.0.3.255"));
        int moved = 0;
        for (long[] client : clients()) {
            Address is = after.pick(client[0], client[1], 0);
            if (!is.equals(before.pick(client[0], client[1], 0))) {
                assertEquals(0x0a00, is.ipv4Bits() >>> 16);
                moved++;
            }
        }
        assertNear(CLIENTS / 5.0, moved);
    }

    @Test
    void ranksTheAddressesOfALargePoolApart() {
        SourceAddresses sources = sources(Ranges.of("10.0.0.0", "10.0.4.0"));
        assertEquals(SourceAddresses.EXACT_MAX + 1, sources.count());
        Set<Address> ranked = new HashSet<>();
        for (int rank = 0; rank < 200; rank++) {
            ranked.add(sources.pick(0, MAPPED | 0xc0000201L, rank));
        }
        assertEquals(200, ranked.size());
    }

    private static void assertEven(SourceAddresses sources, int count, int rank) {
        Map<Address, Integer> share = new HashMap<>();
        for (long[] client : clients()) {
            share.merge(sources.pick(client[0], client[1], rank), 1, Integer::sum);
        }
        assertEquals(count, share.size());
        share.values().forEach(clients -> assertNear((double) CLIENTS / count, clients));
    }

    /** Within 4.5 standard deviations of a Poisson distribution; the clients are fixed, so it holds always or never. */
    private static void assertNear(double expected, int is) {
        assertTrue(Math.abs(is - expected) < 4.5 * Math.sqrt(expected), is + " is not near " + expected);
    }

    /** Half of them neighbours in a few IPv4 networks, the other half IPv6 networks. */
    private static List<long[]> clients() {
        SplittableRandom random = new SplittableRandom(1);
        List<long[]> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS / 2; i++) {
            clients.add(new long[] {0, MAPPED | (0x6440_0000L + i)});
            clients.add(new long[] {0x2001_0db8_0000_0000L | i, random.nextLong()});
        }
        return clients;
    }

    private static String pick(SourceAddresses sources, String client, int rank) {
        Address address = Ranges.address(client);
        return sources.pick(address.high(), address.low(), rank).hostText();
    }

    private static SourceAddresses sources(AddressRange... ranges) {
        return new SourceAddresses(List.of(ranges), true);
    }
}
