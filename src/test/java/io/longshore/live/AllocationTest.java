package io.longshore.live;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.lab.Await;
import io.longshore.metrics.Counter;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Relaying allocates nothing: what the loop's thread takes of the heap over a million messages, as the JVM counts it, in a
 * process with the flags that users get.
 */
@Timeout(300)
final class AllocationTest {
    /** Tunnels that take the low descriptors: the JDK boxes a descriptor for each event, below 128 without an object. */
    private static final int IDLE_TUNNELS = 100;

    private static final int TUNNELS = 32;
    private static final int MESSAGE_BYTES = 128;
    private static final long MESSAGES = 1_000_000;
    private static final long ALLOCATED_MAX = 64 << 10;
    /** The warm-up ends with a stretch of so many messages that allocated (rounded to kilobytes) nothing. */
    private static final long STRETCH_MESSAGES = 100_000;

    private static final Pattern ALLOCATED = Pattern.compile("\"longshore-loop-0\" .* allocated=(\\d+)([BKM]) ");
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    /** Messages that have come back to their client: each was relayed twice. */
    private final AtomicLong answers = new AtomicLong();

    @Test
    void aMillionRelayedMessagesAllocateNextToNothing() {
        List<EchoPeer> players = new ArrayList<>();
        try (PeerLoop clients = new PeerLoop("clients");
                PeerLoop origins = new PeerLoop("origins");
                ProxyProcess proxy = ProxyProcess.start(yaml(origins.listen(() -> new EchoPeer(false))))) {
            InetSocketAddress address = proxy.process().addresses().get(0);
            for (int i = 0; i < IDLE_TUNNELS; i++) {
                clients.connect(address, TunnelPeer.client());
            }
            clients.await(IDLE_TUNNELS);
            for (int i = 0; i < TUNNELS; i++) {
                EchoPeer player = new EchoPeer(true);
                players.add(player);
                clients.connect(address, player);
            }
            clients.await(IDLE_TUNNELS + TUNNELS);
            clients.execute(() -> players.forEach(player -> clients.guarded(player, player::serve)));

            Await.until(() -> allocatedOver(STRETCH_MESSAGES, clients, proxy) == 0, PATIENCE, "a warm loop");
            long relayed = relayed(proxy);
            long allocated = allocatedOver(MESSAGES, clients, proxy);
            assertTrue(relayed(proxy) - relayed >= MESSAGES, "as many were relayed as the clients have counted");
            assertTrue(allocated <= ALLOCATED_MAX, allocated + " bytes allocated over " + MESSAGES + " messages");
        }
    }

    private static String yaml(InetSocketAddress origin) {
        return """
                loops: 1
                drain-timeout: 100ms
                listeners:
                  - address: 127.0.0.1:0
                origins:
                  echo:
                    endpoints: [127.0.0.1:%d]
                routes:
                  - origin: echo
                """.formatted(origin.getPort());
    }

    /** What the loop's thread allocates until so many more messages have come and gone. */
    private long allocatedOver(long messages, PeerLoop clients, ProxyProcess proxy) {
        long before = allocated(proxy);
        long target = answers.get() + messages / 2;
        Await.until(() -> answers.get() >= target, PATIENCE, messages + " messages");
        clients.check();
        return allocated(proxy) - before;
    }

    /** Messages that both directions have relayed: one is under way a tunnel, so each was a read and a write. */
    private static long relayed(ProxyProcess proxy) {
        return (proxy.counter(Counter.CLIENT_BYTES_IN) + proxy.counter(Counter.ORIGIN_BYTES_IN)) / MESSAGE_BYTES;
    }

    /** What the loop's thread has ever allocated, to the kilobyte below 10 MB. */
    private static long allocated(ProxyProcess proxy) {
        for (String line : proxy.jcmd("Thread.print", "-e")) {
            Matcher found = ALLOCATED.matcher(line);
            if (found.find()) {
                return Long.parseLong(found.group(1)) << 10 * "BKM".indexOf(found.group(2));
            }
        }
        throw new AssertionError("the JVM tells of no longshore-loop-0");
    }

    /** Sends back every message when all of it has come. A client begins. */
    private final class EchoPeer extends TunnelPeer {
        private final boolean isClient;
        private final ByteBuffer message = ByteBuffer.allocateDirect(MESSAGE_BYTES);

        EchoPeer(boolean isClient) {
            super(isClient);
            this.isClient = isClient;
        }

        @Override
        void received(ByteBuffer bytes) throws IOException {
            message.put(bytes);
            if (!message.hasRemaining()) {
                message.flip();
                if (isClient) {
                    answers.lazySet(answers.get() + 1);
                }
                serve();
            }
        }

        /** Sends the message; on the loop's thread. */
        void serve() {
            // A peer with one message under way never finds its socket full.
            try {
                channel.write(message);
            } catch (IOException e) {
                // The proxy has gone between the message and the answer to it.
                broken(e);
                return;
            }
            if (message.hasRemaining()) {
                throw new AssertionError("the kernel takes no " + MESSAGE_BYTES + " bytes");
            }
            message.clear();
        }

        @Override
        void broken(IOException e) {
            // At the end of the test the other side may still be sending to one that has left.
            close();
        }
    }
}
