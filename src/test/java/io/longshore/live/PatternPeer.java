package io.longshore.live;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.longshore.lab.BytePattern;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.util.Random;

/**
 * One end of a tunnel that sends a pattern in random pieces, checks every byte of the pattern that it gets, and ends in a
 * way of its own. It is done when both directions have ended, each after its last byte.
 */
final class PatternPeer extends TunnelPeer {
    /** When to stop sending. */
    enum Ending {
        /** After the last byte. */
        WHEN_SENT,
        /** Behind the other end's end; a part of the bytes is sent only after it. */
        HALF_OPEN,
        /** Behind the other end's end; all bytes are sent before. */
        SECOND,
        /** When all bytes have come and gone, and with close(2) instead of a half-close. */
        FIRST
    }

    /**
     * What an end does.
     *
     * @param number the tunnel's number, which an origin finds in the path
     * @param sends how many bytes it sends
     * @param gets how many bytes it gets
     * @param pieceMax the most bytes of one write
     * @param isSlow whether it reads little at a time, with pauses
     * @param isEarly whether a client sends before it has the 101
     */
    record Plan(int number, int sends, int gets, int pieceMax, boolean isSlow, boolean isEarly, Ending ending) {}

    /** A slow reader takes its bytes in about so many reads, and rests so long after each. */
    private static final int SLOW_READS = 100;

    private static final long SLOW_PAUSE_NS = 20_000_000;
    private static final int SLOW_RECEIVE_BUFFER = 16 << 10;
    /** Writes of one peer until the others have their turn. */
    private static final int WRITES_MAX = 8;

    private final RelayPlans plans;
    private final boolean isFromClient;
    private Plan plan;
    private Random random;
    private int sent;
    private int got;
    private boolean hasFinished;
    private boolean hasEnded;
    private boolean isResting;

    /** A client's end with its plan, or an origin's end that learns it from the path. */
    PatternPeer(RelayPlans plans, Plan plan) {
        super(plan != null);
        this.plans = plans;
        isFromClient = plan != null;
        if (plan != null) {
            adopt(plan);
        }
    }

    private void adopt(Plan newPlan) {
        plan = newPlan;
        random = new Random(plan.number() * 2L + (isFromClient ? 1 : 0));
    }

    @Override
    String path() {
        return "/tunnel/" + plan.number();
    }

    @Override
    void opened(String otherHead) throws IOException {
        if (!isFromClient) {
            String path = otherHead.split(" ")[1];
            adopt(plans.originPlan(Integer.parseInt(path.substring(path.lastIndexOf('/') + 1))));
            if (plan.isSlow()) {
                channel.setOption(StandardSocketOptions.SO_RCVBUF, SLOW_RECEIVE_BUFFER);
            }
        }
        plans.joined(this);
        interest(SelectionKey.OP_WRITE, true);
    }

    /** SO_RCVBUF of an end with this plan, or 0. */
    static int receiveBufferBytes(Plan plan) {
        return plan.isSlow() ? SLOW_RECEIVE_BUFFER : 0;
    }

    // ---- Sending.

    @Override
    void writable() throws IOException {
        boolean mayStart = handshakeHasLeft() && (hasTunnel() || plan.isEarly());
        if (!mayStart) {
            // Before the tunnel there is nothing to wait for but the rest of the handshake.
            interest(SelectionKey.OP_WRITE, !handshakeHasLeft());
            return;
        }
        int sendable = sendable();
        int before = sent;
        for (int i = 0; i < WRITES_MAX && sent < sendable; i++) {
            int piece = Math.min(sendable - sent, 1 + random.nextInt(plan.pieceMax()));
            ByteBuffer bytes = loop.outBuffer.clear();
            for (int at = 0; at < piece; at++) {
                bytes.put(at, BytePattern.at(seed(isFromClient), sent + at));
            }
            int written = channel.write(bytes.limit(piece));
            sent += written;
            if (written < piece) {
                break;
            }
        }
        if (isFromClient) {
            plans.clientSent(sent - before);
        }
        interest(SelectionKey.OP_WRITE, sent < sendable);
        finishIfItIsTime();
    }

    private int sendable() {
        if (plan.ending() == Ending.HALF_OPEN && !hasEnded) {
            return plan.sends() / 2;
        }
        return plan.sends();
    }

    /** Looks again whether it is time to end; on the loop's thread. */
    void finishIfItIsTime() throws IOException {
        boolean isTime = switch (plan.ending()) {
            case WHEN_SENT -> true;
            case HALF_OPEN, SECOND -> hasEnded;
            case FIRST -> got == plan.gets();
        };
        if (!isOpen() || !hasTunnel() || hasFinished || sent < plan.sends() || !isTime || !plans.mayEnd()) {
            return;
        }
        hasFinished = true;
        if (plan.ending() == Ending.FIRST) {
            over();
            return;
        }
        channel.shutdownOutput();
        if (hasEnded) {
            over();
        }
    }

    private void over() {
        close();
        loop.done();
    }

    // ---- Receiving.

    @Override
    int readBytesMax() {
        return hasTunnel() && plan.isSlow() ? slowReadBytes() : super.readBytesMax();
    }

    private int slowReadBytes() {
        return Math.max(256, plan.gets() / SLOW_READS);
    }

    @Override
    void received(ByteBuffer bytes) throws IOException {
        long seed = seed(!isFromClient);
        while (bytes.hasRemaining()) {
            byte expected = BytePattern.at(seed, got);
            byte actual = bytes.get();
            if (expected != actual || got == plan.gets()) {
                throw new AssertionError("byte " + got + " of " + plan.gets() + " is " + actual + ", not " + expected);
            }
            got++;
        }
        if (plan.isSlow() || !plans.mayRead(isFromClient)) {
            isResting = true;
            interest(SelectionKey.OP_READ, false);
            loop.later(this, SLOW_PAUSE_NS);
        }
        finishIfItIsTime();
    }

    @Override
    void due() {
        if (plans.mayRead(isFromClient)) {
            isResting = false;
            interest(SelectionKey.OP_READ, true);
        } else {
            loop.later(this, SLOW_PAUSE_NS);
        }
    }

    @Override
    void ended() throws IOException {
        assertEquals(plan.gets(), got, "bytes before the end");
        hasEnded = true;
        if (hasFinished) {
            over();
        } else {
            interest(SelectionKey.OP_WRITE, true);
        }
    }

    /** Each direction of each tunnel has a pattern of its own. */
    private long seed(boolean fromClient) {
        return plan.number() * 2L + (fromClient ? 1 : 0);
    }

    @Override
    public String toString() {
        return (isFromClient ? "client " : "origin ") + plan + " sent=" + sent + " got=" + got + " finished="
                + hasFinished + " ended=" + hasEnded + " resting=" + isResting;
    }
}
