package io.longshore.origin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.longshore.config.Config;
import io.longshore.metrics.PortRow;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A lease as the number that a tunnel keeps of it. */
final class FoldedLeaseTest {
    private final Config.Origin origin = Accounts.origin(
            "chat",
            List.of("10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80"),
            List.of(Ranges.of("127.0.0.2", "127.0.0.4")),
            0);

    @ParameterizedTest
    @EnumSource(PortMode.class)
    void givesItsOwnTupleBackAndKnowsItsEndpoint(PortMode mode) {
        // The highest ports there are: a number with a sign in the wrong place would lead to another row.
        SourcePorts ports = new SourcePorts(
                Accounts.config(origin), new PortSettings(mode, 65_500, 65_535, new BitSet()), PortRow::inMemory);
        OriginState state = Accounts.state(ports, origin);
        for (int i = 0; i < 30; i++) {
            Attempt attempt = Accounts.dial(state, "192.0.2." + i).next();
            Lease lease = attempt.lease();
            int port = lease.port != 0 ? lease.port : 65_535 - i;
            lease.connected(attempt.source().withPort(port));
            long folded = lease.fold();
            assertEquals(attempt.endpoint(), ports.endpointOf(folded));
            assertEquals(port, Lease.localPortOf(folded));
            assertEquals(1, lease.row.account.taken());
            if (i % 2 == 0) {
                ports.free(folded);
            } else {
                ports.hold(folded);
                assertEquals(1, lease.row.account.held());
                ports.reconcile(new EmptyKernel());
                ports.reconcile(new EmptyKernel());
            }
            assertEquals(0, lease.row.account.taken());
        }
        assertEquals(0, Accounts.taken(ports));
    }

    @Test
    void isSpentOnceItIsFolded() {
        SourcePorts ports = Accounts.account(Accounts.ports(PortMode.KERNEL, 5), origin);
        Lease lease =
                Accounts.dial(Accounts.state(ports, origin), "192.0.2.1").next().lease();
        long folded = lease.fold();
        assertEquals(0, Lease.localPortOf(folded), "its connection never stood");
        assertThrows(AssertionError.class, lease::free);
        assertThrows(AssertionError.class, lease::fold);
        ports.free(folded);
        assertEquals(0, Accounts.taken(ports));
    }

    private static final class EmptyKernel implements SourcePorts.KernelView {
        @Override
        public boolean visitHeld(SourcePorts.TupleVisitor visitor) {
            visitor.begin();
            return true;
        }

        @Override
        public boolean visitAll(SourcePorts.TupleVisitor visitor) {
            return visitHeld(visitor);
        }
    }
}
