package io.longshore.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import java.util.stream.IntStream;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Any bytes as a request head. Whatever they are, how they are cut does not matter and no region points outside; and
 * what passes as an upgrade is written for the origin as exactly one upgrade, which says about the client what we say.
 */
class HeadParserFuzzTest {
    private static final String CLIENT = "192.0.2.7";
    /** Small bounds, so that inputs of a fuzzer's size reach them. */
    private static final HeadParser PARSER = new HeadParser(2048, 24);
    /** Room for the fields that the writer adds and extends. */
    private static final HeadParser ORIGIN = new HeadParser(8192, 64);

    @FuzzTest
    void requests(byte[] data) {
        Head head = new Head(24);
        int outcome = PARSER.request(new UnsafeBuffer(data), 0, data.length, head);
        String description = Heads.describe(head);
        assertTrue(outcome <= Math.min(data.length, 2048));
        assertSplitsAreEqual(data, outcome, description);

        if (outcome > 0 && Upgrade.checkRequest(head) == 0) {
            assertOriginSeesOneUpgrade(head, false);
            assertOriginSeesOneUpgrade(head, true);
        }
    }

    private static void assertSplitsAreEqual(byte[] data, int outcome, String description) {
        Head bytewise = new Head(24);
        int at = 0;
        int last = 0;
        while (at <= data.length && last == 0) {
            // Each call finds the bytes elsewhere, and no others behind them.
            UnsafeBuffer moved = new UnsafeBuffer(new byte[at + (at & 7)]);
            moved.putBytes(at & 7, data, 0, at);
            last = PARSER.request(moved, at & 7, at, bytewise);
            at++;
        }
        assertEquals(outcome, last);
        assertEquals(description, Heads.describe(bytewise));
        if (outcome > 0) {
            assertEquals(outcome, at - 1, "a head ends at the first byte that it can");
        }
    }

    private static void assertOriginSeesOneUpgrade(Head head, boolean isTrusted) {
        Forwarded forwarded = new Forwarded().set(CLIENT, false, isTrusted, true);
        UnsafeBuffer out = new UnsafeBuffer(new byte[8192]);
        int length = new HeadWriter().originRequest(out, 0, out.capacity(), head, forwarded);
        Head seen = new Head(64);
        assertEquals(length, ORIGIN.request(out, 0, length, seen), () -> Heads.text(out, 0, length));
        Heads.assertRegionsLieInside(seen);

        assertEquals(0, Upgrade.checkRequest(seen));
        assertEquals(Heads.path(head) + Heads.query(head), Heads.target(seen));
        assertEquals(Heads.authority(head), Heads.authority(seen));
        assertEquals(List.of("websocket"), values(seen, HeaderNames.UPGRADE));
        assertEquals(List.of("Upgrade"), values(seen, HeaderNames.CONNECTION));
        assertFalse(seen.isChunked());
        assertEquals(values(head, HeaderNames.SEC_WEBSOCKET_KEY), values(seen, HeaderNames.SEC_WEBSOCKET_KEY));
        assertEquals(
                values(head, HeaderNames.SEC_WEBSOCKET_PROTOCOL), values(seen, HeaderNames.SEC_WEBSOCKET_PROTOCOL));
        assertForwarded(head, seen, isTrusted);
    }

    private static void assertForwarded(Head head, Head seen, boolean isTrusted) {
        List<String> chain = values(seen, HeaderNames.X_FORWARDED_FOR);
        assertEquals(1, chain.size());
        assertTrue(chain.get(0).endsWith(CLIENT));
        assertEquals(1, values(seen, HeaderNames.FORWARDED).size());
        if (isTrusted) {
            assertKeptOrAdded(head, seen, HeaderNames.X_REAL_IP, CLIENT);
            assertKeptOrAdded(head, seen, HeaderNames.X_FORWARDED_PROTO, "https");
            assertKeptOrAdded(head, seen, HeaderNames.X_FORWARDED_HOST, Heads.authority(head));
        } else {
            assertEquals(List.of(CLIENT), chain);
            assertEquals(List.of(CLIENT), values(seen, HeaderNames.X_REAL_IP));
            assertEquals(List.of("https"), values(seen, HeaderNames.X_FORWARDED_PROTO));
            assertEquals(List.of(Heads.authority(head)), values(seen, HeaderNames.X_FORWARDED_HOST));
            long about = IntStream.range(0, seen.headerCount())
                    .filter(i -> HopByHop.isForwarded(seen, i))
                    .count();
            assertEquals(5, about);
        }
    }

    private static void assertKeptOrAdded(Head head, Head seen, byte[] name, String added) {
        List<String> sent = values(head, name);
        assertEquals(sent.isEmpty() ? List.of(added) : sent, values(seen, name));
    }

    private static List<String> values(Head head, byte[] name) {
        return IntStream.range(0, head.headerCount())
                .filter(i -> head.nameIs(i, name))
                .mapToObj(i -> Heads.text(head, head.valueOffset(i), head.valueLength(i)))
                .toList();
    }
}
