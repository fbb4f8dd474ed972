package io.longshore.session;

import io.longshore.net.Engine;
import org.agrona.UnsafeApi;

/**
 * One direction of an upgraded connection: how the bytes of all tunnels of a loop go from one side to the other. It knows
 * no tunnel; what it keeps of one are 24 bytes of its {@link Tunnel} record.
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

    /** Bytes received from the source since the tunnel was opened. */
    private static final int BYTES = 0;
    /** When the target last took something, or when there began to be something to take. */
    private static final int PROGRESS_NS = 8;
    /** Bytes sent of which the engine has not told that the target's kernel took them, the handshake's among them. */
    private static final int PENDING = 16;

    private static final int FLAGS = 20;
    private static final int IS_HELD = 1;
    private static final int HAS_ENDED = 2;
    private static final int HAS_ENDED_FIRST = 4;

    private final Engine engine;
    /** Where the record has the source's handle, the target's, and this pipe's 24 bytes. */
    private final int sourceAt;

    private final int targetAt;
    private final int at;
    private final int parkedBytesMax;

    private HalfPipe(Engine engine, int sourceAt, int targetAt, int at, int parkedBytesMax) {
        this.engine = engine;
        this.sourceAt = sourceAt;
        this.targetAt = targetAt;
        this.at = at;
        this.parkedBytesMax = parkedBytesMax;
    }

    /** The direction from the client to the origin. */
    static HalfPipe up(Engine engine, int parkedBytesMax) {
        return new HalfPipe(engine, Tunnel.CLIENT, Tunnel.ORIGIN, Tunnel.UP, parkedBytesMax);
    }

    /** The direction from the origin to the client. */
    static HalfPipe down(Engine engine, int parkedBytesMax) {
        return new HalfPipe(engine, Tunnel.ORIGIN, Tunnel.CLIENT, Tunnel.DOWN, parkedBytesMax);
    }

    /**
     * Passes on what the source has sent; the memory is lent.
     *
     * @param address {@link #MOVED} where the engine has passed it on by itself
     * @return whether the source has just been held
     */
    boolean received(long tunnel, long address, int length) {
        long pipe = tunnel + at;
        UnsafeApi.putLong(pipe + BYTES, UnsafeApi.getLong(pipe + BYTES) + length);
        int pending = UnsafeApi.getInt(pipe + PENDING);
        if (pending == 0) {
            UnsafeApi.putLong(pipe + PROGRESS_NS, engine.nowNs());
        }
        UnsafeApi.putInt(pipe + PENDING, pending + length);
        if (address != MOVED) {
            engine.send(UnsafeApi.getLong(tunnel + targetAt), address, length);
        }
        return holdIfFull(tunnel);
    }

    /**
     * Holds the source if one more read could be too much; returns whether it has just been held. Only where bytes wait, or
     * nothing would end the hold.
     */
    boolean holdIfFull(long tunnel) {
        int pending = pending(tunnel);
        if (pending > 0 && pending + engine.receiveBytesMax() > parkedBytesMax && !is(tunnel, IS_HELD)) {
            set(tunnel, IS_HELD);
            engine.receive(UnsafeApi.getLong(tunnel + sourceAt), false);
            return true;
        }
        return false;
    }

    /** Counts bytes that came with the handshake and were sent with it. */
    void countAhead(long tunnel, int count) {
        long pipe = tunnel + at;
        UnsafeApi.putLong(pipe + BYTES, UnsafeApi.getLong(pipe + BYTES) + count);
    }

    /** Of what the handshake has sent to the target, heads included, so many bytes wait. */
    void waitsAhead(long tunnel, int count) {
        UnsafeApi.putInt(tunnel + at + PENDING, count);
        progressed(tunnel, count);
    }

    /** The target's kernel took bytes. */
    void sent(long tunnel, int count) {
        int pending = pending(tunnel) - count;
        assert pending >= 0 : "more bytes were taken than were sent";
        UnsafeApi.putInt(tunnel + at + PENDING, pending);
        progressed(tunnel, pending);
    }

    private void progressed(long tunnel, int pending) {
        UnsafeApi.putLong(tunnel + at + PROGRESS_NS, engine.nowNs());
        if (pending <= parkedBytesMax >> 2 && is(tunnel, IS_HELD)) {
            long flags = tunnel + at + FLAGS;
            UnsafeApi.putChar(flags, (char) (UnsafeApi.getChar(flags) & ~IS_HELD));
            engine.receive(UnsafeApi.getLong(tunnel + sourceAt), true);
        }
    }

    /** The source has ended; so does the target, behind the last byte. */
    void ended(long tunnel, boolean isFirst) {
        set(tunnel, isFirst ? HAS_ENDED | HAS_ENDED_FIRST : HAS_ENDED);
        engine.finish(UnsafeApi.getLong(tunnel + targetAt));
    }

    boolean hasEnded(long tunnel) {
        return is(tunnel, HAS_ENDED);
    }

    /** Whether this was the first of the two directions to end. */
    boolean hasEndedFirst(long tunnel) {
        return is(tunnel, HAS_ENDED_FIRST);
    }

    /** Whether the source has ended and every byte, and with it the end, has left. */
    boolean isDone(long tunnel) {
        return is(tunnel, HAS_ENDED) && !isWaiting(tunnel);
    }

    /** Whether bytes wait for the target. */
    boolean isWaiting(long tunnel) {
        return pending(tunnel) > 0;
    }

    long progressNs(long tunnel) {
        return UnsafeApi.getLong(tunnel + at + PROGRESS_NS);
    }

    long bytes(long tunnel) {
        return UnsafeApi.getLong(tunnel + at + BYTES);
    }

    private int pending(long tunnel) {
        return UnsafeApi.getInt(tunnel + at + PENDING);
    }

    private boolean is(long tunnel, int flag) {
        return (UnsafeApi.getChar(tunnel + at + FLAGS) & flag) != 0;
    }

    private void set(long tunnel, int flags) {
        long address = tunnel + at + FLAGS;
        UnsafeApi.putChar(address, (char) (UnsafeApi.getChar(address) | flags));
    }
}
