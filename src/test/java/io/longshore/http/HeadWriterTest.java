package io.longshore.http;

import static io.longshore.http.Heads.UPGRADE;
import static io.longshore.http.Heads.UPGRADE_FIELDS;
import static io.longshore.http.Heads.request;
import static io.longshore.http.Heads.response;
import static io.longshore.http.Heads.switching;
import static io.longshore.http.Heads.upgrade;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.IntUnaryOperator;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HeadWriterTest {
    private static final int OFFSET = 3;

    private final UnsafeBuffer out = new UnsafeBuffer(new byte[64 * 1024]);
    private final HeadWriter writer = new HeadWriter();
    private final Forwarded forwarded = new Forwarded().set("192.0.2.7", false, false, false);

    private String toOrigin(String request) {
        int length = writer.originRequest(out, OFFSET, out.capacity() - OFFSET, request(request), forwarded);
        String text = Heads.text(out, OFFSET, length);
        assertEquals(0, Upgrade.checkRequest(request(text)), text);
        return text;
    }

    private String toClient(String response) {
        Head head = response(response);
        int capacity = out.capacity() - OFFSET;
        int length = head.status() == 101
                ? writer.clientSwitching(out, OFFSET, capacity, head)
                : writer.clientResponse(out, OFFSET, capacity, head);
        String text = Heads.text(out, OFFSET, length);
        response(text);
        return text;
    }

    private String refusal(int status, boolean isToHead, int retryAfterSeconds) {
        int length = writer.refusal(out, OFFSET, out.capacity() - OFFSET, status, isToHead, retryAfterSeconds);
        return Heads.text(out, OFFSET, length);
    }

    @Test
    void writesTheUpgradeForTheOrigin() {
        String expected = "GET /chat?room=1 HTTP/1.1\r\n"
                + "Host: example.com:8080\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                + "Sec-WebSocket-Version: 13\r\n"
                + "Origin: http://a\r\n"
                + "Cookie: b=c; d=e\r\n"
                + "Connection: Upgrade\r\n"
                + "Upgrade: websocket\r\n"
                + "X-Forwarded-For: 192.0.2.7\r\n"
                + "X-Real-IP: 192.0.2.7\r\n"
                + "X-Forwarded-Proto: http\r\n"
                + "X-Forwarded-Host: example.com:8080\r\n"
                + "Forwarded: for=192.0.2.7;host=\"example.com:8080\";proto=http\r\n"
                + "\r\n";

        assertEquals(expected, toOrigin(upgrade("Origin:   http://a\r\nCookie:b=c; d=e \r\n")));
    }

    @Test
    void writesAnIpv6ClientAndAPlainHost() {
        forwarded.set("2001:db8::1", true, false, true);
        String text = toOrigin(UPGRADE.replace("example.com:8080", "example.com"));

        assertTrue(text.contains("\r\nX-Forwarded-For: 2001:db8::1\r\n"), text);
        assertTrue(text.contains("\r\nX-Forwarded-Proto: https\r\n"), text);
        assertTrue(text.contains("\r\nForwarded: for=\"[2001:db8::1]\";host=example.com;proto=https\r\n"), text);
    }

    @ParameterizedTest
    @CsvSource({"http://h, /", "http://h?q, /?q", "http://h/a/b?q, /a/b?q", "https://H/, /", "/a%20b?c|d, /a%20b?c|d"})
    void writesTheTargetInOriginForm(String target, String originForm) {
        String text = toOrigin("GET " + target + " HTTP/1.1\r\nHost: h\r\n" + UPGRADE_FIELDS + "\r\n");

        assertTrue(text.startsWith("GET " + originForm + " HTTP/1.1\r\nHost: h\r\n"), text);
    }

    @Test
    @DisplayName("row 7, 8: only websocket goes to the origin; HTTP2-Settings does not")
    void passesNoOtherProtocolOn() {
        String text = toOrigin(UPGRADE.replace("Upgrade: websocket", "Upgrade: websocket, h2c")
                .replace("Connection: Upgrade", "Connection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABk"));

        assertFalse(text.contains("h2c"), text);
        assertFalse(text.contains("HTTP2-Settings"), text);
        assertEquals(1, request(text).count(HeaderNames.UPGRADE));
        assertEquals(1, request(text).count(HeaderNames.CONNECTION));
    }

    @Test
    void dropsWhatEndsAtThisHop() {
        String text =
                toOrigin(upgrade("Connection: x-a, keep-alive\r\nConnection: X-B\r\nX-A: 1\r\nx-b: 2\r\nX-C: 3\r\n"
                        + "Keep-Alive: timeout=5\r\nProxy-Connection: a\r\nProxy-Authorization: b\r\nTE: trailers\r\n"
                        + "Trailer: X-D\r\nx-b: 4\r\n"));

        assertEquals(
                "Host,Sec-WebSocket-Key,Sec-WebSocket-Version,X-C,Connection,Upgrade,X-Forwarded-For,X-Real-IP,"
                        + "X-Forwarded-Proto,X-Forwarded-Host,Forwarded",
                String.join(
                        ",",
                        Heads.fields(request(text)).stream()
                                .map(f -> f.split(":")[0])
                                .toList()));
    }

    @ParameterizedTest
    @DisplayName("row 13: Connection cannot nominate what the origin decides by")
    @ValueSource(
            strings = {
                "Host",
                "Authorization",
                "Cookie",
                "Origin",
                "Sec-WebSocket-Key",
                "Sec-WebSocket-Version",
                "Sec-WebSocket-Protocol",
                "Content-Length",
                "Sec-Fetch-Site",
                "User-Agent"
            })
    void ignoresTheNominationOfProtectedFields(String name) {
        String before = upgrade(
                "Authorization: a\r\nCookie: b\r\nOrigin: c\r\nSec-WebSocket-Protocol: d\r\nContent-Length: 0\r\n"
                        + "Sec-Fetch-Site: e\r\nUser-Agent: f\r\n");

        assertEquals(toOrigin(before), toOrigin(before.replace("Connection: Upgrade", "Connection: Upgrade, " + name)));
    }

    @ParameterizedTest
    @DisplayName("row 13: Connection cannot nominate what a trusted proxy says about the client")
    @ValueSource(
            strings = {
                "X-Forwarded-For",
                "X-Real-IP",
                "X-Forwarded-Proto",
                "X-Forwarded-Host",
                "Forwarded",
                "X-Forwarded-Port"
            })
    void ignoresTheNominationOfForwardedFields(String name) {
        forwarded.set("192.0.2.7", false, true, false);
        String before = upgrade("X-Forwarded-For: 1.1.1.1\r\nX-Real-IP: 1.1.1.1\r\nX-Forwarded-Proto: https\r\n"
                + "X-Forwarded-Host: a\r\nForwarded: for=1.1.1.1\r\nX-Forwarded-Port: 443\r\n");

        assertEquals(toOrigin(before), toOrigin(before.replace("Connection: Upgrade", "Connection: Upgrade, " + name)));
    }

    @Test
    @DisplayName("row 14: what an untrusted peer says about the client is replaced")
    void replacesTheForwardedFieldsOfAnUntrustedPeer() {
        String lies = "X-Forwarded-For: 6.6.6.6\r\nx-forwarded-for: 6.6.6.7\r\nX-Real-IP: 6.6.6.6\r\n"
                + "X-Forwarded-Proto: 6\r\nX-Forwarded-Host: 6\r\nForwarded: for=6.6.6.6\r\nX-Forwarded-Port: 6\r\n"
                + "X-Forwarded-Server: 6\r\nX-Forwarded: 6\r\nX_Forwarded_For: 6\r\nX-Forwarded_Proto: 6\r\n"
                + "x_real_ip: 6\r\n";

        assertEquals(toOrigin(UPGRADE), toOrigin(upgrade(lies)));
    }

    @Test
    @DisplayName("row 14: what a trusted peer says about the client is kept and extended")
    void extendsTheForwardedFieldsOfATrustedPeer() {
        forwarded.set("192.0.2.7", false, true, false);
        String text =
                toOrigin(upgrade("X-Forwarded-For: 1.1.1.1, 2.2.2.2\r\nX-Forwarded-For:\r\nX-Forwarded-For: 3.3.3.3\r\n"
                        + "X-Real-IP: 1.1.1.1\r\nX-Forwarded-Proto: https\r\n"
                        + "X-Forwarded-Host: a\r\nX-Forwarded-Port: 443\r\n"
                        + "Forwarded: for=1.1.1.1\r\nX_Forwarded_For: 6\r\n"));

        assertEquals(
                "X-Real-IP: 1.1.1.1\r\nX-Forwarded-Proto: https\r\n"
                        + "X-Forwarded-Host: a\r\nX-Forwarded-Port: 443\r\n"
                        + "Connection: Upgrade\r\nUpgrade: websocket\r\n"
                        + "X-Forwarded-For: 1.1.1.1, 2.2.2.2, 3.3.3.3, 192.0.2.7\r\n"
                        + "Forwarded: for=1.1.1.1, for=192.0.2.7;host=\"example.com:8080\";proto=http\r\n\r\n",
                text.substring(text.indexOf("X-Real-IP")));
    }

    @Test
    void addsWhatATrustedPeerDidNotSay() {
        String untrusted = toOrigin(UPGRADE);
        forwarded.set("192.0.2.7", false, true, false);

        assertEquals(untrusted, toOrigin(UPGRADE));
    }

    @Test
    void writesThe101ForTheClient() {
        String expected = "HTTP/1.1 101 Switching Protocols\r\n"
                + "Sec-WebSocket-Accept: " + Heads.ACCEPT + "\r\n"
                + "Set-Cookie: a=b\r\n"
                + "Set-Cookie: c=d\r\n"
                + "Sec-WebSocket-Protocol: chat\r\n"
                + "Connection: Upgrade\r\n"
                + "Upgrade: websocket\r\n"
                + "\r\n";

        assertEquals(
                expected,
                toClient(switching("Set-Cookie: a=b\r\nConnection: x-a, set-cookie\r\nX-A: b\r\nSet-Cookie: c=d\r\n"
                        + "Keep-Alive: timeout=5\r\nContent-Length: 5\r\nSec-WebSocket-Protocol: chat\r\n")));
    }

    @ParameterizedTest
    @DisplayName("row 26: an origin's refusal goes through with its framing")
    @ValueSource(strings = {"Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n", ""})
    void keepsTheFramingOfARefusal(String framing) {
        String text = toClient("HTTP/1.1 401 Who are you?\r\nKeep-Alive: a\r\n" + framing
                + "WWW-Authenticate: Basic\r\n" + "Connection: keep-alive\r\n\r\n");
        Head head = response(text);

        assertTrue(text.startsWith("HTTP/1.1 401 Who are you?\r\n"), text);
        assertEquals(framing.startsWith("C") ? 5 : -1, head.contentLength());
        assertEquals(framing.startsWith("T"), head.isChunked());
        assertTrue(text.contains("WWW-Authenticate: Basic\r\n"), text);
        assertTrue(text.endsWith("Connection: close\r\n\r\n"), text);
        assertFalse(text.contains("eep-"), text);
    }

    @Test
    @DisplayName("row 29: 200 with an echoed Upgrade is an ordinary response")
    void stripsAnEchoedUpgrade() {
        String text =
                toClient("HTTP/1.0 200 OK\r\nUpgrade: websocket\r\nConnection: upgrade\r\nContent-Length: 0\r\n\r\n");

        assertEquals("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", text);
    }

    @Test
    void keepsTheUpgradeOfA426() {
        assertEquals(
                "HTTP/1.1 426 \r\nUpgrade: websocket, x\r\nConnection: upgrade, close\r\n\r\n",
                toClient("HTTP/1.1 426\r\nUpgrade: websocket, x\r\nConnection: upgrade\r\n\r\n"));
        assertEquals(
                "HTTP/1.1 426 a\r\nContent-Length: 0\r\nUpgrade: websocket\r\nConnection: upgrade, close\r\n\r\n",
                toClient("HTTP/1.1 426 a\r\nContent-Length: 0\r\n\r\n"));
    }

    @Test
    void writesNoFramingWhereThereIsNoBody() {
        String end = "Connection: close\r\n\r\n";
        assertEquals("HTTP/1.1 204 a\r\n" + end, toClient("HTTP/1.1 204 a\r\nContent-Length: 5\r\n\r\n"));
        assertEquals("HTTP/1.1 204 a\r\n" + end, toClient("HTTP/1.1 204 a\r\nTransfer-Encoding: chunked\r\n\r\n"));
        assertEquals("HTTP/1.1 304 a\r\n" + end, toClient("HTTP/1.1 304 a\r\nTransfer-Encoding: chunked\r\n\r\n"));
        assertEquals(
                "HTTP/1.1 304 a\r\nContent-Length: 5\r\n" + end,
                toClient("HTTP/1.1 304 a\r\nContent-Length: 5\r\n\r\n"));
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 404, 405, 408, 413, 414, 426, 431, 500, 502, 503, 504, 505})
    void refusesInOneWholeResponse(int status) {
        String text = refusal(status, false, 0);
        int headLength = text.indexOf("\r\n\r\n") + 4;
        Head head = response(text.substring(0, headLength));

        assertEquals(status, head.status());
        assertEquals(text.length() - headLength, head.contentLength());
        assertTrue(text.substring(headLength).startsWith(status + " "), text);
        assertTrue(head.connectionHas(HeaderNames.ascii("close")), text);
        assertEquals(text.substring(0, headLength), refusal(status, true, 0));
    }

    @Test
    @DisplayName("row 4, 10: every 426 says what to upgrade to")
    void saysInA426WhatToUpgradeTo() {
        Head head = response(refusal(426, true, 0));

        assertTrue(head.valueIs(head.find(HeaderNames.UPGRADE), HeaderNames.WEBSOCKET));
        assertTrue(head.connectionHas(HeaderNames.UPGRADE));
        assertEquals("Sec-WebSocket-Version: 13", Heads.field(head, head.find(HeaderNames.SEC_WEBSOCKET_VERSION)));
    }

    @Test
    void saysInA405WhatIsAllowedAndInA503WhenToComeBack() {
        assertTrue(refusal(405, false, 0).contains("\r\nAllow: GET\r\n"));
        assertTrue(refusal(503, false, 120).contains("\r\nRetry-After: 120\r\n\r\n503 Service Unavailable\n"));
        assertFalse(refusal(503, false, 0).contains("Retry-After"));
        assertFalse(refusal(502, false, 5).contains("Retry-After"));
        assertEquals(refusal(500, false, 0), refusal(999, false, 0));
    }

    @Test
    void writesNothingPastItsCapacity() {
        Head request = request(UPGRADE);
        Head switching = response(switching(""));
        Head refused = response("HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n");
        assertFitsExactly(capacity -> writer.originRequest(out, OFFSET, capacity, request, forwarded));
        assertFitsExactly(capacity -> writer.clientSwitching(out, OFFSET, capacity, switching));
        assertFitsExactly(capacity -> writer.clientResponse(out, OFFSET, capacity, refused));
        assertFitsExactly(capacity -> writer.refusal(out, OFFSET, capacity, 503, false, 10));
    }

    private void assertFitsExactly(IntUnaryOperator write) {
        int length = write.applyAsInt(out.capacity() - OFFSET);
        for (int capacity = 0; capacity < length; capacity++) {
            out.setMemory(0, out.capacity(), (byte) '~');
            assertEquals(-1, write.applyAsInt(capacity));
            assertEquals("~~~", Heads.text(out, 0, OFFSET));
            assertEquals("~", Heads.text(out, OFFSET + capacity, 1));
        }
        assertEquals(length, write.applyAsInt(length));
    }
}
