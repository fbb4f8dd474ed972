package io.longshore.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.lab.SampleUpgrade;
import io.longshore.metrics.CloseReason;
import io.longshore.metrics.Counter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What does not parse, or only just: rows 15 to 24. */
final class ParsingRowsTest extends RowsBase {
    private static final String BAD_REQUEST = "400 Bad Request";
    private static final String HOST = "Host: longshore.example\r\n";

    @BeforeEach
    void start() {
        start(TestOrigin.echoing());
    }

    @Test
    @DisplayName("row 15: Content-Length with Transfer-Encoding is refused")
    void lengthWithTransferEncodingIsRefused() {
        for (String lines : List.of(
                "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
                "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n",
                "Transfer-Encoding: identity\r\ncontent-length: 5\r\n")) {
            bad(upgradeWith(lines), CloseReason.LENGTH_WITH_TRANSFER_ENCODING);
            bad("POST / HTTP/1.1\r\n" + HOST + lines + "\r\n", CloseReason.LENGTH_WITH_TRANSFER_ENCODING);
        }
    }

    @Test
    @DisplayName("row 16: a Content-Length that differs, is negative, signed or overflows is refused")
    void badContentLengthsAreRefused() {
        for (String lines : List.of(
                "Content-Length: 5\r\nContent-Length: 6\r\n",
                "Content-Length: 0\r\nContent-Length: 0\r\n",
                "Content-Length: 5, 5\r\n",
                "Content-Length: -1\r\n",
                "Content-Length: +5\r\n",
                "Content-Length: 18446744073709551616\r\n",
                "Content-Length: 9223372036854775808\r\n",
                "Content-Length: 0x5\r\n",
                "Content-Length: 5 5\r\n",
                "Content-Length:\r\n")) {
            bad(upgradeWith(lines), CloseReason.BAD_CONTENT_LENGTH);
        }
    }

    @Test
    @DisplayName("row 17: a repeated or obfuscated Transfer-Encoding, and any on HTTP/1.0, is refused")
    void badTransferEncodingsAreRefused() {
        for (String lines : List.of(
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
                "Transfer-Encoding: chunked, chunked\r\n",
                "Transfer-Encoding: gzip, chunked\r\n",
                "Transfer-Encoding: xchunked\r\n",
                "Transfer-Encoding: \"chunked\"\r\n",
                "Transfer-Encoding: chunked;a=b\r\n",
                "Transfer-Encoding: identity\r\n",
                "Transfer-Encoding:\r\n")) {
            bad(upgradeWith(lines), CloseReason.BAD_TRANSFER_ENCODING);
        }
        bad("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", CloseReason.BAD_TRANSFER_ENCODING);
        bad(upgradeWith("Transfer-Encoding : chunked\r\n"), CloseReason.SPACE_BEFORE_COLON);
        bad(upgradeWith("Transfer-Encoding: \u000bchunked\r\n"), CloseReason.FORBIDDEN_BYTE);
    }

    @Test
    @DisplayName("row 18: a bare LF or CR, a NUL or an obsolete fold is refused")
    void badLinesAreRefused() {
        bad(upgrade("HTTP/1.1\r\n", "HTTP/1.1\n"), CloseReason.BARE_CR_OR_LF);
        bad(upgrade(HOST, "Host: longshore.example\n"), CloseReason.BARE_CR_OR_LF);
        bad(upgradeWith("A: b\rC: d\r\n"), CloseReason.BARE_CR_OR_LF);
        bad(upgradeWith("A: b\r\r\n"), CloseReason.BARE_CR_OR_LF);
        bad("GET / HTTP/1.1\n" + HOST + "\n", CloseReason.BARE_CR_OR_LF);
        bad("\nGET / HTTP/1.1\r\n" + HOST + "\r\n", CloseReason.BARE_CR_OR_LF, CloseReason.BAD_METHOD);
        bad(upgradeWith("A: b\u0000c\r\n"), CloseReason.FORBIDDEN_BYTE);
        bad(upgradeWith("A: b\u007fc\r\n"), CloseReason.FORBIDDEN_BYTE);
        bad(upgradeWith("A: b\r\n c\r\n"), CloseReason.OBSOLETE_FOLD);
        bad(upgradeWith("A: b\r\n\tc\r\n"), CloseReason.OBSOLETE_FOLD);
    }

    @Test
    @DisplayName("row 19: a space before the colon, an indented first header, an empty or non-token name is refused")
    void badNamesAreRefused() {
        bad(upgradeWith("A : b\r\n"), CloseReason.SPACE_BEFORE_COLON);
        bad(upgradeWith("A\t: b\r\n"), CloseReason.SPACE_BEFORE_COLON);
        bad(upgradeWith("A B: c\r\n"), CloseReason.SPACE_BEFORE_COLON);
        bad(upgrade(HOST, " " + HOST), CloseReason.BAD_HEADER_NAME, CloseReason.OBSOLETE_FOLD);
        bad(upgradeWith(": b\r\n"), CloseReason.BAD_HEADER_NAME);
        bad(upgradeWith("A\u00e4: b\r\n"), CloseReason.BAD_HEADER_NAME);
        bad(upgradeWith("A(B): c\r\n"), CloseReason.BAD_HEADER_NAME);
        bad(upgradeWith("nocolon\r\n"), CloseReason.BAD_HEADER_NAME);
        bad(upgradeWith("A\u0000B: c\r\n"), CloseReason.BAD_HEADER_NAME, CloseReason.FORBIDDEN_BYTE);
    }

    @Test
    @DisplayName("row 20: no Host, two Hosts, a bad Host, or one that differs from an absolute-form target is refused")
    void badHostsAreRefused() {
        for (String host : List.of(
                "",
                HOST + HOST,
                HOST + "host: other.example\r\n",
                "Host:\r\n",
                "Host: a/b\r\n",
                "Host: user@longshore.example\r\n",
                "Host: longshore.example:http\r\n",
                "Host: longshore.example, other.example\r\n")) {
            bad(upgrade(HOST, host), CloseReason.BAD_HOST);
        }
        bad(upgrade("GET / ", "GET http://other.example/ "), CloseReason.BAD_HOST);
        bad(upgrade("GET / ", "GET http://longshore.example:81/ "), CloseReason.BAD_HOST);
        assertTrue(
                tunnelled(upgrade("GET / ", "GET http://LONGSHORE.example/x ")).startsWith("GET /x HTTP/1.1\r\n"));
    }

    @Test
    @DisplayName("row 20a: one empty line before the request line is skipped")
    void oneEmptyLineIsSkipped() {
        assertTrue(tunnelled("\r\n" + SampleUpgrade.request("/a")).startsWith("GET /a HTTP/1.1\r\n"));
        bad("\r\n\r\n" + SampleUpgrade.request("/a"), CloseReason.BAD_METHOD);
    }

    @Test
    @DisplayName("row 21: a long target gets 414, a huge or endless head and too many headers 431, with memory bounded")
    void longHeadsAreRefused() {
        String tooLong = upgrade("GET / ", "GET /" + "a".repeat(40_000) + " ");
        refused(tooLong, "414 URI Too Long", CloseReason.TARGET_TOO_LONG);
        String huge = upgradeWith("A: " + "b".repeat(40_000) + "\r\n");
        refused(huge, "431 Request Header Fields Too Large", CloseReason.HEAD_TOO_LARGE);
        String many = upgradeWith("A: b\r\n".repeat(200));
        refused(many, "431 Request Header Fields Too Large", CloseReason.TOO_MANY_HEADERS);
        refused(upgrade("GET", "G".repeat(100)), BAD_REQUEST, CloseReason.BAD_METHOD);
    }

    @Test
    @DisplayName("row 21: a head that never ends is refused while it is still coming")
    void endlessHeadsAreRefused() {
        try (RawClient client = RawClient.connect(proxy).send("GET / HTTP/1.1\r\nA: ")) {
            String piece = "b".repeat(1000);
            boolean isOpen = true;
            for (int sent = 0; isOpen; sent += piece.length()) {
                assertTrue(sent < 64 << 20, "an endless head was never refused");
                assertTrue(proxy.counter(Counter.PAGES_TAKEN) <= 3, "a head holds few pages");
                try {
                    client.send(piece);
                } catch (UncheckedIOException reset) {
                    // The proxy has thrown away what it is willing to, and reset.
                    isOpen = false;
                }
            }
        }
        endsAs(CloseReason.HEAD_TOO_LARGE, "431");
    }

    @Test
    @DisplayName("row 21: small pieces in front of the largest possible read are no fault of ours")
    void aSmallPieceBeforeAHugeReadIsRefusedAlike() {
        try (RawClient client = RawClient.connect(proxy).send("GET / HTTP/1.1\r\nA")) {
            proxy.await(Counter.PAGES_TAKEN, 1);
            Reply reply = null;
            try {
                client.send(": " + "b".repeat(1 << 20));
                reply = client.reply();
            } catch (UncheckedIOException reset) {
                // More than the proxy cares to throw away came behind the refusal.
                reply = null;
            }
            if (reply != null) {
                reply.refuses("431 Request Header Fields Too Large");
            }
        }
        endsAs(CloseReason.HEAD_TOO_LARGE, "431");
    }

    @Test
    @DisplayName("row 22: a byte now and then gets 408 after head-timeout")
    void slowHeadsTimeOut() {
        proxy.close();
        proxy = ProxyUnderTest.before(origin.address())
                .listener("head-timeout: 300ms")
                .start();
        try (RawClient client = RawClient.connect(proxy)) {
            String request = SampleUpgrade.request("/");
            int next = 0;
            // The clock runs from the accept and no byte moves it, so the answer comes before the head is complete.
            while (proxy.closed(CloseReason.HEAD_TIMEOUT) == 0 && client.available() == 0 && next < 20) {
                client.send(request.substring(next, next + 1));
                next++;
                client.awaitReadable(100);
            }
            client.reply().refuses("408 Request Timeout");
        }
        endsAs(CloseReason.HEAD_TIMEOUT, "408");
        assertEquals(0, origin.connections());
    }

    @Test
    @DisplayName("row 22: nothing at all gets 408 after head-timeout")
    void silentClientsTimeOut() {
        proxy.close();
        proxy = ProxyUnderTest.before(origin.address())
                .listener("head-timeout: 300ms")
                .start();
        refused("", "408 Request Timeout", CloseReason.HEAD_TIMEOUT);
    }

    @Test
    @DisplayName("row 22: two thousand silent connections hold no page")
    void silentClientsCostNothing() {
        proxy.close();
        proxy = ProxyUnderTest.before(origin.address())
                .listener("head-timeout: 60s")
                .start();
        List<RawClient> silent = new ArrayList<>();
        try {
            for (int i = 0; i < 2000; i++) {
                silent.add(RawClient.connect(proxy));
            }
            proxy.await(Counter.SESSIONS_ACTIVE, 2000);
            assertEquals(0, proxy.counter(Counter.PAGES_TAKEN));
            assertEquals(2000, proxy.counter(Counter.TIMERS_ACTIVE));
            tunnelled(SampleUpgrade.request("/"));
        } finally {
            silent.forEach(RawClient::close);
        }
        proxy.awaitClosed(CloseReason.CLIENT_LEFT_BEFORE_HEAD, 2000);
    }

    @Test
    @DisplayName("row 23: a head split at every byte is the same as in one piece")
    void splitHeadsAreTheSame() {
        String request = upgradeWith("Origin: https://longshore.example\r\nSec-WebSocket-Protocol: a, b\r\n");
        String whole = tunnelled(request);
        for (int at = 1; at < request.length(); at++) {
            try (RawClient client = RawClient.connect(proxy).send(request.substring(0, at))) {
                // Without the page that holds the first piece there would be one piece, or the kernel would join them.
                proxy.await(Counter.PAGES_TAKEN, 1);
                client.send(request.substring(at));
                client.head101();
                assertEquals("ping", client.send("ping").readText(4));
            }
            assertEquals(whole, origin.next().head(), "split at " + at);
            endsAs(CloseReason.CLIENT_CLOSED_FIRST, "101");
        }
        assertEquals(request.length(), proxy.counter(Counter.TUNNELS_ESTABLISHED));
    }

    @Test
    @DisplayName("row 23: a bad head split at every byte is refused for the same reason")
    void splitBadHeadsAreRefusedAlike() {
        String request = "GET /a HTTP/1.1\r\nHost: a\r\nB : c\r\n\r\n";
        for (int at = 1; at < request.indexOf(" :"); at++) {
            try (RawClient client = RawClient.connect(proxy).send(request.substring(0, at))) {
                proxy.await(Counter.PAGES_TAKEN, 1);
                client.send(request.substring(at)).reply().refuses(BAD_REQUEST);
            }
            endsAs(CloseReason.SPACE_BEFORE_COLON, "400");
        }
        assertEquals(0, origin.connections());
    }

    @Test
    @DisplayName("row 24: bad percent-encoding, control bytes and dot segments in the target are refused")
    void badTargetsAreRefused() {
        for (String target : List.of(
                "/%",
                "/%4",
                "/%zz",
                "/a%00b",
                "/a?b=%g1",
                "/../a",
                "/a/..",
                "/a/../b",
                "/a/./b",
                "/a/%2e%2e/b",
                "/a/.%2E/b",
                "/a/..%2fb",
                "/a/..;x/b",
                "/a\\..\\b",
                "/a\tb",
                "/a\u0001b",
                "/a\u007fb",
                "a",
                "*")) {
            bad(upgrade("GET / ", "GET " + target + " "), CloseReason.BAD_TARGET);
        }
        bad(upgrade("GET / ", "GET /a b "), CloseReason.BAD_TARGET);
    }

    @Test
    @DisplayName("row 24: what passes goes to the origin as the literal bytes, on the route that they say")
    void goodTargetsPassLiterally() {
        for (String target :
                List.of("/%61", "/a%2Fb/%2B", "/a?b=c%20d&e=../f", "/...", "/a..b/.c", "//a//b", "/a|b\"c")) {
            String head = tunnelled(upgrade("GET / ", "GET " + target + " "));
            assertTrue(head.startsWith("GET " + target + " HTTP/1.1\r\n"), head);
        }
    }

    @Test
    @DisplayName("row 24: an encoded path never takes the route of what it decodes to")
    void encodedPathsTakeNoOtherRoute() {
        proxy.close();
        String yaml =
                ProxyUnderTest.before(origin.address()).route("path: /public").yaml();
        proxy = ProxyUnderTest.start(yaml);
        for (String target : List.of("/%70ublic", "/publi%63/", "/private")) {
            refused(upgrade("GET / ", "GET " + target + " "), "404 Not Found", CloseReason.NO_ROUTE);
        }
        bad(upgrade("GET / ", "GET /public/%2e%2e/private "), CloseReason.BAD_TARGET);
        assertTrue(tunnelled(upgrade("GET / ", "GET /public/a ")).startsWith("GET /public/a "));
    }

    private void bad(String request, CloseReason... reasons) {
        Reply reply = exchange(request).refuses(BAD_REQUEST);
        Map<String, String> line = proxy.nextLine();
        Map<String, CloseReason> allowed = new LinkedHashMap<>();
        for (CloseReason reason : reasons) {
            allowed.put(reason.label(), reason);
        }
        assertTrue(allowed.containsKey(line.get("reason")), () -> allowed.keySet() + " for " + line + "\n" + request);
        assertEquals("400", line.get("status"));
        assertEquals("-", line.get("endpoint"), () -> "nothing is dialled for " + request + reply);
    }

    /** Sends a request that becomes a tunnel, sees that it echoes, ends it; returns the head that the origin was sent. */
    private String tunnelled(String request) {
        try (RawClient client = RawClient.connect(proxy).send(request)) {
            client.head101();
            assertEquals("ping", client.send("ping").readText(4));
        }
        endsAs(CloseReason.CLIENT_CLOSED_FIRST, "101");
        return origin.next().head();
    }
}
