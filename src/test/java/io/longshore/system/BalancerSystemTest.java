package io.longshore.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.lab.Await;
import io.longshore.lab.LongshoreProcess;
import io.longshore.lab.SampleUpgrade;
import io.longshore.lab.SocketLab;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** HAProxy in front of the proxy at layer 4: its clients are told apart by what its PROXY protocol headers say. */
@Tag("system")
@Timeout(300)
class BalancerSystemTest {
    private static final String LOOPBACK = "127.0.0.1";
    private static final String WITH_ALL = "send-proxy-v2 proxy-v2-options crc32c,unique-id";

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"send-proxy", "send-proxy-v2", WITH_ALL})
    void everySceneGoesWellBehindABalancer(String options) {
        try (ForeignOrigin origin = ForeignOrigin.start(ForeignOrigin.Kind.NODE_WS);
                LongshoreProcess proxy = proxy(origin.port());
                Balancer balancer = Balancer.inFrontOf(proxy.port(), options)) {
            ForeignClient client = ForeignClient.NODE_WS;
            List<String> report = client.play(balancer.port());
            assertEquals(String.join("\n", client.allWell()), String.join("\n", report), () -> balancer + "\n" + proxy);
            assertTrue(reasons("proxy-header").isEmpty(), this::log);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"send-proxy", "send-proxy-v2", WITH_ALL})
    void clientsKeepTheirSourceAddressesAndTheirNames(String options) {
        try (SocketLab lab = SocketLab.start()) {
            SocketLab.Connection listener = lab.listen(LOOPBACK);
            try (LongshoreProcess proxy = proxy(listener.port());
                    Balancer balancer = Balancer.inFrontOf(proxy.port(), options)) {
                Map<String, String> sources = new HashMap<>();
                TreeSet<String> clients = new TreeSet<>();
                for (int i = 0; i < 80; i++) {
                    String address = "127.0.9." + (1 + i % 40);
                    SocketLab.Connection client = lab.connect(LOOPBACK, balancer.port(), "from=" + address);
                    clients.add(address + ":" + client.port());
                    String source = tunnelled(client, listener, address);
                    assertEquals(sources.computeIfAbsent(address, first -> source), source, "for " + address);
                }
                // Without the headers it would be one; that a fair hash meets fewer than five of seven has odds of 1 in
                // 10^8.
                assertTrue(new TreeSet<>(sources.values()).size() >= 5, sources::toString);
                SocketLab.Connection client = lab.connect("::1", balancer.port());
                clients.add("[::1]:" + client.port());
                tunnelled(client, listener, "::1");
                Await.until(() -> named().size() == clients.size(), "a line for each client");
                assertEquals(clients, named());
                assertTrue(reasons("proxy-header").isEmpty(), this::log);
            }
        }
    }

    @Test
    void healthChecksAreNoFaults() {
        try (SocketLab lab = SocketLab.start()) {
            SocketLab.Connection listener = lab.listen(LOOPBACK);
            try (LongshoreProcess proxy = proxy(listener.port());
                    Balancer balancer = Balancer.inFrontOf(proxy.port(), "send-proxy-v2")) {
                Await.until(() -> reasons("client-").size() >= 5, "five checks by " + balancer);
            }
            assertTrue(reasons("proxy-header").isEmpty(), this::log);
        }
    }

    @Test
    void aBalancerThatNamesNobodyIsReset() {
        try (SocketLab lab = SocketLab.start()) {
            SocketLab.Connection listener = lab.listen(LOOPBACK);
            try (LongshoreProcess proxy = proxy(listener.port());
                    Balancer balancer = Balancer.inFrontOf(proxy.port(), "")) {
                SocketLab.Connection client = lab.connect(LOOPBACK, balancer.port());
                client.send(SampleUpgrade.request("/"));
                assertEquals(0, client.receiveUntilEof().count(), "the balancer passes no answer on");
                Await.until(() -> reasons("proxy-header-malformed").size() == 1, "its line");
            }
        }
    }

    /** Opens a tunnel and ends it; returns the source address that the origin saw. */
    private static String tunnelled(SocketLab.Connection client, SocketLab.Connection listener, String address) {
        client.send(SampleUpgrade.request("/"));
        SocketLab.Connection origin = listener.accept();
        String head = origin.receiveUntil(SampleUpgrade.END_OF_HEAD).text();
        assertTrue(head.contains("\r\nX-Forwarded-For: " + address + "\r\n"), head);
        origin.send(SampleUpgrade.ANSWER).ok();
        client.receiveUntil(SampleUpgrade.END_OF_HEAD).ok();
        client.fin().ok();
        origin.expectEof().ok();
        origin.fin().ok();
        client.expectEof().ok();
        String source = origin.address();
        client.close();
        origin.close();
        return source;
    }

    private LongshoreProcess proxy(int originPort) {
        String yaml = LongshoreProcess.configuration(LOOPBACK + ":0", LOOPBACK + ":" + originPort)
                .replace("\norigins:", "\n    proxy-protocol: true\n    trusted-proxies: [127.0.0.1]\norigins:")
                .replace("    endpoints:", "    sources: [127.0.0.2-127.0.0.4, 127.0.0.16/30]\n    endpoints:");
        return LongshoreProcess.serve("access-log: " + folder.resolve("access.log") + "\n" + yaml);
    }

    /** The clients of all tunnels so far, as the access log has them. */
    private TreeSet<String> named() {
        TreeSet<String> clients = new TreeSet<>();
        log().lines()
                .filter(line -> line.contains(" status=101 ") && line.contains(" trail=named>head>"))
                .forEach(line -> clients.add(line.replaceAll(".* client=(\\S+) .*", "$1")));
        return clients;
    }

    /** The lines so far whose reason begins so. */
    private List<String> reasons(String beginning) {
        return log().lines()
                .filter(line -> line.contains(" reason=" + beginning))
                .toList();
    }

    private String log() {
        try {
            String text = Files.readString(folder.resolve("access.log"));
            // The last line may be half written.
            return text.substring(0, text.lastIndexOf('\n') + 1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
