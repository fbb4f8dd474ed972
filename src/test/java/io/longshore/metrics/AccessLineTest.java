package io.longshore.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

final class AccessLineTest {
    private static final long MAPPED = 0x0000_ffff_0000_0000L;

    @Test
    void saysEverythingAboutATunnel() {
        long trail = 0;
        for (TrailEvent event : new TrailEvent[] {
            TrailEvent.HEAD, TrailEvent.DIAL, TrailEvent.CONNECTED, TrailEvent.UPGRADED, TrailEvent.CLIENT_FIN
        }) {
            trail = event.appendedTo(trail);
        }
        AccessEntry entry = new AccessEntry(
                0,
                MAPPED | 0xcb00_71ffL,
                50123,
                "/chat",
                "chat",
                "[::1]:9000",
                0,
                1,
                9024,
                101,
                4096,
                5_000_000_000L,
                61_234_999_999L,
                CloseReason.CLIENT_CLOSED_FIRST,
                trail);

        assertEquals(
                "ts=2026-11-22T13:44:48.007Z client=203.0.113.255:50123 route=/chat origin=chat endpoint=[::1]:9000"
                        + " source=[::1]:9024 status=101 bytes-in=4096 bytes-out=5000000000 duration=61.234s"
                        + " reason=client-closed-first trail=head>dial>connected>101>client-fin\n",
                line(1_795_355_088_007L, entry));
    }

    @Test
    void saysADashForWhatThereWasNot() {
        AccessEntry entry = new AccessEntry(
                0x2001_0db8_0000_0000L,
                1,
                1,
                null,
                null,
                null,
                0,
                0,
                0,
                0,
                0,
                0,
                999_999,
                CloseReason.CLIENT_LEFT_BEFORE_HEAD,
                0);

        assertEquals(
                "ts=1970-01-01T00:00:00.000Z client=[2001:db8::1]:1 route=- origin=- endpoint=- source=- status=-"
                        + " bytes-in=0 bytes-out=0 duration=0.000s reason=client-left-before-head trail=-\n",
                line(0, entry));
    }

    @Test
    void aValueCannotMakeASecondLineOrASecondKey() {
        assertEquals("\"/a\\nts=1 client=x\"", value("/a\nts=1 client=x"));
        assertEquals("\"/a b\"", value("/a b"));
        assertEquals("\"a=b\"", value("a=b"));
        assertEquals("\"say \\\"hi\\\"\"", value("say \"hi\""));
        assertEquals("\"back\\\\slash\"", value("back\\slash"));
        assertEquals("\"\\r\\t\\u0000\\u001b[2J\\u007f\\u0085\"", value("\r\t\0\u001b[2J\u007f\u0085"));
        assertEquals("\"\\u2028\\u202e\\ud800\"", value("\u2028\u202e\ud800"));
        assertEquals("\"\\U000e0001\"", value("\udb40\udc01"));
        assertEquals("\"caf\u00e9 \ud83d\ude00\"", value("caf\u00e9 \ud83d\ude00"));
        assertEquals("\"\"", value(""));
        assertEquals("\"-\"", value("-"));
        assertEquals("/chat/v1?x-y_z~", value("/chat/v1?x-y_z~"));
        assertEquals("-", value(null));
    }

    @Test
    void writesAddressesAsRfc5952Says() throws UnknownHostException {
        assertEquals("127.0.0.1:0", address("127.0.0.1", 0));
        assertEquals("255.0.255.0:65535", address("255.0.255.0", 65535));
        assertEquals("[::]:1", address("0:0:0:0:0:0:0:0", 1));
        assertEquals("[::1]:1", address("0:0:0:0:0:0:0:1", 1));
        assertEquals("[1::]:1", address("1:0:0:0:0:0:0:0", 1));
        assertEquals("[2001:db8::ff00:42:8329]:1", address("2001:0DB8:0:0:0:FF00:0042:8329", 1));
        assertEquals("[2001:db8:0:1:1:1:1:1]:1", address("2001:db8:0:1:1:1:1:1", 1));
        assertEquals("[2001:db8::1:0:0:1]:1", address("2001:db8:0:0:1:0:0:1", 1));
        assertEquals("[2001:0:0:1::1]:1", address("2001:0:0:1:0:0:0:1", 1));
        assertEquals("[1:2:3:4:5:6:7:8]:1", address("1:2:3:4:5:6:7:8", 1));
        assertEquals("[0:1:2:3:4:5:6:0]:1", address("0:1:2:3:4:5:6:0", 1));
        assertEquals("[1:2:3:4:5:6::]:1", address("1:2:3:4:5:6:0:0", 1));
    }

    private static String line(long epochMs, AccessEntry entry) {
        StringBuilder text = new StringBuilder();
        new AccessLine().append(text, epochMs, entry);
        return text.toString();
    }

    private static String value(String value) {
        StringBuilder text = new StringBuilder();
        AccessLine.appendValue(text, value);
        return text.toString();
    }

    private static String address(String literal, int port) throws UnknownHostException {
        byte[] bytes = InetAddress.getByName(literal).getAddress();
        StringBuilder text = new StringBuilder();
        if (bytes.length == 4) {
            AddressText.append(text, 0, MAPPED | ByteBuffer.wrap(bytes).getInt() & 0xffff_ffffL, port);
        } else {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            AddressText.append(text, buffer.getLong(), buffer.getLong(), port);
        }
        return text.toString();
    }
}
