package io.longshore.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.lab.Await;
import io.longshore.lab.SampleUpgrade;
import io.longshore.metrics.CloseReason;
import io.longshore.metrics.Counter;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Where the proxy dials from, as the origin sees it, and what it does when an address or an endpoint is of no use. */
@Timeout(120)
final class SourceAddressLiveTest {
    private static final int CLIENTS = 24;

    @Test
    void aListARangeAndABlockOfSourcesAreAllUsedAndEachClientKeepsItsOwn() {
        Set<String> configured = Set.of(
                "127.0.0.2",
                "127.0.0.4",
                "127.0.0.5",
                "127.0.0.6",
                "127.0.1.16",
                "127.0.1.17",
                "127.0.1.18",
                "127.0.1.19");
        try (TestOrigin origin = TestOrigin.echoing();
                ProxyUnderTest proxy = ProxyUnderTest.before(origin.address())
                        .origin("sources: [127.0.0.2, 127.0.0.4-127.0.0.6, 127.0.1.16/30]")
                        .top("loops: 2")
                        .start()) {
            Map<String, String> chosen = sourcesOf(clients(4 * CLIENTS), origin, proxy);
            assertEquals(new TreeSet<>(configured), new TreeSet<>(chosen.values()));
            // The same again, whichever loop takes the client.
            assertEquals(chosen, sourcesOf(clients(4 * CLIENTS), origin, proxy));
        }
    }

    @Test
    void theAccessLineNamesTheSourceThatTheOriginSees() {
        try (TestOrigin origin = TestOrigin.echoing();
                ProxyUnderTest proxy = ProxyUnderTest.before(origin.address())
                        .origin("sources: [127.0.0.2]")
                        .start()) {
            RawClient.tunnel(proxy).close();
            InetSocketAddress peer = origin.next().peer();
            assertEquals("127.0.0.2", peer.getAddress().getHostAddress());
            assertEquals(
                    "127.0.0.2:" + peer.getPort(),
                    proxy.nextEnds(CloseReason.CLIENT_CLOSED_FIRST).get("source"));
        }
    }

    @Test
    void anIpv6EndpointIsDialledFromAnIpv6Source() {
        try (TestOrigin origin = TestOrigin.playing("::1", SourceAddressLiveTest::echo);
                ProxyUnderTest proxy = ProxyUnderTest.before(origin.address())
                        .origin("sources: [\"::1\"]")
                        .start()) {
            RawClient.tunnel(proxy).close();
            assertEquals("0:0:0:0:0:0:0:1", origin.next().peer().getAddress().getHostAddress());
        }
    }

    @Test
    void ipv6SourcesAreAListARangeAndABlockToo() {
        OwnNetwork.run(() -> {
            Set<String> configured = new TreeSet<>();
            for (String last : List.of("1", "3", "4", "8", "9", "a", "b")) {
                OwnNetwork.address("fd00::" + last + "/128");
                configured.add("fd00:0:0:0:0:0:0:" + last);
            }
            try (TestOrigin origin = TestOrigin.playing("::1", SourceAddressLiveTest::echo);
                    ProxyUnderTest proxy = ProxyUnderTest.before(origin.address())
                            .origin("sources: [\"fd00::1\", \"fd00::3-fd00::4\", \"fd00::8/126\"]")
                            .start()) {
                Map<String, String> chosen = sourcesOf(clients(4 * CLIENTS), origin, proxy);
                assertEquals(configured, new TreeSet<>(chosen.values()));
                assertEquals(chosen, sourcesOf(clients(4 * CLIENTS), origin, proxy));
            }
        });
    }

    /**
     * One source, a hundred ports, two endpoints: the kernel chooses the port when it knows the endpoint, so both share
     * all of them. A socket that is bound without IP_BIND_ADDRESS_NO_PORT takes its port from everybody.
     */
    @Test
    void aPortOfOneSourceServesEveryEndpointAtOnce() {
        int ports = 100;
        OwnNetwork.run(() -> {
            try (TestOrigin one = TestOrigin.echoing();
                    TestOrigin other = TestOrigin.echoing();
                    ProxyUnderTest proxy = ProxyUnderTest.before(one.address(), other.address())
                            .origin("sources: [127.0.0.2]")
                            .start()) {
                // Only now, so that no listener sits on one of the hundred.
                OwnNetwork.sysctl("net/ipv4/ip_local_port_range", "20000 20099");
                assertEquals(ports, boundWithoutTheOption(), "sockets that bind(2) alone gives a port");

                List<RawClient> clients = new ArrayList<>();
                try {
                    for (int i = 0; i < 2 * ports; i++) {
                        // The clients' own ports are of their choosing, and beside the hundred.
                        InetSocketAddress from = new InetSocketAddress("127.0.0.1", 21_000 + i);
                        clients.add(RawClient.tunnel(from, proxy));
                    }
                    assertEquals(2L * ports, proxy.counter(Counter.TUNNELS_ACTIVE), "tunnels that stand at once");
                    assertEquals(ports, one.connections());
                    assertEquals(ports, other.connections());
                    assertEquals(2L * ports, proxy.dialed("connected"));

                    // Every tuple is taken: the next client is told so, and not that an endpoint is ill.
                    InetSocketAddress from = new InetSocketAddress("127.0.0.1", 21_000 + 2 * ports);
                    try (RawClient late =
                            RawClient.connect(from, proxy.address()).send(SampleUpgrade.request("/"))) {
                        assertEquals(
                                "5",
                                late.reply().refuses("503 Service Unavailable").field("Retry-After"));
                    }
                    proxy.nextEnds(CloseReason.NO_SOURCE_PORT);
                } finally {
                    clients.forEach(RawClient::close);
                }
            }
        });
    }

    /** How many sockets one address gets a port for, by plain binds. */
    private static int boundWithoutTheOption() throws IOException {
        List<Socket> bound = new ArrayList<>();
        try {
            while (true) {
                Socket socket = new Socket();
                bound.add(socket);
                socket.bind(new InetSocketAddress("127.0.0.3", 0));
            }
        } catch (BindException full) {
            return bound.size() - 1;
        } finally {
            for (Socket socket : bound) {
                socket.close();
            }
        }
    }

    @Test
    void aSourceThatIsNotOursCostsAnAttemptAndNoClient() {
        try (TestOrigin origin = TestOrigin.echoing();
                ProxyUnderTest proxy = ProxyUnderTest.before(origin.address())
                        // The first is of TEST-NET-1 (RFC 5737): no host has it.
                        .origin("sources: [192.0.2.1, 127.0.0.2]")
                        .start()) {
            Map<String, String> chosen = sourcesOf(clients(CLIENTS), origin, proxy);
            assertEquals(Set.of("127.0.0.2"), Set.copyOf(chosen.values()));
            assertEquals(CLIENTS, proxy.dialed("connected"));
            long missed = proxy.dialed("address-not-available");
            assertTrue(missed > 0 && missed < CLIENTS, missed + " of " + CLIENTS + " clients preferred the other one");
            // A dial that failed at bind(2) left no socket behind, which the end of this test holds, too.
            assertEquals(0, proxy.counter(Counter.CONNECTIONS_OPEN));
        }
    }

    @Test
    void anEndpointThatRefusesIsFollowedByTheNext() throws IOException {
        InetSocketAddress nobody;
        try (Socket socket = new Socket()) {
            // Bound and not listening: refused for as long as the socket is here, and nobody else can take the port.
            socket.bind(new InetSocketAddress("127.0.0.1", 0));
            nobody = (InetSocketAddress) socket.getLocalSocketAddress();
            try (TestOrigin origin = TestOrigin.echoing();
                    ProxyUnderTest proxy = ProxyUnderTest.before(nobody, origin.address())
                            .origin("sources: [127.0.0.2]")
                            .start()) {
                sourcesOf(clients(CLIENTS), origin, proxy);
                assertEquals(CLIENTS, proxy.dialed("connected"));
                assertEquals(CLIENTS / 2, proxy.dialed("refused"), "every second turn begins with it");
                // The lines come from a thread of their own, so the last may be a moment behind its tunnel's end.
                Await.until(() -> twoAttempts(proxy) == CLIENTS / 2, "a line with two attempts of every second client");
            }
        }
    }

    private static long twoAttempts(ProxyUnderTest proxy) {
        return proxy.lines().stream()
                .filter(line -> line.get("trail").contains("dial>dial-failed>dial>connected"))
                .count();
    }

    @Test
    void bothSidesOfATunnelHaveTheOptionsThatWePromise() throws IOException {
        try (TestOrigin origin = TestOrigin.echoing();
                ProxyUnderTest proxy = ProxyUnderTest.before(origin.address())
                        .top("keepalive-idle: 47s", "user-timeout: 83s")
                        .origin("sources: [127.0.0.2]")
                        .start();
                RawClient client = RawClient.tunnel(proxy)) {
            SocketOptionsSeen accepted = SocketOptionsSeen.of(
                    proxy.address(), (InetSocketAddress) client.socket().getLocalSocketAddress());
            SocketOptionsSeen dialled = SocketOptionsSeen.of(origin.next().peer(), origin.address());
            for (SocketOptionsSeen side : List.of(accepted, dialled)) {
                assertEquals(1, side.noDelay(), side::toString);
                assertEquals(1, side.keepalive(), side::toString);
                assertEquals(47, side.keepaliveIdleSeconds(), side::toString);
                assertEquals(10, side.keepaliveIntervalSeconds(), side::toString);
                assertEquals(83_000, side.userTimeoutMs(), side::toString);
            }
            assertEquals(1, dialled.bindAddressNoPort(), dialled::toString);
            assertEquals(1, dialled.reuseAddress(), dialled::toString);
        }
    }

    // ---- Clients of many addresses, one after the other.

    private static List<InetAddress> clients(int count) {
        List<InetAddress> clients = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            clients.add(new InetSocketAddress("127.0.2." + (1 + i), 0).getAddress());
        }
        return clients;
    }

    /** The source that each client's tunnel is dialled from, as the origin sees it. */
    private static Map<String, String> sourcesOf(List<InetAddress> clients, TestOrigin origin, ProxyUnderTest proxy) {
        Map<String, String> sources = new HashMap<>();
        for (InetAddress address : clients) {
            try (RawClient client = RawClient.tunnel(new InetSocketAddress(address, 0), proxy)) {
                assertEquals("ping", client.send("ping").readText(4));
                InetAddress source = origin.next().peer().getAddress();
                sources.put(address.getHostAddress(), source.getHostAddress());
            }
        }
        proxy.await(Counter.SESSIONS_ACTIVE, 0);
        return sources;
    }

    static void echo(TestOrigin.Connection connection) throws IOException {
        connection.switchProtocols();
        connection.echo();
    }
}
