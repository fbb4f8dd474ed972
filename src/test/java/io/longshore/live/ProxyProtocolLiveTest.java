package io.longshore.live;

import static io.longshore.lab.ProxyHeaders.LOCAL;
import static io.longshore.lab.ProxyHeaders.PROXY;
import static io.longshore.lab.ProxyHeaders.TCP4;
import static io.longshore.lab.ProxyHeaders.UNIX_STREAM;
import static io.longshore.lab.ProxyHeaders.UNSPEC;
import static io.longshore.lab.ProxyHeaders.block;
import static io.longshore.lab.ProxyHeaders.blockFor;
import static io.longshore.lab.ProxyHeaders.joined;
import static io.longshore.lab.ProxyHeaders.line;
import static io.longshore.lab.ProxyHeaders.lineFor;
import static io.longshore.lab.ProxyHeaders.value;
import static io.longshore.lab.ProxyHeaders.withChecksum;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.lab.SampleUpgrade;
import io.longshore.metrics.CloseReason;
import io.longshore.metrics.Counter;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A layer-4 balancer in front: the client is whom its PROXY protocol header names, and nobody else may name one. */
final class ProxyProtocolLiveTest extends RowsBase {
    private static final byte[] REQUEST = SampleUpgrade.request("/").getBytes(ISO_8859_1);
    private static final byte[] NAMED = blockFor("192.0.2.7", 56_324);

    /** What a tunnel's origin was sent, and its access line. */
    private record Seen(TestOrigin.Connection origin, Map<String, String> line) {}

    @BeforeEach
    void start() {
        origin = TestOrigin.echoing();
        proxy = setup().start();
    }

    private ProxyUnderTest.Setup setup() {
        return ProxyUnderTest.before(origin.address())
                .listener("proxy-protocol: true", "trusted-proxies: [127.0.0.1, 10.0.0.0/8]");
    }

    private void restart(ProxyUnderTest.Setup setup) {
        proxy.close();
        proxy = setup.start();
    }

    // ---- Who the client is.

    @Test
    void takesTheNamedClientForTheClient() {
        Map<String, byte[]> headers = Map.of(
                "192.0.2.7:56324", lineFor("192.0.2.7", 56_324),
                "192.0.2.8:0", lineFor("192.0.2.8", 0),
                "192.0.2.9:1",
                        withChecksum(blockFor("192.0.2.9", 1, value(2, "longshore.example".getBytes(ISO_8859_1)))),
                "[2001:db8::7]:56324", lineFor("2001:db8::7", 56_324),
                "[2001:db8::8]:65535", blockFor("2001:db8::8", 65_535));
        headers.forEach((client, header) -> {
            Seen seen = tunnelled(joined(header, REQUEST));
            String host = client.substring(0, client.lastIndexOf(':'));
            String bare = host.replaceAll("[\\[\\]]", "");
            assertEquals(client, seen.line.get("client"));
            assertEquals("named>head>dial>connected>101>client-fin>origin-fin", seen.line.get("trail"));
            assertEquals(bare, seen.origin.header("x-forwarded-for"));
            assertEquals(bare, seen.origin.header("x-real-ip"));
            String node = host.equals(bare) ? "for=" + host + ";" : "for=\"" + host + "\";";
            assertTrue(seen.origin.header("forwarded").startsWith(node), seen.origin.head());
        });
    }

    @Test
    void takesThePeerForTheClientWhereTheBalancerSpeaksForItself() {
        for (byte[] header : List.of(block(LOCAL, UNSPEC), block(LOCAL, TCP4, new byte[20]))) {
            Seen seen = tunnelled(joined(header, claiming("10.9.9.9")));
            assertTrue(seen.line.get("client").startsWith("127.0.0.1:"), seen.line::toString);
            assertEquals("10.9.9.9, 127.0.0.1", seen.origin.header("x-forwarded-for"), "the peer is a trusted proxy");
        }
    }

    @Test
    void believesNoHeadWhoseClientTheBalancerCannotName() {
        for (byte[] header : List.of(
                line("UNKNOWN"),
                line("UNKNOWN 10.0.0.1 10.0.0.2 1 2"),
                block(PROXY, UNSPEC),
                block(PROXY, UNIX_STREAM, new byte[216]))) {
            Seen seen = tunnelled(joined(header, claiming("10.9.9.9")));
            assertTrue(seen.line.get("client").startsWith("127.0.0.1:"), seen.line::toString);
            assertEquals("127.0.0.1", seen.origin.header("x-forwarded-for"), "whoever speaks is not the trusted peer");
        }
    }

    @Test
    void believesTheHeadOfANamedClientOnlyWhereThatIsATrustedProxyItself() {
        Seen stranger = tunnelled(joined(NAMED, claiming("10.9.9.9")));
        assertEquals("192.0.2.7", stranger.origin.header("x-forwarded-for"));
        Seen proxied = tunnelled(joined(blockFor("10.1.2.3", 1), claiming("192.0.2.9")));
        assertEquals("192.0.2.9, 10.1.2.3", proxied.origin.header("x-forwarded-for"));
        assertEquals("10.1.2.3:1", proxied.line.get("client"));
    }

    @Test
    void keepsANamedClientOnItsSourceAddressAndSpreadsDifferentOnes() {
        restart(setup().origin("sources: [127.0.0.2-127.0.0.9]"));
        Map<String, InetAddress> sources = new HashMap<>();
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < 32; i++) {
                String client = "192.0.2." + i;
                byte[] header = round == 0 ? lineFor(client, 1000 + i) : blockFor(client, 2000 + i);
                InetAddress source =
                        tunnelled(joined(header, REQUEST)).origin.peer().getAddress();
                InetAddress before = sources.put(client, source);
                assertTrue(before == null || before.equals(source), () -> client + " came from " + before + " before");
            }
        }
        // Of 32 clients on 8 addresses, no fewer than 4 addresses are met with any hash worth the name.
        assertTrue(new HashSet<>(sources.values()).size() >= 4, sources::toString);
    }

    // ---- However the bytes come.

    @Test
    void readsAHeaderThatIsSplitAtEveryByte() {
        for (byte[] header : List.of(lineFor("192.0.2.7", 1), withChecksum(blockFor("192.0.2.7", 1)))) {
            byte[] all = joined(header, REQUEST);
            for (int at = 1; at <= header.length + 1; at++) {
                byte[][] parts = halves(all, at);
                try (RawClient client = RawClient.connect(proxy).send(parts[0])) {
                    // Without the page that holds the first piece there would be one piece, or the kernel would join
                    // them.
                    proxy.await(Counter.PAGES_TAKEN, 1);
                    client.send(parts[1]).head101();
                    assertEquals("ping", client.send("ping").readText(4));
                }
                assertEquals(
                        "192.0.2.7:1",
                        endsAs(CloseReason.CLIENT_CLOSED_FIRST, "101").get("client"));
                assertEquals("192.0.2.7", origin.next().header("x-forwarded-for"), "split at " + at);
            }
        }
    }

    @Test
    void relaysWhatCameInOnePieceWithHeaderAndHead() {
        byte[] frames = new byte[5000];
        for (int i = 0; i < frames.length; i++) {
            frames[i] = (byte) (i * 31);
        }
        try (RawClient client = RawClient.connect(proxy).send(joined(NAMED, REQUEST, frames))) {
            client.head101();
            assertArrayEquals(frames, client.read(frames.length));
        }
        endsAs(CloseReason.CLIENT_CLOSED_FIRST, "101");
    }

    @Test
    void boundsTheHeadAndNotTheHeaderInFrontOfIt() {
        restart(setup().top("head-bytes-max: 1024"));
        String fill = "X-Fill: " + "a".repeat(1024 - REQUEST.length - 10) + "\r\n";
        byte[] head = upgradeWith(fill).getBytes(ISO_8859_1);
        assertEquals(1024, head.length);
        byte[] header = blockFor("192.0.2.7", 1, value(0xea, new byte[400]));
        assertEquals("192.0.2.7:1", tunnelled(joined(header, head)).line.get("client"));
    }

    // ---- What is no header.

    @Test
    void resetsWhatBeginsWithoutAHeader() {
        for (byte[] bytes : List.of(
                REQUEST,
                "GET".getBytes(ISO_8859_1),
                joined("PROXY TCP4 192.0.2.7 192.0.2.1 01 443\r\n".getBytes(ISO_8859_1), REQUEST),
                joined("PROXY TCP4 192.0.2.7 192.0.2.1 1 443\n".getBytes(ISO_8859_1), REQUEST),
                joined(line("UNKNOWN " + "a".repeat(100)), REQUEST),
                new byte[] {0x16, 3, 1, 2, 0, 1},
                block(0x22, TCP4, new byte[12]),
                block(PROXY, 0x41, new byte[12]),
                block(PROXY, TCP4, new byte[11]),
                joined(blockFor("192.0.2.7", 1, value(3, new byte[4])), REQUEST),
                block(PROXY, TCP4, new byte[12], value(0xea, new byte[1000])),
                block(LOCAL, UNSPEC, new byte[60_000]))) {
            try (RawClient client = RawClient.connect(proxy).send(bytes)) {
                assertEquals(0, client.readToReset().length, "no answer, which nobody could read");
            }
            Map<String, String> line = endsAs(CloseReason.PROXY_HEADER_MALFORMED, "-");
            assertTrue(line.get("client").startsWith("127.0.0.1:"), line::toString);
        }
        assertEquals(0, origin.connections());
    }

    @Test
    void resetsAMalformedHeaderThatIsSplitAtEveryByteAlike() {
        byte[] bad = "PROXY TCP4 192.0.2.7 192.0.2.256 1 443\r\n".getBytes(ISO_8859_1);
        for (int at = 1; at < bad.length; at++) {
            byte[][] parts = halves(bad, at);
            try (RawClient client = RawClient.connect(proxy).send(parts[0])) {
                proxy.await(Counter.PAGES_TAKEN, 1);
                assertEquals(0, client.send(parts[1]).readToReset().length);
            }
            endsAs(CloseReason.PROXY_HEADER_MALFORMED, "-");
        }
    }

    @Test
    void takesOneHeaderAndNotASecond() {
        try (RawClient client = RawClient.connect(proxy).send(joined(NAMED, lineFor("192.0.2.8", 1), REQUEST))) {
            client.reply().refuses("400 Bad Request");
        }
        assertEquals("192.0.2.7:56324", proxy.nextLine().get("client"));
        assertEquals(0, origin.connections());
    }

    // ---- Who may not send one, who does not, and who goes.

    @Test
    void resetsAPeerThatIsNoTrustedProxyAtOnce() {
        restart(ProxyUnderTest.before(origin.address())
                .listener("proxy-protocol: true", "trusted-proxies: [127.0.0.9, 192.0.2.7]"));
        try (RawClient client = RawClient.connect(proxy)) {
            assertEquals(0, client.readToReset().length, "before its first byte");
        }
        Map<String, String> line = endsAs(CloseReason.PROXY_HEADER_UNTRUSTED, "-");
        assertTrue(line.get("client").startsWith("127.0.0.1:"), line::toString);
        assertEquals("-", line.get("trail"));
        assertEquals(0, origin.connections());
    }

    @Test
    void takesNoHeaderWhereNoneIsConfigured() {
        restart(ProxyUnderTest.before(origin.address()).listener("trusted-proxies: [127.0.0.1]"));
        for (byte[] header : List.of(lineFor("192.0.2.7", 1), NAMED)) {
            try (RawClient client = RawClient.connect(proxy).send(joined(header, REQUEST))) {
                client.reply().refuses("400 Bad Request");
            }
            assertTrue(proxy.nextLine().get("client").startsWith("127.0.0.1:"));
        }
        assertEquals(0, origin.connections());
    }

    @Test
    void resetsAHeaderThatIsNotCompleteInTime() {
        restart(setup().listener("head-timeout: 300ms"));
        for (byte[] part :
                List.of(new byte[0], halves(NAMED, 1)[0], halves(NAMED, 27)[0], halves(line("UNKNOWN"), 14)[0])) {
            try (RawClient client = RawClient.connect(proxy).send(part)) {
                assertEquals(0, client.readToReset().length);
            }
            endsAs(CloseReason.PROXY_HEADER_TIMEOUT, "-");
        }
    }

    @Test
    void givesTheHeadNoTimeOfItsOwn() {
        restart(setup().listener("head-timeout: 300ms"));
        try (RawClient client = RawClient.connect(proxy).send(joined(NAMED, halves(REQUEST, 20)[0]))) {
            client.reply().refuses("408 Request Timeout");
        }
        Map<String, String> line = endsAs(CloseReason.HEAD_TIMEOUT, "408");
        assertEquals("192.0.2.7:56324", line.get("client"));
        assertTrue(line.get("trail").startsWith("named>refused"), line::toString);
    }

    @Test
    void tellsWhoLeftBeforeItsHead() {
        RawClient.connect(proxy).close();
        endsAs(CloseReason.CLIENT_LEFT_BEFORE_HEAD, "-");
        for (byte[] part : List.of(halves(NAMED, 20)[0], NAMED)) {
            RawClient left = RawClient.connect(proxy).send(part);
            proxy.await(Counter.PAGES_TAKEN, 1);
            left.close();
            endsAs(CloseReason.CLIENT_LEFT_BEFORE_HEAD, "-");
            RawClient reset = RawClient.connect(proxy).send(part);
            proxy.await(Counter.PAGES_TAKEN, 1);
            reset.reset();
            endsAs(CloseReason.CLIENT_RESET_BEFORE_HEAD, "-");
        }
    }

    @Test
    void answersAnUnfinishedHeaderWhenTheDrainIsOver() {
        restart(setup().top("drain-timeout: 300ms"));
        try (RawClient client = RawClient.connect(proxy).send(halves(NAMED, 20)[0])) {
            proxy.await(Counter.PAGES_TAKEN, 1);
            proxy.server().drain();
            client.reply().refuses("503 Service Unavailable");
        }
        endsAs(CloseReason.DRAINING, "503");
        proxy.awaitEnd();
    }

    // ---- How.

    private static byte[][] halves(byte[] bytes, int at) {
        byte[] first = new byte[at];
        byte[] second = new byte[bytes.length - at];
        System.arraycopy(bytes, 0, first, 0, at);
        System.arraycopy(bytes, at, second, 0, second.length);
        return new byte[][] {first, second};
    }

    /** An upgrade whose X-Forwarded-For says that this is the client. */
    private static byte[] claiming(String client) {
        return upgradeWith("X-Forwarded-For: " + client + "\r\n").getBytes(ISO_8859_1);
    }

    /** Sends what becomes a tunnel, sees that it echoes, ends it. */
    private Seen tunnelled(byte[] bytes) {
        try (RawClient client = RawClient.connect(proxy).send(bytes)) {
            client.head101();
            assertEquals("ping", client.send("ping").readText(4));
            client.finish();
            assertEquals(0, client.readToEnd().length);
        }
        Map<String, String> line = endsAs(CloseReason.CLIENT_CLOSED_FIRST, "101");
        TestOrigin.Connection connection = origin.next();
        assertFalse(connection.head().contains("PROXY"), connection.head());
        return new Seen(connection, line);
    }
}
