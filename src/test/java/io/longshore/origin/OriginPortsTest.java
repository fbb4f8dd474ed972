package io.longshore.origin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.config.AddressRange;
import io.longshore.config.Config;
import io.longshore.metrics.PortRow;
import io.longshore.net.Address;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which source a client gets, and that no more tuples are leased than there are. */
class OriginPortsTest {
    private static final Address CLIENT = Ranges.address("192.0.2.1");
    private static final int PORTS = 10;

    private final List<AddressRange> ranges = List.of(Ranges.of("127.0.0.2", "127.0.0.5"));
    private final SourceAddresses sources = new SourceAddresses(ranges, true);
    private final Config.Origin origin = Accounts.origin("chat", List.of("10.0.0.1:80", "10.0.0.2:80"), ranges, 5);
    private final SourcePorts account = Accounts.account(Accounts.ports(PortMode.KERNEL, PORTS), origin);
    private final OriginPorts ports = account.of("chat");

    @Test
    void staysWithThePreferredSourceBelowFourFifths() {
        for (int i = 0; i < 8; i++) {
            assertEquals(ranked(0), leased(0));
        }
        assertEquals(ranked(1), leased(0), "the first is at 80 %");
        assertEquals(ranked(0), leased(1), "towards another endpoint all of its ports are free");
    }

    @Test
    void spillsInTheClientsOwnOrder() {
        List<Address> order = new ArrayList<>();
        for (int i = 0; i < 32; i++) {
            order.add(leased(0));
        }
        for (int i = 0; i < 32; i++) {
            assertEquals(ranked(i / 8), order.get(i));
        }
    }

    @Test
    void takesTheLeastLoadedWhenAllAreAboveFourFifths() {
        for (int i = 0; i < 32; i++) {
            leased(0);
        }
        // All stand at 8 of 10; from here on they fill evenly, and none is passed over.
        for (int round = 9; round <= PORTS; round++) {
            for (int i = 0; i < 4; i++) {
                leased(0);
            }
            for (PortRow row : account.accounts().subList(0, 4)) {
                assertEquals(round, row.taken());
            }
        }
        assertNull(lease(0), "40 tuples are all there are");
        assertNotNull(lease(1));
    }

    @Test
    void passesOverWhatTheKernelHadNoTupleFor() {
        BitSet missed = new BitSet();
        for (int rank = 0; rank < 4; rank++) {
            Lease lease = ports.lease(0, sources, CLIENT.high(), CLIENT.low(), missed);
            assertEquals(ranked(rank), sources.at(lease.source));
            missed.set(lease.source);
        }
        assertNull(ports.lease(0, sources, CLIENT.high(), CLIENT.low(), missed));
    }

    @Test
    void countsWhatOthersHaveOnASource() {
        int preferred = lease(0).source;
        account.accounts().get(preferred).setForeign(5);
        // One of five is taken, so three more are below 80 % of what is left.
        for (int i = 0; i < 3; i++) {
            assertEquals(ranked(0), leased(0));
        }
        assertEquals(ranked(1), leased(0));
        account.accounts().get(preferred).setForeign(PORTS);
        assertEquals(ranked(1), leased(0), "a source that others have filled is not taken for an empty one");
    }

    @Test
    void leavesItToTheKernelWhereAnOriginHasNoSources() {
        Config.Origin bare = Accounts.origin("chat", List.of("10.0.0.1:80"), List.of(), 0);
        OriginPorts one =
                Accounts.account(Accounts.ports(PortMode.KERNEL, 3), bare).of("chat");
        SourceAddresses none = new SourceAddresses(List.of(), true);
        for (int i = 0; i < 3; i++) {
            assertNotNull(one.lease(0, none, CLIENT.high(), CLIENT.low(), new BitSet()));
        }
        assertNull(one.lease(0, none, CLIENT.high(), CLIENT.low(), new BitSet()));
    }

    @Test
    void leasesToManyLoopsExactlyWhatThereIs() throws InterruptedException {
        int[] got = new int[4];
        List<List<Lease>> leases = new ArrayList<>();
        for (int i = 0; i < got.length; i++) {
            leases.add(new ArrayList<>());
        }
        Together.run(4, number -> {
            // A loop that finds nothing has been overtaken LOOKS_MAX times at most, so it looks again until all is out.
            while (Accounts.taken(account) < 8 * PORTS) {
                Lease lease = ports.lease(number % 2, sources, 0, number, new BitSet());
                lease = lease != null ? lease : ports.lease(1 - number % 2, sources, 0, number, new BitSet());
                if (lease != null) {
                    leases.get(number).add(lease);
                }
            }
        });
        assertEquals(8 * PORTS, leases.stream().mapToInt(List::size).sum());
        for (PortRow row : account.accounts()) {
            assertEquals(PORTS, row.taken());
        }
        Together.run(4, number -> leases.get(number).forEach(Lease::free));
        assertEquals(0, Accounts.taken(account));
    }

    private Address leased(int endpoint) {
        Lease lease = lease(endpoint);
        assertTrue(lease != null, "a tuple is free");
        return sources.at(lease.source);
    }

    private Lease lease(int endpoint) {
        return ports.lease(endpoint, sources, CLIENT.high(), CLIENT.low(), new BitSet());
    }

    private Address ranked(int rank) {
        return Ranges.ranked(sources, CLIENT.high(), CLIENT.low(), rank);
    }
}
