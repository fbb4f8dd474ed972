package io.longshore.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressTextTest {
    @ParameterizedTest
    @CsvSource({
        "0.0.0.0, 0, ffff00000000",
        "192.0.2.1, 0, ffffc0000201",
        "255.255.255.255, 0, ffffffffffff",
        "::, 0, 0",
        "::1, 0, 1",
        "1::, 1000000000000, 0",
        "2001:db8::8:800:200C:417A, 20010db800000000, 00080800200c417a",
        "1:2:3:4:5:6:7:8, 1000200030004, 5000600070008",
        "::2:3:4:5:6:7:8, 200030004, 5000600070008",
        "1:2:3:4:5:6:7::, 1000200030004, 5000600070000",
        "1:2:3::8, 1000200030000, 8",
        "::ffff:192.0.2.1, 0, ffffc0000201",
        "::FFFF:c000:0201, 0, ffffc0000201",
        "64:ff9b::192.0.2.33, 64ff9b00000000, c0000221",
        "1:2:3:4:5:6:192.0.2.1, 1000200030004, 50006c0000201",
        "::192.0.2.1, 0, c0000201",
    })
    void readsAnAddress(String text, String high, String low) {
        long[] bits = new long[2];
        assertTrue(parse(text, bits));
        assertArrayEquals(new long[] {Long.parseUnsignedLong(high, 16), Long.parseUnsignedLong(low, 16)}, bits);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1",
                "1.2.3",
                "1.2.3.4.",
                ".1.2.3.4",
                "1.2.3.4.5",
                "1..3.4",
                "256.1.1.1",
                "1.2.3.04",
                "00.1.1.1",
                "1.2.3.+4",
                "1.2.3.4 ",
                "0x1.2.3.4",
                "99999999999999999999.1.1.1",
                "localhost",
                "unknown",
                "_hidden",
                ":",
                ":::",
                "1:",
                ":1",
                "1::2::3",
                "1:2:3:4:5:6:7",
                "1:2:3:4:5:6:7:8:9",
                "1:2:3:4:5:6:7:8::",
                "1:2:3:4::5:6:7:8",
                "::1:2:3:4:5:6:7:8",
                "12345::",
                "g::",
                "::1%eth0",
                "fe80::1%25",
                "::1.2.3",
                "::1.2.3.4:5",
                "1:2:3:4:5:6:7:1.2.3.4",
                "::1.2.3.256",
                "1.2.3.4::",
                "[::1]",
                "::1]",
                "1.2.3.4:80"
            })
    void refusesWhatIsNoAddress(String text) {
        assertFalse(parse(text, new long[2]));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"192.0.2.1", "192.0.2.1:1", "192.0.2.1:65535", "[::ffff:192.0.2.1]", "[::ffff:c000:201]:80"})
    void readsAnAddressWithOrWithoutAPort(String text) {
        long[] bits = new long[2];
        assertTrue(parseWithPort(text, bits));
        assertArrayEquals(new long[] {0, 0xffff_c000_0201L}, bits);
    }

    @Test
    void readsABareIpv6AddressToItsEnd() {
        long[] bits = new long[2];
        assertTrue(parseWithPort("2001:db8::1:8080", bits));
        assertArrayEquals(new long[] {0x2001_0db8_0000_0000L, 0x1_8080L}, bits);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "192.0.2.1:",
                "192.0.2.1:x",
                "192.0.2.1:123456",
                ":80",
                "[::1",
                "[]",
                "[]:80",
                "[::1]x",
                "[::1]:",
                "[::1]80",
                "[::1]:8x",
                "[192.0.2.1]",
                "[",
                "[::1]:80:",
                "host:80",
                "\"192.0.2.1\""
            })
    void refusesABrokenPortOrBracket(String text) {
        assertFalse(parseWithPort(text, new long[2]));
    }

    @Test
    void readsWhatTheJdkPrints() throws UnknownHostException {
        SplittableRandom random = new SplittableRandom(6);
        long[] bits = new long[2];
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = new byte[16];
            for (int i = 0; i < 16; i++) {
                bytes[i] = (byte) (random.nextInt(3) == 0 ? random.nextInt(256) : 0);
            }
            // The JDK turns a mapped address into an IPv4 one; both read as the same bits here.
            String text = InetAddress.getByAddress(bytes).getHostAddress();
            assertTrue(parse(text, bits), text);
            UnsafeBuffer wanted = new UnsafeBuffer(bytes);
            assertEquals(wanted.getLong(0, ByteOrder.BIG_ENDIAN), bits[0], text);
            assertEquals(wanted.getLong(8, ByteOrder.BIG_ENDIAN), bits[1], text);
        }
    }

    private static boolean parse(String text, long[] bits) {
        UnsafeBuffer buffer = surrounded(text);
        return AddressText.parse(buffer, 1, buffer.capacity() - 1, bits);
    }

    private static boolean parseWithPort(String text, long[] bits) {
        UnsafeBuffer buffer = surrounded(text);
        return AddressText.parseWithPort(buffer, 1, buffer.capacity() - 1, bits);
    }

    /** With a digit on either side, which must not be read. */
    private static UnsafeBuffer surrounded(String text) {
        return new UnsafeBuffer(("1" + text + "1").getBytes(StandardCharsets.US_ASCII));
    }
}
