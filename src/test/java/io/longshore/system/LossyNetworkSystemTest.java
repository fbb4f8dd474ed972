package io.longshore.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.lab.BytePattern;
import io.longshore.lab.LongshoreProcess;
import io.longshore.lab.SocketLab;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The line over networks that lose and delay: client, proxy and origin each in a namespace of its own, both cables bad.
 *
 * <pre>
 *   client 10.79.1.1 ----- 10.79.1.2 proxy 10.79.2.1 ----- 10.79.2.2 origin
 * </pre>
 *
 * <p>The control connects from the proxy's namespace straight to the origin, over the second cable alone.
 */
@Tag("system")
@Timeout(600)
class LossyNetworkSystemTest {
    private static final String PATIENT = "timeout=240000";

    private final List<AutoCloseable> open = new ArrayList<>();
    private Namespace clientSide;
    private Namespace middle;
    private Namespace originSide;
    private String how;

    @BeforeEach
    void lay() {
        clientSide = opened(Namespace.create());
        middle = opened(Namespace.create());
        originSide = opened(Namespace.create());
        clientSide.cable("client", "10.79.1.1/24", middle, "outside", "10.79.1.2/24");
        middle.cable("inside", "10.79.2.1/24", originSide, "origin", "10.79.2.2/24");
        // All four ends, so that whoever sends on a cable must send again.
        how = clientSide.impair("client");
        middle.impair("outside");
        middle.impair("inside");
        originSide.impair("origin");
    }

    @AfterEach
    void clear() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyByteArrivesBothWays(Via via) {
        SocketLab originLab = opened(SocketLab.start(originSide.prefix()));
        SocketLab.Connection listener = originLab.listen("10.79.2.2");
        Entrance entrance = enter(via, listener.port());
        SocketLab clientLab = opened(SocketLab.start(entrance.from.prefix()));
        int tunnels = 8;
        long length = 1 << 20;
        List<SocketLab.Step> received = new ArrayList<>();
        List<Tunnel> all = new ArrayList<>();
        for (int i = 0; i < tunnels; i++) {
            Tunnel tunnel = Tunnel.open(clientLab.connect(entrance.address, entrance.port), listener);
            all.add(tunnel);
            tunnel.client.send(new BytePattern(length, 2L * i), "piece=40000", PATIENT);
            tunnel.client.fin();
            tunnel.origin.send(new BytePattern(length, 2L * i + 1), "piece=40000", PATIENT);
            received.add(tunnel.origin.verifyUntilEof(2L * i, PATIENT));
            tunnel.origin.fin();
            received.add(tunnel.client.verifyUntilEof(2L * i + 1, PATIENT));
        }
        for (SocketLab.Step step : received) {
            assertEquals(length, step.count());
        }
        long byClients = 0;
        long byOrigin = 0;
        for (Tunnel tunnel : all) {
            byClients += tunnel.client.stat("retransmits");
            byOrigin += tunnel.origin.stat("retransmits");
        }
        // 8 MiB are 5,800 segments: that a random 3 % hits none of them does not happen.
        assertTrue(byClients > 0 && byOrigin > 0, byClients + " and " + byOrigin + " segments sent again: " + how);
    }

    @ParameterizedTest
    @EnumSource
    void theForeignPeersDoNotMind(Via via) {
        ForeignOrigin origin =
                opened(ForeignOrigin.start(ForeignOrigin.Kind.NODE_WS, originSide.prefix(), "10.79.2.2"));
        Entrance entrance = enter(via, origin.port());
        String url = "ws://" + entrance.address + ":" + entrance.port;
        List<String> report = ForeignClient.NODE_WS.play(entrance.from.prefix(), url);
        assertEquals(
                String.join("\n", ForeignClient.NODE_WS.allWell()),
                String.join("\n", report),
                () -> how + "\n" + origin + "\n" + open);
    }

    private Entrance enter(Via via, int originPort) {
        if (via == Via.DIRECT) {
            return new Entrance(middle, "10.79.2.2", originPort);
        }
        String yaml = LongshoreProcess.configuration("10.79.1.2:0", "10.79.2.2:" + originPort);
        LongshoreProcess proxy = opened(LongshoreProcess.serve(middle.prefix(), Map.of(), yaml));
        return new Entrance(clientSide, "10.79.1.2", proxy.port());
    }

    private <T extends AutoCloseable> T opened(T resource) {
        open.add(resource);
        return resource;
    }

    /**
     * Where a client is to connect.
     *
     * @param from the namespace that it is in
     * @param address of the origin or of the proxy, as seen from there
     * @param port of the same
     */
    private record Entrance(Namespace from, String address, int port) {}
}
