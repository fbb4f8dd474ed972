package io.longshore.session;

import io.longshore.net.Engine;

/**
 * One direction of an upgraded connection.
 *
 * <p>A pipe that is keeping up owns no buffer: bytes are lent by the engine and sent within the same callback. Only what
 * the target refuses is parked, by the engine, at most {@code parkedBytesMax}; when one more read could go past that, the
 * source is held, and TCP tells the sender for us. It is received from again when a quarter is left.
 *
 * <p>A half-close stays a half-close: the end of the source goes to the target behind its last byte, and the other
 * direction lives on. (A proxy that closes both at the first end loses what is still on its way the other way.)
 */
final class HalfPipe {
    /** The address of bytes that the engine has sent already. */
    static final long MOVED = 0;

    private final Engine engine;
    private final long source;
    private final long target;
    private final int parkedBytesMax;

    /** Bytes received from the source since the tunnel was opened. */
    private long bytes;
    /** Bytes sent of which the engine has not told that the target's kernel took them. */
    private int pending;
    /** The same of what the handshake has sent to the target: its head, and what came behind the source's. */
    private int ahead;
    /** When the target last took something, or when there began to be something to take. */
    private long progressNs;

    private boolean isHeld;
    private boolean hasEnded;

    HalfPipe(Engine engine, long source, long target, int parkedBytesMax) {
        this.engine = engine;
        this.source = source;
        this.target = target;
        this.parkedBytesMax = parkedBytesMax;
        engine.flow(source, target, true);
    }

    /**
     * Passes on what the source has sent; the memory is lent.
     *
     * @param address {@link #MOVED} where the engine has passed it on by itself
     * @return whether the source has just been held
     */
    boolean received(long address, int length) {
        bytes += length;
        if (!isWaiting()) {
            progressNs = engine.nowNs();
        }
        pending += length;
        if (address != MOVED) {
            engine.send(target, address, length);
        }
        return holdIfFull();
    }

    /**
     * Holds the source if one more read could be too much; returns whether it has just been held. Only where bytes wait, or
     * nothing would end the hold.
     */
    boolean holdIfFull() {
        if (!isHeld && isWaiting() && pending + ahead + engine.receiveBytesMax() > parkedBytesMax) {
            isHeld = true;
            engine.receive(source, false);
            return true;
        }
        return false;
    }

    /** Counts bytes that came with the handshake and were sent with it. */
    void countAhead(int count) {
        bytes += count;
    }

    /** Of what the handshake has sent to the target, so many bytes wait. */
    void waitsAhead(int count) {
        ahead = count;
        progressed();
    }

    /** The target's kernel took bytes. */
    void sent(int count) {
        pending -= count;
        assert pending >= 0 : "more bytes were taken than were sent";
        progressed();
    }

    private void progressed() {
        progressNs = engine.nowNs();
        if (isHeld && pending + ahead <= parkedBytesMax >> 2) {
            isHeld = false;
            engine.receive(source, true);
        }
    }

    /** The source has ended; so does the target, behind the last byte. */
    void ended() {
        hasEnded = true;
        engine.finish(target);
    }

    boolean hasEnded() {
        return hasEnded;
    }

    /** Whether the source has ended and every byte, and with it the end, has left. */
    boolean isDone() {
        return hasEnded && !isWaiting();
    }

    /** Whether bytes wait for the target. */
    boolean isWaiting() {
        return pending + ahead > 0;
    }

    long progressNs() {
        return progressNs;
    }

    long bytes() {
        return bytes;
    }
}
