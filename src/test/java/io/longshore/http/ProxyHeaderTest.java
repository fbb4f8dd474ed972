package io.longshore.http;

import static io.longshore.lab.ProxyHeaders.LOCAL;
import static io.longshore.lab.ProxyHeaders.PROXY;
import static io.longshore.lab.ProxyHeaders.TCP4;
import static io.longshore.lab.ProxyHeaders.TCP6;
import static io.longshore.lab.ProxyHeaders.addresses;
import static io.longshore.lab.ProxyHeaders.block;
import static io.longshore.lab.ProxyHeaders.blockFor;
import static io.longshore.lab.ProxyHeaders.crc32c;
import static io.longshore.lab.ProxyHeaders.joined;
import static io.longshore.lab.ProxyHeaders.line;
import static io.longshore.lab.ProxyHeaders.value;
import static io.longshore.lab.ProxyHeaders.withChecksum;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.lab.ProxyHeaders;
import java.util.Arrays;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProxyHeaderTest {
    private static final String IPV4 = "0:ffffc0000207";
    private static final String IPV6 = "20010db800000000:7";
    private static final byte[] REQUEST = "PROXY / HTTP/1.1\r\n\r\n".getBytes(ISO_8859_1);
    private static final byte[] IPV4_ADDRESSES = addresses("192.0.2.7", "192.0.2.1", 56_324, 443);

    // ---- Version 1.

    @ParameterizedTest
    @CsvSource({
        "TCP4 192.0.2.7 192.0.2.1 56324 443, 0:ffffc0000207 56324",
        "TCP4 0.0.0.0 255.255.255.255 0 65535, 0:ffff00000000 0",
        "TCP4 255.255.255.255 255.255.255.255 65535 65535, 0:ffffffffffff 65535",
        "TCP6 2001:db8::7 2001:DB8::1 56324 443, 20010db800000000:7 56324",
        "TCP6 :: ::1 1 0, 0:0 1",
        "TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535,"
                + " ffffffffffffffff:ffffffffffffffff 65535",
        "TCP6 ::ffff:192.0.2.7 ::ffff:c000:201 56324 443, 0:ffffc0000207 56324",
    })
    void readsALine(String words, String named) {
        assertHeader(named, line(words));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UNKNOWN",
                "UNKNOWN ",
                "UNKNOWN whatever \t\0 stands 192.0.2.7 here",
                "UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535"
            })
    void knowsWhenTheClientIsUnknown(String words) {
        assertHeader("unknown", line(words));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " TCP4 192.0.2.7 192.0.2.1 56324 443",
                "TCP4",
                "TCP4 ",
                "TCP4 192.0.2.7",
                "TCP4 192.0.2.7 192.0.2.1",
                "TCP4 192.0.2.7 192.0.2.1 56324",
                "TCP4 192.0.2.7 192.0.2.1 56324 ",
                "TCP4  192.0.2.7 192.0.2.1 56324 443",
                "TCP4 192.0.2.7  192.0.2.1 56324 443",
                "TCP4 192.0.2.7 192.0.2.1  56324 443",
                "TCP4 192.0.2.7 192.0.2.1 56324  443",
                "TCP4 192.0.2.7 192.0.2.1 56324 443 ",
                "TCP4 192.0.2.7 192.0.2.1 56324 443 1",
                "TCP4\t192.0.2.7 192.0.2.1 56324 443",
                "TCP4 192.0.2.7\t192.0.2.1 56324 443",
                "tcp4 192.0.2.7 192.0.2.1 56324 443",
                "TCP 192.0.2.7 192.0.2.1 56324 443",
                "TCP44 192.0.2.7 192.0.2.1 56324 443",
                "TCP5 192.0.2.7 192.0.2.1 56324 443",
                "UDP4 192.0.2.7 192.0.2.1 56324 443",
                "UNIX",
                "UNKNOWN2",
                "unknown",
                "UNKNOW",
            })
    void refusesOtherWords(String words) {
        assertFault(line(words));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "192.0.2",
                "192.0.2.256",
                "192.0.2.07",
                "192.0.2.7.1",
                "192.0.2.-7",
                "192.0.2.7:80",
                "0xc0.0.2.7",
                "3221225991",
                "2001:db8::7",
                "::ffff:192.0.2.7",
                "localhost",
                "-",
            })
    void refusesWhatIsNoIpv4Address(String address) {
        assertFault(line("TCP4 " + address + " 192.0.2.1 56324 443"));
        assertFault(line("TCP4 192.0.2.7 " + address + " 56324 443"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "192.0.2.7",
                "2001:db8:7",
                "2001:db8::7::",
                "2001:db8::12345",
                "2001:db8::g",
                "1:2:3:4:5:6:7:8:9",
                "fe80::1%eth0",
                "[2001:db8::7]",
                "::ffff:192.0.2.256",
                ":",
            })
    void refusesWhatIsNoIpv6Address(String address) {
        assertFault(line("TCP6 " + address + " 2001:db8::1 56324 443"));
        assertFault(line("TCP6 2001:db8::7 " + address + " 56324 443"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"65536", "99999", "4294967296", "99999999999999999999", "01", "00", "-1", "+1", "0x1", "a", "8a"
            })
    void refusesWhatIsNoPort(String port) {
        assertFault(line("TCP4 192.0.2.7 192.0.2.1 " + port + " 443"));
        assertFault(line("TCP4 192.0.2.7 192.0.2.1 56324 " + port));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PROXY TCP4 192.0.2.7 192.0.2.1 56324 443\n",
                "PROXY TCP4 192.0.2.7 192.0.2.1 56324 443\r\r\n",
                "PROXY TCP4 192.0.2.7 192.0.2.1 56324 443\rGET / HTTP/1.1\r\n",
                "PROXY TCP4 192.0.2.7 192.0.2.1\r 56324 443\r\n",
                "PROXY TCP4 192.0.2.7 192.0.2.1 56324 443\n\r\n",
                "PROXY UNKNOWN a\rb\r\n",
                "PROXY UNKNOWN\n",
                "PROXY\r\n",
                "PROXY\tTCP4 192.0.2.7 192.0.2.1 56324 443\r\n",
                "proxy TCP4 192.0.2.7 192.0.2.1 56324 443\r\n",
                " PROXY TCP4 192.0.2.7 192.0.2.1 56324 443\r\n",
                "\r\nPROXY TCP4 192.0.2.7 192.0.2.1 56324 443\r\n",
                "GET / HTTP/1.1\r\n",
                "POST / HTTP/1.1\r\n",
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                "\u0016\u0003\u0001\u0002\u0000\u0001",
            })
    void refusesOtherLines(String text) {
        assertFault(text.getBytes(ISO_8859_1));
    }

    @Test
    void boundsALine() {
        assertHeader("unknown", line("UNKNOWN " + "a".repeat(91)));
        assertFault(line("UNKNOWN " + "a".repeat(92)));
        byte[] endless = ("PROXY UNKNOWN " + "a".repeat(200)).getBytes(ISO_8859_1);
        assertEquals(0, parse(endless, 106));
        assertEquals(ProxyHeader.MALFORMED, parse(endless, 107));
        assertFault(endless);
    }

    // ---- Version 2.

    @Test
    void readsABlock() {
        assertHeader(IPV4 + " 56324", blockFor("192.0.2.7", 56_324));
        assertHeader(IPV6 + " 65535", blockFor("2001:db8::7", 65_535));
        assertHeader("0:ffffc0000207 0", blockFor("192.0.2.7", 0));
        assertHeader("fedcba9876543210:89abcdef00000001 1", blockFor("fedc:ba98:7654:3210:89ab:cdef:0:1", 1));
    }

    @Test
    void takesAMappedAddressForTheIpv4AddressThatItHolds() {
        byte[] mapped = new byte[36];
        mapped[10] = (byte) 0xff;
        mapped[11] = (byte) 0xff;
        System.arraycopy(IPV4_ADDRESSES, 0, mapped, 12, 4);
        mapped[33] = 7;
        assertHeader(IPV4 + " 7", block(PROXY, TCP6, mapped));
    }

    @Test
    void takesALocalConnectionForItsPeers() {
        assertHeader("local", block(LOCAL, ProxyHeaders.UNSPEC));
        assertHeader("local", block(LOCAL, TCP4, IPV4_ADDRESSES));
        assertHeader("local", block(LOCAL, TCP4));
        assertHeader("local", block(LOCAL, 0xff, new byte[] {1, 2, 3, 4, 5}));
    }

    @Test
    void knowsWhenTheBlockNamesNobody() {
        byte[] paths = new byte[216];
        assertHeader("unknown", block(PROXY, ProxyHeaders.UNSPEC));
        assertHeader("unknown", block(PROXY, ProxyHeaders.UNSPEC, new byte[] {1, 2, 3, 4, 5}));
        assertHeader("unknown", block(PROXY, 0x10, IPV4_ADDRESSES));
        assertHeader("unknown", block(PROXY, 0x01));
        assertHeader("unknown", block(PROXY, ProxyHeaders.UDP4, IPV4_ADDRESSES));
        assertHeader("unknown", block(PROXY, ProxyHeaders.UDP6, new byte[36]));
        assertHeader("unknown", block(PROXY, ProxyHeaders.UNIX_STREAM, paths));
        assertHeader("unknown", block(PROXY, ProxyHeaders.UNIX_DGRAM, paths));
    }

    @Test
    void refusesOtherVersionsCommandsFamiliesAndTransports() {
        for (int command = 0; command < 256; command++) {
            if (command != LOCAL && command != PROXY) {
                assertFault(block(command, TCP4, IPV4_ADDRESSES));
            }
        }
        for (int family = 0; family < 256; family++) {
            if (family >> 4 > 3 || (family & 0xf) > 2) {
                assertFault(block(PROXY, family, new byte[216]));
            }
        }
    }

    @Test
    void refusesEveryOtherSignature() {
        for (int i = 0; i < 12; i++) {
            byte[] bytes = blockFor("192.0.2.7", 1);
            bytes[i] ^= 0x20;
            assertFault(bytes);
            assertEquals(ProxyHeader.MALFORMED, parse(bytes, i + 1), "at once");
        }
    }

    @Test
    void refusesAddressesThatAreCutShort() {
        assertFault(block(PROXY, TCP4));
        assertFault(block(PROXY, TCP4, Arrays.copyOf(IPV4_ADDRESSES, 11)));
        assertFault(block(PROXY, ProxyHeaders.UDP4, new byte[11]));
        assertFault(block(PROXY, TCP6, new byte[35]));
        assertFault(block(PROXY, ProxyHeaders.UNIX_STREAM, new byte[215]));
        assertEquals(ProxyHeader.MALFORMED, parse(block(PROXY, TCP6, IPV4_ADDRESSES), 16), "at once");
    }

    @Test
    void skipsWholeTypeLengthValues() {
        byte[] authority = value(0x02, "longshore.example".getBytes(ISO_8859_1));
        assertHeader(IPV4 + " 1", blockFor("192.0.2.7", 1, authority));
        assertHeader(IPV4 + " 1", blockFor("192.0.2.7", 1, value(0x04), authority, value(0xea, new byte[300])));
        assertHeader(IPV6 + " 1", blockFor("2001:db8::7", 1, value(0x00), value(0xff)));
        assertHeader("unknown", block(PROXY, ProxyHeaders.UDP4, IPV4_ADDRESSES, authority));
    }

    @Test
    void refusesTypeLengthValuesThatAreCutShort() {
        byte[] authority = value(0x02, "longshore.example".getBytes(ISO_8859_1));
        for (int length = 1; length < authority.length; length++) {
            assertFault(blockFor("192.0.2.7", 1, Arrays.copyOf(authority, length)));
        }
        assertFault(blockFor("192.0.2.7", 1, authority, new byte[] {0}));
        assertFault(blockFor("192.0.2.7", 1, authority, new byte[] {4, (byte) 0xff, (byte) 0xff}));
        assertFault(block(PROXY, ProxyHeaders.UNIX_STREAM, new byte[216], new byte[] {4, 0}));
    }

    @Test
    void boundsABlock() {
        byte[] largest = blockFor("192.0.2.7", 1, value(0xea, new byte[ProxyHeader.BYTES_MAX - 31]));
        assertEquals(ProxyHeader.BYTES_MAX, largest.length);
        assertHeader(IPV4 + " 1", largest);
        byte[] tooLarge = blockFor("192.0.2.7", 1, value(0xea, new byte[ProxyHeader.BYTES_MAX - 30]));
        assertFault(tooLarge);
        assertEquals(ProxyHeader.MALFORMED, parse(tooLarge, 16), "at once");
        assertFault(block(LOCAL, 0, new byte[65_535]));
    }

    @Test
    void holdsAChecksumToItsHeader() {
        // The check value that catalogues of CRCs give for this one.
        assertEquals(0xe306_9283, crc32c("123456789".getBytes(ISO_8859_1)));
        byte[] good = withChecksum(blockFor("192.0.2.7", 56_324, value(0x04, new byte[5])));
        assertHeader(IPV4 + " 56324", good);
        assertHeader(IPV6 + " 1", withChecksum(blockFor("2001:db8::7", 1)));
        for (int i = 16; i < good.length; i++) {
            byte[] damaged = good.clone();
            damaged[i] ^= 1;
            if (i == good.length - 7) {
                // The checksum's own type: now it is a value of some other meaning.
                assertHeader(IPV4 + " 56324", damaged);
            } else {
                assertFault(damaged);
            }
        }
        byte[] first = joined(value(0x03, new byte[4]), value(0x04, new byte[2]));
        byte[] zero = blockFor("192.0.2.7", 56_324, first);
        assertFault(zero);
        int sum = crc32c(zero);
        for (int i = 0; i < 4; i++) {
            zero[31 + i] = (byte) (sum >>> 24 - 8 * i);
        }
        assertHeader(IPV4 + " 56324", zero);
    }

    @Test
    void refusesChecksumsThatAreNone() {
        for (int length : new int[] {0, 1, 3, 5, 8}) {
            assertFault(blockFor("192.0.2.7", 1, value(0x03, new byte[length])));
        }
        assertFault(withChecksum(withChecksum(blockFor("192.0.2.7", 1))));
        assertFault(block(PROXY, ProxyHeaders.UDP4, IPV4_ADDRESSES, value(0x03, new byte[4])));
    }

    @Test
    void ignoresTheChecksumOfAHeaderThatIsSkipped() {
        assertHeader("local", block(LOCAL, TCP4, IPV4_ADDRESSES, value(0x03, new byte[4])));
        assertHeader("unknown", block(PROXY, ProxyHeaders.UNSPEC, value(0x03, new byte[4])));
    }

    @Test
    void forgetsTheHeaderBefore() {
        ProxyHeader header = new ProxyHeader();
        byte[] named = blockFor("192.0.2.7", 1);
        byte[] local = block(LOCAL, 0);
        byte[] unknown = line("UNKNOWN");
        for (byte[] next : new byte[][] {named, local, unknown, local, named, unknown, named}) {
            assertEquals(next.length, header.parse(new UnsafeBuffer(next), 0, next.length));
            assertEquals(next == named, header.isNamed());
            assertEquals(next == local, header.isLocal());
        }
        assertEquals(0, header.parse(new UnsafeBuffer(named), 0, named.length - 1));
        assertEquals("unknown", describe(header));
    }

    // ---- How.

    /** The header is found at its last byte and not before, wherever it stands and whatever follows. */
    private static void assertHeader(String expected, byte[] bytes) {
        for (int length = 0; length < bytes.length; length++) {
            assertEquals(0, parse(bytes, length), "after " + length + " bytes");
        }
        assertEquals(bytes.length, parse(bytes, bytes.length));
        byte[] followed = joined(new byte[5], bytes, REQUEST);
        ProxyHeader header = new ProxyHeader();
        assertEquals(bytes.length, header.parse(new UnsafeBuffer(followed), 5, followed.length - 5));
        assertEquals(expected, describe(header));
    }

    /** The bytes are refused, no later than what follows them, and at every byte from there on. */
    private static void assertFault(byte[] bytes) {
        byte[] followed = joined(bytes, REQUEST, new byte[ProxyHeader.BYTES_MAX]);
        boolean isRefused = false;
        for (int length = 0; length <= followed.length; length++) {
            int outcome = parse(followed, length);
            assertEquals(isRefused || outcome != 0 ? ProxyHeader.MALFORMED : 0, outcome, "after " + length + " bytes");
            isRefused = outcome != 0;
        }
        assertTrue(isRefused);
    }

    private static int parse(byte[] bytes, int length) {
        return new ProxyHeader().parse(new UnsafeBuffer(bytes), 0, length);
    }

    private static String describe(ProxyHeader header) {
        if (!header.isNamed()) {
            return header.isLocal() ? "local" : "unknown";
        }
        return asHex(header.high()) + ":" + asHex(header.low()) + " " + header.port();
    }

    private static String asHex(long bits) {
        return Long.toHexString(bits);
    }
}
