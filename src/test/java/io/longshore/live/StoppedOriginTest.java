package io.longshore.live;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.lab.Await;
import io.longshore.live.PatternPeer.Ending;
import io.longshore.live.PatternPeer.Plan;
import io.longshore.metrics.Counter;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Origins that never read: TCP tells their clients for us, and the proxy's memory stays flat meanwhile. When they read at
 * last, not a byte is missing.
 */
@Timeout(180)
final class StoppedOriginTest {
    private static final int TUNNELS = 32;
    /** Far more than the kernel's buffers and ours take together. */
    private static final int BYTES = 32 << 20;

    private static final int PARKED_BYTES_MAX = 256 << 10;
    /** What a JVM grows by itself at work: its heap's first pages, compiled code, what its compilers need for it. */
    private static final long OWN_GROWTH = 24L << 20;

    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final long QUIET_NS = 1_000_000_000;

    @Test
    void stopsTheirClientsWithItsMemoryFlatAndLosesNothing() {
        RelayPlans plans = new RelayPlans();
        for (int i = 0; i < TUNNELS; i++) {
            plans.add(new Plan(i, BYTES, 0, 64 << 10, false, false, Ending.WHEN_SENT), false, Ending.SECOND);
        }
        plans.letOriginsRead(false);
        try (PeerLoop clients = new PeerLoop("clients");
                PeerLoop origins = new PeerLoop("origins");
                ProxyProcess proxy = ProxyProcess.start(yaml(origins.listen(() -> new PatternPeer(plans, null))))) {
            long before = proxy.residentBytesAfterCollection();
            plans.letEnd();
            plans.connect(clients, proxy.process().addresses().get(0));
            awaitStop(plans, proxy::counter);

            long stopped = plans.clientBytesSent();
            assertTrue(stopped < (long) TUNNELS * BYTES / 2, "the clients are stopped after " + stopped + " bytes");
            long parked = proxy.counter(Counter.PARKED_BYTES);
            assertTrue(parked > 0 && parked <= (long) TUNNELS * PARKED_BYTES_MAX, parked + " bytes parked");
            long grown = proxy.residentBytesAfterCollection() - before;
            long grownMax = (long) TUNNELS * PARKED_BYTES_MAX + OWN_GROWTH;
            assertTrue(grown <= grownMax, "grown by " + grown + " bytes, for " + stopped + " that were sent");

            plans.letOriginsRead(true);
            clients.await(TUNNELS, PATIENCE);
            origins.await(TUNNELS, PATIENCE);
            proxy.await(Counter.CONNECTIONS_OPEN, 0);
            proxy.await(Counter.PAGES_TAKEN, 0);
            proxy.await(Counter.TIMERS_ACTIVE, 0);
        }
    }

    private static String yaml(InetSocketAddress origin) {
        return """
                loops: 2
                drain-timeout: 100ms
                parked-bytes-max: 256KiB
                listeners:
                  - address: 127.0.0.1:0
                origins:
                  origin:
                    endpoints: [127.0.0.1:%d]
                routes:
                  - origin: origin
                """.formatted(origin.getPort());
    }

    /** Waits until no client gets rid of another byte, and the proxy takes no more. */
    private static void awaitStop(RelayPlans plans, ToLongFunction<Counter> counters) {
        long[] last = {-1};
        long[] sinceNs = {0};
        Await.until(
                () -> {
                    long now = plans.clientBytesSent() + counters.applyAsLong(Counter.CLIENT_BYTES_IN);
                    if (now != last[0]) {
                        last[0] = now;
                        sinceNs[0] = System.nanoTime();
                    }
                    return counters.applyAsLong(Counter.PARKED_BYTES) > 0 && System.nanoTime() - sinceNs[0] > QUIET_NS;
                },
                "the clients are stopped");
    }
}
