package io.longshore.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.longshore.lab.Await;
import io.longshore.lab.BytePattern;
import io.longshore.lab.SampleUpgrade;
import io.longshore.lab.SocketLab;
import io.longshore.metrics.CloseReason;
import io.longshore.metrics.Counter;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What a test cannot do to its own process and network: rows 21, 37, 38, 42 and 44 once more, with the proxy in a process
 * that has few descriptors, or in network namespaces that have few ports and a cable that can be cut. Where no namespace
 * can be made (it takes root), those tests are skipped, and say so.
 */
@Timeout(120)
final class HostRowsTest {
    private static final String REQUEST = SampleUpgrade.request("/");
    private static final String LOOPBACK = "127.0.0.1";

    @Test
    @DisplayName(
            "row 38: out of descriptors, accepting pauses without spinning, tunnels live, and it recovers by itself")
    void runsOutOfDescriptorsAndRecovers() {
        List<RawClient> crowd = new ArrayList<>();
        try (TestOrigin origin = TestOrigin.echoing();
                ChildProxy proxy =
                        ChildProxy.serve(List.of("sh", "-c", "ulimit -n 160; exec \"$@\"", "sh"), """
                        loops: 1
                        listeners: [{address: "127.0.0.1:0", head-timeout: 60s}]
                        origins:
                          origin: {endpoints: ["127.0.0.1:%d"]}
                          closed: {endpoints: ["127.0.0.1:1"]}
                        routes:
                          - {origin: origin}
                          - {path: /closed, origin: closed}
                        """.formatted(
                                        origin.address().getPort()))) {
            InetSocketAddress address = proxy.address();
            // The classes under test stand in single files, which take a descriptor to be loaded; a jar takes none.
            try (RawClient client = RawClient.connect(address).send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")) {
                client.reply().refuses("426 Upgrade Required");
            }
            proxy.nextEnds(CloseReason.NOT_AN_UPGRADE);
            try (RawClient client = RawClient.connect(address).send(SampleUpgrade.request("/closed"))) {
                client.reply().refuses("502 Bad Gateway");
            }
            proxy.nextEnds(CloseReason.ORIGIN_REFUSED);
            try (RawClient first = tunnel(address);
                    RawClient second = tunnel(address)) {
                for (int i = 0; i < 300; i++) {
                    // The kernel completes them all; those that are not accepted wait in the queue.
                    crowd.add(RawClient.connect(address));
                }
                Await.until(() -> proxy.counter(Counter.ACCEPT_PAUSES) > 0, "a pause of accepting");
                assertTrue(proxy.counter(Counter.CONNECTIONS_ACCEPTED) < 302, "not all were accepted");

                // A dial needs a descriptor too, and there is none.
                Reply refusal = crowd.get(0).send(REQUEST).reply().refuses("503 Service Unavailable");
                assertEquals("5", refusal.field("Retry-After"));
                proxy.awaitClosed(CloseReason.NO_DESCRIPTOR, 1);

                // A pause is 100 ms and little happens in it, so a loop that spins shows in both numbers.
                long pauses = proxy.counter(Counter.ACCEPT_PAUSES);
                long cycles = proxy.counter(Counter.LOOP_CYCLES);
                long ticks = proxy.cpuTicks();
                Await.until(() -> proxy.counter(Counter.ACCEPT_PAUSES) >= pauses + 10, "ten more pauses");
                long cyclesInPauses = proxy.counter(Counter.LOOP_CYCLES) - cycles;
                assertTrue(cyclesInPauses < 500, cyclesInPauses + " cycles in ten pauses");
                long ticksInPauses = proxy.cpuTicks() - ticks;
                assertTrue(ticksInPauses < 50, ticksInPauses + " ticks of 10 ms in ten pauses of 100 ms");

                for (int i = 0; i < 50; i++) {
                    assertEquals("ping", first.send("ping").readText(4));
                    assertEquals("pong", second.send("pong").readText(4));
                }
                crowd.forEach(RawClient::close);
                Await.until(() -> proxy.counter(Counter.SESSIONS_ACTIVE) == 2, "the end of the crowd");
                for (int i = 0; i < 20; i++) {
                    try (RawClient next = tunnel(address)) {
                        assertEquals("ping", next.send("ping").readText(4));
                    }
                }
                assertEquals("ping", first.send("ping").readText(4));
            }
        } finally {
            crowd.forEach(RawClient::close);
        }
    }

    @Test
    @DisplayName("row 44: SIGTERM lets a handshake finish, and the process ends with 0")
    void sigtermLetsAHandshakeFinish() {
        try (TestOrigin origin = TestOrigin.echoing();
                ChildProxy proxy = ChildProxy.serve(
                        List.of(), ProxyUnderTest.before(origin.address()).yaml())) {
            try (RawClient client = RawClient.connect(proxy.address()).send(REQUEST.substring(0, 40))) {
                proxy.await(Counter.PAGES_TAKEN, 1);
                proxy.terminate();
                client.send(REQUEST.substring(40)).head101();
                assertEquals("ping", client.send("ping").readText(4));
            }
            assertEquals("client-closed-first", proxy.nextLine().get("reason"));
        }
    }

    @Test
    @DisplayName(
            "row 37: when every port of every source is taken, the next client waits and gets 503, and a freed port is used")
    void takesEveryPortAndThenRefuses() {
        assumeTrue(Network.isPossible(), "needs root, to make a network namespace");
        int ports = 40;
        try (Network network = Network.make()) {
            network.sysctl("net/ipv4/ip_local_port_range", "30000 " + (30_000 + ports - 1));
            String yaml = """
                    loops: 1
                    listeners: [{address: "127.0.0.1:8080"}]
                    origins: {origin: {endpoints: ["127.0.0.1:9000"], sources: [127.0.0.2-127.0.0.3],
                      queue-timeout: 500ms}}
                    routes: [{origin: origin}]
                    """;
            try (ChildProxy proxy = ChildProxy.serve(network.prefix(), yaml);
                    SocketLab lab = SocketLab.start(network.prefix())) {
                SocketLab.Connection listener = lab.listenOn(LOOPBACK, 9000);
                List<SocketLab.Connection> clients = new ArrayList<>();
                List<SocketLab.Connection> origins = new ArrayList<>();
                for (int i = 0; i < 2 * ports; i++) {
                    clients.add(labTunnel(lab, LOOPBACK, "127.0.0." + (10 + i % 7), listener, origins));
                }
                assertEquals(2L * ports, proxy.counter(Counter.TUNNELS_ACTIVE));

                SocketLab.Connection late = lab.connect(LOOPBACK, 8080, "from=127.0.0.77");
                late.send(REQUEST).ok();
                Reply reply = Reply.parse(late.receiveUntilEof().text());
                assertEquals("5", reply.refuses("503 Service Unavailable").field("Retry-After"));
                late.close();
                proxy.nextEnds(CloseReason.QUEUE_TIMEOUT);

                // A reset leaves no TIME_WAIT behind, so its port is free at once.
                clients.get(3).reset();
                origins.get(3).expectReset().ok();
                proxy.nextEnds(CloseReason.CLIENT_RESET);
                SocketLab.Connection next = labTunnel(lab, LOOPBACK, "127.0.0.78", listener, origins);
                next.send("ping").ok();
                assertEquals("ping", origins.get(origins.size() - 1).receive(4).text());
            }
        }
    }

    @Test
    @DisplayName("row 41: early data that still waits for its reader counts as stalled, and its loss is a reset")
    void earlyDataThatWaitsIsStalledAndLostByAReset() {
        assumeTrue(Network.isPossible(), "needs root, to make a network namespace");
        try (Network network = Network.make()) {
            // Send buffers so small that even early data does not fit, and waits in the proxy.
            network.sysctl("net/ipv4/tcp_wmem", "4096 4096 4096");
            String yaml = """
                    loops: 1
                    listeners: [{address: "127.0.0.1:8080"}]
                    origins: {origin: {endpoints: ["127.0.0.1:9000"]}}
                    routes:
                      - {path: /stalled, origin: origin, stalled-timeout: 300ms}
                      - {path: /half-closed, origin: origin, half-closed-timeout: 300ms}
                      - {path: /idle, origin: origin, idle-timeout: 300ms}
                    """;
            try (ChildProxy proxy = ChildProxy.serve(network.prefix(), yaml);
                    SocketLab lab = SocketLab.start(network.prefix())) {
                SocketLab.Connection listener = lab.listenOn(LOOPBACK, 9000, "rcvbuf=2048");
                losesEarlyData(lab, listener, "/stalled", proxy, CloseReason.ORIGIN_STALLED);
                losesEarlyData(lab, listener, "/half-closed", proxy, CloseReason.HALF_CLOSED_TIMEOUT);
                losesEarlyData(lab, listener, "/idle", proxy, CloseReason.IDLE_TIMEOUT);
            }
        }
    }

    private static void losesEarlyData(
            SocketLab lab, SocketLab.Connection listener, String path, ChildProxy proxy, CloseReason reason) {
        SocketLab.Connection client = lab.connect(LOOPBACK, 8080);
        client.send(SampleUpgrade.request(path)).ok();
        SocketLab.Connection never = listener.accept();
        never.receiveUntil(SampleUpgrade.END_OF_HEAD).ok();
        client.send(new BytePattern(60_000, 41)).ok();
        never.send(SampleUpgrade.ANSWER).ok();
        client.receiveUntil(SampleUpgrade.END_OF_HEAD).ok();
        if (reason == CloseReason.HALF_CLOSED_TIMEOUT) {
            never.fin().ok();
        }
        // Nothing is read before the end, or the bytes would not wait any more.
        proxy.nextEnds(reason);
        never.expectReset().ok();
    }

    @Test
    @DisplayName("row 42: peers that vanish, idle or with bytes under way, are reaped, and their other sides reset")
    void vanishedPeersAreReaped() {
        assumeTrue(Network.isPossible(), "needs root, to make a network namespace");
        try (Network here = Network.make();
                Network there = Network.make()) {
            here.connect(there, "10.77.0.1/24", "10.77.0.2/24");
            String yaml = """
                    loops: 1
                    keepalive-idle: 1s
                    user-timeout: 2s
                    listeners: [{address: "10.77.0.1:8080"}]
                    origins:
                      near: {endpoints: ["10.77.0.1:9000"]}
                      far: {endpoints: ["10.77.0.2:9000"]}
                    routes:
                      - {path: /near, origin: near, stalled-timeout: 1s}
                      - {path: /far, origin: far, stalled-timeout: 1s}
                    """;
            try (ChildProxy proxy = ChildProxy.serve(here.prefix(), yaml);
                    SocketLab near = SocketLab.start(here.prefix());
                    SocketLab far = SocketLab.start(there.prefix())) {
                Vanishing byClient = new Vanishing(far, near.listenOn("10.77.0.1", 9000), "/near");
                Vanishing byOrigin = new Vanishing(near, far.listenOn("10.77.0.2", 9000), "/far");
                proxy.await(Counter.TUNNELS_ACTIVE, 4);
                here.cut();
                // To the one of each pair that is idle nothing is sent but probes.
                byClient.originWithBytes.send("into the void").ok();
                byOrigin.clientWithBytes.send("into the void").ok();
                byClient.originWithBytes.expectReset().ok();
                byOrigin.clientWithBytes.expectReset().ok();
                byClient.idleOrigin.expectReset().ok();
                byOrigin.idleClient.expectReset().ok();
                proxy.awaitClosed(CloseReason.CLIENT_VANISHED, 2);
                proxy.awaitClosed(CloseReason.ORIGIN_VANISHED, 2);
            }
        }
    }

    /** Two tunnels, one to be idle and one not, of which one side is about to vanish. */
    private static final class Vanishing {
        private final SocketLab.Connection idleClient;
        private final SocketLab.Connection idleOrigin;
        private final SocketLab.Connection clientWithBytes;
        private final SocketLab.Connection originWithBytes;

        private Vanishing(SocketLab clients, SocketLab.Connection listener, String path) {
            List<SocketLab.Connection> accepted = new ArrayList<>();
            idleClient = labTunnel(clients, "10.77.0.1", null, listener, accepted, path);
            clientWithBytes = labTunnel(clients, "10.77.0.1", null, listener, accepted, path);
            idleOrigin = accepted.get(0);
            originWithBytes = accepted.get(1);
        }
    }

    @Test
    @DisplayName("row 21: the largest read behind a small piece of a head is refused like any long head")
    void theLargestReadIsNoFaultOfOurs() {
        assumeTrue(Network.isPossible(), "needs root, to make a network namespace");
        try (Network network = Network.make()) {
            // Receive buffers that take more than one read before the proxy has read anything.
            network.sysctl("net/ipv4/tcp_rmem", "4096 8388608 33554432");
            String yaml = """
                    loops: 1
                    listeners: [{address: "127.0.0.1:8080"}]
                    origins: {origin: {endpoints: ["127.0.0.1:9000"]}}
                    routes: [{origin: origin}]
                    """;
            try (ChildProxy proxy = ChildProxy.serve(network.prefix(), yaml);
                    SocketLab lab = SocketLab.start(network.prefix())) {
                SocketLab.Connection listener = lab.listenOn(LOOPBACK, 9000);
                SocketLab.Connection head = lab.connect(LOOPBACK, 8080);
                head.send("GET / HTTP/1.1\r\nA: ").ok();
                SocketLab.Connection early = lab.connect(LOOPBACK, 8080);
                early.send(REQUEST + "e").ok();
                SocketLab.Connection asked = listener.accept();
                asked.receiveUntil(SampleUpgrade.END_OF_HEAD).ok();
                SocketLab.Connection answered = lab.connect(LOOPBACK, 8080);
                answered.send(REQUEST).ok();
                SocketLab.Connection answering = listener.accept();
                answering.receiveUntil(SampleUpgrade.END_OF_HEAD).ok();
                answering.send("HTTP/1.1 200 OK\r\nA: ").ok();
                proxy.await(Counter.PAGES_TAKEN, 1 + 2 + 3);

                // While it stands still, more comes than it reads in one go.
                proxy.signal("STOP");
                for (int i = 0; i < 20; i++) {
                    head.send("b".repeat(20_000)).ok();
                    answering.send("b".repeat(20_000)).ok();
                }
                early.send(new BytePattern(400_000, 21)).ok();
                proxy.signal("CONT");
                assertTrue(head.receiveUntil("\r\n").text().startsWith("HTTP/1.1 431 "), "the long head");
                assertTrue(answered.receiveUntil("\r\n").text().startsWith("HTTP/1.1 502 "), "the long answer");
                asked.send(SampleUpgrade.ANSWER).ok();
                early.receiveUntil(SampleUpgrade.END_OF_HEAD).ok();
                early.fin();
                assertEquals(400_001, asked.receiveUntilEof().count());
                assertEquals(0, proxy.closed(CloseReason.INTERNAL));
            }
        }
    }

    // ---- Tunnels.

    private static RawClient tunnel(InetSocketAddress address) {
        RawClient client = RawClient.connect(address).send(REQUEST);
        client.head101();
        return client;
    }

    private static SocketLab.Connection labTunnel(
            SocketLab lab,
            String proxy,
            String from,
            SocketLab.Connection listener,
            List<SocketLab.Connection> origins) {
        return labTunnel(lab, proxy, from, listener, origins, "/");
    }

    /** A tunnel between two connections of SocketLabs; the origin's is appended to the list. */
    private static SocketLab.Connection labTunnel(
            SocketLab lab,
            String proxy,
            String from,
            SocketLab.Connection listener,
            List<SocketLab.Connection> origins,
            String path) {
        SocketLab.Connection client =
                from == null ? lab.connect(proxy, 8080) : lab.connect(proxy, 8080, "from=" + from);
        client.send(SampleUpgrade.request(path)).ok();
        SocketLab.Connection origin = listener.accept();
        origin.receiveUntil(SampleUpgrade.END_OF_HEAD).ok();
        origin.send(SampleUpgrade.ANSWER).ok();
        client.receiveUntil(SampleUpgrade.END_OF_HEAD).ok();
        origins.add(origin);
        return client;
    }
}
