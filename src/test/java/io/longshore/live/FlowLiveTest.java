package io.longshore.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.lab.LeakCheck;
import io.longshore.lab.LeakCheck.Kind;
import io.longshore.live.PatternPeer.Ending;
import io.longshore.live.PatternPeer.Plan;
import io.longshore.metrics.CloseReason;
import io.longshore.metrics.Counter;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Large transfers, which the engine moves through pipes of the kernel: every byte arrives, and counts where others count. */
@Timeout(180)
final class FlowLiveTest {
    private static final int TUNNELS = 10;
    private static final int BYTES = 12 << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    @Test
    void deliversEveryByteOfLargeTransfersInBothDirections() {
        transfers("parked-bytes-max: 256KiB");
    }

    @Test
    void deliversEveryByteOfLargeTransfersWithLittleToPark() {
        transfers("parked-bytes-max: 64KiB");
    }

    @Test
    void deliversEveryByteOfLargeTransfersThroughNarrowSockets() {
        OwnNetwork.run(() -> {
            OwnNetwork.sysctl("net/ipv4/tcp_wmem", "4096 16384 65536");
            transfers("parked-bytes-max: 256KiB");
        });
    }

    private static void transfers(String setting) {
        RelayPlans plans = new RelayPlans();
        for (int i = 0; i < TUNNELS; i++) {
            // Two whose origins are slow to read, and one of each two with pieces that are now and then small.
            boolean isOriginSlow = i % 5 == 4;
            Ending[] endings = switch (i % 3) {
                case 0 -> new Ending[] {Ending.WHEN_SENT, Ending.HALF_OPEN};
                case 1 -> new Ending[] {Ending.SECOND, Ending.FIRST};
                default -> new Ending[] {Ending.WHEN_SENT, Ending.WHEN_SENT};
            };
            int sends = isOriginSlow ? BYTES / 4 : BYTES;
            plans.add(
                    new Plan(i, sends, i % 2 == 0 ? BYTES : 1_000, 64 << 10, false, false, endings[0]),
                    isOriginSlow,
                    endings[1]);
        }
        int before = LeakCheck.count(Kind.PIPE);
        try (PeerLoop clients = new PeerLoop("clients");
                PeerLoop origins = new PeerLoop("origins");
                ProxyUnderTest proxy = ProxyUnderTest.before(origins.listen(() -> new PatternPeer(plans, null)))
                        .top("loops: 1", setting)
                        .start()) {
            plans.letEnd();
            plans.connect(clients, proxy.address());
            clients.await(TUNNELS, PATIENCE);
            origins.await(TUNNELS, PATIENCE);
            proxy.awaitRest();
            assertEquals(plans.clientBytes(), proxy.counter(Counter.CLIENT_BYTES_IN), "bytes from clients");
            assertEquals(plans.originBytes(), proxy.counter(Counter.ORIGIN_BYTES_IN), "bytes from origins");
            assertEquals(
                    TUNNELS,
                    proxy.closed(CloseReason.CLIENT_CLOSED_FIRST) + proxy.closed(CloseReason.ORIGIN_CLOSED_FIRST),
                    "clean ends");
            long logged = 0;
            for (Map<String, String> line : proxy.lines()) {
                logged += Long.parseLong(line.get("bytes-in")) + Long.parseLong(line.get("bytes-out"));
            }
            assertEquals(plans.clientBytes() + plans.originBytes(), logged, "bytes of the access log");
            int kept = LeakCheck.count(Kind.PIPE) - before;
            assertTrue(kept > 0, "nothing went through a pipe");
            assertTrue(kept <= 10, kept + " ends of pipes are held by a loop at rest");
        }
    }
}
