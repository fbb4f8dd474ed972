package io.longshore.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.config.AddressRange;
import io.longshore.http.AddressText;
import io.longshore.http.Head;
import io.longshore.http.HeadParser;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ForwardedClientTest {
    private static final TrustedProxies TRUSTED = new TrustedProxies(List.of(
            new AddressRange(bits("10.0.0.0")[0], bits("10.0.0.0")[1], bits("10.0.0.255")[0], bits("10.0.0.255")[1]),
            new AddressRange(bits("fd00::")[0], bits("fd00::")[1], bits("fd00::ff")[0], bits("fd00::ff")[1])));
    private static final String PEER = "10.0.0.1";

    private final ForwardedClient client = new ForwardedClient();

    /** A bar separates header lines. */
    @ParameterizedTest(name = "[{0}] -> {1}")
    @CsvSource({
        "192.0.2.1, 192.0.2.1",
        "2001:db8::1, 2001:db8::1",
        // The last one that is not trusted; what is before it may be invented.
        "'198.51.100.9, 192.0.2.1', 192.0.2.1",
        "'192.0.2.1, 10.0.0.2', 192.0.2.1",
        "'198.51.100.9, 192.0.2.1, 10.0.0.2,10.0.0.3', 192.0.2.1",
        "'192.0.2.1,fd00::1 , 10.0.0.2', 192.0.2.1",
        "'nonsense, 192.0.2.1', 192.0.2.1",
        // Trusted all the way.
        "'10.0.0.7, 10.0.0.2', 10.0.0.7",
        "10.0.0.7, 10.0.0.7",
        // Several lines are one list.
        "198.51.100.9 | 192.0.2.1, 192.0.2.1",
        "192.0.2.1 | 10.0.0.2, 192.0.2.1",
        "'198.51.100.9, 192.0.2.1 | 10.0.0.3, 10.0.0.2', 192.0.2.1",
        "10.0.0.7 | 10.0.0.2, 10.0.0.7",
        // Ports and brackets, white space, empty elements.
        "192.0.2.1:4711, 192.0.2.1",
        "[2001:db8::1]:4711, 2001:db8::1",
        "[2001:db8::1], 2001:db8::1",
        "::ffff:192.0.2.1, 192.0.2.1",
        "'192.0.2.1, ::ffff:10.0.0.2', 192.0.2.1",
        "',, 192.0.2.1\t,\t, ,', 192.0.2.1",
        "'192.0.2.1 || ,', 192.0.2.1",
    })
    void readsTheClientThatATrustedPeerNames(String lines, String wanted) {
        assertTrue(read(PEER, lines));
        assertClient(wanted);
    }

    @ParameterizedTest(name = "[{0}] -> the peer")
    @CsvSource({
        "unknown",
        "_hidden",
        "localhost",
        "'192.0.2.1, unknown'",
        "'192.0.2.1, unknown, 10.0.0.2'",
        "192.0.2.1 | unknown | 10.0.0.2",
        "192.0.2.256",
        "192.0.2.1 192.0.2.2",
        "192.0.2.1;10.0.0.2",
        "for=192.0.2.1",
        "192.0.2.1:port",
        "''",
        "','",
    })
    void staysWithThePeerWhereNoAddressComesFirst(String lines) {
        assertFalse(read(PEER, lines));
        assertClient(PEER);
    }

    @Test
    void doesNotBelieveAPeerThatIsNotTrusted() {
        assertFalse(read("203.0.113.5", "192.0.2.1"));
        assertClient("203.0.113.5");
    }

    @Test
    void staysWithThePeerWhereNothingWasForwarded() {
        assertFalse(read(PEER, null));
        assertClient(PEER);
    }

    @Test
    void forgetsTheRequestBefore() {
        assertTrue(read(PEER, "192.0.2.1"));
        assertFalse(read(PEER, null));
        assertClient(PEER);
    }

    private void assertClient(String wanted) {
        assertEquals(bits(wanted)[0], client.high());
        assertEquals(bits(wanted)[1], client.low());
    }

    private boolean read(String peer, String lines) {
        StringBuilder text = new StringBuilder("GET / HTTP/1.1\r\nHost: a.test\r\n");
        if (lines != null) {
            for (String line : lines.split("\\|", -1)) {
                text.append("x-FORWARDED-for: ").append(line).append("\r\nX-Forwarded-Fort: 198.51.100.77\r\n");
            }
        }
        byte[] bytes = text.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII);
        // Not at the buffer's start: the head's offsets are its own.
        UnsafeBuffer buffer = new UnsafeBuffer(new byte[bytes.length + 7]);
        buffer.putBytes(7, bytes);
        Head head = new Head(32);
        assertEquals(bytes.length, new HeadParser(4096, 32).request(buffer, 7, bytes.length, head));
        return client.read(head, TRUSTED, bits(peer)[0], bits(peer)[1]);
    }

    private static long[] bits(String address) {
        byte[] bytes = address.getBytes(StandardCharsets.US_ASCII);
        long[] bits = new long[2];
        assertTrue(AddressText.parse(new UnsafeBuffer(bytes), 0, bytes.length, bits));
        return bits;
    }
}
