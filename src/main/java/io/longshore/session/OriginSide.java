package io.longshore.session;

import io.longshore.net.Address;
import io.longshore.net.Engine;
import io.longshore.origin.Attempt;
import io.longshore.origin.Lease;

/**
 * A session's side towards its origin: the socket, and the lease of the tuple that it uses. Every way out of here closes
 * the one and gives the other back, or hands both over to a tunnel.
 */
final class OriginSide {
    private static final long NONE = -1;

    private final Occupants occupants;
    private final Engine engine;
    private long handle = NONE;
    private Lease lease;
    private Address endpoint;
    private Address local;

    OriginSide(Occupants occupants, Engine engine) {
        this.occupants = occupants;
        this.engine = engine;
    }

    /** Makes an attempt with a fresh socket. */
    void dial(Attempt attempt, Session session) {
        endpoint = attempt.endpoint();
        local = attempt.source();
        handle = engine.dial(endpoint, local, attempt.portRange());
        attempt.lease().dialed(engine.dialNs());
        occupants.enter(handle, session);
    }

    /** The attempt has succeeded: its lease is ours from now on. */
    void connected(Attempt attempt) {
        lease = attempt.lease();
        local = engine.localAddress(handle);
        lease.connected(local);
    }

    /** Closes a socket whose attempt has failed or is given up; its lease is the dial's to give back. */
    void giveUp() {
        engine.abort(leave());
    }

    /** Closes: what was sent still leaves. The kernel may hold the tuple on, and says when it does not any more. */
    void close() {
        boolean isHeld = lease != null && engine.holdsTuple(handle);
        engine.close(leave());
        if (isHeld) {
            lease.hold();
        } else if (lease != null) {
            lease.free();
        }
        lease = null;
    }

    /** Resets, which frees the tuple at once. */
    void abort() {
        engine.abort(leave());
        if (lease != null) {
            lease.free();
            lease = null;
        }
    }

    /** From here on the socket and the lease are the tunnel's. */
    void handOver(long tunnel) {
        Tunnel.lease(tunnel, lease.fold());
        lease = null;
        if (local != null) {
            Tunnel.localAddress(tunnel, local);
        }
    }

    boolean isOpen() {
        return handle != NONE;
    }

    long handle() {
        return handle;
    }

    /** The endpoint that was dialled last, or null. */
    Address endpoint() {
        return endpoint;
    }

    /** Our own address towards it, with port 0 before the connection stood, or null. */
    Address local() {
        return local;
    }

    private long leave() {
        long left = occupants.leave(handle);
        handle = NONE;
        return left;
    }
}
