package io.longshore.live;

import io.longshore.live.PatternPeer.Ending;
import io.longshore.live.PatternPeer.Plan;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** What the two ends of each tunnel of a relay test do, and when they may begin to read and to end. */
final class RelayPlans {
    private final List<Plan> clients = new ArrayList<>();
    private final List<Plan> origins = new ArrayList<>();
    private final List<PatternPeer> joined = new ArrayList<>();
    private final AtomicInteger joinedCount = new AtomicInteger();
    private final AtomicLong clientSent = new AtomicLong();
    private volatile boolean mayEnd;
    private volatile boolean mayOriginRead = true;

    /** Plans for two ends that mirror each other. */
    void add(Plan client, boolean isOriginSlow, Ending originEnding) {
        clients.add(client);
        origins.add(new Plan(
                client.number(), client.gets(), client.sends(), client.pieceMax(), isOriginSlow, false, originEnding));
    }

    /** Tunnels of all sorts, the same for the same seed. */
    static RelayPlans random(int count, long seed, int bytesMax) {
        Random random = new Random(seed);
        RelayPlans plans = new RelayPlans();
        for (int i = 0; i < count; i++) {
            int sends = size(random, bytesMax);
            int gets = size(random, bytesMax);
            // From whole pages to a few bytes, but never so few that a megabyte takes all day.
            int pieceMax = Math.max(1 << 4 + random.nextInt(12), Math.max(sends, gets) / 500);
            boolean isSlow = i % 10 < 3;
            boolean isClientSlow = isSlow && random.nextBoolean();
            Ending[] endings = switch (i % 5) {
                case 0 -> new Ending[] {Ending.WHEN_SENT, Ending.HALF_OPEN};
                case 1 -> new Ending[] {Ending.HALF_OPEN, Ending.WHEN_SENT};
                case 2 -> new Ending[] {Ending.SECOND, Ending.FIRST};
                case 3 -> new Ending[] {Ending.FIRST, Ending.SECOND};
                default -> new Ending[] {Ending.WHEN_SENT, Ending.WHEN_SENT};
            };
            boolean isEarly = random.nextInt(5) == 0;
            plans.add(
                    new Plan(i, sends, gets, pieceMax, isClientSlow, isEarly, endings[0]),
                    isSlow && !isClientSlow,
                    endings[1]);
        }
        return plans;
    }

    /** Nothing at all now and then, the whole megabyte now and then, mostly a fifth of it. */
    private static int size(Random random, int bytesMax) {
        return switch (random.nextInt(20)) {
            case 0 -> 0;
            case 1 -> bytesMax;
            default -> (int) (bytesMax * Math.pow(random.nextDouble(), 3));
        };
    }

    Plan originPlan(int number) {
        return origins.get(number);
    }

    int count() {
        return clients.size();
    }

    /** How many bytes all clients send. */
    long clientBytes() {
        return clients.stream().mapToLong(Plan::sends).sum();
    }

    /** How many bytes all origin sides send. */
    long originBytes() {
        return origins.stream().mapToLong(Plan::sends).sum();
    }

    /** An end has its tunnel. */
    void joined(PatternPeer peer) {
        synchronized (joined) {
            joined.add(peer);
        }
        joinedCount.incrementAndGet();
    }

    /** How many ends have their tunnel. */
    int joinedCount() {
        return joinedCount.get();
    }

    boolean mayEnd() {
        return mayEnd;
    }

    /** From now on whoever has sent and got everything may end. */
    void letEnd() {
        mayEnd = true;
        synchronized (joined) {
            for (PatternPeer peer : joined) {
                peer.loop.execute(() -> peer.loop.guarded(peer, peer::finishIfItIsTime));
            }
        }
    }

    boolean mayRead(boolean isClient) {
        return isClient || mayOriginRead;
    }

    /** Origin sides read one buffer full and then no more, or read on. */
    void letOriginsRead(boolean on) {
        mayOriginRead = on;
    }

    /** A client has sent more. */
    void clientSent(int bytes) {
        clientSent.addAndGet(bytes);
    }

    /** How much all clients together have been able to send so far. */
    long clientBytesSent() {
        return clientSent.get();
    }

    /** Has every client of these plans connect. */
    void connect(PeerLoop loop, InetSocketAddress address) {
        for (Plan plan : clients) {
            loop.connect(null, PatternPeer.receiveBufferBytes(plan), address, new PatternPeer(this, plan));
        }
    }
}
