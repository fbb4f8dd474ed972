package io.longshore.origin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
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
        assertEquals(
                "10.0.252.66",
                new SourceAddresses(List.of(Ranges.of("10.0.0.0", "10.255.255.255")), true)
                        .at(15)
                        .hostText());
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
            share.merge(pick(sources, 0, MAPPED | 0xc0000200L | client, 0).low(), 1, Integer::sum);
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
            Address was = pick(before, client[0], client[1], 0);
            Address is = pick(after, client[0], client[1], 0);
            if (!is.equals(was)) {
                assertEquals(added, is);
                assertEquals(was, pick(after, client[0], client[1], 1));
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
            assertEquals(pick(sources, client[0], client[1], 0), pick(reversed, client[0], client[1], 0));
            assertEquals(pick(sources, client[0], client[1], 2), pick(reversed, client[0], client[1], 2));
        }
    }

    @Test
    void ranksEveryAddressOnce() {
        SourceAddresses sources = sources(Ranges.of("10.0.0.0", "10.0.0.99"));
        Set<Address> ranked = new HashSet<>();
        for (int rank = 0; rank < 100; rank++) {
            ranked.add(pick(sources, 0, MAPPED | 0xc0000201L, rank));
        }
        assertEquals(100, ranked.size());
    }

    @Test
    void countsIpv6ClientsByTheirSlash64AndIpv4ClientsEach() {
        SourceAddresses sources = sources(Ranges.of("10.0.0.0", "10.0.0.255"));
        long network = 0x2001_0db8_0000_0001L;
        Address source = pick(sources, network, 1, 0);
        Set<Address> ofNeighbours = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            assertEquals(source, pick(sources, network, 0x1234_5678_9abc_def0L * i, 0));
            ofNeighbours.add(pick(sources, network + 1 + i, 1, 0));
        }
        assertTrue(ofNeighbours.size() > 50, "other networks get other addresses: " + ofNeighbours.size());
        assertNotEquals(pick(sources, 0, MAPPED | 0xc0000201L, 0), pick(sources, 0, MAPPED | 0xc0000202L, 0));
    }

    @Test
    void usesABlockThroughSoManyOfItsAddressesSpreadOverIt() {
        SourceAddresses sources =
                new SourceAddresses(List.of(Ranges.of("2001:db8::", "2001:db8::ffff:ffff:ffff:ffff")), false);
        assertEquals(SourceAddresses.ADDRESSES_MAX, sources.count());
        SourceAddresses again =
                new SourceAddresses(List.of(Ranges.of("2001:db8::", "2001:db8::ffff:ffff:ffff:ffff")), false);
        Set<Address> used = new HashSet<>();
        for (int i = 0; i < sources.count(); i++) {
            assertEquals(0x2001_0db8_0000_0000L, sources.at(i).high());
            assertEquals(0, sources.at(i).port());
            assertEquals(sources.at(i), again.at(i), "every process uses the same ones");
            used.add(sources.at(i));
        }
        assertEquals(SourceAddresses.ADDRESSES_MAX, used.size());
    }

    @Test
    void takesOneAddressOfEveryPartOfALargePool() {
        SourceAddresses sources = sources(Ranges.of("10.0.0.0", "10.0.255.255"));
        assertEquals(4096, sources.count());
        Set<Long> withinParts = new HashSet<>();
        for (int i = 0; i < sources.count(); i++) {
            long number = sources.at(i).low() & 0xffff;
            assertEquals(i, number / 16);
            withinParts.add(number % 16);
        }
        assertEquals(16, withinParts.size(), "not always the same one of a part");
    }

    @Test
    void usesAPoolOfExactlyTheMostAddressesWhole() {
        SourceAddresses sources = sources(Ranges.of("10.0.0.0", "10.0.15.255"));
        assertEquals(4096, sources.count());
        for (int i = 0; i < sources.count(); i++) {
            assertEquals(0x0a00_0000L + i, sources.at(i).low() & 0xffff_ffffL);
        }
        assertEquals(4096, sources(Ranges.of("10.0.0.0", "10.0.16.0")).count());
    }

    @Test
    void spreadsTheClientsOfALargePoolEvenly() {
        SourceAddresses sources = sources(Ranges.of("10.0.0.0", "10.0.255.255"));
        int[] share = new int[16];
        int clients = 0;
        for (long[] client : clients()) {
            if (clients++ < 2000) {
                share[(int) pick(sources, client[0], client[1], 0).low() >>> 12 & 15]++;
            }
        }
        for (int part : share) {
            assertNear(2000 / 16.0, part);
        }
    }

    private static void assertEven(SourceAddresses sources, int count, int rank) {
        Map<Address, Integer> share = new HashMap<>();
        for (long[] client : clients()) {
            share.merge(pick(sources, client[0], client[1], rank), 1, Integer::sum);
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
        return pick(sources, address.high(), address.low(), rank).hostText();
    }

    private static Address pick(SourceAddresses sources, long clientHigh, long clientLow, int rank) {
        return Ranges.ranked(sources, clientHigh, clientLow, rank);
    }

    private static SourceAddresses sources(AddressRange... ranges) {
        return new SourceAddresses(List.of(ranges), true);
    }
}
