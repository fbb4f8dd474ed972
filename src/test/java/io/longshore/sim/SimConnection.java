package io.longshore.sim;

import io.longshore.net.Address;
import io.longshore.sys.Kernel;

/** The two ends of a simulated TCP connection, and the tuple that it holds. */
final class SimConnection {
    final SimSocket dialler;
    final SimSocket acceptor;
    private final SimWorld world;
    private SimSocket firstFin;
    private boolean released;
    private boolean given;
    private boolean brokeDown;

    SimConnection(SimWorld world, Address source, Address target) {
        this.world = world;
        dialler = new SimSocket(world, this, source, target);
        acceptor = new SimSocket(world, this, target, source);
        dialler.other = acceptor;
        acceptor.other = dialler;
        dialler.out = new SimStream(world, dialler, acceptor);
        acceptor.in = dialler.out;
        acceptor.out = new SimStream(world, acceptor, dialler);
        dialler.in = acceptor.out;
    }

    /** Draws whether this connection will break by itself, and lets it. */
    void drawBreakdown() {
        if (!Odds.hit(world.random, world.odds.breakdown)) {
            return;
        }
        int[] errors = {Kernel.ECONNRESET, Kernel.ETIMEDOUT, Kernel.EHOSTUNREACH, Kernel.ENETUNREACH};
        int errno = errors[world.random.nextInt(errors.length)];
        brokeDown = true;
        world.after(world.random.nextLong(3 * Odds.SECOND), () -> {
            dialler.fail(errno);
            acceptor.fail(errno);
        });
    }

    /** Whether the network breaks this connection, sooner or later. */
    boolean isBreakingDown() {
        return brokeDown;
    }

    void firstFinBy(SimSocket socket) {
        if (firstFin == null) {
            firstFin = socket;
        }
    }

    /** The tuple is free once both FINs have arrived; at the end that sent the first one only after TIME_WAIT. */
    void releaseIfOver() {
        boolean bothFins = dialler.in.finArrived() && acceptor.in.finArrived();
        boolean bothGone =
                (dialler.isClosed() && acceptor.isVanished()) || (acceptor.isClosed() && dialler.isVanished());
        if (bothFins) {
            release(firstFin == dialler);
        } else if (bothGone) {
            release(false);
        }
    }

    /** Whether the tuple is still taken, be it by TIME_WAIT. */
    boolean holdsTuple() {
        return !given;
    }

    void release(boolean timeWait) {
        if (released) {
            return;
        }
        released = true;
        if (timeWait && world.timeWaitNs > 0) {
            world.after(world.timeWaitNs, this::give);
        } else {
            give();
        }
    }

    private void give() {
        given = true;
        world.tuples.give(dialler.local, dialler.remote);
    }

    /** An end has been closed: if it is the one that dialled, the kernel keeps the tuple without a socket for a while. */
    void closedBy(SimSocket socket) {
        if (socket == dialler && !given) {
            world.tuples.closed(dialler.local, dialler.remote);
        }
    }
}
