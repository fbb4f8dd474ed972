package io.longshore.load;

import io.longshore.net.Address;
import io.longshore.net.Completions;
import io.longshore.net.Engine;
import io.longshore.net.SocketTuning;
import io.longshore.net.nio.NioEngine;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Arrays;

/**
 * A WebSocket server that says back what it hears: the origin of the demo, of tests and of benchmarks.
 *
 * <p>It stands on the same {@link Engine} as the proxy, so it runs on real sockets and in the simulation alike. It is a
 * strict server (RFC 6455 sections 4.2 and 5), but does not check that text is UTF-8, and knows no extension. Frames of
 * any size are echoed as they arrive: nothing is held back until it is complete, and at most
 * {@link EchoConnection#UNSENT_BYTES_MAX} wait for a client that does not read.
 *
 * <p>One thread calls everything except {@link #stop()}.
 */
public final class EchoOrigin implements AutoCloseable {
    /** How long a listener rests after the host ran out of descriptors or memory. */
    private static final long ACCEPT_PAUSE_NS = 100_000_000L;

    private static final long IDLE_NS = 1_000_000_000L;

    private final Engine engine;
    private final boolean isRaw;
    private final EchoHandshake handshake = new EchoHandshake();
    private final Completions completions = new Echoing();
    /** By slot of the engine. */
    private EchoConnection[] connections = new EchoConnection[64];

    private volatile boolean isStopping;

    private EchoOrigin(Engine engine, boolean isRaw) {
        this.engine = engine;
        this.isRaw = isRaw;
    }

    /**
     * An origin that echoes WebSocket messages, answers pings and closes.
     *
     * @param engine its own from now on, closed with it
     */
    public static EchoOrigin frames(Engine engine) {
        return new EchoOrigin(engine, false);
    }

    /**
     * An origin that answers the upgrade and then echoes bytes as they are, whatever they mean; when its client has
     * half-closed and got all of it back, it closes.
     *
     * @param engine its own from now on, closed with it
     */
    public static EchoOrigin raw(Engine engine) {
        return new EchoOrigin(engine, true);
    }

    /**
     * An origin as {@link #frames} makes it, on the sockets of this machine.
     *
     * @throws IOException if the process has no descriptors left
     */
    public static EchoOrigin onSockets() throws IOException {
        return frames(new NioEngine(SocketTuning.DEFAULT));
    }

    /**
     * Listens on one more address; port 0 takes a free one.
     *
     * @return the port that it got
     * @throws IOException if it cannot be bound
     */
    public int listen(InetSocketAddress address) throws IOException {
        return listen(Address.of(address)).port();
    }

    /**
     * Listens on one more address; port 0 takes a free one.
     *
     * @return the address with the port that it got
     * @throws IOException if it cannot be bound
     */
    public Address listen(Address address) throws IOException {
        long listener = engine.listen(address);
        return engine.localAddress(listener);
    }

    /** One cycle; see {@link Engine#poll}. */
    public int poll(long timeoutNs) {
        int delivered = engine.poll(timeoutNs, completions);
        engine.pages().trim(engine.nowNs());
        return delivered;
    }

    /** Serves until {@link #stop()} is called. */
    public void run() {
        while (!isStopping) {
            poll(IDLE_NS);
        }
    }

    /** Makes {@link #run} return. From any thread. */
    public void stop() {
        isStopping = true;
        engine.wake();
    }

    /** How many connections are open. */
    public int connections() {
        return engine.connections();
    }

    /** Closes every connection and the engine. */
    @Override
    public void close() {
        for (EchoConnection connection : connections) {
            if (connection != null) {
                connection.release();
            }
        }
        Arrays.fill(connections, null);
        engine.close();
    }

    private void closeConnection(long handle) {
        int slot = Engine.slotOf(handle);
        connections[slot].release();
        connections[slot] = null;
        engine.close(handle);
    }

    /** What the engine tells, passed on to the connection that it is about. */
    private final class Echoing implements Completions {
        @Override
        public void accepted(long listener, long handle, Address peer) {
            int slot = Engine.slotOf(handle);
            if (slot >= connections.length) {
                connections = Arrays.copyOf(connections, Math.max(connections.length * 2, slot + 1));
            }
            connections[slot] = new EchoConnection(handle, engine, handshake, isRaw);
            connections[slot].open();
        }

        @Override
        public void acceptPaused(long listener, int result) {
            engine.schedule(listener, engine.nowNs() + ACCEPT_PAUSE_NS);
        }

        @Override
        public void connected(long handle, int result) {
            throw new AssertionError("an origin dials nobody");
        }

        @Override
        public void received(long handle, long address, int length) {
            connections[Engine.slotOf(handle)].received(address, length);
        }

        @Override
        public void ended(long handle) {
            if (connections[Engine.slotOf(handle)].ended()) {
                closeConnection(handle);
            }
        }

        @Override
        public void broken(long handle, int result) {
            closeConnection(handle);
        }

        @Override
        public void sent(long handle, int bytes) {
            if (connections[Engine.slotOf(handle)].sent(bytes)) {
                closeConnection(handle);
            }
        }

        @Override
        public void expired(long handle) {
            int slot = Engine.slotOf(handle);
            if (slot < connections.length && connections[slot] != null) {
                closeConnection(handle);
            } else {
                engine.accepting(handle, true);
            }
        }
    }
}
