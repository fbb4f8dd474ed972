package io.longshore.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.longshore.lab.ProxyHeaders;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Any bytes as a PROXY protocol header. Whatever they are, how they are cut does not matter, no byte behind the header
 * is looked at, and a client that is named is named again by a header that is written from the answer.
 */
class ProxyHeaderFuzzTest {
    @FuzzTest
    void headers(byte[] data) throws UnknownHostException {
        ProxyHeader header = new ProxyHeader();
        int outcome = header.parse(new UnsafeBuffer(data), 0, data.length);
        assertTrue(outcome >= ProxyHeader.MALFORMED && outcome <= Math.min(data.length, ProxyHeader.BYTES_MAX));
        assertTrue(outcome != 0 || data.length < ProxyHeader.BYTES_MAX, "waits for ever");
        assertFalse(header.isNamed() && header.isLocal());
        if (outcome <= 0) {
            assertFalse(header.isNamed() || header.isLocal());
        }
        assertSplitsAreEqual(data, outcome);
        if (header.isNamed()) {
            assertNamesTheSame(header);
        }
    }

    private static void assertSplitsAreEqual(byte[] data, int outcome) {
        ProxyHeader bytewise = new ProxyHeader();
        int at = 0;
        int last = 0;
        while (at <= data.length && last == 0) {
            // Each call finds the bytes elsewhere, and no others behind them.
            UnsafeBuffer moved = new UnsafeBuffer(new byte[at + (at & 7)]);
            moved.putBytes(at & 7, data, 0, at);
            last = bytewise.parse(moved, at & 7, at);
            at++;
        }
        assertEquals(outcome, last);
        if (outcome > 0) {
            assertEquals(outcome, at - 1, "a header ends at the first byte that it can");
        }
    }

    private static void assertNamesTheSame(ProxyHeader header) throws UnknownHostException {
        assertTrue(header.port() >= 0 && header.port() <= 65_535);
        byte[] bytes = ByteBuffer.allocate(16)
                .putLong(header.high())
                .putLong(header.low())
                .array();
        String host = InetAddress.getByAddress(bytes).getHostAddress();
        for (byte[] again : new byte[][] {
            ProxyHeaders.lineFor(host, header.port()),
            ProxyHeaders.withChecksum(ProxyHeaders.blockFor(host, header.port()))
        }) {
            ProxyHeader second = new ProxyHeader();
            assertEquals(
                    again.length,
                    second.parse(new UnsafeBuffer(again), 0, again.length),
                    () -> new String(again, StandardCharsets.ISO_8859_1));
            assertEquals(header.high(), second.high());
            assertEquals(header.low(), second.low());
            assertEquals(header.port(), second.port());
        }
    }
}
