package io.longshore.origin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.config.Config;
import io.longshore.metrics.PortRow;
import io.longshore.net.Address;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The account against what the kernel lists. */
class SourcePortsTest {
    private static final Address SOURCE = Ranges.address("127.0.0.2");
    private static final Address ENDPOINT = Ranges.address("10.0.0.1").withPort(80);
    private static final Address UNCONNECTED = Ranges.address("0.0.0.0");

    private final Config.Origin origin =
            Accounts.origin("chat", List.of("10.0.0.1:80"), List.of(Ranges.of("127.0.0.2")), 2);
    private final Listed kernel = new Listed();

    /** A kernel that lists what a test says. */
    private static final class Listed implements SourcePorts.KernelView {
        final Map<Address, Address> held = new LinkedHashMap<>();
        final Map<Address, Address> all = new LinkedHashMap<>();
        boolean isMute;
        Runnable meanwhile = () -> {};

        @Override
        public boolean visitHeld(SourcePorts.TupleVisitor visitor) {
            return tell(held, visitor);
        }

        @Override
        public boolean visitAll(SourcePorts.TupleVisitor visitor) {
            return tell(all, visitor);
        }

        private boolean tell(Map<Address, Address> tuples, SourcePorts.TupleVisitor visitor) {
            visitor.begin();
            // A pass that was disturbed and begins anew: what it told does not count.
            visitor.visit(SOURCE.high(), SOURCE.low(), 40_000, ENDPOINT.high(), ENDPOINT.low(), ENDPOINT.port());
            visitor.begin();
            tuples.forEach((local, remote) ->
                    visitor.visit(local.high(), local.low(), local.port(), remote.high(), remote.low(), remote.port()));
            meanwhile.run();
            return !isMute;
        }
    }

    private static Lease connected(SourcePorts ports, Config.Origin origin, int port) {
        Dial dial = Accounts.dial(Accounts.state(ports, origin), "192.0.2.1");
        Attempt attempt = dial.next();
        assertNotNull(attempt);
        Lease lease = attempt.lease();
        dial.succeeded();
        lease.connected(SOURCE.withPort(lease.port != 0 ? lease.port : port));
        return lease;
    }

    private SourcePorts account(PortMode mode, int ports) {
        return Accounts.account(Accounts.ports(mode, ports), origin);
    }

    @Test
    void freesATupleThatTwoListsDoNotShow() {
        SourcePorts ports = account(PortMode.KERNEL, 5);
        assertFalse(ports.needsReconciling());
        connected(ports, origin, 40_000).hold();
        kernel.held.put(SOURCE.withPort(40_000), ENDPOINT);
        assertTrue(ports.needsReconciling());
        for (int i = 0; i < 5; i++) {
            assertEquals(0, ports.reconcile(kernel));
        }
        kernel.held.clear();
        assertEquals(0, ports.reconcile(kernel));
        kernel.held.put(SOURCE.withPort(40_000), ENDPOINT);
        assertEquals(0, ports.reconcile(kernel), "one list had missed it");
        kernel.held.clear();
        assertEquals(0, ports.reconcile(kernel));
        assertEquals(1, Accounts.held(ports));
        assertEquals(1, ports.reconcile(kernel));
        assertEquals(0, Accounts.held(ports));
        assertEquals(0, Accounts.taken(ports));
        assertFalse(ports.needsReconciling());
    }

    @Test
    void doesNotAskAListThatBeganBeforeTheClose() {
        SourcePorts ports = account(PortMode.KERNEL, 5);
        Lease lease = connected(ports, origin, 40_000);
        kernel.meanwhile = lease::hold;
        assertEquals(0, ports.reconcile(kernel));
        kernel.meanwhile = () -> {};
        assertEquals(0, ports.reconcile(kernel));
        assertEquals(1, ports.reconcile(kernel));
    }

    @Test
    void freesNothingWhereTheKernelCannotBeAsked() {
        SourcePorts ports = account(PortMode.KERNEL, 5);
        connected(ports, origin, 40_000).hold();
        kernel.isMute = true;
        for (int i = 0; i < 3; i++) {
            assertEquals(0, ports.reconcile(kernel));
        }
        assertEquals(1, Accounts.held(ports));
    }

    @Test
    void givesWhatTheKernelFreedToWhoWaits() {
        SourcePorts ports = account(PortMode.KERNEL, 1);
        connected(ports, origin, 40_000).hold();
        Dial dial = Accounts.dial(Accounts.state(ports, origin), "192.0.2.1");
        assertNull(dial.next());
        List<Lease> granted = new ArrayList<>();
        assertTrue(dial.await(new Waiter(granted::add)));
        ports.reconcile(kernel);
        assertEquals(0, granted.size());
        ports.reconcile(kernel);
        assertEquals(1, granted.size());
        assertEquals(1, Accounts.taken(ports));
    }

    @Test
    void countsATupleOnceThatTheKernelGaveOutAnew() {
        SourcePorts ports = account(PortMode.KERNEL, 2);
        connected(ports, origin, 40_000).hold();
        // tcp_tw_reuse: the same port, before the list has shown that it is free.
        Lease again = connected(ports, origin, 40_000);
        assertEquals(0, Accounts.held(ports));
        assertEquals(1, Accounts.taken(ports));
        again.hold();
        assertEquals(1, Accounts.held(ports));
        ports.reconcile(kernel);
        ports.reconcile(kernel);
        assertEquals(0, Accounts.taken(ports));
    }

    @Test
    void bringsThePortsOfARingBack() {
        SourcePorts ports = account(PortMode.RING, 2);
        Lease first = connected(ports, origin, 0);
        Lease second = connected(ports, origin, 0);
        assertNotEquals(first.port, second.port);
        first.hold();
        kernel.held.put(SOURCE.withPort(first.port), ENDPOINT);
        second.free();
        assertEquals(second.port, connected(ports, origin, 0).port, "the other one is held");
        assertNull(Accounts.dial(Accounts.state(ports, origin), "192.0.2.1").next());
        kernel.held.clear();
        ports.reconcile(kernel);
        ports.reconcile(kernel);
        assertEquals(first.port, connected(ports, origin, 0).port);
    }

    @Test
    void freesTuplesWhosePortWasNeverKnown() {
        SourcePorts ports = account(PortMode.KERNEL, 3);
        for (int i = 0; i < 3; i++) {
            Dial dial = Accounts.dial(Accounts.state(ports, origin), "192.0.2.1");
            Lease lease = dial.next().lease();
            dial.succeeded();
            lease.hold();
        }
        assertEquals(3, Accounts.held(ports));
        ports.reconcile(kernel);
        assertEquals(3, ports.reconcile(kernel));
        assertEquals(0, Accounts.taken(ports));
    }

    @Test
    void countsThePortsOfOthersThatTwoListsShow() {
        SourcePorts ports = account(PortMode.KERNEL, 10);
        PortRow row = ports.accounts().get(0);
        Lease own = connected(ports, origin, 40_001);
        kernel.all.put(SOURCE.withPort(40_001), ENDPOINT);
        kernel.all.put(SOURCE.withPort(40_002), ENDPOINT);
        kernel.all.put(SOURCE.withPort(40_009), ENDPOINT);
        kernel.all.put(SOURCE.withPort(39_999), ENDPOINT);
        kernel.all.put(SOURCE.withPort(40_010), ENDPOINT);
        kernel.all.put(SOURCE.withPort(40_004), ENDPOINT.withPort(81));
        kernel.all.put(Ranges.address("127.0.0.3").withPort(40_005), ENDPOINT);
        kernel.all.put(Ranges.address("127.0.0.9").withPort(40_006), UNCONNECTED);
        ports.countForeign(kernel);
        assertEquals(0, row.foreign(), "one of ours that is just connecting looks the same");
        ports.countForeign(kernel);
        assertEquals(3, row.foreign(), "two connections and a listener within the range");
        assertEquals(7, row.usable());
        own.hold();
        ports.countForeign(kernel);
        assertEquals(3, row.foreign(), "ours is still ours");
        ports.reconcile(kernel);
        ports.reconcile(kernel);
        ports.countForeign(kernel);
        ports.countForeign(kernel);
        assertEquals(4, row.foreign(), "freed by us, and somebody has it");
        kernel.all.clear();
        ports.countForeign(kernel);
        assertEquals(0, row.foreign());
    }

    @Test
    void leavesReservedPortsOutOfBothCounts() {
        BitSet reserved = new BitSet();
        reserved.set(40_003, 40_006);
        SourcePorts ports = Accounts.account(new PortSettings(PortMode.KERNEL, 40_000, 40_009, reserved), origin);
        assertEquals(7, ports.accounts().get(0).capacity());
        kernel.all.put(SOURCE.withPort(40_004), ENDPOINT);
        ports.countForeign(kernel);
        ports.countForeign(kernel);
        assertEquals(0, ports.accounts().get(0).foreign());
    }

    @Test
    void countsOthersOnTheAddressThatTheKernelChose() {
        Config.Origin bare = Accounts.origin("chat", List.of("10.0.0.1:80"), List.of(), 0);
        SourcePorts ports = Accounts.account(Accounts.ports(PortMode.KERNEL, 10), bare);
        kernel.all.put(SOURCE.withPort(40_005), ENDPOINT);
        kernel.all.put(Ranges.address("127.0.0.3").withPort(40_006), ENDPOINT);
        ports.countForeign(kernel);
        ports.countForeign(kernel);
        assertEquals(0, ports.accounts().get(0).foreign(), "which address it will be is not known yet");
        connected(ports, bare, 40_001);
        ports.countForeign(kernel);
        ports.countForeign(kernel);
        assertEquals(1, ports.accounts().get(0).foreign());
    }

    @Test
    void windowsLieWithinTheRange() {
        PortSettings wide = new PortSettings(PortMode.WINDOW, 9_024, 65_535, new BitSet());
        int lowest = 65_535;
        int highest = 0;
        for (long chance = 0; chance < 200_000; chance++) {
            int value = wide.portRange(Mix.of(chance));
            int low = value & 0xffff;
            int high = value >>> 16;
            assertTrue(low <= high && high - low < PortSettings.WINDOW_PORTS, low + " to " + high);
            lowest = Math.min(lowest, low);
            highest = Math.max(highest, high);
        }
        assertTrue(lowest < 9_030 && highest > 65_530, lowest + " to " + highest);
        assertEquals(40_199 << 16 | 40_000, Accounts.ports(PortMode.WINDOW, 200).portRange(-1));
        assertEquals(
                40_199 << 16 | 40_000, Accounts.ports(PortMode.FULL_RANGE, 200).portRange(7));
        assertEquals(0, Accounts.ports(PortMode.KERNEL, 200).portRange(7));
        assertEquals(0, Accounts.ports(PortMode.RING, 200).portRange(7));
    }
}
