package io.longshore.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.metrics.CloseReason;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What clients ask for in the handshake: rows 1 to 10, 13 and 14. */
final class HandshakeRowsTest extends RowsBase {
    private static final String UPGRADE_REQUIRED = "426 Upgrade Required";
    private static final String BAD_REQUEST = "400 Bad Request";
    private static final String KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

    @BeforeEach
    void start() {
        start(TestOrigin.echoing());
    }

    @Test
    @DisplayName("row 1: Upgrade without the token in Connection is an ordinary request")
    void upgradeWithoutConnectionIsAnOrdinaryRequest() {
        for (String connection : List.of("", "Connection: keep-alive\r\n", "Connection: upgraded, xupgrade\r\n")) {
            mustUpgrade(upgrade("Connection: Upgrade\r\n", connection));
        }
    }

    @Test
    @DisplayName("row 2: Connection: upgrade without Upgrade is an ordinary request")
    void connectionWithoutUpgradeIsAnOrdinaryRequest() {
        mustUpgrade(upgrade("Upgrade: websocket\r\n", ""));
    }

    @Test
    @DisplayName("row 3: a Sec-WebSocket-Key that is missing, repeated, or not 16 bytes of base64 is refused")
    void badKeysAreRefused() {
        for (String bad : List.of(
                "",
                KEY + KEY,
                "Sec-WebSocket-Key:\r\n",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ\r\n",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQA=\r\n",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j*Q==\r\n",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZWFhYQ==\r\n")) {
            refused(upgrade(KEY, bad), BAD_REQUEST, CloseReason.BAD_WEBSOCKET_KEY);
        }
    }

    @Test
    @DisplayName("row 4: a Sec-WebSocket-Version other than 13 is told which one we speak")
    void otherVersionsAreToldOurs() {
        for (String bad : List.of(
                "",
                "Sec-WebSocket-Version: 8\r\n",
                "Sec-WebSocket-Version: 013\r\n",
                "Sec-WebSocket-Version: 13, 8\r\n",
                "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Version: 13\r\n")) {
            String request = upgrade("Sec-WebSocket-Version: 13\r\n", bad);
            says426(refused(request, UPGRADE_REQUIRED, CloseReason.BAD_WEBSOCKET_VERSION));
        }
    }

    @Test
    @DisplayName("row 5: a method other than GET with an upgrade is refused")
    void otherMethodsWithAnUpgradeAreRefused() {
        for (String method : List.of("POST", "PUT", "OPTIONS", "FOO", "get")) {
            refused(upgrade("GET", method), BAD_REQUEST, CloseReason.UPGRADE_METHOD);
        }
    }

    @Test
    @DisplayName("row 6: an upgrade over HTTP/1.0 is ignored")
    void upgradesOverHttp10AreIgnored() {
        mustUpgrade(upgrade("HTTP/1.1", "HTTP/1.0"));
    }

    @Test
    @DisplayName("row 7: an unknown or h2c token is no upgrade, and stripped beside a websocket one")
    void foreignTokensAreNotRelayed() {
        mustUpgrade(upgrade("Upgrade: websocket", "Upgrade: h2c"));
        mustUpgrade(upgrade("Upgrade: websocket", "Upgrade: websocket2, TLS/1.0"));
        TestOrigin.Connection seen = tunnelled(upgrade(
                "Upgrade: websocket\r\nConnection: Upgrade\r\n",
                "Upgrade: websocket\r\nUpgrade: h2c, foo/2\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"
                        + "Connection: Upgrade, HTTP2-Settings\r\n"));
        assertEquals("websocket", seen.header("upgrade"));
        assertFalse(seen.hasHeader("http2-settings"), seen.head());
        assertFalse(seen.head().contains("h2c"), seen.head());
        assertEquals("upgrade", seen.header("connection").toLowerCase(Locale.ROOT));
    }

    @Test
    @DisplayName("row 8: of Upgrade: websocket, h2c only websocket goes to the origin")
    void onlyWebSocketGoesToTheOrigin() {
        for (String both : List.of("websocket, h2c", "h2c,WebSocket", "foo/1, websocket , bar")) {
            TestOrigin.Connection seen = tunnelled(upgrade("Upgrade: websocket", "Upgrade: " + both));
            assertEquals("websocket", seen.header("upgrade"), both);
        }
    }

    @Test
    @DisplayName("row 9: an upgrade with a body is refused")
    void upgradesWithABodyAreRefused() {
        refused(upgradeWith("Content-Length: 5\r\n") + "hello", BAD_REQUEST, CloseReason.UPGRADE_WITH_BODY);
        String chunked = upgradeWith("Transfer-Encoding: chunked\r\n") + "5\r\nhello\r\n0\r\n\r\n";
        refused(chunked, BAD_REQUEST, CloseReason.UPGRADE_WITH_BODY);
        assertTrue(tunnelled(upgradeWith("Content-Length: 0\r\n")).head().startsWith("GET / "));
    }

    @Test
    @DisplayName("row 10: a request that is no upgrade gets 426, and another method than GET and HEAD gets 405")
    void ordinaryRequestsMustUpgrade() {
        mustUpgrade("GET / HTTP/1.1\r\nHost: longshore.example\r\n\r\n");
        mustUpgrade("GET /a?b=c HTTP/1.0\r\n\r\n");
        String post = "POST / HTTP/1.1\r\nHost: longshore.example\r\nContent-Length: 5\r\n\r\nhello";
        Reply reply = refused(post, "405 Method Not Allowed", CloseReason.METHOD_NOT_ALLOWED);
        assertEquals("GET", reply.field("Allow"));
    }

    @Test
    @DisplayName("row 10: a HEAD gets the 426 without its body")
    void headGetsNoBody() {
        Reply reply = exchange("HEAD / HTTP/1.1\r\nHost: longshore.example\r\n\r\n");
        assertEquals(426, reply.status());
        assertEquals("", reply.body());
        says426(reply);
        endsAs(CloseReason.NOT_AN_UPGRADE, "426");
    }

    @Test
    @DisplayName("row 13: a Connection that names X-Forwarded-For, Host, Authorization or our own fields drops none")
    void nominationsOfWhatMattersAreIgnored() {
        TestOrigin.Connection seen = tunnelled(upgrade(
                "Connection: Upgrade\r\n",
                "Connection: Upgrade, X-Forwarded-For, Host, Authorization, Cookie, Origin, Sec-WebSocket-Key,"
                        + " Sec-WebSocket-Version, Forwarded, X-Real-IP, X-Hop\r\n"
                        + "Authorization: Basic eDp5\r\nCookie: a=b\r\nOrigin: https://longshore.example\r\n"
                        + "X-Hop: 1\r\nX-End: 2\r\n"));
        assertEquals("127.0.0.1", seen.header("x-forwarded-for"));
        assertEquals("127.0.0.1", seen.header("x-real-ip"));
        assertTrue(seen.hasHeader("forwarded"), seen.head());
        assertEquals("longshore.example", seen.header("host"));
        assertEquals("Basic eDp5", seen.header("authorization"));
        assertEquals("a=b", seen.header("cookie"));
        assertEquals("https://longshore.example", seen.header("origin"));
        assertEquals("dGhlIHNhbXBsZSBub25jZQ==", seen.header("sec-websocket-key"));
        assertEquals("13", seen.header("sec-websocket-version"));
        assertEquals("2", seen.header("x-end"));
        assertNull(seen.header("x-hop"), "what may be nominated is dropped");
    }

    @Test
    @DisplayName("row 14: forwarded fields of a peer that is not trusted are replaced")
    void forwardedFieldsOfStrangersAreReplaced() {
        TestOrigin.Connection seen = tunnelled(upgradeWith("X-Forwarded-For: 10.9.9.9\r\nx-forwarded-for: 10.8.8.8\r\n"
                + "X-Real-IP: 10.9.9.9\r\nForwarded: for=10.9.9.9\r\nX-Forwarded-Proto: https\r\n"
                + "X-Forwarded-Host: evil.example\r\nX_Forwarded_For: 10.9.9.9\r\n"));
        assertEquals("127.0.0.1", seen.header("x-forwarded-for"));
        assertEquals("127.0.0.1", seen.header("x-real-ip"));
        assertEquals("http", seen.header("x-forwarded-proto"));
        assertEquals("longshore.example", seen.header("x-forwarded-host"));
        assertTrue(seen.header("forwarded").startsWith("for=127.0.0.1;"), seen.head());
        assertFalse(seen.head().contains("10.9.9.9"), seen.head());
        assertFalse(seen.head().contains("evil"), seen.head());
    }

    @Test
    @DisplayName("row 14: forwarded fields of a trusted proxy are extended")
    void forwardedFieldsOfTrustedProxiesAreExtended() {
        proxy.close();
        proxy = ProxyUnderTest.before(origin.address())
                .listener("trusted-proxies: [127.0.0.0/8]")
                .start();
        TestOrigin.Connection seen = tunnelled(upgradeWith("X-Forwarded-For: 10.9.9.9\r\nX-Real-IP: 10.9.9.9\r\n"
                + "Forwarded: for=10.9.9.9\r\nX-Forwarded-Proto: https\r\n"));
        assertEquals("10.9.9.9, 127.0.0.1", seen.header("x-forwarded-for"));
        assertEquals("10.9.9.9", seen.header("x-real-ip"));
        assertEquals("https", seen.header("x-forwarded-proto"));
        assertTrue(seen.header("forwarded").startsWith("for=10.9.9.9, for=127.0.0.1;"), seen.head());
    }

    private void mustUpgrade(String request) {
        says426(refused(request, UPGRADE_REQUIRED, CloseReason.NOT_AN_UPGRADE));
    }

    /** Every 426 says what to upgrade to (RFC 9110 section 15.5.22), and to which version of it. */
    private static void says426(Reply reply) {
        assertEquals("websocket", reply.field("Upgrade"));
        assertEquals("upgrade, close", reply.field("Connection"));
        assertEquals("13", reply.field("Sec-WebSocket-Version"));
    }

    /** Sends a request that becomes a tunnel, sees that it echoes, ends it; returns what the origin was sent. */
    private TestOrigin.Connection tunnelled(String request) {
        try (RawClient client = RawClient.connect(proxy).send(request)) {
            client.head101();
            assertEquals("ping", client.send("ping").readText(4));
            client.finish();
            assertEquals(0, client.readToEnd().length);
        }
        endsAs(CloseReason.CLIENT_CLOSED_FIRST, "101");
        return origin.next();
    }
}
