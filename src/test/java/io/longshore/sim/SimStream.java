package io.longshore.sim;

import java.util.SplittableRandom;

/**
 * One direction of a TCP connection: a send buffer, segments on the way, a receive buffer.
 *
 * <p>Both buffers are bounded. Bytes hold their place in the send buffer until they are acknowledged, one latency after
 * they arrived; a full receive buffer is a zero window and stops the sender. Segments are cut at random places and arrive
 * in order; the FIN comes after the last of them.
 */
final class SimStream {
    private final SimWorld world;
    private final SimSocket from;
    private final SimSocket to;
    private final SplittableRandom random;
    private final ByteQueue unsent = new ByteQueue();
    private final ByteQueue arrived = new ByteQueue();
    private final int sendCapacity;
    private final int receiveCapacity;
    private final int segmentMax;
    private int unacknowledged;
    private int onTheWay;
    private long lastArrivalNs;
    private boolean finQueued;
    private boolean finOnTheWay;
    private boolean finArrived;
    private boolean dead;
    private boolean pumpComing;

    SimStream(SimWorld world, SimSocket from, SimSocket to) {
        this.world = world;
        this.from = from;
        this.to = to;
        random = world.random;
        sendCapacity = world.odds.bufferBytes(random);
        receiveCapacity = world.odds.bufferBytes(random);
        segmentMax = random.nextInt(4) == 0 ? 1 + random.nextInt(64) : 1_448;
    }

    /** Takes what there is room for, 0 if there is none. */
    int offer(byte[] bytes, int offset, int length) {
        int taken = Math.min(room(), length);
        if (taken > 0) {
            unsent.put(bytes, offset, taken);
            pump();
        }
        return Math.max(taken, 0);
    }

    int room() {
        return sendCapacity - unsent.size() - unacknowledged;
    }

    /** Sends the FIN after what was offered. */
    void finish() {
        finQueued = true;
        pump();
    }

    /** Moves bytes that have arrived to their reader. */
    int take(byte[] bytes, int offset, int length) {
        int taken = arrived.take(bytes, offset, length);
        if (taken > 0 && !dead && !pumpComing) {
            pumpComing = true;
            world.after(world.odds.latencyNs(random), () -> {
                pumpComing = false;
                pump();
            });
        }
        return taken;
    }

    /** How many bytes have arrived and wait for their reader. */
    int available() {
        return arrived.size();
    }

    boolean finArrived() {
        return finArrived;
    }

    boolean finQueued() {
        return finQueued;
    }

    /** Nothing more leaves; what is on the way still arrives unless the receiver is killed too. */
    void discardUnsent() {
        unsent.clear();
        finQueued = false;
    }

    /** Nothing more arrives. */
    void kill() {
        dead = true;
        unsent.clear();
    }

    void discardArrived() {
        arrived.clear();
    }

    /** When a packet sent now arrives: in order after those before it. */
    long arrivalDelayNs() {
        long now = world.elapsedNs();
        lastArrivalNs = Math.max(lastArrivalNs, now + world.odds.latencyNs(random));
        return lastArrivalNs - now;
    }

    private void pump() {
        while (!dead && unsent.size() > 0) {
            int window = receiveCapacity - arrived.size() - onTheWay;
            if (window <= 0) {
                return;
            }
            int most = Math.min(window, Math.min(unsent.size(), segmentMax));
            int length = random.nextInt(4) == 0 ? 1 + random.nextInt(most) : most;
            byte[] segment = new byte[length];
            unsent.take(segment, 0, length);
            unacknowledged += length;
            onTheWay += length;
            world.after(arrivalDelayNs(), () -> arrive(segment));
        }
        if (!dead && finQueued && !finOnTheWay && unsent.size() == 0) {
            finOnTheWay = true;
            world.after(arrivalDelayNs(), this::arriveFin);
        }
    }

    private void arrive(byte[] segment) {
        if (dead || to.isVanished()) {
            return;
        }
        onTheWay -= segment.length;
        if (to.isClosed()) {
            // A socket that its owner has closed answers data with a reset (RFC 9293 section 3.10.7.4, FIN-WAIT and
            // on).
            to.reset();
            return;
        }
        arrived.put(segment, 0, segment.length);
        world.after(world.odds.latencyNs(random), () -> {
            unacknowledged -= segment.length;
            if (!dead) {
                from.changed();
            }
        });
        to.changed();
    }

    private void arriveFin() {
        if (dead || to.isVanished()) {
            return;
        }
        finArrived = true;
        to.changed();
        to.connection.releaseIfOver();
    }
}
