package io.longshore.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.lab.Await;
import io.longshore.lab.SampleUpgrade;
import io.longshore.metrics.CloseReason;
import io.longshore.metrics.Counter;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How a proxy ends: what a drain lets live, for how long, and what a stop does not. */
@Timeout(120)
final class LifecycleLiveTest {
    private static final String REQUEST = SampleUpgrade.request("/");
    private static final int QUEUED = 300;

    @Test
    void aDrainLetsHandshakesFinishAndTunnelsLive() {
        CountDownLatch agreed = new CountDownLatch(1);
        try (TestOrigin origin = TestOrigin.playing(connection -> agreesWhen(agreed, connection));
                ProxyUnderTest proxy = setup(origin, "10m");
                RawClient early = RawClient.connect(proxy).send(REQUEST)) {
            origin.next().head();
            proxy.server().drain();
            awaitRefused(proxy.address());

            agreed.countDown();
            early.head101();
            assertEquals("still here", early.send("still here").readText(10));
            assertEquals(1, proxy.counter(Counter.TUNNELS_ACTIVE));

            early.finish().readToEnd();
            proxy.awaitEnd();
            assertEquals(Map.of(CloseReason.CLIENT_CLOSED_FIRST.label(), 1L), reasons(proxy));
        }
    }

    @Test
    void whenTheDrainsTimeIsOverTunnelsEndCleanlyAndHandshakesAreRefused() {
        try (TestOrigin origin = TestOrigin.playing(LifecycleLiveTest::agreesUnlessLate);
                ProxyUnderTest proxy = setup(origin, "200ms");
                RawClient tunnel = RawClient.tunnel(proxy);
                RawClient late = RawClient.connect(proxy).send(SampleUpgrade.request("/late"))) {
            TestOrigin.Connection first = origin.next();
            TestOrigin.Connection second = origin.next();
            second.head();
            proxy.server().drain();

            late.reply().refuses("503 Service Unavailable");
            assertEquals(0, tunnel.readToEnd().length, "an end, and no reset");
            first.awaitEnd();
            second.awaitEnd();
            late.finish();
            proxy.awaitEnd();
            assertEquals(Map.of(CloseReason.DRAINED.label(), 1L, CloseReason.DRAINING.label(), 1L), reasons(proxy));
            assertTrue(proxy.lines().stream().allMatch(line -> line.get("trail").contains("drain")));
        }
    }

    @Test
    void aDrainWithNobodyThereEndsAtOnce() {
        try (TestOrigin origin = TestOrigin.echoing();
                ProxyUnderTest proxy = setup(origin, "10m")) {
            proxy.server().drain();
            proxy.awaitEnd();
        }
    }

    /**
     * Connections that the kernel has completed, and that no loop has accepted when the drain begins: closing the
     * listener would reset them. The process is stopped meanwhile, so that it cannot have accepted one.
     */
    @Test
    void aDrainServesThoseWhoWaitInTheAcceptQueue() {
        List<RawClient> clients = new ArrayList<>();
        try (TestOrigin origin = TestOrigin.echoing();
                ProxyProcess proxy = ProxyProcess.start(ProxyUnderTest.before(origin.address())
                        .top("loops: 2", "drain-timeout: 10m")
                        .yaml())) {
            proxy.process().signal("STOP");
            try {
                for (int i = 0; i < QUEUED; i++) {
                    clients.add(RawClient.connect(proxy.process().addresses().get(0))
                            .send(REQUEST));
                }
            } finally {
                proxy.process().signal("TERM");
                proxy.process().signal("CONT");
            }
            for (RawClient client : clients) {
                client.head101();
                assertEquals("served", client.send("served").readText(6));
            }
            clients.forEach(RawClient::close);
            assertEquals(0, proxy.process().exitCode());
        } finally {
            clients.forEach(RawClient::close);
        }
    }

    @Test
    void aStopEndsEverythingAtOnceWhateverItsState() {
        stops(proxy -> proxy.server().stop());
    }

    @Test
    void aStopEndsADrainToo() {
        stops(proxy -> {
            proxy.server().drain();
            awaitRefused(proxy.address());
            proxy.server().stop();
        });
    }

    /** What ends a proxy. */
    @FunctionalInterface
    private interface End {
        void of(ProxyUnderTest proxy);
    }

    private static void stops(End end) {
        try (TestOrigin origin = TestOrigin.playing(LifecycleLiveTest::agreesUnlessLate);
                ProxyUnderTest proxy = setup(origin, "10m");
                RawClient tunnel = RawClient.tunnel(proxy);
                RawClient late = RawClient.connect(proxy).send(SampleUpgrade.request("/late"));
                RawClient unfinished = RawClient.connect(proxy).send("GET / HT")) {
            origin.next().head();
            origin.next().head();
            proxy.await(Counter.SESSIONS_ACTIVE, 3);
            end.of(proxy);
            proxy.awaitEnd();
            assertEquals(0, tunnel.readToEnd().length);
            assertEquals(0, late.readToEnd().length);
            assertEquals(0, unfinished.readToEnd().length);
            assertEquals(Map.of(CloseReason.STOPPED.label(), 3L), reasons(proxy));
        }
    }

    private static ProxyUnderTest setup(TestOrigin origin, String drainTimeout) {
        return ProxyUnderTest.before(origin.address())
                .top("loops: 2", "drain-timeout: " + drainTimeout)
                .start();
    }

    /** A request for /late is read and never answered. */
    private static void agreesUnlessLate(TestOrigin.Connection connection) throws IOException {
        if (connection.readHead().startsWith("GET /late ")) {
            connection.readToEnd();
        } else {
            connection.send(connection.switchingAnswer());
            connection.echo();
        }
    }

    private static void agreesWhen(CountDownLatch latch, TestOrigin.Connection connection) throws IOException {
        connection.readHead();
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
        connection.send(connection.switchingAnswer());
        connection.echo();
    }

    /** Waits until nobody listens any more. A connection that still gets in is let go again, like a client that leaves. */
    private static void awaitRefused(InetSocketAddress address) {
        Await.until(
                () -> {
                    try (Socket socket = new Socket()) {
                        socket.connect(address);
                        return false;
                    } catch (ConnectException refused) {
                        return true;
                    } catch (IOException e) {
                        return false;
                    }
                },
                "nobody listens");
    }

    /** How many connections ended for each reason, those that {@link #awaitRefused} tried aside. */
    private static Map<String, Long> reasons(ProxyUnderTest proxy) {
        return proxy.lines().stream()
                .map(line -> line.get("reason"))
                .filter(reason -> !reason.equals(CloseReason.CLIENT_LEFT_BEFORE_HEAD.label()))
                .collect(Collectors.groupingBy(reason -> reason, Collectors.counting()));
    }
}
