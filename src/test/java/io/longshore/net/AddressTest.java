package io.longshore.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AddressTest {
    @ParameterizedTest
    @CsvSource({
        // RFC 5952 section 4: lower case, no leading zeros, the longest run of zeros, the first of equals, never one
        // group.
        "::, ::",
        "::1, ::1",
        "1::, 1::",
        "2001:DB8::0001, 2001:db8::1",
        "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
        "0:0:1:0:0:0:0:0, 0:0:1::",
        "0:1:0:1:0:1:0:1, 0:1:0:1:0:1:0:1",
        "ff02:0:0:0:0:0:0:0, ff02::",
        "fe80:0:0:0:1:2:3:4, fe80::1:2:3:4",
        "1:2:3:4:5:6:7:8, 1:2:3:4:5:6:7:8",
        "::1:0:0:ffff:ffff, ::1:0:0:ffff:ffff",
    })
    void writesIpv6AsRfc5952Says(String text, String expected) throws UnknownHostException {
        Address address = Address.of(InetAddress.getByName(text), 443);
        assertEquals(expected, address.hostText());
        assertEquals("[" + expected + "]:443", address.toString());
        assertFalse(address.isIpv4());
    }

    @Test
    void writesIpv4WithItsPort() {
        Address address = Address.ofIpv4(0xffff_ff00L, 65_535);
        assertTrue(address.isIpv4());
        assertEquals("255.255.255.0", address.hostText());
        assertEquals("255.255.255.0:65535", address.toString());
        assertEquals(0xffff_ff00, address.ipv4Bits());
        assertEquals("0.0.0.0:0", Address.ofIpv4(0, 0).toString());
    }

    @Test
    void holdsIpv4InMappedForm() throws UnknownHostException {
        Address address = Address.of(InetAddress.getByName("192.0.2.1"), 1);
        assertEquals(0, address.high());
        assertEquals(0x0000_ffff_c000_0201L, address.low());
        assertEquals(address, Address.of(InetAddress.getByName("::ffff:192.0.2.1"), 1));
        // The deprecated compatible form (RFC 4291 section 2.5.5.1) is no IPv4 address.
        assertFalse(new Address(0, 0xc000_0201L, 1).isIpv4());
        assertFalse(new Address(1, 0x0000_ffff_c000_0201L, 1).isIpv4());
    }

    @Test
    void goesToTheJdksTypeAndBack() {
        Random random = new Random(4);
        for (int i = 0; i < 2_000; i++) {
            boolean isSparse = random.nextBoolean();
            long mask = isSparse ? random.nextLong() : -1;
            mask &= isSparse ? random.nextLong() : -1;
            Address address = random.nextInt(4) == 0
                    ? Address.ofIpv4(random.nextInt(), random.nextInt(65_536))
                    : new Address(random.nextLong() & mask, random.nextLong() & mask, random.nextInt(65_536));
            InetSocketAddress socketAddress = new InetSocketAddress(address.toInetAddress(), address.port());
            assertEquals(address, Address.of(socketAddress));
        }
    }

    @Test
    void theTextOfAnyAddressNamesIt() throws UnknownHostException {
        Random random = new Random(5);
        for (int i = 0; i < 2_000; i++) {
            // Whole groups of zeros are what the shortening is about.
            long high = 0;
            long low = 0;
            for (int group = 0; group < 4; group++) {
                high = high << 16 | (random.nextBoolean() ? 0 : random.nextInt(65_536));
                low = low << 16 | (random.nextBoolean() ? 0 : random.nextInt(65_536));
            }
            Address address = new Address(high, low, 7);
            assertEquals(address, Address.of(InetAddress.getByName(address.hostText()), 7), address.hostText());
        }
    }

    @Test
    void takesAnotherPort() {
        Address address = new Address(5, 6, 7);
        assertEquals(new Address(5, 6, 8), address.withPort(8));
    }
}
