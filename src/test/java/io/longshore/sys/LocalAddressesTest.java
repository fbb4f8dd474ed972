package io.longshore.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.longshore.net.Address;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalAddressesTest {
    @TempDir
    private Path proc;

    @Test
    void knowsLoopbackAndStrangers() throws IOException {
        LocalAddresses addresses = new LocalAddresses();
        assertEquals(0, check(addresses, "127.0.0.1"));
        assertEquals(0, check(addresses, "127.200.3.4"), "all of 127/8 is local");
        assertEquals(0, check(addresses, "::1"));
        // Documentation's own addresses (RFC 5737, RFC 3849) are nobody's.
        assertEquals(-Kernel.EADDRNOTAVAIL, check(addresses, "192.0.2.1"));
        assertEquals(-Kernel.EADDRNOTAVAIL, check(addresses, "2001:db8::1"));
    }

    @Test
    void knowsBlocksOfLocalRoutes() throws IOException {
        Files.createDirectories(proc.resolve("net"));
        String zeros = "00000000000000000000000000000000";
        Files.writeString(
                proc.resolve("net/ipv6_route"),
                "20010db8000000010000000000000000 40 " + zeros + " 00 " + zeros
                        + " 00000400 00000001 00000000 80000001 lo\n"
                        + "20010db8000000020000000000000100 78 " + zeros + " 00 " + zeros
                        + " 00000400 00000001 00000000 80000001 lo\n"
                        + "20010db8000000030000000000000000 40 " + zeros + " 00 " + zeros
                        + " 00000400 00000001 00000000 00000001 eth0\n");
        LocalAddresses addresses = new LocalAddresses(new Proc(proc));
        assertEquals(0, check(addresses, "2001:db8:0:1:ffff::9"), "in the /64");
        assertEquals(0, check(addresses, "2001:db8:0:2::1ff"), "in the /120");
        assertEquals(-Kernel.EADDRNOTAVAIL, check(addresses, "2001:db8:0:2::2ff"), "beside the /120");
        assertEquals(-Kernel.EADDRNOTAVAIL, check(addresses, "2001:db8:0:3::1"), "a route to elsewhere");
    }

    private static int check(LocalAddresses addresses, String text) throws IOException {
        Address address = Address.of(InetAddress.getByName(text), 0);
        return addresses.check(address.high(), address.low());
    }
}
