package io.longshore.sim;

import io.longshore.net.Address;
import io.longshore.sys.Kernel;

/**
 * One end of a simulated TCP connection, as its kernel sees it: what a process could do with the descriptor.
 *
 * <p>After Linux: a close with unread bytes is a reset; data for a closed socket is answered with one; a reset discards
 * what has not left. Whether a reset takes unread bytes with it differs from world to world.
 */
final class SimSocket {
    /** The end of the stream, as a result of {@link #read}. */
    static final int EOF = Integer.MIN_VALUE;

    /** Who is told that something changed: bytes, an end or an error arrived, or there is room again. */
    @FunctionalInterface
    interface Watcher {
        void changed(SimSocket socket);
    }

    final SimConnection connection;
    final Address local;
    final Address remote;
    SimStream in;
    SimStream out;
    SimSocket other;
    private final SimWorld world;
    private Watcher watcher = socket -> {};
    private int error;
    private boolean closed;
    private boolean vanished;

    SimSocket(SimWorld world, SimConnection connection, Address local, Address remote) {
        this.world = world;
        this.connection = connection;
        this.local = local;
        this.remote = remote;
    }

    void watch(Watcher newWatcher) {
        watcher = newWatcher;
    }

    /** Bytes taken, 0 if there is no room, or a negated errno. */
    int write(byte[] bytes, int offset, int length) {
        if (error != 0) {
            return -error;
        }
        if (out.finQueued()) {
            return -Kernel.EPIPE;
        }
        return vanished ? length : out.offer(bytes, offset, length);
    }

    /** Bytes read, 0 if there are none yet, {@link #EOF}, or a negated errno. */
    int read(byte[] bytes, int offset, int length) {
        int taken = in.take(bytes, offset, length);
        if (taken > 0) {
            return taken;
        }
        if (error != 0) {
            return -error;
        }
        return in.finArrived() ? EOF : 0;
    }

    /** Whether {@link #read} would return anything but 0. */
    boolean isReadable() {
        return in.available() > 0 || error != 0 || in.finArrived();
    }

    int available() {
        return in.available();
    }

    /** How many bytes a write would take. */
    int room() {
        return out.room();
    }

    int error() {
        return error;
    }

    boolean isClosed() {
        return closed;
    }

    boolean isVanished() {
        return vanished;
    }

    /** Shuts the sending side: a FIN after what was written. */
    void finish() {
        if (error == 0 && !vanished && !out.finQueued()) {
            connection.firstFinBy(this);
            out.finish();
        }
    }

    /** The owner lets go. What was written still leaves. */
    void close() {
        if (closed) {
            return;
        }
        if (in.available() > 0 && error == 0) {
            reset();
            return;
        }
        finish();
        closed = true;
        watcher = socket -> {};
        connection.releaseIfOver();
        connection.closedBy(this);
    }

    /** Sends a reset and discards everything. */
    void reset() {
        closed = true;
        watcher = socket -> {};
        if (error == 0 && !vanished) {
            error = Kernel.ECONNRESET;
            out.discardUnsent();
            in.discardArrived();
            in.kill();
            // A reset may overtake what left before it: then that is lost too.
            boolean overtakes = Odds.hit(world.random, world.odds.harshReset) && world.random.nextInt(3) == 0;
            long delayNs = overtakes ? world.odds.latencyMinNs : out.arrivalDelayNs();
            world.after(delayNs, () -> other.fail(other.in.finArrived() ? Kernel.EPIPE : Kernel.ECONNRESET));
        }
        connection.release(false);
    }

    /** The machine of this end is gone without a word: nothing it had not sent yet will come, nothing is acknowledged. */
    void vanish(long noticedAfterNs) {
        vanished = true;
        closed = true;
        watcher = socket -> {};
        out.discardUnsent();
        in.discardArrived();
        // Keepalive or TCP_USER_TIMEOUT of the other end.
        world.after(noticedAfterNs, () -> {
            other.fail(Kernel.ETIMEDOUT);
            connection.release(false);
        });
    }

    /** The connection is broken for this end. */
    void fail(int errno) {
        if (error != 0 || vanished) {
            return;
        }
        error = errno;
        out.kill();
        in.kill();
        if (Odds.hit(world.random, world.odds.harshReset)) {
            in.discardArrived();
        }
        connection.release(false);
        changed();
    }

    void changed() {
        watcher.changed(this);
    }
}
