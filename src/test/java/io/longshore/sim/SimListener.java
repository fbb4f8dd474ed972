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

    /** Closes: what stands in the backlog is reset, as the kernel does. */
    void close() {
        if (!closed) {
            closed = true;
            world.unlisten(this);
            backlog.forEach(SimSocket::reset);
            backlog.clear();
        }
    }
}
