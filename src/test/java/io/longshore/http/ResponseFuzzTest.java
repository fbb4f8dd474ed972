package io.longshore.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Any bytes as an origin's response head and what follows it. How they are cut does not matter; what is passed on is
 * one response, with the framing that the origin gave it, and its body ends in one place.
 */
class ResponseFuzzTest {
    private static final HeadParser PARSER = new HeadParser(2048, 24);
    private static final HeadParser CLIENT = new HeadParser(8192, 64);
    private static final Head REQUEST = Heads.request(Heads.upgrade(
            "Sec-WebSocket-Protocol: chat, v2\r\nSec-WebSocket-Extensions: permessage-deflate; a=\"b,c\"\r\n"));

    @FuzzTest
    void responses(byte[] data) {
        UnsafeBuffer bytes = new UnsafeBuffer(data);
        Head head = new Head(24);
        int outcome = PARSER.response(bytes, 0, data.length, head);
        assertSplitsAreEqual(bytes, outcome, Heads.describe(head));
        if (outcome <= 0) {
            return;
        }
        if (head.status() == 101) {
            if (new Upgrade().checkResponse(head, REQUEST) == 0) {
                assertClientSeesTheUpgrade(head);
            }
        } else if (head.status() >= 200) {
            assertClientSeesTheResponse(head);
            assertBodyEndsInOnePlace(head, bytes, outcome, data.length - outcome);
        }
    }

    private static void assertSplitsAreEqual(UnsafeBuffer bytes, int outcome, String description) {
        Head bytewise = new Head(24);
        int last = 0;
        for (int available = 0; available <= bytes.capacity() && last == 0; available++) {
            last = PARSER.response(bytes, 0, available, bytewise);
        }
        assertEquals(outcome, last);
        assertEquals(description, Heads.describe(bytewise));
    }

    private static void assertClientSeesTheUpgrade(Head head) {
        UnsafeBuffer out = new UnsafeBuffer(new byte[8192]);
        int length = new HeadWriter().clientSwitching(out, 0, out.capacity(), head);
        Head seen = new Head(64);
        assertEquals(length, CLIENT.response(out, 0, length, seen), () -> Heads.text(out, 0, length));
        assertEquals(0, new Upgrade().checkResponse(seen, REQUEST));
        assertEquals(-1, seen.contentLength());
        assertEquals(1, seen.count(HeaderNames.CONNECTION));
    }

    private static void assertClientSeesTheResponse(Head head) {
        UnsafeBuffer out = new UnsafeBuffer(new byte[8192]);
        int length = new HeadWriter().clientResponse(out, 0, out.capacity(), head);
        Head seen = new Head(64);
        assertEquals(length, CLIENT.response(out, 0, length, seen), () -> Heads.text(out, 0, length));
        assertEquals(head.status(), seen.status());
        assertEquals(1, seen.count(HeaderNames.CONNECTION));
        assertTrue(seen.connectionHas(HeaderNames.ascii("close")));
        assertEquals(head.status() == 426, seen.find(HeaderNames.UPGRADE) >= 0);
        if (BodyFraming.hasBody(head)) {
            assertEquals(head.contentLength(), seen.contentLength());
            assertEquals(head.isChunked(), seen.isChunked());
        }
    }

    private static void assertBodyEndsInOnePlace(Head head, UnsafeBuffer bytes, int offset, int length) {
        BodyFraming whole = new BodyFraming();
        whole.start(head);
        int taken = whole.consume(bytes, offset, length);
        assertTrue(taken <= length);
        assertTrue(taken < 0 || taken == length || whole.isComplete());

        BodyFraming bytewise = new BodyFraming();
        bytewise.start(head);
        int sum = 0;
        for (int at = 0; at < length && sum >= 0; at++) {
            int one = bytewise.consume(bytes, offset + at, 1);
            sum = one < 0 ? one : sum + one;
        }
        assertEquals(taken, sum);
        assertEquals(whole.isComplete(), bytewise.isComplete());
    }
}
