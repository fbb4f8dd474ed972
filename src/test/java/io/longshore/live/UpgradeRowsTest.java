package io.longshore.live;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.lab.BytePattern;
import io.longshore.lab.SampleUpgrade;
import io.longshore.metrics.CloseReason;
import io.longshore.metrics.Counter;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What origins answer to the upgrade, and what happens meanwhile: rows 27 to 34. */
final class UpgradeRowsTest extends RowsBase {
    private static final String BAD_GATEWAY = "502 Bad Gateway";
    private static final String REQUEST = SampleUpgrade.request("/");
    private static final String SWITCHING = "HTTP/1.1 101 Switching Protocols\r\n";
    private static final String UPGRADE = "Upgrade: websocket\r\nConnection: Upgrade\r\n";
    private static final String ACCEPT = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";

    // ---- Rows 27 to 29.

    @Test
    @DisplayName("row 27: a 101 that nobody asked for finds no client: plain requests reach no origin")
    void plainRequestsReachNoOriginThatCouldSwitch() {
        start(TestOrigin.playing(connection -> connection.send(SampleUpgrade.ANSWER)));
        String plain =
                "GET / HTTP/1.1\r\nHost: longshore.example\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        refused(plain, "426 Upgrade Required", CloseReason.NOT_AN_UPGRADE);
        assertEquals(0, origin.connections());
    }

    @Test
    @DisplayName("row 27: a 101 that was sent before the request, and so does not answer it, becomes 502")
    void a101BeforeTheRequestIsRefused() {
        start(TestOrigin.playing(connection -> {
            connection.send(
                    SWITCHING + UPGRADE + "Sec-WebSocket-Accept: " + TestOrigin.acceptFor("guess") + "\r\n\r\n");
            connection.readToEnd();
        }));
        refusedByAnswer(CloseReason.BAD_101_ACCEPT);
    }

    @Test
    @DisplayName("row 28: a 101 that does not answer the request becomes 502")
    void wrong101sBecome502() {
        Map<String, CloseReason> answers = new LinkedHashMap<>();
        answers.put(SWITCHING + "Upgrade: websocket\r\n" + ACCEPT, CloseReason.BAD_101_UPGRADE);
        answers.put(SWITCHING + "Connection: Upgrade\r\n" + ACCEPT, CloseReason.BAD_101_UPGRADE);
        answers.put(SWITCHING + "Connection: Upgrade\r\nUpgrade: h2c\r\n" + ACCEPT, CloseReason.BAD_101_UPGRADE);
        answers.put(
                SWITCHING + "Connection: Upgrade\r\nUpgrade: websocket, h2c\r\n" + ACCEPT, CloseReason.BAD_101_UPGRADE);
        answers.put(SWITCHING.replace("1.1", "1.0") + UPGRADE + ACCEPT, CloseReason.BAD_101_UPGRADE);
        answers.put(SWITCHING + UPGRADE, CloseReason.BAD_101_ACCEPT);
        answers.put(SWITCHING + UPGRADE + ACCEPT + ACCEPT, CloseReason.BAD_101_ACCEPT);
        answers.put(SWITCHING + UPGRADE + ACCEPT.replace("s3pP", "S3pP"), CloseReason.BAD_101_ACCEPT);
        answers.put(
                SWITCHING + UPGRADE + "Sec-WebSocket-Accept: dGhlIHNhbXBsZSBub25jZQ==\r\n", CloseReason.BAD_101_ACCEPT);
        answers.put(SWITCHING + UPGRADE + ACCEPT + "Sec-WebSocket-Protocol: chat\r\n", CloseReason.BAD_101_SUBPROTOCOL);
        answers.put(
                SWITCHING + UPGRADE + ACCEPT + "Sec-WebSocket-Extensions: permessage-deflate\r\n",
                CloseReason.BAD_101_EXTENSION);
        AtomicLong index = new AtomicLong();
        List<String> heads = List.copyOf(answers.keySet());
        start(TestOrigin.playing(connection -> {
            connection.readHead();
            connection.send(heads.get(index.intValue()) + "\r\nframes of a tunnel that is none");
            connection.readToEnd();
        }));
        for (String head : heads) {
            refusedByAnswer(answers.get(head));
            index.incrementAndGet();
        }
    }

    @Test
    @DisplayName("row 28: offered subprotocols and extensions may be agreed to, others not")
    void onlyWhatWasOfferedMayBeAgreedTo() {
        AtomicLong turn = new AtomicLong();
        List<String> extra = List.of(
                "Sec-WebSocket-Protocol: b\r\nSec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover",
                "Sec-WebSocket-Protocol: B",
                "Sec-WebSocket-Protocol: a, b",
                "Sec-WebSocket-Extensions: permessage-deflate, x-other");
        start(TestOrigin.playing(connection -> {
            connection.switchProtocols(extra.get(turn.intValue()));
            connection.readToEnd();
        }));
        String request =
                upgradeWith("Sec-WebSocket-Protocol: a, b\r\nSec-WebSocket-Extensions: permessage-deflate\r\n");
        try (RawClient client = RawClient.connect(proxy).send(request)) {
            String head = client.head101();
            assertTrue(head.contains("Sec-WebSocket-Protocol: b\r\n"), head);
        }
        endsAs(CloseReason.CLIENT_CLOSED_FIRST, "101");
        List<CloseReason> reasons = List.of(
                CloseReason.BAD_101_SUBPROTOCOL, CloseReason.BAD_101_SUBPROTOCOL, CloseReason.BAD_101_EXTENSION);
        for (CloseReason reason : reasons) {
            turn.incrementAndGet();
            exchange(request).refuses(BAD_GATEWAY);
            endsAs(reason, "502");
        }
    }

    @Test
    @DisplayName("row 29: a 200 with an echoed Upgrade is an ordinary response, without the Upgrade")
    void a200WithUpgradeIsAnOrdinaryResponse() {
        String head = "HTTP/1.1 200 OK\r\n" + UPGRADE + ACCEPT + "Content-Length: 5\r\n\r\n";
        start(TestOrigin.answering(head + "hello"));
        Reply reply = exchange(REQUEST);
        assertEquals("HTTP/1.1 200 OK", reply.statusLine());
        assertEquals("hello", reply.body());
        assertNull(reply.field("Upgrade"));
        assertEquals("close", reply.field("Connection"));
        endsAs(CloseReason.ORIGIN_ANSWERED, "200");
        origin.next().awaitEnd();
    }

    // ---- Rows 30 and 31.

    @Test
    @DisplayName("row 30: 100 and 103 before the 101 do no harm")
    void interimResponsesAreDropped() {
        String interim = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n";
        start(TestOrigin.playing(connection -> {
            connection.readHead();
            for (int i = 0; i < interim.length(); i++) {
                connection.send(interim.substring(i, i + 1));
            }
            connection.send(interim + interim + connection.switchingAnswer() + "first");
            connection.echo();
        }));
        try (RawClient client = RawClient.connect(proxy).send(REQUEST)) {
            client.head101();
            assertEquals("first", client.readText(5));
            assertEquals("ping", client.send("ping").readText(4));
        }
        assertTrue(endsAs(CloseReason.CLIENT_CLOSED_FIRST, "101").get("trail").contains("1xx"));
    }

    @Test
    @DisplayName("row 30: 100 before a refusal does no harm either")
    void interimResponsesBeforeARefusalAreDropped() {
        start(TestOrigin.answering(
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno"));
        Reply reply = exchange(REQUEST);
        assertEquals(404, reply.status());
        assertEquals("no", reply.body());
        endsAs(CloseReason.ORIGIN_ANSWERED, "404");
    }

    @Test
    @DisplayName("row 30: endless interim responses become 502")
    void endlessInterimResponsesBecome502() {
        start(TestOrigin.playing(connection -> {
            connection.readHead();
            while (true) {
                connection.send("HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n".repeat(10));
            }
        }));
        refusedByAnswer(CloseReason.ORIGIN_HEAD_TOO_LARGE);
    }

    @Test
    @DisplayName("row 31: the 101 and the first frames in one segment lose no byte")
    void framesInThe101sSegmentArrive() {
        byte[] frames = new BytePattern(20_000, 31).bytes();
        start(TestOrigin.playing(connection -> {
            connection.readHead();
            byte[] head = connection.switchingAnswer().getBytes(StandardCharsets.ISO_8859_1);
            byte[] all = new byte[head.length + frames.length];
            System.arraycopy(head, 0, all, 0, head.length);
            System.arraycopy(frames, 0, all, head.length, frames.length);
            connection.send(all);
            connection.echo();
        }));
        try (RawClient client = RawClient.connect(proxy).send(REQUEST)) {
            client.head101();
            assertArrayEquals(frames, client.read(frames.length));
            assertEquals("ping", client.send("ping").readText(4));
        }
        assertEquals("20004", endsAs(CloseReason.CLIENT_CLOSED_FIRST, "101").get("bytes-out"));
    }

    @Test
    @DisplayName("row 31: the 101 and the first frames split at every byte lose no byte")
    void split101sLoseNoByte() {
        int length = (SampleUpgrade.ANSWER + "frames").length();
        AtomicLong at = new AtomicLong();
        start(TestOrigin.playing(connection -> {
            connection.readHead();
            String all = connection.switchingAnswer() + "frames";
            connection.send(all.substring(0, at.intValue()));
            awaitFirstPiece();
            connection.send(all.substring(at.intValue()));
            connection.echo();
        }));
        String whole = null;
        for (at.set(1); at.get() <= length; at.incrementAndGet()) {
            try (RawClient client = RawClient.connect(proxy).send(REQUEST)) {
                String head = client.head101();
                assertEquals("frames", client.readText(6));
                assertEquals(whole == null ? head : whole, head, () -> "split at " + at);
                whole = head;
            }
            endsAs(CloseReason.CLIENT_CLOSED_FIRST, "101");
        }
    }

    // ---- Rows 32 to 34.

    @Test
    @DisplayName("row 32: an origin that never answers becomes 504 after origin-head-timeout")
    void silentOriginsBecome504() {
        origin = TestOrigin.playing(connection -> {
            connection.readHead();
            connection.readToEnd();
        });
        proxy = ProxyUnderTest.before(origin.address())
                .origin("origin-head-timeout: 300ms")
                .start();
        exchange(REQUEST).refuses("504 Gateway Timeout");
        endsAs(CloseReason.ORIGIN_HEAD_TIMEOUT, "504");
        origin.next().awaitEnd();
    }

    @Test
    @DisplayName("row 32: an origin that answers a byte at a time has no more time than that")
    void tricklingOriginsBecome504() {
        origin = TestOrigin.playing(connection -> {
            connection.readHead();
            while (true) {
                connection.send("HTTP/1.1 100 Continue\r\n\r\n");
                connection.awaitReadable(50);
            }
        });
        proxy = ProxyUnderTest.before(origin.address())
                .origin("origin-head-timeout: 300ms")
                .start();
        exchange(REQUEST).refuses("504 Gateway Timeout");
        endsAs(CloseReason.ORIGIN_HEAD_TIMEOUT, "504");
    }

    @Test
    @DisplayName("row 33: a client that leaves before the 101 takes its origin connection along")
    void clientsThatLeaveBeforeThe101FreeTheOrigin() {
        start(TestOrigin.playing(connection -> {
            connection.readHead();
            connection.readToEnd();
        }));
        RawClient polite = RawClient.connect(proxy).send(REQUEST);
        TestOrigin.Connection first = origin.next();
        first.head();
        polite.close();
        first.awaitEnd();
        proxy.nextEnds(CloseReason.CLIENT_LEFT_BEFORE_101);

        RawClient rude = RawClient.connect(proxy).send(REQUEST);
        TestOrigin.Connection second = origin.next();
        second.head();
        rude.reset();
        second.awaitEnd();
        proxy.nextEnds(CloseReason.CLIENT_RESET_BEFORE_101);

        assertEquals("", first.receivedText() + second.receivedText(), "nothing but the head went to the origin");
    }

    @Test
    @DisplayName("row 33: a client that leaves in the middle of its head is no error of the origin's")
    void clientsThatLeaveInTheirHeadAreForgotten() {
        start(TestOrigin.echoing());
        RawClient.connect(proxy).send("GET / HT").close();
        proxy.nextEnds(CloseReason.CLIENT_LEFT_BEFORE_HEAD);
        RawClient rude = RawClient.connect(proxy).send("GET / HT");
        proxy.await(Counter.PAGES_TAKEN, 1);
        rude.reset();
        proxy.nextEnds(CloseReason.CLIENT_RESET_BEFORE_HEAD);
        assertEquals(0, origin.connections());
    }

    @Test
    @DisplayName("row 34: an endless response head becomes 502 with memory bounded")
    void endlessResponseHeadsBecome502() {
        AtomicLong pagesMost = new AtomicLong();
        start(TestOrigin.playing(connection -> {
            connection.readHead();
            connection.send("HTTP/1.1 200 OK\r\nA: ");
            while (true) {
                connection.send("b".repeat(1000));
                pagesMost.accumulateAndGet(proxy.counter(Counter.PAGES_TAKEN), Math::max);
            }
        }));
        refusedByAnswer(CloseReason.ORIGIN_HEAD_TOO_LARGE);
        assertTrue(pagesMost.get() <= 4, pagesMost + " pages");
    }

    @Test
    @DisplayName("row 34: a broken response head becomes 502")
    void brokenResponseHeadsBecome502() {
        List<String> heads = List.of(
                "garbage\r\n\r\n",
                "HTTP/2 200 OK\r\n\r\n",
                "HTTP/1.1 20 OK\r\n\r\n",
                "HTTP/1.1 2000 OK\r\n\r\n",
                "\u0016\u0003\u0001 a TLS record",
                "HTTP/1.1 200 OK\nContent-Length: 0\n\n",
                "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n",
                "HTTP/1.1 200 OK\r\nA : b\r\n\r\n",
                "HTTP/1.1 200 OK\r\nA\u0000: b\r\n\r\n",
                "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n");
        AtomicLong index = new AtomicLong();
        start(TestOrigin.playing(connection -> {
            connection.readHead();
            connection.send(heads.get(index.intValue()));
            connection.readToEnd();
        }));
        for (int i = 0; i < heads.size(); i++) {
            refusedByAnswer(CloseReason.ORIGIN_HEAD_BROKEN);
            index.incrementAndGet();
        }
    }

    @Test
    @DisplayName("row 34: too many headers in a response become 502")
    void tooManyResponseHeadersBecome502() {
        start(TestOrigin.answering("HTTP/1.1 200 OK\r\n" + "A: b\r\n".repeat(200) + "\r\n"));
        refusedByAnswer(CloseReason.ORIGIN_HEAD_TOO_LARGE);
    }

    @Test
    @DisplayName("row 34: a response head that ends in the middle, or is reset there, becomes 502")
    void cutResponseHeadsBecome502() {
        start(TestOrigin.answeringAndClosing("HTTP/1.1 101 Switch"));
        refusedByAnswer(CloseReason.ORIGIN_LEFT_BEFORE_101);
        proxy.close();
        origin.close();
        start(TestOrigin.playing(connection -> {
            connection.readHead();
            connection.send("HTTP/1.1 101 Switch");
            awaitFirstPiece();
            connection.reset();
        }));
        refusedByAnswer(CloseReason.ORIGIN_RESET_BEFORE_101);
    }

    // ---- What many of them need.

    /** The origin is asked, what it says is not believed, and its connection is ended. */
    private void refusedByAnswer(CloseReason reason) {
        exchange(REQUEST).refuses(BAD_GATEWAY);
        endsAs(reason, "502");
        origin.next().awaitEndOfScript();
    }
}
