package io.longshore.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.lab.Await;
import io.longshore.lab.ChildProcess;
import io.longshore.metrics.Counter;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What an idle tunnel costs, as a user's {@code top} shows it: resident memory of the whole process, heap and C library
 * included, at 9,000 tunnels less that at 1,000. Two loops, and the launcher's flags.
 */
@Timeout(300)
final class IdleMemoryTest {
    private static final int FEW = 1000;
    private static final int MANY = 9000;
    private static final int BYTES_PER_TUNNEL_MAX = 4096;
    /** Handshakes before the first measurement, few at once: what the JIT compiles is no tunnel's. */
    private static final int WARM_UP = 4000;

    private static final int AT_ONCE = 50;
    /** The JVM gives back what its compilers had every five seconds. */
    private static final long SETTLED_NS = 7_000_000_000L;

    /** Of one class, and for all tunnels together: both loops keep some handshakes for the next ones. */
    private static final int OBJECTS_MAX = FEW;

    private static final Pattern OURS =
            Pattern.compile(":\\s+(\\d+)\\s+\\d+\\s+io\\.longshore\\.(session|origin\\.Lease|net\\.Address)");

    private static final Duration PATIENCE = Duration.ofSeconds(120);

    @Test
    void anIdleTunnelCostsAtMostFourKibibytesAndHoldsNoBuffer() {
        try (ChildProcess origin = quietOrigin();
                PeerLoop clients = new PeerLoop("clients");
                ProxyProcess proxy = ProxyProcess.start(yaml(Integer.parseInt(origin.nextLine(Await.PATIENCE))))) {
            InetSocketAddress address = proxy.process().addresses().get(0);
            warmUp(clients, proxy, address);
            long few = residentBytesWith(FEW, clients, proxy, address);
            long many = residentBytesWith(MANY, clients, proxy, address);
            long perTunnel = (many - few) / (MANY - FEW);
            String told = perTunnel + " bytes a tunnel: " + (few >> 10) + " KiB with " + FEW + " tunnels, "
                    + (many >> 10) + " KiB with " + MANY;
            System.out.println(told);
            assertTrue(perTunnel <= BYTES_PER_TUNNEL_MAX, () -> told + histogram(proxy));
            assertNoObjectsOfTunnels(proxy);
        }
    }

    /** Above the engine an idle tunnel is no object at all: what is left there belongs to the loops. */
    private static void assertNoObjectsOfTunnels(ProxyProcess proxy) {
        for (String line : proxy.jcmd("GC.class_histogram")) {
            Matcher found = OURS.matcher(line);
            if (found.find()) {
                assertTrue(Integer.parseInt(found.group(1)) <= OBJECTS_MAX, line);
            }
        }
    }

    private static String yaml(int originPort) {
        return """
                loops: 2
                drain-timeout: 100ms
                listeners:
                  - address: 127.0.0.1:0
                origins:
                  quiet:
                    endpoints: [127.0.0.1:%d]
                routes:
                  - origin: quiet
                    idle-timeout: 1h
                """.formatted(originPort);
    }

    private static ChildProcess quietOrigin() {
        return ChildProcess.start(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                QuietOrigin.class.getName());
    }

    private static void warmUp(PeerLoop clients, ProxyProcess proxy, InetSocketAddress address) {
        for (int begun = 0; begun < WARM_UP; begun += AT_ONCE) {
            for (int i = 0; i < AT_ONCE; i++) {
                clients.connect(address, new PassingPeer());
            }
            clients.await(begun + AT_ONCE);
        }
        proxy.await(Counter.CONNECTIONS_OPEN, 0);
    }

    /** Opens tunnels until there are so many, and weighs the process. */
    private static long residentBytesWith(
            int tunnels, PeerLoop clients, ProxyProcess proxy, InetSocketAddress address) {
        for (int i = (int) proxy.counter(Counter.TUNNELS_ACTIVE); i < tunnels; i++) {
            clients.connect(address, TunnelPeer.client());
        }
        clients.await(WARM_UP + tunnels, PATIENCE);
        proxy.await(Counter.TUNNELS_ACTIVE, tunnels);
        proxy.await(Counter.PAGES_TAKEN, 0);
        assertEquals(0, proxy.counter(Counter.PARKED_BYTES), "parked bytes");
        assertEquals(2L * tunnels, proxy.counter(Counter.CONNECTIONS_OPEN), "sockets");
        return settledBytes(proxy);
    }

    /** What is resident after a full collection, once the JVM has given back what its compilers had. */
    private static long settledBytes(ProxyProcess proxy) {
        long[] lowest = {proxy.residentBytesAfterCollection()};
        long[] sinceNs = {System.nanoTime()};
        Await.until(
                () -> {
                    long now = proxy.residentBytes();
                    if (now < lowest[0]) {
                        lowest[0] = now;
                        sinceNs[0] = System.nanoTime();
                    }
                    return System.nanoTime() - sinceNs[0] > SETTLED_NS;
                },
                PATIENCE,
                "resident memory falls no more");
        return lowest[0];
    }

    private static String histogram(ProxyProcess proxy) {
        StringBuilder text = new StringBuilder();
        proxy.jcmd("GC.class_histogram").stream()
                .limit(40)
                .forEach(line -> text.append('\n').append(line));
        return text.toString();
    }

    /** A client that leaves as soon as it has its tunnel. */
    private static final class PassingPeer extends TunnelPeer {
        PassingPeer() {
            super(true);
        }

        @Override
        void opened(String otherHead) {
            close();
            loop.done();
        }
    }
}
