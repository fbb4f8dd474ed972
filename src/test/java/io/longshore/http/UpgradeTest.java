package io.longshore.http;

import static io.longshore.http.Heads.KEY;
import static io.longshore.http.Heads.UPGRADE;
import static io.longshore.http.Heads.request;
import static io.longshore.http.Heads.response;
import static io.longshore.http.Heads.switching;
import static io.longshore.http.Heads.upgrade;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Locale;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UpgradeTest {
    private final Upgrade upgrade = new Upgrade();

    private static void assertChecked(HeadFault expected, String request) {
        assertEquals(expected.name(), Heads.name(Upgrade.checkRequest(request(request))), request);
    }

    private static void assertPasses(String request) {
        assertEquals("0", Heads.name(Upgrade.checkRequest(request(request))), request);
    }

    private void assertAnswer(HeadFault expected, String response, String request) {
        int outcome = upgrade.checkResponse(response(response), request(request));
        assertEquals(expected.name(), Heads.name(outcome), response);
    }

    private void assertAnswers(String response, String request) {
        assertEquals("0", Heads.name(upgrade.checkResponse(response(response), request(request))), response);
    }

    @Test
    void passesAWebSocketUpgrade() {
        assertPasses(UPGRADE);
        assertPasses(UPGRADE.replace("Upgrade: websocket", "upgrade: WebSocket"));
        assertPasses(UPGRADE.replace("Connection: Upgrade", "Connection: keep-alive, upgrade"));
        assertPasses(UPGRADE.replace("Connection: Upgrade", "Connection: keep-alive\r\nConnection: UPGRADE"));
        assertPasses(upgrade("Content-Length: 0\r\n"));
        assertPasses(UPGRADE.replace("GET /chat?room=1", "GET http://example.com:8080"));
    }

    @Test
    @DisplayName("row 1: Upgrade: websocket without the upgrade token in Connection is an ordinary request")
    void takesAnUpgradeThatConnectionDoesNotNameForAnOrdinaryRequest() {
        assertChecked(HeadFault.NOT_AN_UPGRADE, UPGRADE.replace("Connection: Upgrade\r\n", ""));
        assertChecked(HeadFault.NOT_AN_UPGRADE, UPGRADE.replace("Connection: Upgrade", "Connection: keep-alive"));
        assertChecked(HeadFault.NOT_AN_UPGRADE, UPGRADE.replace("Connection: Upgrade", "Connection: upgraded"));
        assertChecked(HeadFault.NOT_AN_UPGRADE, UPGRADE.replace("Connection: Upgrade", "Connection: \"upgrade\""));
    }

    @Test
    @DisplayName("row 2: Connection: upgrade without Upgrade is an ordinary request")
    void takesAConnectionOptionWithoutUpgradeForAnOrdinaryRequest() {
        assertChecked(HeadFault.NOT_AN_UPGRADE, UPGRADE.replace("Upgrade: websocket\r\n", ""));
        assertChecked(HeadFault.NOT_AN_UPGRADE, UPGRADE.replace("Upgrade: websocket", "Upgrade:"));
    }

    @ParameterizedTest
    @DisplayName("row 3: Sec-WebSocket-Key that is not 16 bytes of base64")
    @ValueSource(
            strings = {
                "",
                "AAAA",
                "dGhlIHNhbXBsZSBub25jZQ=",
                "dGhlIHNhbXBsZSBub25jZQ",
                "dGhlIHNhbXBsZSBub25jZQ===",
                "dGhlIHNhbXBsZSBub25jZVE=",
                "dGhlIHNhbXBsZSBub25jZVFR",
                "dGhlIHNhbXBsZSBub25j!Q==",
                "dGhlIHNhbXBsZSBub25jZ===",
                "dGhlIHNhbXBs-_Bub25jZQ==",
                "dGhlIHNhbXBsZSBub25jZQ==, dGhlIHNhbXBsZSBub25jZQ=="
            })
    void refusesABadKey(String key) {
        assertChecked(HeadFault.BAD_WEBSOCKET_KEY, UPGRADE.replace(KEY, key));
    }

    @Test
    @DisplayName("row 3: Sec-WebSocket-Key missing or repeated")
    void refusesAMissingOrRepeatedKey() {
        assertChecked(HeadFault.BAD_WEBSOCKET_KEY, UPGRADE.replace("Sec-WebSocket-Key: " + KEY + "\r\n", ""));
        assertChecked(HeadFault.BAD_WEBSOCKET_KEY, upgrade("Sec-WebSocket-Key: " + KEY + "\r\n"));
    }

    @Test
    @DisplayName("row 4: Sec-WebSocket-Version other than 13")
    void refusesAnotherVersion() {
        String version = "Sec-WebSocket-Version: 13";
        assertChecked(HeadFault.BAD_WEBSOCKET_VERSION, UPGRADE.replace(version, "Sec-WebSocket-Version: 8"));
        assertChecked(HeadFault.BAD_WEBSOCKET_VERSION, UPGRADE.replace(version, "Sec-WebSocket-Version: 13, 8"));
        assertChecked(HeadFault.BAD_WEBSOCKET_VERSION, UPGRADE.replace(version, "Sec-WebSocket-Version: 013"));
        assertChecked(HeadFault.BAD_WEBSOCKET_VERSION, UPGRADE.replace(version + "\r\n", ""));
        assertChecked(HeadFault.BAD_WEBSOCKET_VERSION, upgrade(version + "\r\n"));
        // An old client has neither this version nor this key: the version is the truth about it.
        assertChecked(
                HeadFault.BAD_WEBSOCKET_VERSION,
                "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n"
                        + "Sec-WebSocket-Key1: 4 @1\r\n\r\n");
    }

    @Test
    @DisplayName("row 5: a method other than GET with a WebSocket upgrade")
    void refusesAnUpgradeWithAnotherMethod() {
        assertChecked(HeadFault.UPGRADE_METHOD, UPGRADE.replace("GET", "POST"));
        assertChecked(HeadFault.UPGRADE_METHOD, UPGRADE.replace("GET", "HEAD"));
        assertChecked(HeadFault.UPGRADE_METHOD, UPGRADE.replace("GET", "get"));
        assertChecked(HeadFault.UPGRADE_METHOD, UPGRADE.replace("GET /chat?room=1", "CONNECT example.com:8080"));
    }

    @Test
    @DisplayName("row 6: an upgrade over HTTP/1.0 is ignored")
    void ignoresAnUpgradeOverHttp10() {
        assertChecked(HeadFault.NOT_AN_UPGRADE, UPGRADE.replace("HTTP/1.1", "HTTP/1.0"));
    }

    @Test
    @DisplayName("row 7: an unknown or h2c token is no WebSocket upgrade")
    void ignoresOtherProtocols() {
        assertChecked(HeadFault.NOT_AN_UPGRADE, UPGRADE.replace("Upgrade: websocket", "Upgrade: h2c"));
        assertChecked(HeadFault.NOT_AN_UPGRADE, UPGRADE.replace("Upgrade: websocket", "Upgrade: websocket/13"));
        assertChecked(HeadFault.NOT_AN_UPGRADE, UPGRADE.replace("Upgrade: websocket", "Upgrade: xwebsocket"));
    }

    @Test
    @DisplayName("row 8: websocket in a list of protocols is an upgrade")
    void findsWebSocketInAListOfProtocols() {
        assertPasses(UPGRADE.replace("Upgrade: websocket", "Upgrade: websocket, h2c"));
        assertPasses(UPGRADE.replace("Upgrade: websocket", "Upgrade: h2c\r\nUpgrade: WEBSOCKET"));
    }

    @Test
    @DisplayName("row 9: an upgrade with a body")
    void refusesAnUpgradeWithABody() {
        assertChecked(HeadFault.UPGRADE_WITH_BODY, upgrade("Content-Length: 1\r\n"));
        assertChecked(HeadFault.UPGRADE_WITH_BODY, upgrade("Transfer-Encoding: chunked\r\n"));
    }

    @Test
    @DisplayName("row 10: a request that is no upgrade; other methods are not allowed at all")
    void refusesWhatIsNoUpgrade() {
        assertChecked(HeadFault.NOT_AN_UPGRADE, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        assertChecked(HeadFault.NOT_AN_UPGRADE, "HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
        assertChecked(HeadFault.METHOD_NOT_ALLOWED, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n");
        assertChecked(HeadFault.METHOD_NOT_ALLOWED, "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n");
        assertChecked(HeadFault.METHOD_NOT_ALLOWED, "CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n");
        assertChecked(HeadFault.METHOD_NOT_ALLOWED, "get / HTTP/1.1\r\nHost: h\r\n\r\n");
    }

    @Test
    void passesTheAnswerThatRfc6455Shows() {
        assertAnswers(switching(""), UPGRADE);
        assertAnswers(switching("").replace("Upgrade: websocket", "UPGRADE: WebSocket"), UPGRADE);
        assertAnswers(switching("").replace("Connection: Upgrade", "Connection: keep-alive, upgrade"), UPGRADE);
    }

    @Test
    void computesTheAcceptOfRfc6455() {
        UnsafeBuffer out = new UnsafeBuffer(new byte[40]);

        assertEquals(28, upgrade.acceptKey(Heads.buffer(KEY, 5), 5, out, 7));
        assertEquals(Heads.ACCEPT, Heads.text(out, 7, 28));
        assertEquals(28, upgrade.acceptKey(Heads.buffer(KEY, 0), 0, out, 0));
        assertEquals(Heads.ACCEPT, Heads.text(out, 0, 28));
    }

    @Test
    @DisplayName("row 27: a 101 nobody asked for")
    void refusesA101NobodyAskedFor() {
        assertAnswer(HeadFault.UNASKED_101, switching(""), "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        assertAnswer(HeadFault.UNASKED_101, switching(""), UPGRADE.replace("HTTP/1.1", "HTTP/1.0"));
    }

    @Test
    @DisplayName("row 28: a 101 without Connection or Upgrade, or with another token")
    void refusesA101ThatUpgradesToSomethingElse() {
        HeadFault fault = HeadFault.BAD_101_UPGRADE;
        assertAnswer(fault, switching("").replace("Upgrade: websocket\r\n", ""), UPGRADE);
        assertAnswer(fault, switching("").replace("Upgrade: websocket", "Upgrade: h2c"), UPGRADE);
        assertAnswer(fault, switching("").replace("Upgrade: websocket", "Upgrade: websocket, h2c"), UPGRADE);
        assertAnswer(fault, switching("Upgrade: websocket\r\n"), UPGRADE);
        assertAnswer(fault, switching("").replace("Connection: Upgrade\r\n", ""), UPGRADE);
        assertAnswer(fault, switching("").replace("Connection: Upgrade", "Connection: close"), UPGRADE);
        assertAnswer(fault, switching("").replace("HTTP/1.1", "HTTP/1.0"), UPGRADE);
    }

    @Test
    @DisplayName("row 28: a 101 with a bad, missing or repeated Accept")
    void refusesA101WithABadAccept() {
        String accept = "Sec-WebSocket-Accept: " + Heads.ACCEPT + "\r\n";
        HeadFault fault = HeadFault.BAD_101_ACCEPT;
        assertAnswer(fault, switching("").replace(accept, ""), UPGRADE);
        assertAnswer(fault, switching("").replace(Heads.ACCEPT, Heads.ACCEPT.toLowerCase(Locale.ROOT)), UPGRADE);
        assertAnswer(fault, switching("").replace(Heads.ACCEPT, ""), UPGRADE);
        assertAnswer(fault, switching("").replace(Heads.ACCEPT, Heads.ACCEPT + "="), UPGRADE);
        assertAnswer(fault, switching(accept), UPGRADE);
        assertAnswer(fault, switching(""), UPGRADE.replace(KEY, "AAAAAAAAAAAAAAAAAAAAAA=="));
    }

    @Test
    @DisplayName("row 28: a 101 with a subprotocol that was not offered")
    void refusesA101WithAnUnofferedSubprotocol() {
        String offer = upgrade("Sec-WebSocket-Protocol: chat, superchat\r\nSec-WebSocket-Protocol: v2\r\n");
        HeadFault fault = HeadFault.BAD_101_SUBPROTOCOL;
        assertAnswers(switching(""), offer);
        assertAnswers(switching("Sec-WebSocket-Protocol: superchat\r\n"), offer);
        assertAnswers(switching("Sec-WebSocket-Protocol: v2\r\n"), offer);
        assertAnswer(fault, switching("Sec-WebSocket-Protocol: chat\r\n"), UPGRADE);
        assertAnswer(fault, switching("Sec-WebSocket-Protocol: other\r\n"), offer);
        assertAnswer(fault, switching("Sec-WebSocket-Protocol: Chat\r\n"), offer);
        assertAnswer(fault, switching("Sec-WebSocket-Protocol:\r\n"), offer);
        assertAnswer(fault, switching("Sec-WebSocket-Protocol: chat, superchat\r\n"), offer);
        assertAnswer(fault, switching("Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Protocol: chat\r\n"), offer);
    }

    @Test
    @DisplayName("row 28: a 101 with an extension that was not offered; parameters are between the two ends")
    void refusesA101WithAnUnofferedExtension() {
        String offer =
                upgrade("Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits, foo; x=\"a, bar\"\r\n"
                        + "Sec-WebSocket-Extensions: bar2\r\n");
        String field = "Sec-WebSocket-Extensions: ";
        HeadFault fault = HeadFault.BAD_101_EXTENSION;
        assertAnswers(switching(""), offer);
        assertAnswers(switching(field + "permessage-deflate; server_no_context_takeover\r\n"), offer);
        assertAnswers(switching(field + "foo ;a=\"b,c\\\"d,\", permessage-deflate\r\n" + field + "bar2\r\n"), offer);
        assertAnswer(fault, switching(field + "permessage-deflate\r\n"), UPGRADE);
        assertAnswer(fault, switching(field + "permessage-deflate, other\r\n"), offer);
        assertAnswer(fault, switching(field + "bar\r\n"), offer);
        assertAnswer(fault, switching(field + "foo bar\r\n"), offer);
        assertAnswer(fault, switching(field + "\"foo\"\r\n"), offer);
        assertAnswer(fault, switching(field + "; foo\r\n"), offer);
        assertAnswer(fault, switching(field + "foo,".repeat(33) + "\r\n"), offer);
    }
}
