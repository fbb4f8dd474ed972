package io.longshore.live;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import io.longshore.lab.Await;
import io.longshore.lab.BytePattern;
import io.longshore.lab.SampleUpgrade;
import io.longshore.lab.SocketLab;
import io.longshore.metrics.CloseReason;
import io.longshore.metrics.Counter;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What the network does, in this process and on its loopback: rows 39 to 41, 43, 44, 46 and 47. */
final class NetworkRowsTest extends RowsBase {
    private static final String LOOPBACK = "127.0.0.1";
    private static final String REQUEST = SampleUpgrade.request("/");
    private static final int PARKED_MAX = 64 << 10;

    // ---- Row 39: half-close.

    @Test
    @DisplayName("row 39: when the client half-closes, the origin's rest still arrives")
    void theOriginMayFinishAfterTheClient() {
        byte[] rest = new BytePattern(3 << 20, 39).bytes();
        start(TestOrigin.playing(connection -> {
            connection.switchProtocols();
            connection.readToEnd();
            connection.send(rest);
        }));
        try (RawClient client = RawClient.tunnel(proxy)) {
            client.send("last words").finish();
            assertArrayEquals(rest, client.readToEnd());
        }
        Map<String, String> line = endsAs(CloseReason.CLIENT_CLOSED_FIRST, "101");
        assertEquals(Integer.toString(rest.length), line.get("bytes-out"));
        assertEquals("last words", origin.next().receivedText());
    }

    @Test
    @DisplayName("row 39: when the origin half-closes, the client's rest still arrives")
    void theClientMayFinishAfterTheOrigin() {
        byte[] rest = new BytePattern(3 << 20, 40).bytes();
        start(TestOrigin.playing(connection -> {
            connection.switchProtocols();
            connection.send("last words");
            connection.finish();
            connection.readToEnd();
        }));
        try (RawClient client = RawClient.tunnel(proxy)) {
            assertEquals("last words", new String(client.readToEnd(), StandardCharsets.US_ASCII));
            client.send(rest).finish();
            TestOrigin.Connection seen = origin.next();
            seen.awaitEnd();
            assertArrayEquals(rest, seen.received());
        }
        endsAs(CloseReason.ORIGIN_CLOSED_FIRST, "101");
    }

    @Test
    @DisplayName("row 39: a half-closed tunnel without a byte ends after half-closed-timeout")
    void halfClosedTunnelsTimeOut() {
        origin = TestOrigin.playing(connection -> {
            connection.switchProtocols();
            connection.readToEnd();
            connection.awaitHangUp();
        });
        proxy = ProxyUnderTest.before(origin.address())
                .route("half-closed-timeout: 300ms")
                .start();
        try (RawClient client = RawClient.tunnel(proxy)) {
            client.finish();
            client.readToEnd();
        }
        endsAs(CloseReason.HALF_CLOSED_TIMEOUT, "101");
        origin.closeConnections();
    }

    // ---- Row 40: resets.

    @Test
    @DisplayName("row 40: a client's reset resets the origin")
    void aClientsResetResetsTheOrigin() {
        start(TestOrigin.playing(connection -> {
            connection.switchProtocols();
            connection.readToEnd();
        }));
        RawClient.tunnel(proxy).reset();
        origin.next().awaitReset();
        endsAs(CloseReason.CLIENT_RESET, "101");
    }

    @Test
    @DisplayName("row 40: an origin's reset resets the client")
    void anOriginsResetResetsTheClient() {
        start(TestOrigin.playing(connection -> {
            connection.switchProtocols();
            connection.read(4);
            connection.reset();
        }));
        try (RawClient client = RawClient.tunnel(proxy)) {
            client.send("ping").readToReset();
        }
        endsAs(CloseReason.ORIGIN_RESET, "101");
    }

    @Test
    @DisplayName("row 40: a reset in the midst of parked bytes frees them")
    void aResetFreesWhatIsParked() {
        AtomicLong sent = new AtomicLong();
        origin = TestOrigin.playing(connection -> {
            connection.switchProtocols();
            connection.send(new byte[64 << 20], sent);
        });
        try (SocketLab lab = SocketLab.start()) {
            proxy = ProxyUnderTest.before(origin.address()).start();
            SocketLab.Connection client = lab.connect(LOOPBACK, proxy.port(), "rcvbuf=4096");
            client.send(REQUEST).ok();
            Stall.of(sent::get);
            assertTrue(proxy.counter(Counter.PARKED_BYTES) > 0);
            client.reset();
            endsAs(CloseReason.CLIENT_RESET, "101");
            origin.next().awaitEndOfScript();
            closeProxy();
        }
    }

    // ---- Row 41: readers that never read.

    @Test
    @DisplayName("row 41: an origin that never reads blocks its client within parked-bytes-max, until stalled-timeout")
    void anOriginThatNeverReadsBlocksItsClient() {
        try (SocketLab lab = SocketLab.start()) {
            SocketLab.Connection listener = lab.listen(LOOPBACK, "rcvbuf=4096");
            proxy = stalling(new InetSocketAddress(LOOPBACK, listener.port()));
            AtomicLong sent = new AtomicLong();
            try (RawClient client = RawClient.connect(proxy).send(REQUEST)) {
                SocketLab.Connection never = listener.accept();
                never.receiveUntil(SampleUpgrade.END_OF_HEAD).ok();
                never.send(SampleUpgrade.ANSWER).ok();
                client.head101();
                client.sendInBackground(new byte[256 << 20], sent);
                long blockedAt = Stall.of(sent::get);
                assertTrue(blockedAt < 64 << 20, "the client was blocked after " + blockedAt);
                holdsParkedBytes();
                client.awaitReset();
                never.expectReset().ok();
            }
            Map<String, String> line = endsAs(CloseReason.ORIGIN_STALLED, "101");
            assertTrue(line.get("trail").contains("held-client"), line::toString);
            closeProxy();
        }
    }

    @Test
    @DisplayName("row 41: a client that never reads blocks its origin within parked-bytes-max, until stalled-timeout")
    void aClientThatNeverReadsBlocksItsOrigin() {
        AtomicLong sent = new AtomicLong();
        origin = TestOrigin.playing(connection -> {
            connection.switchProtocols();
            connection.send(new byte[256 << 20], sent);
        });
        try (SocketLab lab = SocketLab.start()) {
            proxy = stalling(origin.address());
            SocketLab.Connection client = lab.connect(LOOPBACK, proxy.port(), "rcvbuf=4096");
            client.send(REQUEST).ok();
            long blockedAt = Stall.of(sent::get);
            assertTrue(blockedAt < 64 << 20, "the origin was blocked after " + blockedAt);
            holdsParkedBytes();
            assertTrue(endsAs(CloseReason.CLIENT_STALLED, "101").get("trail").contains("held-origin"));
            client.expectReset().ok();
            origin.next().awaitEndOfScript();
            closeProxy();
        }
    }

    @Test
    @DisplayName(
            "row 41: an origin that never reads early data is stalled like any other, and neither side sees an end")
    void anOriginThatNeverReadsEarlyDataStalls() {
        try (SocketLab lab = SocketLab.start()) {
            SocketLab.Connection listener = lab.listen(LOOPBACK, "rcvbuf=4096");
            proxy = stalling(new InetSocketAddress(LOOPBACK, listener.port()));
            byte[] early = new byte[64 << 20]; // more than the buffers of both kernels take, which may be 10 MB
            AtomicLong sent = new AtomicLong();
            try (RawClient client = RawClient.connect(proxy).send(REQUEST)) {
                SocketLab.Connection never = listener.accept();
                never.receiveUntil(SampleUpgrade.END_OF_HEAD).ok();
                client.sendInBackground(early, sent);
                Stall.of(sent::get);
                never.send(SampleUpgrade.ANSWER).ok();
                client.head101();
                never.fin().ok();
                client.awaitReset();
                never.expectReset().ok();
            }
            endsAs(CloseReason.ORIGIN_STALLED, "101");
            closeProxy();
        }
    }

    // ---- Rows 43, 44, 46 and 47.

    @Test
    @DisplayName("row 43: an idle tunnel is closed after idle-timeout, and counted")
    void idleTunnelsAreClosed() {
        origin = TestOrigin.echoing();
        proxy = ProxyUnderTest.before(origin.address())
                .route("idle-timeout: 300ms")
                .start();
        try (RawClient client = RawClient.tunnel(proxy)) {
            assertEquals("ping", client.send("ping").readText(4));
            assertEquals(0, client.readToEnd().length);
        }
        endsAs(CloseReason.IDLE_TIMEOUT, "101");
        assertEquals(1, proxy.closed(CloseReason.IDLE_TIMEOUT));
        origin.next().awaitEnd();
    }

    @Test
    @DisplayName("row 44: a handshake that completes while draining becomes a tunnel, which ends with the drain")
    void handshakesMayCompleteWhileDraining() {
        origin = TestOrigin.echoing();
        proxy = ProxyUnderTest.before(origin.address()).top("drain-timeout: 1s").start();
        try (RawClient client = RawClient.connect(proxy).send(REQUEST.substring(0, 40))) {
            proxy.await(Counter.PAGES_TAKEN, 1);
            proxy.server().drain();
            Await.until(() -> !accepts(proxy.address()), "the end of accepting");
            client.send(REQUEST.substring(40)).head101();
            assertEquals("ping", client.send("ping").readText(4));
            client.readToEnd();
        }
        proxy.awaitEnd();
        // Who asked whether it still accepts has lines of its own.
        assertEquals(
                1,
                proxy.lines().stream()
                        .filter(line -> line.get("reason").equals(CloseReason.DRAINED.label()))
                        .count());
    }

    @Test
    @DisplayName("row 44: a handshake that does not complete while draining gets 503")
    void handshakesThatDoNotCompleteGet503() {
        origin = TestOrigin.playing(connection -> {
            connection.readHead();
            connection.readToEnd();
        });
        proxy = ProxyUnderTest.before(origin.address())
                .top("drain-timeout: 300ms")
                .start();
        try (RawClient inHead = RawClient.connect(proxy).send(REQUEST.substring(0, 40));
                RawClient inAnswer = RawClient.connect(proxy).send(REQUEST)) {
            proxy.await(Counter.PAGES_TAKEN, 3);
            TestOrigin.Connection asked = origin.next();
            asked.head();
            proxy.server().drain();
            assertEquals("5", inHead.reply().refuses("503 Service Unavailable").field("Retry-After"));
            inAnswer.reply().refuses("503 Service Unavailable");
            asked.awaitEndOfScript();
        }
        proxy.awaitEnd();
        for (int i = 0; i < 2; i++) {
            Map<String, String> line = proxy.nextLine();
            assertEquals("draining", line.get("reason"));
            assertEquals("503", line.get("status"));
        }
    }

    @Test
    @DisplayName("row 46: no timer knows the wall clock")
    void noTimerKnowsTheWallClock() {
        // CLOCK_REALTIME is the whole machine's, no test may set it. So the rule stands for the effect: whatever
        // decides
        // about time on the data plane reads Engine.nowNs, which is System.nanoTime, which is CLOCK_MONOTONIC.
        JavaClasses classes = new ClassFileImporter()
                .importPaths(Stream.of("net", "session", "http", "origin")
                        .map(name -> Path.of("target/classes/io/longshore", name))
                        .toList());
        assertTrue(classes.size() > 20, "the classes were found");
        ArchRuleDefinition.noClasses()
                .should()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .dependOnClassesThat()
                .resideInAnyPackage("java.time..")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.util.Date")
                .check(classes);
    }

    @Test
    @DisplayName("row 47: ten thousand connections that connect and reset at once are freed, and the next one works")
    void aStormOfResetsPasses() throws InterruptedException {
        origin = TestOrigin.echoing();
        proxy = ProxyUnderTest.before(origin.address()).top("loops: 2").start();
        List<Thread> storm = new ArrayList<>();
        AtomicLong connected = new AtomicLong();
        for (int i = 0; i < 4; i++) {
            Thread thread = new Thread(() -> {
                for (int j = 0; j < 2500; j++) {
                    RawClient client = RawClient.connect(proxy);
                    if (j % 2 == 0) {
                        client.send("GET / HT");
                    }
                    client.reset();
                    connected.incrementAndGet();
                }
            });
            thread.start();
            storm.add(thread);
        }
        for (Thread thread : storm) {
            thread.join(TimeUnit.SECONDS.toMillis(60));
        }
        assertEquals(10_000, connected.get());
        try (RawClient client = RawClient.tunnel(proxy)) {
            assertEquals("ping", client.send("ping").readText(4));
        }
        proxy.awaitRest();
        assertEquals(1, proxy.counter(Counter.TUNNELS_ESTABLISHED));
        assertEquals(1, origin.connections());
    }

    // ---- What many of them need.

    private ProxyUnderTest stalling(InetSocketAddress endpoint) {
        return ProxyUnderTest.before(endpoint)
                .top("parked-bytes-max: 64KiB")
                .route("stalled-timeout: 2s")
                .start();
    }

    private void holdsParkedBytes() {
        long parked = proxy.counter(Counter.PARKED_BYTES);
        assertTrue(parked > 0 && parked <= PARKED_MAX, parked + " bytes parked");
    }

    private static boolean accepts(InetSocketAddress address) {
        try (RawClient client = RawClient.connect(address)) {
            return client.socket().isConnected();
        } catch (UncheckedIOException refused) {
            return false;
        }
    }
}
