package io.longshore.http;

import static io.longshore.http.Heads.buffer;
import static io.longshore.http.Heads.response;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("row 26: where the body of an origin's refusal ends")
class BodyFramingTest {
    private static final String CHUNKED = "HTTP/1.1 404 a\r\nTransfer-Encoding: chunked\r\n\r\n";

    private final BodyFraming framing = new BodyFraming();

    /** How many of the bytes belong to the body, the same in one piece, at every split in two, and byte by byte. */
    private int consume(String head, String bytes) {
        framing.start(response(head));
        int whole = framing.consume(buffer(bytes, 5), 5, bytes.length());
        boolean isComplete = framing.isComplete();
        for (int cut = 0; cut <= bytes.length(); cut++) {
            framing.start(response(head));
            int first = framing.consume(buffer(bytes, 0), 0, cut);
            int second = framing.consume(buffer(bytes, 0), cut, bytes.length() - cut);
            assertEquals(whole, second < 0 ? second : first + second);
            assertEquals(isComplete, framing.isComplete());
        }
        framing.start(response(head));
        int sum = 0;
        for (int at = 0; at < bytes.length() && sum >= 0; at++) {
            int taken = framing.consume(buffer(bytes, 0), at, 1);
            sum = taken < 0 ? taken : sum + taken;
        }
        assertEquals(whole, sum);
        assertEquals(isComplete, framing.isComplete());
        return whole;
    }

    @Test
    void countsAContentLength() {
        String head = "HTTP/1.1 404 a\r\nContent-Length: 5\r\n\r\n";
        assertEquals(4, consume(head, "1234"));
        assertFalse(framing.isComplete());
        assertEquals(5, consume(head, "12345"));
        assertTrue(framing.isComplete());
        assertEquals(5, consume(head, "12345HTTP/1.1 200"));
        assertEquals(0, consume(head.replace("5", "0"), "x"));
        assertTrue(framing.isComplete());
    }

    @ParameterizedTest
    @ValueSource(ints = {204, 304, 101})
    void isCompleteAtOnceWhereThereIsNoBody(int status) {
        assertEquals(0, consume("HTTP/1.1 " + status + " a\r\nContent-Length: 5\r\n\r\n", "12345"));
        assertTrue(framing.isComplete());
        assertEquals(0, consume(CHUNKED.replace("404", Integer.toString(status)), "5\r\n"));
        assertTrue(framing.isComplete());
    }

    @Test
    void takesAllUntilTheEndWhereNothingSaysOtherwise() {
        assertEquals(6, consume("HTTP/1.1 404 a\r\n\r\n", "0\r\n\r\n\n"));
        assertTrue(framing.endsAtEof());
        assertFalse(framing.isComplete());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0\r\n\r\n",
                "000\r\n\r\n",
                "5\r\nhello\r\n0\r\n\r\n",
                "5;a=b;c=\"d\"\r\nhello\r\nA\r\n0123456789\r\n0;e\r\n\r\n",
                "1\r\n\r\r\n1\r\n\n\r\n0\r\nX-A: b\r\nC:\r\n\r\n"
            })
    void followsChunksToTheLastByteOfTheirTrailers(String body) {
        assertEquals(body.length(), consume(CHUNKED, body));
        assertTrue(framing.isComplete());
        assertFalse(framing.endsAtEof());
        assertEquals(body.length(), consume(CHUNKED, body + "HTTP/1.1 200 OK\r\n"));
        for (int cut = 0; cut < body.length(); cut++) {
            assertEquals(cut, consume(CHUNKED, body.substring(0, cut)));
            assertFalse(framing.isComplete());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\r\n",
                ";a\r\n",
                "g\r\n",
                "-1\r\n",
                "+1\r\n",
                "0x5\r\n",
                " 5\r\n",
                "5 \r\n",
                "5\n",
                "5\r\r",
                "5;a\n",
                "5;\u0000",
                "5\r\nhello0\r\n",
                "5\r\nhello\n",
                "5\r\nhello\r\r",
                "5\r\nhello!\r\n",
                "1000000000000000\r\n",
                "0000000000000005\r\n",
                "0\r\n \r\n",
                "0\r\n:a\r\n",
                "0\r\nA\r\n",
                "0\r\nA : b\r\n",
                "0\r\nA: b\n",
                "0\r\nA: b\r\n c",
                "0\r\n\n",
                "0\r\n\r\r",
                "0\r\nA: \u0000"
            })
    void refusesBrokenChunks(String body) {
        assertEquals(BodyFraming.MALFORMED, consume(CHUNKED, body));
        assertFalse(framing.isComplete());
        assertEquals(BodyFraming.MALFORMED, framing.consume(buffer("0\r\n\r\n", 0), 0, 5));
    }

    @Test
    void boundsExtensionsAndTrailers() {
        assertEquals(256 + 2, consume(CHUNKED, "5;" + "a".repeat(256)));
        assertEquals(BodyFraming.MALFORMED, consume(CHUNKED, "5;" + "a".repeat(257)));
        String many = "0\r\n" + "A: bc\r\n".repeat(8192 / 7 + 1);
        assertEquals(BodyFraming.MALFORMED, consume(CHUNKED, many));
    }

    @Test
    void startsAfreshWithEachResponse() {
        consume(CHUNKED, "5;abc");
        String body = "3\r\nabc\r\n0\r\n\r\n";
        assertEquals(body.length(), consume(CHUNKED, body));
    }
}
