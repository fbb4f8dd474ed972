package io.longshore.http;

import static io.longshore.http.Heads.UPGRADE;
import static io.longshore.http.Heads.assertRequest;
import static io.longshore.http.Heads.assertResponse;
import static io.longshore.http.Heads.assertSplits;
import static io.longshore.http.Heads.buffer;
import static io.longshore.http.Heads.request;
import static io.longshore.http.Heads.response;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class HeadParserTest {
    @Test
    void findsTheRegionsOfARequest() {
        Head head = request(UPGRADE);

        assertEquals("GET", Heads.method(head));
        assertTrue(head.isGet());
        assertFalse(head.isHead());
        assertEquals("/chat?room=1", Heads.target(head));
        assertEquals("/chat", Heads.path(head));
        assertEquals("?room=1", Heads.query(head));
        assertEquals(1, head.minorVersion());
        assertEquals("example.com:8080", Heads.authority(head));
        assertEquals("example.com", Heads.host(head));
        assertEquals(5, head.headerCount());
        assertEquals("Upgrade: websocket", Heads.field(head, 1));
        assertEquals(-1, head.contentLength());
        assertFalse(head.isChunked());
        assertEquals(UPGRADE.length(), head.length());
    }

    @Test
    void findsTheRegionsOfAResponse() {
        Head head = response("HTTP/1.1 404 Not  Found\r\nContent-Length: 12\r\n\r\n");

        assertEquals(404, head.status());
        assertEquals("Not  Found", Heads.text(head, head.reasonOffset(), head.reasonLength()));
        assertEquals(12, head.contentLength());
    }

    @Test
    void trimsTheWhiteSpaceAroundValuesAndNotInside() {
        Head head = request("GET / HTTP/1.1\r\nHost:\t h \t\r\nA: b \t c\r\nEmpty:\r\nBlank: \t \r\n\r\n");

        assertEquals(List.of("Host: h", "A: b \t c", "Empty: ", "Blank: "), Heads.fields(head));
    }

    @Test
    void takesObsoleteTextInValuesAsItIs() {
        Head head = request("GET / HTTP/1.1\r\nHost: h\r\nA: caf\u00e9\r\n\r\n");

        assertEquals("A: caf\u00e9", Heads.field(head, 1));
    }

    @Test
    void findsNamesWithoutCaseAndListsAcrossLines() {
        Head head =
                request("GET / HTTP/1.1\r\nHost: h\r\nCONNECTION: keep-alive, ,\"a,b\"\r\ncOnnection: UPgrade\r\n\r\n");

        assertEquals(1, head.find(HeaderNames.CONNECTION));
        assertEquals(2, head.count(HeaderNames.CONNECTION));
        assertTrue(head.connectionHas(HeaderNames.ascii("keep-alive")));
        assertTrue(head.connectionHas(HeaderNames.UPGRADE));
        assertFalse(head.connectionHas(HeaderNames.ascii("a")));
        assertFalse(head.connectionHas(HeaderNames.ascii("keep")));
        assertEquals(-1, head.find(HeaderNames.UPGRADE));
    }

    @Test
    void keepsTheRegionsWhenTheBytesMove() {
        Head head = new Head(16);
        int half = UPGRADE.length() / 2;
        assertEquals(0, Heads.PARSER.request(buffer(UPGRADE.substring(0, half), 0), 0, half, head));
        assertEquals(UPGRADE.length(), Heads.PARSER.request(buffer(UPGRADE, 100), 100, UPGRADE.length(), head));
        assertEquals("/chat", Heads.path(head));

        head.wrap(buffer(UPGRADE, 9), 9);

        assertEquals("/chat", Heads.path(head));
        assertEquals("example.com", Heads.host(head));
        assertEquals("Upgrade: websocket", Heads.field(head, 1));
    }

    @Test
    void startsAfreshAfterAReset() {
        Head head = new Head(16);
        String bad = "GET /\u0000";
        assertEquals(HeadFault.BAD_TARGET.code(), Heads.PARSER.request(buffer(bad, 0), 0, bad.length(), head));
        head.reset();

        assertEquals(UPGRADE.length(), Heads.PARSER.request(buffer(UPGRADE, 0), 0, UPGRADE.length(), head));
        assertEquals(Heads.describe(request(UPGRADE)), Heads.describe(head));
    }

    @Test
    void staysWhereItsParseHasEnded() {
        Head head = request(UPGRADE);
        assertEquals(UPGRADE.length(), Heads.PARSER.request(buffer(UPGRADE + "xx", 0), 0, UPGRADE.length() + 2, head));

        Head broken = new Head(16);
        assertEquals(HeadFault.BAD_METHOD.code(), Heads.PARSER.request(buffer(":", 0), 0, 1, broken));
        assertEquals(HeadFault.BAD_METHOD.code(), Heads.PARSER.request(buffer(":", 0), 0, 1, broken));
    }

    @Test
    @DisplayName("row 20a: one empty line before the request line is skipped, and counts as part of the head")
    void skipsOneEmptyLineBeforeTheRequestLine() {
        Head head = request("\r\n" + UPGRADE);

        assertEquals("GET", Heads.method(head));
        assertEquals(UPGRADE.length() + 2, head.length());
        assertRequest(HeadFault.BAD_METHOD, "\r\n\r\n" + UPGRADE);
        assertRequest(HeadFault.BARE_CR_OR_LF, "\rGET / HTTP/1.1\r\n");
        assertRequest(HeadFault.BARE_CR_OR_LF, "\n" + UPGRADE);
    }

    @Test
    @DisplayName("row 23: a head that is split at every byte boundary is the same as in one piece")
    void comesToTheSameEndHoweverTheHeadIsSplit() {
        assertRequest(UPGRADE.length(), UPGRADE);
        assertRequest(UPGRADE.length() + 2, "\r\n" + UPGRADE);
        String absolute = "GET http://Example.com?q=%20 HTTP/1.0\r\nhost: example.COM\r\nX:\r\n\r\n";
        assertRequest(absolute.length(), absolute);
        String response = Heads.switching("Set-Cookie: a=b\r\nX: \t y \r\n");
        assertResponse(response.length(), response);
        String terse = "HTTP/1.0 200\r\n\r\n";
        assertResponse(terse.length(), terse);
    }

    @Test
    @DisplayName("row 25, 31: the bytes behind a head are not looked at")
    void endsExactlyWhereTheHeadEnds() {
        assertRequest(UPGRADE.length(), UPGRADE + "\u0081\u0000\r\n\r\nGET / HTTP/1.1\r\n\r\n");
        String switching = Heads.switching("");
        assertResponse(switching.length(), switching + "\u0081\u0005hello\u0000\n");
    }

    @Test
    @DisplayName("row 22: nothing, or a part, is no fault")
    void needsMoreWhileNothingIsWrong() {
        for (int cut = 0; cut < UPGRADE.length(); cut++) {
            assertRequest(0, UPGRADE.substring(0, cut));
        }
        assertResponse(0, "");
        assertResponse(0, "HTTP/1.1 101 Switching Protocols\r\nA: b\r\n\r");
    }

    @Test
    void readsEachByteAFixedNumberOfTimesEvenAtOneByteACall() {
        String text = "GET /" + "a".repeat(4000) + " HTTP/1.1\r\nHost: h\r\n" + "Name: a longer value\r\n".repeat(100)
                + "\r\n";
        CountingBuffer counting = new CountingBuffer(text);
        Head head = new Head(Heads.HEADERS_MAX);
        for (int available = 1; available <= text.length(); available++) {
            Heads.PARSER.request(counting, 0, available, head);
        }

        assertTrue(head.isComplete());
        assertTrue(counting.reads <= 8L * text.length(), () -> counting.reads + " reads of " + text.length());
    }

    private static final class CountingBuffer extends UnsafeBuffer {
        private long reads;

        CountingBuffer(String text) {
            super(buffer(text, 0));
        }

        @Override
        public byte getByte(int index) {
            reads++;
            return super.getByte(index);
        }
    }

    @Test
    @DisplayName("row 21: a long target is 414 as soon as it is too long")
    void refusesALongTarget() {
        String longest = "/" + "a".repeat(RequestLine.TARGET_BYTES_MAX - 1);
        String good = "GET " + longest + " HTTP/1.1\r\nHost: h\r\n\r\n";
        assertRequest(good.length(), good);
        assertRequest(HeadFault.TARGET_TOO_LONG, "GET " + longest + "a");
        HeadParser small = new HeadParser(64, 8);
        assertSplits(small, true, HeadFault.TARGET_TOO_LONG.code(), "GET /" + "a".repeat(100));
    }

    @Test
    @DisplayName("row 21: a huge or endless head is 431 as soon as its bytes are used up")
    void refusesAHugeHead() {
        HeadParser small = new HeadParser(64, 8);
        String exact = "GET / HTTP/1.1\r\nHost: h\r\nA: " + "b".repeat(64 - 32) + "\r\n\r\n";
        assertEquals(64, exact.length());
        assertSplits(small, true, 64, exact);
        assertSplits(small, true, 64, exact + "more");
        String over = exact.replace("A: ", "A: b");
        assertSplits(small, true, HeadFault.HEAD_TOO_LARGE.code(), over);
        assertSplits(small, true, 0, over.substring(0, 63));
        assertSplits(small, true, HeadFault.HEAD_TOO_LARGE.code(), over.substring(0, 64));
        String filler = "GET / HTTP/1.1\r\nHost: h\r\n" + ("A: " + "b".repeat(500) + "\r\n").repeat(70);
        assertRequest(HeadFault.HEAD_TOO_LARGE, filler);
    }

    @Test
    @DisplayName("row 21: too many headers are 431 at the first byte of the one too many")
    void refusesTooManyHeaders() {
        HeadParser small = new HeadParser(1024, 3);
        String three = "GET / HTTP/1.1\r\nHost: h\r\nA: b\r\nA: b\r\n";
        assertSplits(small, true, three.length() + 2, three + "\r\n");
        assertSplits(small, true, HeadFault.TOO_MANY_HEADERS.code(), three + "A");
    }

    @Test
    void refusesMoreConnectionOptionsThanHeaders() {
        HeadParser small = new HeadParser(1024, 3);
        String head = "GET / HTTP/1.1\r\nHost: h\r\nConnection: a,b\r\nConnection: c";
        assertSplits(small, true, head.length() + 4, head + "\r\n\r\n");
        assertSplits(small, true, HeadFault.TOO_MANY_HEADERS.code(), head + ",d\r\n\r\n");
    }

    @Test
    @DisplayName("row 34: an endless or broken response head")
    void refusesAnEndlessOrBrokenResponseHead() {
        HeadParser small = new HeadParser(64, 2);
        assertSplits(small, false, HeadFault.HEAD_TOO_LARGE.code(), "HTTP/1.1 200 " + "x".repeat(100));
        assertSplits(small, false, HeadFault.HEAD_TOO_LARGE.code(), "HTTP/1.1 200 OK\r\nA: " + "x".repeat(100));
        assertSplits(small, false, HeadFault.TOO_MANY_HEADERS.code(), "HTTP/1.1 200 OK\r\nA: b\r\nA: b\r\nA");
        assertResponse(HeadFault.BAD_STATUS_LINE, "<html>");
        assertResponse(HeadFault.BAD_STATUS_LINE, "\r\nHTTP/1.1 200 OK\r\n\r\n");
        assertResponse(HeadFault.BAD_STATUS_LINE, "ICY 200 OK\r\n\r\n");
        assertResponse(HeadFault.BAD_STATUS_LINE, "HTTP/2.0 200 OK\r\n");
        assertResponse(HeadFault.BAD_STATUS_LINE, "HTTP/1.1  200 OK\r\n");
        assertResponse(HeadFault.BAD_STATUS_LINE, "HTTP/1.1 600 OK\r\n");
        assertResponse(HeadFault.BAD_STATUS_LINE, "HTTP/1.1 099 OK\r\n");
        assertResponse(HeadFault.BAD_STATUS_LINE, "HTTP/1.1 20 OK\r\n");
        assertResponse(HeadFault.BAD_STATUS_LINE, "HTTP/1.1 2000 OK\r\n");
        assertResponse(HeadFault.BAD_STATUS_LINE, "HTTP/1.1 200 O\u0000K\r\n");
        assertResponse(HeadFault.BARE_CR_OR_LF, "HTTP/1.1 200 OK\n\n");
        assertResponse(HeadFault.BARE_CR_OR_LF, "HTTP/1.1 200 OK\rX");
        assertResponse(HeadFault.OBSOLETE_FOLD, "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n");
        assertResponse(HeadFault.BAD_CONTENT_LENGTH, "HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\n");
        assertResponse(HeadFault.BAD_TRANSFER_ENCODING, "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n");
        assertResponse(HeadFault.BAD_TRANSFER_ENCODING, "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        assertResponse(
                HeadFault.LENGTH_WITH_TRANSFER_ENCODING,
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n");
    }

    @Test
    @DisplayName("row 30: an interim response is a head like any other")
    void parsesAnInterimResponseAndTheOneBehindIt() {
        String interim = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n";
        String both = interim + Heads.switching("");
        Head head = new Head(Heads.HEADERS_MAX);
        assertEquals(interim.length(), Heads.PARSER.response(buffer(both, 0), 0, both.length(), head));
        assertEquals(103, head.status());
        head.reset();
        int rest = both.length() - interim.length();
        assertEquals(rest, Heads.PARSER.response(buffer(both, 0), interim.length(), rest, head));
        assertEquals(101, head.status());
    }

    @Test
    void differentHeadsHaveDifferentDescriptions() {
        assertNotEquals(Heads.describe(request(UPGRADE)), Heads.describe(request(Heads.upgrade("A: b\r\n"))));
    }
}
