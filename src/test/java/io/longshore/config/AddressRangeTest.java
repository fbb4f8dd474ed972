package io.longshore.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AddressRangeTest {
    @ParameterizedTest
    @CsvSource({
        "10.0.0.1, 10.0.0.1, 1",
        "10.0.0.1-10.0.0.9, 10.0.0.1-10.0.0.9, 9",
        "10.0.0.7-10.0.0.7, 10.0.0.7, 1",
        "10.0.0.0/24, 10.0.0.0-10.0.0.255, 256",
        "10.0.0.1/32, 10.0.0.1, 1",
        "0.0.0.0/0, 0.0.0.0-255.255.255.255, 4294967296",
        "128.0.0.0-255.255.255.255, 128.0.0.0-255.255.255.255, 2147483648",
        "::1, ::1, 1",
        "2001:db8::/126, 2001:db8::-2001:db8::3, 4",
        "2001:db8::ffff:ffff:ffff:ffff-2001:db8:0:1::1, 2001:db8::ffff:ffff:ffff:ffff-2001:db8:0:1::1, 3",
        "fd00::/65, fd00::-fd00::7fff:ffff:ffff:ffff, 9223372036854775807",
        "fd00::/64, fd00::-fd00::ffff:ffff:ffff:ffff, 9223372036854775807",
        "::/0, ::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff, 9223372036854775807",
    })
    void readsAddressesRangesAndBlocks(String text, String written, long size) {
        AddressRange range = AddressRange.parse(text);

        assertEquals(written, range.toString());
        assertEquals(size, range.size());
        assertEquals(range, AddressRange.parse(written));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "10.0.0.1/24 | did you mean 10.0.0.0/24 or 10.0.0.1?",
                "fd00::1:0:0:1/64 | did you mean fd00::/64 or fd00::1:0:0:1?",
                "10.0.0.0/33 | no prefix length from 0 to 32",
                "10.0.0.0/ | no prefix length",
                "10.0.0.0/08 | no prefix length",
                "::/129 | no prefix length from 0 to 128",
                "10.0.0.9-10.0.0.1 | did you mean 10.0.0.1-10.0.0.9?",
                "10.0.0.1-::1 | begins in one address family and ends in the other",
                "10.0.0.1-9 | is no IPv4 address",
                "10.0.0.256 | is no IPv4 address",
                "10.0.0.01 | is no IPv4 address",
                "10.0.0 | is no IPv4 address",
                "10.0.0.1- | is no IPv4 address",
                "my-host | names are not looked up",
                "localhost | names are not looked up",
                "::ffff:10.0.0.1 | did you mean 10.0.0.1?",
                "fe80::1%eth0 | zones are not supported",
                "[::1] | is no IPv6 address",
            })
    void saysWhatIsWrongWithARange(String text, String expected) {
        String message = assertThrows(IllegalArgumentException.class, () -> AddressRange.parse(text))
                .getMessage();
        assertTrue(message.contains(expected), message);
    }

    @Test
    void countsThroughItsAddresses() {
        AddressRange range = AddressRange.parse("10.0.0.254-10.0.1.1");

        assertEquals("10.0.0.254", AddressText.format(range.at(0)));
        assertEquals("10.0.1.0", AddressText.format(range.at(2)));
        assertEquals("10.0.1.1", AddressText.format(range.at(3)));
        assertThrows(IndexOutOfBoundsException.class, () -> range.at(4));
        assertThrows(IndexOutOfBoundsException.class, () -> range.at(-1));
    }

    @Test
    void carriesIntoTheUpperHalfOfAnIpv6Address() {
        AddressRange range = AddressRange.parse("2001:db8::ffff:ffff:ffff:ffff-2001:db8:0:1::1");

        assertEquals("2001:db8::ffff:ffff:ffff:ffff", AddressText.format(range.at(0)));
        assertEquals("2001:db8:0:1::", AddressText.format(range.at(1)));
        assertEquals("2001:db8:0:1::1", AddressText.format(range.at(2)));
    }

    @Test
    void containsItsBoundsAndNothingBeyond() {
        AddressRange range = AddressRange.parse("10.0.0.2-10.0.0.9");

        assertFalse(contains(range, "10.0.0.1"));
        assertTrue(contains(range, "10.0.0.2"));
        assertTrue(contains(range, "10.0.0.9"));
        assertFalse(contains(range, "10.0.0.10"));
        assertFalse(contains(range, "::1"));
    }

    @Test
    void trustsNoIpv4PeerForAnIpv6Range() {
        AddressRange everyIpv6 = AddressRange.parse("::/0");

        assertTrue(contains(everyIpv6, "2001:db8::1"));
        assertFalse(contains(everyIpv6, "10.0.0.1"));
        assertFalse(everyIpv6.overlaps(AddressRange.parse("0.0.0.0/0")));
        assertFalse(everyIpv6.isIpv4());
        assertTrue(AddressRange.parse("0.0.0.0/0").isIpv4());
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.9-10.0.0.12", "10.0.0.1-10.0.0.2", "10.0.0.4", "10.0.0.0/8"})
    void overlapsWhatSharesAnAddress(String other) {
        AddressRange range = AddressRange.parse("10.0.0.2-10.0.0.9");

        assertTrue(range.overlaps(AddressRange.parse(other)));
        assertTrue(AddressRange.parse(other).overlaps(range));
        assertFalse(range.overlaps(AddressRange.parse("10.0.0.10")));
    }

    private static boolean contains(AddressRange range, String address) {
        InetAddress parsed = AddressText.parseIp(address);
        AddressRange one = AddressRange.of(parsed);
        return range.contains(one.firstHigh(), one.firstLow());
    }
}
