package io.longshore.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.lab.SampleUpgrade;
import io.longshore.lab.SocketLab;
import io.longshore.metrics.CloseReason;
import io.longshore.metrics.Counter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Dials that come to nothing, or only at the second try: rows 35 to 37. */
final class DialRowsTest extends RowsBase {
    private static final String LOOPBACK = "127.0.0.1";
    private static final String REQUEST = SampleUpgrade.request("/");

    @Test
    @DisplayName("row 35: where one endpoint refuses, the next is tried")
    void theNextEndpointIsTriedWhereOneRefuses() {
        origin = TestOrigin.echoing();
        proxy = ProxyUnderTest.before(closedPort(), origin.address()).start();
        for (int i = 0; i < 4; i++) {
            try (RawClient client = RawClient.tunnel(proxy)) {
                assertEquals("ping", client.send("ping").readText(4));
            }
            endsAs(CloseReason.CLIENT_CLOSED_FIRST, "101");
        }
        assertEquals(4, proxy.dialed("connected"));
        assertEquals(2, proxy.dialed("refused"), "every second dial begins with the closed one");
    }

    @Test
    @DisplayName("row 35: where every endpoint refuses, the client gets 502")
    void nobodyListeningBecomes502() {
        proxy = ProxyUnderTest.before(closedPort(), closedPort()).start();
        exchange(REQUEST).refuses("502 Bad Gateway");
        endsAs(CloseReason.ORIGIN_REFUSED, "502");
        assertEquals(2, proxy.dialed("refused"));
    }

    @Test
    @DisplayName("row 35: a connection that is reset before the answer becomes 502, and is not tried again")
    void resetsBeforeTheAnswerBecome502() {
        start(TestOrigin.playing(connection -> {
            connection.readHead();
            connection.reset();
        }));
        exchange(REQUEST).refuses("502 Bad Gateway");
        endsAs(CloseReason.ORIGIN_RESET_BEFORE_101, "502");
        assertEquals(1, origin.connections());
    }

    @Test
    @DisplayName("row 36: a SYN into a black hole ends after connect-timeout, and the next endpoint is tried")
    void blackHolesGiveWayToTheNextEndpoint() {
        origin = TestOrigin.echoing();
        try (SocketLab lab = SocketLab.start()) {
            InetSocketAddress hole = blackHole(lab);
            proxy = ProxyUnderTest.before(hole, origin.address())
                    .origin("connect-timeout: 300ms")
                    .start();
            try (RawClient client = RawClient.tunnel(proxy)) {
                assertEquals("ping", client.send("ping").readText(4));
            }
            Map<String, String> line = endsAs(CloseReason.CLIENT_CLOSED_FIRST, "101");
            assertEquals(LOOPBACK + ":" + origin.address().getPort(), line.get("endpoint"));
            assertEquals(1, proxy.dialed("timed-out"));
            closeProxy();
        }
    }

    @Test
    @DisplayName("row 36: a black hole alone becomes 504")
    void aBlackHoleAloneBecomes504() {
        try (SocketLab lab = SocketLab.start()) {
            InetSocketAddress hole = blackHole(lab);
            proxy = ProxyUnderTest.before(hole).origin("connect-timeout: 300ms").start();
            exchange(REQUEST).refuses("504 Gateway Timeout");
            endsAs(CloseReason.CONNECT_TIMEOUT, "504");
            closeProxy();
        }
    }

    @Test
    @DisplayName("row 36: a client that leaves while a black hole is dialled frees everything at once")
    void clientsMayLeaveInTheDial() {
        try (SocketLab lab = SocketLab.start()) {
            InetSocketAddress hole = blackHole(lab);
            proxy = ProxyUnderTest.before(hole).origin("connect-timeout: 60s").start();
            RawClient polite = RawClient.connect(proxy).send(REQUEST + "early");
            proxy.await(Counter.CONNECTIONS_OPEN, 2);
            polite.close();
            proxy.nextEnds(CloseReason.CLIENT_LEFT_IN_DIAL);
            RawClient rude = RawClient.connect(proxy).send(REQUEST);
            proxy.await(Counter.CONNECTIONS_OPEN, 2);
            rude.reset();
            proxy.nextEnds(CloseReason.CLIENT_RESET_IN_DIAL);
            assertEquals(2, proxy.dialed("abandoned"));
            closeProxy();
        }
    }

    @Test
    @DisplayName("row 37: a source address that is not ours becomes 503 with Retry-After")
    void aForeignSourceBecomes503() {
        origin = TestOrigin.echoing();
        proxy = ProxyUnderTest.before(origin.address())
                .origin("sources: [192.0.2.1]")
                .start();
        Reply reply = refused(REQUEST, "503 Service Unavailable", CloseReason.NO_SOURCE_PORT);
        assertEquals("5", reply.field("Retry-After"));
        assertEquals(1, proxy.dialed("address-not-available"));
    }

    @Test
    @DisplayName("row 37: where one source has no port, the next is tried")
    void theNextSourceIsTried() {
        origin = TestOrigin.echoing();
        proxy = ProxyUnderTest.before(origin.address())
                .origin("sources: [192.0.2.1, 127.0.0.2, 192.0.2.3]")
                .start();
        try (RawClient client = RawClient.tunnel(proxy)) {
            assertEquals("ping", client.send("ping").readText(4));
        }
        assertTrue(endsAs(CloseReason.CLIENT_CLOSED_FIRST, "101").get("source").startsWith("127.0.0.2:"));
    }

    // ---- What many of them need.

    /** A listener whose accept queue is full, so that the kernel drops every SYN to it. */
    private static InetSocketAddress blackHole(SocketLab lab) {
        SocketLab.Connection listener = lab.listen(LOOPBACK, "backlog=0");
        lab.connect(LOOPBACK, listener.port());
        return new InetSocketAddress(LOOPBACK, listener.port());
    }

    /** A port that nobody listens on. */
    private static InetSocketAddress closedPort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(LOOPBACK))) {
            return (InetSocketAddress) socket.getLocalSocketAddress();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
