package io.longshore.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.lab.ChildProcess;
import io.longshore.lab.SampleUpgrade;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Source addresses that no device has: a block that a route of type local delivers to this host (AnyIP). */
final class AnyIpLiveTest {
    private static final InetSocketAddress PROXY = new InetSocketAddress("127.0.0.1", 8080);
    private static final int CLIENTS = 40;

    private static final String YAML = """
            listeners: [{address: "127.0.0.1:8080"}]
            origins:
              chat: {endpoints: ["%s"], sources: ["%s"]}
            routes: [{origin: chat}]
            """;

    @Test
    void aBlockOfIpv4ThatIsOnlyRoutedHere() {
        OwnNetwork.run(() -> {
            ChildProcess.run("ip", "route", "add", "local", "10.77.0.0/24", "dev", "lo");
            for (String source : sourcesUsed("10.77.0.0/24", InetAddress.getByName("127.0.0.1"))) {
                assertTrue(source.startsWith("10.77.0."), source);
            }
        });
    }

    @Test
    void anIpv6BlockOfMoreAddressesThanAnybodyCanList() {
        OwnNetwork.run(() -> {
            ChildProcess.run("ip", "-6", "route", "add", "local", "fd00:77::/64", "dev", "lo");
            for (String source : sourcesUsed("fd00:77::/64", InetAddress.getByName("::1"))) {
                assertTrue(source.startsWith("fd00:77:0:0:"), source);
            }
        });
    }

    /** The addresses that the origin sees of many clients, each of whom keeps his over a second visit. */
    private static Set<String> sourcesUsed(String block, InetAddress endpoint) throws IOException {
        try (TestOrigin origin = TestOrigin.playing(endpoint.getHostAddress(), SourceAddressLiveTest::echo)) {
            InetSocketAddress address = origin.address();
            String text = endpoint.getAddress().length == 4 ? "127.0.0.1:" : "[::1]:";
            try (ChildProxy proxy = ChildProxy.serve(List.of(), YAML.formatted(text + address.getPort(), block))) {
                assertEquals(PROXY, proxy.address());
                Map<Integer, String> seen = new HashMap<>();
                for (int visit = 0; visit < 2; visit++) {
                    for (int client = 0; client < CLIENTS; client++) {
                        InetSocketAddress from = new InetSocketAddress("127.0.1." + (1 + client), 0);
                        try (RawClient asking = RawClient.connect(from, PROXY).send(SampleUpgrade.request("/"))) {
                            asking.head101();
                            String source = origin.next().peer().getAddress().getHostAddress();
                            String before = seen.put(client, source);
                            assertTrue(before == null || before.equals(source), before + ", then " + source);
                        }
                    }
                }
                Set<String> used = new HashSet<>(seen.values());
                assertTrue(used.size() > CLIENTS / 4, used.size() + " addresses for " + CLIENTS + " clients");
                return used;
            }
        }
    }
}
