package io.longshore.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Heads for tests: made of text (one char a byte), parsed in one piece and in every other way, and read back as text.
 */
final class Heads {
    static final int HEAD_BYTES_MAX = 32 * 1024;
    static final int HEADERS_MAX = 128;
    static final HeadParser PARSER = new HeadParser(HEAD_BYTES_MAX, HEADERS_MAX);

    static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";
    static final String ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
    /** The fields of an upgrade without Host. */
    static final String UPGRADE_FIELDS = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: " + KEY
            + "\r\nSec-WebSocket-Version: 13\r\n";

    static final String UPGRADE = upgrade("");

    private Heads() {}

    /** A good upgrade with these fields besides; each ends in CRLF. */
    static String upgrade(String fields) {
        return "GET /chat?room=1 HTTP/1.1\r\nHost: example.com:8080\r\n" + UPGRADE_FIELDS + fields + "\r\n";
    }

    /** A good 101 with these fields besides. */
    static String switching(String fields) {
        return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
                + ACCEPT + "\r\n" + fields + "\r\n";
    }

    /** The bytes, with {@code before} others in front of them. */
    static UnsafeBuffer buffer(String text, int before) {
        byte[] bytes = new byte[before + text.length()];
        System.arraycopy(text.getBytes(ISO_8859_1), 0, bytes, before, text.length());
        return new UnsafeBuffer(bytes);
    }

    static Head request(String text) {
        Head head = new Head(HEADERS_MAX);
        assertOutcome(text.length(), PARSER.request(buffer(text, 0), 0, text.length(), head), text);
        return head;
    }

    static Head response(String text) {
        Head head = new Head(HEADERS_MAX);
        assertOutcome(text.length(), PARSER.response(buffer(text, 0), 0, text.length(), head), text);
        return head;
    }

    private static void assertOutcome(int expected, int actual, String text) {
        assertEquals(expected, actual, () -> name(actual) + " for " + text);
    }

    static String name(int outcome) {
        return outcome < 0 ? HeadFault.of(outcome).name() : Integer.toString(outcome);
    }

    /** Asserts that the whole, every split in two, and every byte alone come to the same outcome. */
    static void assertRequest(int expected, String text) {
        assertSplits(PARSER, true, expected, text);
    }

    static void assertResponse(int expected, String text) {
        assertSplits(PARSER, false, expected, text);
    }

    static void assertRequest(HeadFault expected, String text) {
        assertSplits(PARSER, true, expected.code(), text);
    }

    static void assertResponse(HeadFault expected, String text) {
        assertSplits(PARSER, false, expected.code(), text);
    }

    static void assertSplits(HeadParser parser, boolean isRequest, int expected, String text) {
        int length = text.length();
        Head whole = new Head(HEADERS_MAX);
        int outcome = parse(parser, isRequest, buffer(text, 0), 0, length, whole);
        assertEquals(name(expected), name(outcome), text);
        // Long heads are cut at a sample of their bytes; 41 has no common factor with any power of two.
        int step = length > 4096 ? 41 : 1;
        for (int cut = 0; cut <= length; cut += step) {
            Head head = new Head(HEADERS_MAX);
            parse(parser, isRequest, buffer(text.substring(0, cut), 0), 0, cut, head);
            // The second piece comes with a new buffer, as after a partial head was copied into a bigger page.
            assertEquals(outcome, parse(parser, isRequest, buffer(text, 7), 7, length, head));
            assertEquals(describe(whole), describe(head));
        }
        Head bytewise = new Head(HEADERS_MAX);
        UnsafeBuffer buffer = buffer(text, 3);
        int last = 0;
        for (int available = 0; available <= length; available++) {
            last = parse(parser, isRequest, buffer, 3, available, bytewise);
        }
        assertEquals(outcome, last);
        assertEquals(describe(whole), describe(bytewise));
    }

    private static int parse(
            HeadParser parser, boolean isRequest, DirectBuffer buffer, int offset, int length, Head head) {
        return isRequest ? parser.request(buffer, offset, length, head) : parser.response(buffer, offset, length, head);
    }

    static String text(Head head, int offset, int length) {
        byte[] bytes = new byte[length];
        head.buffer().getBytes(head.offset() + offset, bytes);
        return new String(bytes, ISO_8859_1);
    }

    static String text(DirectBuffer buffer, int offset, int length) {
        byte[] bytes = new byte[length];
        buffer.getBytes(offset, bytes);
        return new String(bytes, ISO_8859_1);
    }

    static String method(Head head) {
        return text(head, head.methodOffset(), head.methodLength());
    }

    static String target(Head head) {
        return text(head, head.targetOffset(), head.targetLength());
    }

    static String path(Head head) {
        return text(head, head.pathOffset(), head.pathLength());
    }

    static String query(Head head) {
        return text(head, head.queryOffset(), head.queryLength());
    }

    static String authority(Head head) {
        return text(head, head.authorityOffset(), head.authorityLength());
    }

    static String host(Head head) {
        return text(head, head.hostOffset(), head.hostLength());
    }

    static String field(Head head, int i) {
        return text(head, head.nameOffset(i), head.nameLength(i)) + ": "
                + text(head, head.valueOffset(i), head.valueLength(i));
    }

    static List<String> fields(Head head) {
        List<String> fields = new ArrayList<>();
        for (int i = 0; i < head.headerCount(); i++) {
            fields.add(field(head, i));
        }
        return fields;
    }

    /** Everything that a complete head says; of another one only its outcome, for the rest is not promised. */
    static String describe(Head head) {
        if (!head.isComplete()) {
            return name(head.outcome);
        }
        assertRegionsLieInside(head);
        return String.join(
                "|",
                method(head),
                target(head),
                path(head),
                query(head),
                authority(head),
                host(head),
                "1." + head.minorVersion(),
                head.status() + " " + text(head, head.reasonOffset(), head.reasonLength()),
                head.contentLength() + " " + head.isChunked() + " " + head.length(),
                fields(head).toString());
    }

    /** The regions of a complete head lie inside of it, in the order of the message. */
    static void assertRegionsLieInside(Head head) {
        int at = 0;
        at = assertRegion(head, at, head.methodOffset(), head.methodLength());
        assertRegion(head, at, head.targetOffset(), head.targetLength());
        assertRegion(head, 0, head.pathOffset(), head.pathLength());
        assertRegion(head, 0, head.queryOffset(), head.queryLength());
        assertRegion(head, 0, head.authorityOffset(), head.authorityLength());
        assertTrue(head.hostLength() <= head.authorityLength());
        at = Math.max(at, head.targetOffset() + head.targetLength());
        at = assertRegion(head, head.reasonLength() > 0 ? at : 0, head.reasonOffset(), head.reasonLength());
        for (int i = 0; i < head.headerCount(); i++) {
            assertTrue(head.nameLength(i) > 0);
            at = assertRegion(head, at, head.nameOffset(i), head.nameLength(i));
            at = assertRegion(head, at + 1, head.valueOffset(i), head.valueLength(i));
        }
        assertTrue(at <= head.length());
    }

    private static int assertRegion(Head head, int from, int offset, int length) {
        assertTrue(from <= offset && length >= 0 && offset + length <= head.length());
        return offset + length;
    }
}
