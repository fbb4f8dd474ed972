package io.longshore.live;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.lab.Await;
import io.longshore.lab.BytePattern;
import io.longshore.lab.SampleUpgrade;
import io.longshore.lab.SocketLab;
import io.longshore.metrics.CloseReason;
import io.longshore.metrics.Counter;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What waits behind an upgrade, and what becomes of it where the origin refuses: rows 25 and 26. */
final class RefusalRowsTest extends RowsBase {
    private static final String REQUEST = SampleUpgrade.request("/");

    // ---- Row 25.

    @Test
    @DisplayName("row 25: what a client sends behind its upgrade reaches the origin after the 101, and not before")
    void earlyDataWaitsForThe101() {
        CountDownLatch agree = new CountDownLatch(1);
        start(TestOrigin.playing(connection -> {
            connection.readHead();
            await(agree);
            assertEquals(0, connection.available(), "nothing of the tunnel before the 101");
            connection.send(connection.switchingAnswer());
            connection.echo();
        }));
        try (RawClient client = RawClient.connect(proxy).send(REQUEST + "early ")) {
            origin.next().head();
            client.send("birds");
            // Both pieces have been read by then, or the second would have been relayed anyway.
            proxy.awaitCycles(3);
            agree.countDown();
            client.head101();
            assertEquals("early birds", client.readText(11));
        }
        assertEquals("11", endsAs(CloseReason.CLIENT_CLOSED_FIRST, "101").get("bytes-in"));
    }

    @Test
    @DisplayName("row 25: early data behind an origin's refusal is never parsed as a request")
    void earlyDataBehindARefusalIsDropped() {
        start(TestOrigin.answering("HTTP/1.1 403 Forbidden\r\nContent-Length: 4\r\n\r\nnope"));
        try (RawClient client = RawClient.connect(proxy).send(REQUEST + SampleUpgrade.request("/smuggled"))) {
            Reply reply = client.reply();
            assertEquals(403, reply.status());
            assertEquals("nope", reply.body());
        }
        endsAs(CloseReason.ORIGIN_ANSWERED, "403");
        sawOneRequest();
    }

    @Test
    @DisplayName("row 25: early data behind a refusal of our own is never parsed as a request")
    void earlyDataBehindOurRefusalIsDropped() {
        start(TestOrigin.echoing());
        String plain = "GET / HTTP/1.1\r\nHost: longshore.example\r\n\r\n";
        refused(plain + SampleUpgrade.request("/smuggled"), "426 Upgrade Required", CloseReason.NOT_AN_UPGRADE);
        assertEquals(0, origin.connections());
    }

    @Test
    @DisplayName("row 25: huge early data is held with memory bounded, and delivered after the 101")
    void hugeEarlyDataIsHeld() {
        BytePattern pattern = new BytePattern(96 << 20, 25);
        CountDownLatch agree = new CountDownLatch(1);
        byte[] bytes = pattern.bytes();
        start(TestOrigin.playing(connection -> {
            connection.readHead();
            await(agree);
            connection.send(connection.switchingAnswer());
            assertArrayEquals(bytes, connection.read(bytes.length));
            connection.finish();
            connection.readToEnd();
        }));
        AtomicLong sent = new AtomicLong();
        try (RawClient client = RawClient.connect(proxy).send(REQUEST)) {
            Thread sender = client.sendInBackground(bytes, sent);
            long held = Stall.of(sent::get);
            assertTrue(held < bytes.length, "the client was held after " + held);
            assertTrue(proxy.counter(Counter.PAGES_TAKEN) <= 2, "one page for each head, and what came behind it");
            assertEquals(0, proxy.counter(Counter.PARKED_BYTES));
            agree.countDown();
            client.head101();
            assertEquals(0, client.readToEnd().length);
            join(sender);
        }
        assertEquals(
                Long.toString(bytes.length),
                endsAs(CloseReason.ORIGIN_CLOSED_FIRST, "101").get("bytes-in"));
    }

    // ---- Row 26.

    @Test
    @DisplayName("row 26: an origin's refusal goes through with its framing")
    void refusalsGoThroughWithTheirFraming() {
        passes("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\nContent-Length: 5\r\n\r\n", "hello", "");
        passes("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "", "");
        passes("HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\n", "hello", "HTTP/1.1 200 OK\r\n\r\n");
        String chunked = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 7\r\nTransfer-Encoding: chunked\r\n\r\n";
        passes(chunked, "5\r\nhello\r\n6;a=b\r\n world\r\n0\r\n\r\n", "");
        passes(chunked, "5\r\nhello\r\n0\r\nTrailer: x\r\n\r\n", "behind");
        passes(
                "HTTP/1.1 302 Found\r\nLocation: /b\r\nSet-Cookie: a\r\nSet-Cookie: b\r\nContent-Length: 0\r\n\r\n",
                "",
                "");
        passes("HTTP/1.1 204 No Content\r\n\r\n", "", "behind");
        passes("HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\nContent-Length: 5\r\n\r\n", "", "behind");
        passes("HTTP/1.1 426 Upgrade Required\r\nUpgrade: foo/2\r\nContent-Length: 0\r\n\r\n", "", "");
    }

    @Test
    @DisplayName("row 26: a body that only the end of the connection ends goes through to that end")
    void bodiesUntilTheEndGoThrough() {
        start(TestOrigin.answeringAndClosing("HTTP/1.1 500 Oops\r\nContent-Type: text/plain\r\n\r\nand so it ends"));
        Reply reply = exchange(REQUEST);
        assertEquals("HTTP/1.1 500 Oops", reply.statusLine());
        assertEquals("and so it ends", reply.body());
        assertNull(reply.field("Content-Length"));
        assertEquals("close", reply.field("Connection"));
        endsAs(CloseReason.ORIGIN_ANSWERED, "500");
    }

    @Test
    @DisplayName("row 26: a refusal goes through the same in two pieces split at every byte")
    void splitRefusalsGoThrough() {
        String answer = "HTTP/1.1 503 Off\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nT: x\r\n\r\n";
        AtomicLong at = new AtomicLong();
        start(TestOrigin.playing(connection -> {
            connection.readHead();
            connection.send(answer.substring(0, at.intValue()));
            awaitFirstPiece();
            connection.send(answer.substring(at.intValue()));
            connection.readToEnd();
        }));
        for (at.set(1); at.get() < answer.length(); at.incrementAndGet()) {
            Reply reply = exchange(REQUEST);
            assertEquals("HTTP/1.1 503 Off", reply.statusLine());
            assertEquals("3\r\nabc\r\n0\r\nT: x\r\n\r\n", reply.body(), () -> "split at " + at);
            endsAs(CloseReason.ORIGIN_ANSWERED, "503");
        }
    }

    @Test
    @DisplayName("row 26: a large refusal to a slow client is parked up to the limit, and complete")
    void largeRefusalsAreParkedUpToTheLimit() {
        int limit = 64 << 10;
        BytePattern body = new BytePattern(8 << 20, 26);
        byte[] bytes = body.bytes();
        AtomicLong sent = new AtomicLong();
        origin = TestOrigin.playing(connection -> {
            connection.readHead();
            connection.send("HTTP/1.1 403 Forbidden\r\nContent-Length: " + bytes.length + "\r\n\r\n");
            connection.send(bytes, sent);
            connection.readToEnd();
        });
        try (SocketLab lab = SocketLab.start()) {
            proxy = ProxyUnderTest.before(origin.address())
                    .top("parked-bytes-max: 64KiB")
                    .start();
            SocketLab.Connection client = lab.connect("127.0.0.1", proxy.port(), "rcvbuf=4096");
            client.send(REQUEST).ok();
            // How much the kernels' buffers take besides is theirs to say; what is ours is bounded.
            Stall.of(sent::get);
            long parked = proxy.counter(Counter.PARKED_BYTES);
            assertTrue(parked > 0 && parked <= limit, parked + " bytes parked");
            assertTrue(client.receiveUntil(SampleUpgrade.END_OF_HEAD).text().startsWith("HTTP/1.1 403 Forbidden\r\n"));
            SocketLab.Step all = client.verify(body);
            while (proxy.closed(CloseReason.ORIGIN_ANSWERED) == 0 && sent.get() < bytes.length) {
                assertTrue(proxy.counter(Counter.PARKED_BYTES) <= limit, "never more than the limit");
            }
            all.ok();
            client.expectEof().ok();
            client.close();
            endsAs(CloseReason.ORIGIN_ANSWERED, "403");
            proxy.close();
        }
        proxy = null;
    }

    @Test
    @DisplayName("row 26: a body that breaks off or breaks its framing ends in a reset, not in a clean end")
    void brokenBodiesEndInAReset() {
        brokenBody("HTTP/1.1 403 Forbidden\r\nContent-Length: 500\r\n\r\nabc", false);
        brokenBody("HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc", false);
        brokenBody("HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcdef\r\n", false);
        brokenBody("HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nabc\r\n", false);
        brokenBody("HTTP/1.1 403 Forbidden\r\nContent-Length: 500\r\n\r\nabc", true);
        brokenBody("HTTP/1.1 403 Forbidden\r\n\r\nabc", true);
    }

    // ---- What many of them need.

    /** This answer of an origin arrives, but for the fields about the connection; what stands behind it does not. */
    private void passes(String head, String body, String behind) {
        origin = TestOrigin.answering(head + body + behind);
        proxy = ProxyUnderTest.before(origin);
        Reply sent = Reply.parse(head + body);
        Reply reply = exchange(REQUEST);
        assertEquals(sent.statusLine(), reply.statusLine());
        assertEquals(body, reply.body());
        for (String field : List.of(
                "Content-Length",
                "Transfer-Encoding",
                "WWW-Authenticate",
                "Retry-After",
                "Location",
                "Set-Cookie",
                "ETag")) {
            assertEquals(sent.field(field), reply.field(field), field);
        }
        boolean isUpgrade = sent.status() == 426;
        assertEquals(isUpgrade ? "foo/2" : null, reply.field("Upgrade"));
        assertEquals(
                isUpgrade ? "upgrade, close" : "close",
                reply.field("Connection").toLowerCase(Locale.ROOT));
        endsAs(CloseReason.ORIGIN_ANSWERED, Integer.toString(sent.status()));
        sawOneRequest();
        proxy.close();
        origin.close();
    }

    private void sawOneRequest() {
        TestOrigin.Connection seen = origin.next();
        seen.awaitEnd();
        assertEquals("", seen.receivedText(), "nothing but one head went to the origin");
        assertFalse(seen.head().contains("smuggled"), seen.head());
        assertEquals(1, origin.connections());
    }

    private void brokenBody(String answer, boolean isReset) {
        CountDownLatch isRead = new CountDownLatch(1);
        origin = TestOrigin.playing(connection -> {
            connection.readHead();
            connection.send(answer);
            if (isReset) {
                // A reset may overtake what was sent before it, and the client is to see the answer begin.
                await(isRead);
                connection.reset();
            }
        });
        proxy = ProxyUnderTest.before(origin);
        try (RawClient client = RawClient.connect(proxy).send(REQUEST)) {
            if (isReset) {
                assertTrue(client.head().startsWith("HTTP/1.1 403 Forbidden\r\n"));
                isRead.countDown();
            }
            client.readToReset();
        }
        endsAs(CloseReason.ORIGIN_BODY_BROKEN, "403");
        proxy.close();
        origin.close();
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            if (!latch.await(Await.PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError("the test has not let the origin go on");
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private static void join(Thread thread) {
        Await.until(() -> !thread.isAlive(), "the end of " + thread);
    }
}
