package io.longshore.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.lab.Await;
import io.longshore.metrics.CloseReason;
import io.longshore.metrics.Counter;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many tunnels at once through two loops: every byte arrives, in order, and nothing is left of anything. */
@Timeout(180)
final class RelayLiveTest {
    private static final int TUNNELS = 1000;
    private static final int NARROW_TUNNELS = 200;
    private static final int BYTES_MAX = 1 << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    @Test
    void deliversEveryByteOfAThousandTunnelsWhoeverEndsFirst() {
        relays(RelayPlans.random(TUNNELS, 20261122, BYTES_MAX), 0);
    }

    /** The kernel's own buffers swallow a megabyte. With small ones what a slow reader leaves must be parked. */
    @Test
    void deliversEveryByteThroughNarrowSockets() {
        OwnNetwork.run(() -> {
            OwnNetwork.sysctl("net/ipv4/tcp_wmem", "4096 16384 16384");
            relays(RelayPlans.random(NARROW_TUNNELS, 20261123, BYTES_MAX), NARROW_TUNNELS / 20);
        });
    }

    private static void relays(RelayPlans plans, int heldMin) {
        int tunnels = plans.count();
        try (PeerLoop clients = new PeerLoop("clients");
                PeerLoop origins = new PeerLoop("origins");
                ProxyUnderTest proxy = ProxyUnderTest.before(origins.listen(() -> new PatternPeer(plans, null)))
                        .top("loops: 2", "parked-bytes-max: 64KiB")
                        .start()) {
            join(plans, clients, proxy);
            assertEquals(tunnels, proxy.counter(Counter.TUNNELS_ACTIVE), "tunnels that stand at once");
            plans.letEnd();
            clients.await(tunnels, PATIENCE);
            origins.await(tunnels, PATIENCE);
            proxy.awaitRest();

            assertEquals(plans.clientBytes(), proxy.counter(Counter.CLIENT_BYTES_IN), "bytes from clients");
            assertEquals(plans.originBytes(), proxy.counter(Counter.ORIGIN_BYTES_IN), "bytes from origins");
            // Two fifths end by the client, two by the origin, and in one whoever is quicker is the first.
            long byClient = proxy.closed(CloseReason.CLIENT_CLOSED_FIRST);
            long byOrigin = proxy.closed(CloseReason.ORIGIN_CLOSED_FIRST);
            assertEquals(tunnels, byClient + byOrigin, "clean ends");
            assertTrue(
                    Math.min(byClient, byOrigin) >= tunnels / 5L * 2,
                    byClient + " by clients, " + byOrigin + " by origins");
            long held = proxy.lines().stream()
                    .filter(line -> line.get("trail").contains("held-"))
                    .count();
            assertTrue(held >= heldMin, "sources held for a slow reader: " + held);
        }
    }

    @Test
    void aThousandClientsThatResetAtOnceResetTheirOriginSidesAndLeaveNothing() {
        endsAllAtOnce(true, true, CloseReason.CLIENT_RESET);
    }

    @Test
    void aThousandOriginSidesThatResetAtOnceResetTheirClientsAndLeaveNothing() {
        endsAllAtOnce(false, true, CloseReason.ORIGIN_RESET);
    }

    @Test
    void aThousandClientsThatLeaveAtOnceLeaveNothing() {
        endsAllAtOnce(true, false, CloseReason.CLIENT_CLOSED_FIRST);
    }

    @Test
    void aThousandOriginSidesThatLeaveAtOnceLeaveNothing() {
        endsAllAtOnce(false, false, CloseReason.ORIGIN_CLOSED_FIRST);
    }

    private static void endsAllAtOnce(boolean isByClients, boolean isByReset, CloseReason reason) {
        List<TunnelPeer> clientPeers = new ArrayList<>();
        List<TunnelPeer> originPeers = new ArrayList<>();
        try (PeerLoop clients = new PeerLoop("clients");
                PeerLoop origins = new PeerLoop("origins");
                ProxyUnderTest proxy = ProxyUnderTest.before(
                                origins.listen(() -> added(originPeers, new EndedPeer(false, isByReset))))
                        .top("loops: 2")
                        .start()) {
            for (int i = 0; i < TUNNELS; i++) {
                clients.connect(proxy.address(), added(clientPeers, new EndedPeer(true, isByReset)));
            }
            clients.await(TUNNELS);
            origins.await(TUNNELS);
            proxy.await(Counter.TUNNELS_ACTIVE, TUNNELS);
            PeerLoop enders = isByClients ? clients : origins;
            enders.execute(
                    () -> (isByClients ? clientPeers : originPeers).forEach(isByReset ? Peer::reset : Peer::close));

            // Everybody at the other side is told, in kind.
            (isByClients ? origins : clients).await(2 * TUNNELS);
            proxy.awaitRest();
            assertEquals(TUNNELS, proxy.closed(reason));
        }
    }

    private static TunnelPeer added(List<TunnelPeer> peers, TunnelPeer peer) {
        peers.add(peer);
        return peer;
    }

    /** A quiet end that is done for the second time when it is told of the other's end in the way it expects. */
    private static final class EndedPeer extends TunnelPeer {
        private final boolean isResetExpected;

        EndedPeer(boolean isClient, boolean isResetExpected) {
            super(isClient);
            this.isResetExpected = isResetExpected;
        }

        @Override
        void ended() {
            assertTrue(!isResetExpected, "a reset was passed on as a clean end");
            close();
            loop.done();
        }

        @Override
        void broken(IOException e) throws IOException {
            if (!isResetExpected) {
                throw e;
            }
            close();
            loop.done();
        }
    }

    /** Opens all tunnels of these plans, and waits until both ends of each have it. */
    private static void join(RelayPlans plans, PeerLoop clients, ProxyUnderTest proxy) {
        plans.connect(clients, proxy.address());
        Await.until(() -> plans.joinedCount() == 2 * plans.count(), PATIENCE, "all tunnels stand at once");
        clients.check();
        proxy.await(Counter.TUNNELS_ACTIVE, plans.count());
    }
}
