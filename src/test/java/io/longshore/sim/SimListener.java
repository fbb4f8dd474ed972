package io.longshore.sim;

import io.longshore.net.Address;
import java.util.ArrayDeque;

/** A listening socket: connections stand in its backlog until they are accepted. */
final class SimListener {
    final Address address;
    final ArrayDeque<SimSocket> backlog = new ArrayDeque<>();
    private final SimWorld world;
    private final Runnable arrived;
    private boolean closed;

    SimListener(SimWorld world, Address address, Runnable arrived) {
        this.world = world;
        this.address = address;
        this.arrived = arrived;
    }

    void add(SimSocket socket) {
        backlog.add(socket);
        arrived.run();
    }

    /** The next connection, or null. */
    SimSocket accept() {
        return backlog.poll();
    }

    /** Closes: what stands in the backlog is reset, as the kernel does; a ring may have accepted it, and closes that. */
    void close() {
        if (!closed) {
            closed = true;
            world.unlisten(this);
            for (SimSocket socket : backlog) {
                if (Odds.hit(world.random, world.odds.overshoot)) {
                    socket.close();
                } else {
                    socket.reset();
                }
            }
            backlog.clear();
        }
    }
}
