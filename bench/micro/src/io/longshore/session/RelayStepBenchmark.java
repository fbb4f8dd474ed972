package io.longshore.session;

import io.longshore.config.Config;
import io.longshore.config.ConfigReader;
import io.longshore.metrics.Counters;
import io.longshore.metrics.PortRow;
import io.longshore.micro.Bound;
import io.longshore.micro.MicroBenchmark;
import io.longshore.net.Address;
import io.longshore.net.Completions;
import io.longshore.net.Engine;
import io.longshore.net.SocketTuning;
import io.longshore.net.nio.NioEngine;
import io.longshore.origin.Origins;
import io.longshore.origin.PortSettings;
import io.longshore.origin.SourcePorts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What does one relayed message of 128 bytes cost the loop, from the poll to the write, alone and as one of 64 in a
 * cycle?
 *
 * <p>Everything runs on one thread: the clients write, the real engine polls, the real {@link Relay} passes on, the
 * origins read. The peers' own two calls over connections of the same kind are measured alone; the table takes them
 * off. What is left is the proxy's: its three system calls, with the delivery to the origin's socket, which loopback
 * does inside the sender's write, and the waking of its selector, which happens inside the client's. Caches are warmer
 * and branches better known than in a process of its own, and nobody ever sleeps: a lower edge, for comparing one
 * commit with another.
 *
 * <p>Bound: a C program with epoll takes 3.2 us a message at 100 active connections, most of it TCP, and java.nio took
 * 3.4. Alone a message pays for a whole epoll_wait, 0.4 us more. The peers' two calls are a write with the same TCP in
 * it and a read.
 */
public class RelayStepBenchmark extends MicroBenchmark {
    private static final int TUNNELS = 64;
    private static final int MESSAGE_BYTES = 128;
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    private final ByteBuffer outgoing = ByteBuffer.allocateDirect(MESSAGE_BYTES);
    private final ByteBuffer incoming = ByteBuffer.allocateDirect(MESSAGE_BYTES);
    private final SocketChannel[] clients = new SocketChannel[TUNNELS];
    private final SocketChannel[] origins = new SocketChannel[TUNNELS];
    private final SocketChannel[] directFrom = new SocketChannel[TUNNELS];
    private final SocketChannel[] directTo = new SocketChannel[TUNNELS];
    private Engine engine;
    private Tunnels tunnels;

    /** Opens all the connections. */
    @Setup
    public void open() throws IOException {
        engine = new NioEngine(SocketTuning.DEFAULT);
        tunnels = new Tunnels(engine);
        long listener = engine.listen(Address.of(LOOPBACK, 0));
        int proxyPort = engine.localAddress(listener).port();
        try (ServerSocketChannel server = ServerSocketChannel.open()) {
            server.bind(new InetSocketAddress(LOOPBACK, 0));
            InetSocketAddress originAddress = (InetSocketAddress) server.getLocalAddress();
            for (int i = 0; i < TUNNELS; i++) {
                directFrom[i] = connect(originAddress);
                directTo[i] = withoutDelay(server.accept());
                clients[i] = connect(new InetSocketAddress(LOOPBACK, proxyPort));
                tunnels.open(Address.of(originAddress));
                origins[i] = withoutDelay(server.accept());
            }
        }
    }

    private static SocketChannel connect(InetSocketAddress target) throws IOException {
        return withoutDelay(SocketChannel.open(target));
    }

    private static SocketChannel withoutDelay(SocketChannel channel) throws IOException {
        return channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    }

    /** Closes them. */
    @TearDown
    public void close() throws IOException {
        engine.close();
        for (SocketChannel[] channels : new SocketChannel[][] {clients, origins, directFrom, directTo}) {
            for (SocketChannel channel : channels) {
                channel.close();
            }
        }
    }

    /** One tunnel has a message: a whole cycle for it. */
    @Benchmark
    @Bound(7000)
    public void one() throws IOException {
        relay(1);
    }

    /** All 64 tunnels have a message in one cycle. */
    @Benchmark
    @OperationsPerInvocation(TUNNELS)
    @Bound(6600)
    public void manyAtOnce() throws IOException {
        relay(TUNNELS);
    }

    /** What of {@link #one} is the peers'. */
    @Benchmark
    @Bound(3300)
    public void onePeersAlone() throws IOException {
        write(directFrom, 1);
        read(directTo, 1);
    }

    /** What of {@link #manyAtOnce} is the peers'. */
    @Benchmark
    @OperationsPerInvocation(TUNNELS)
    @Bound(3300)
    public void manyAtOncePeersAlone() throws IOException {
        write(directFrom, TUNNELS);
        read(directTo, TUNNELS);
    }

    private void relay(int count) throws IOException {
        write(clients, count);
        tunnels.relayed = 0;
        while (tunnels.relayed < count * MESSAGE_BYTES) {
            engine.poll(0, tunnels);
        }
        read(origins, count);
    }

    private void write(SocketChannel[] channels, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            outgoing.clear();
            if (channels[i].write(outgoing) != MESSAGE_BYTES) {
                throw new IOException("an empty socket refused a message");
            }
        }
    }

    private void read(SocketChannel[] channels, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            incoming.clear();
            while (incoming.hasRemaining()) {
                if (channels[i].read(incoming) < 0) {
                    throw new IOException("a tunnel has ended");
                }
            }
        }
    }

    /** What a door and its sessions are to the engine, once a tunnel stands. */
    private static final class Tunnels implements Completions {
        private final Engine engine;
        private final SessionContext context;
        /** By the slot of either side. */
        private final Relay[] relays = new Relay[2 * TUNNELS + 1];

        private final boolean[] isClient = new boolean[2 * TUNNELS + 1];
        private long client;
        private long origin;
        private int relayed;

        Tunnels(Engine engine) {
            this.engine = engine;
            Config config = config();
            SourcePorts ports = new SourcePorts(config, PortSettings.DEFAULT, PortRow::inMemory);
            context = new SessionContext(
                    engine, config, new Origins(config, 0, ports, 1), Counters.inMemory(), entry -> {});
        }

        private static Config config() {
            ConfigReader.Result read = ConfigReader.parse("micro", """
                    listeners: [{address: "127.0.0.1:8080"}]
                    origins: {origin: {endpoints: ["127.0.0.1:9000"]}}
                    routes: [{origin: origin}]
                    """);
            if (read instanceof ConfigReader.Valid valid) {
                return valid.config();
            }
            throw new IllegalStateException(read.toString());
        }

        /** Accepts the client that waits, and connects it to an origin. */
        void open(Address target) {
            client = 0;
            origin = 0;
            while (client == 0) {
                engine.poll(Long.MAX_VALUE, this);
            }
            long dialled = engine.dial(target, null);
            while (origin == 0) {
                engine.poll(Long.MAX_VALUE, this);
            }
            Relay relay = new Relay(context, context.config.routes().get(0), client, dialled);
            isClient[Engine.slotOf(client)] = true;
            for (long side : new long[] {client, dialled}) {
                relays[Engine.slotOf(side)] = relay;
                engine.receive(side, true);
            }
        }

        @Override
        public void received(long handle, long address, int length) {
            int slot = Engine.slotOf(handle);
            relays[slot].received(isClient[slot], address, length);
        }

        @Override
        public void sent(long handle, int bytes) {
            int slot = Engine.slotOf(handle);
            relays[slot].sent(isClient[slot], bytes);
            relayed += bytes;
        }

        @Override
        public void accepted(long listener, long handle, Address peer) {
            client = handle;
        }

        @Override
        public void connected(long handle, int result) {
            if (result < 0) {
                throw new IllegalStateException("dial: errno " + -result);
            }
            origin = handle;
        }

        @Override
        public void acceptPaused(long listener, int result) {
            throw new IllegalStateException("accept: errno " + -result);
        }

        @Override
        public void ended(long handle) {
            throw new IllegalStateException("a peer has closed");
        }

        @Override
        public void broken(long handle, int result) {
            throw new IllegalStateException("a peer has gone: errno " + -result);
        }

        @Override
        public void expired(long handle) {}
    }
}
