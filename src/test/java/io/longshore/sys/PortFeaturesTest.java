package io.longshore.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the probe finds is compared with what the kernel then does. */
class PortFeaturesTest {
    private static final long IPV4_LOOPBACK = 0x0000_ffff_7f4d_0301L;

    private final PortFeatures features = PortFeatures.probe();
    private final Sockets sockets = new Sockets();
    private final PortRange range = PortRange.read(Proc.ofThisHost());

    @Test
    void agreesWithTheVersionWhereTheKernelIsNewEnough() {
        // An older number proves nothing: distributions carry features back.
        KernelVersion kernel = KernelVersion.parse(features.kernelRelease());
        assertTrue(features.noPort() || !kernel.isAtLeast(4, 2), features::toString);
        assertTrue(features.portRange() || !kernel.isAtLeast(6, 3), features::toString);
        assertTrue(features.portRangeSteps() || !kernel.isAtLeast(6, 8), features::toString);
        assertTrue(features.boundSockets() || !kernel.isAtLeast(6, 8), features::toString);
        assertEquals(features.noPort(), features.noPortIpv6(), "both families take the option at the same level");
        assertEquals(features.portRange(), features.portRangeIpv6());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aBindWithNoPortHasNone(boolean ipv6) {
        if (features.noPort()) {
            int fd = sockets.open(ipv6);
            assertEquals(0, sockets.setOption(fd, PortFeatures.OPTION_LEVEL, Kernel.IP_BIND_ADDRESS_NO_PORT, 1));
            assertEquals(0, boundPort(fd, ipv6));
            sockets.close(fd);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aPortRangeBindsToItsPorts(boolean ipv6) {
        if (features.portRange()) {
            int low = range.low() + range.width() / 2;
            int fd = sockets.open(ipv6);
            int value = PortFeatures.rangeValue(low, low + 63);
            assertEquals(0, sockets.setOption(fd, PortFeatures.OPTION_LEVEL, Kernel.IP_LOCAL_PORT_RANGE, value));
            int port = boundPort(fd, ipv6);
            assertTrue(port >= low && port <= low + 63, "port " + port + " is not from " + low + " on");
            sockets.close(fd);
        }
    }

    @Test
    void theOtherLevelTakesTheNumberOfTheRangeForSomethingElse() {
        // The trap that the level is documented for: 51 at IPPROTO_IPV6 is IPV6_RECVHOPLIMIT, a mere switch.
        int fd = sockets.open(true);
        int value = PortFeatures.rangeValue(20_000, 20_063);
        assertEquals(0, sockets.setOption(fd, Kernel.IPPROTO_IPV6, Kernel.IP_LOCAL_PORT_RANGE, value));
        assertNotEquals(value, sockets.getOption(fd, Kernel.IPPROTO_IPV6, Kernel.IP_LOCAL_PORT_RANGE));
        sockets.close(fd);
    }

    private int boundPort(int fd, boolean ipv6) {
        assertEquals(0, sockets.bind(fd, 0, ipv6 ? 1 : IPV4_LOOPBACK, 0));
        SockAddr local = new SockAddr();
        assertEquals(0, sockets.localAddress(fd, local));
        return local.port();
    }
}
