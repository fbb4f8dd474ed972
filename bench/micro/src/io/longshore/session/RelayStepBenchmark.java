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
import io.longshore.origin.PortSettings;
import io.longshore.origin.SourcePorts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What does one relayed message of 128 bytes cost the loop, from the poll to the write, alone and as one of 64 in a
 * cycle?
 *
 * <p>Everything runs on one thread: the clients write, the real engine polls, the real {@link Door} passes on, the
 * origins read. The peers' own two calls over connections of the same kind are measured alone; the table takes them
 * off. What is left is the proxy's: its three system calls, with the delivery to the origin's socket, which loopback
 * does inside the sender's write, and the waking of its selector, which happens inside the client's. Caches are warmer
 * and branches better known than in a process of its own, and nobody ever sleeps: a lower edge, for comparing one
 * commit with another.
 *
 * <p>Bound: a C program with epoll takes 3.2 us a message at 100 active connections, most of it TCP, and the JDK's selector and channels
 * took 3.4. Alone a message pays for a whole epoll_wait, 0.4 us more. The peers' two calls are a write with the same TCP in
 * it and a read.
 */
public class RelayStepBenchmark extends MicroBenchmark {
    /** The example of RFC 6455 section 1.3, as its answer is. */
    private static final String UPGRADE = """
            GET / HTTP/1.1\r
            Host: localhost\r
            Connection: Upgrade\r
            Upgrade: websocket\r
            Sec-WebSocket-Version: 13\r
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
            \r
            """;

    private static final String SWITCHING = """
            HTTP/1.1 101 Switching Protocols\r
            Connection: Upgrade\r
            Upgrade: websocket\r
            Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r
            \r
            """;

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
    private Relayed proxy;

    /** Opens all the connections. */
    @Setup
    public void open() throws IOException {
        engine = new NioEngine(SocketTuning.DEFAULT);
        try (ServerSocketChannel server = ServerSocketChannel.open()) {
            server.bind(new InetSocketAddress(LOOPBACK, 0));
            InetSocketAddress originAddress = (InetSocketAddress) server.getLocalAddress();
            Config config = config(originAddress.getPort());
            SourcePorts ports = new SourcePorts(config, PortSettings.DEFAULT, PortRow::inMemory);
            Door door = new Door(engine, config, 0, ports, task -> false, Counters.inMemory(), entry -> {}, fault -> {
                throw new IllegalStateException(fault);
            });
            Config.Listener listener = config.listeners().get(0);
            int proxyPort = door.listen(listener, Address.of(LOOPBACK, 0)).port();
            proxy = new Relayed(door);
            for (int i = 0; i < TUNNELS; i++) {
                directFrom[i] = connect(originAddress);
                directTo[i] = withoutDelay(server.accept());
                clients[i] = connect(new InetSocketAddress(LOOPBACK, proxyPort));
                writeHead(clients[i], UPGRADE);
                origins[i] = accept(server);
                readHead(origins[i]);
                writeHead(origins[i], SWITCHING);
                readHead(clients[i]);
            }
        }
    }

    private static Config config(int originPort) {
        ConfigReader.Result read = ConfigReader.parse("micro", """
                listeners: [{address: "127.0.0.1:8080"}]
                origins: {origin: {endpoints: ["127.0.0.1:%d"]}}
                routes: [{origin: origin}]
                """.formatted(originPort));
        if (read instanceof ConfigReader.Valid valid) {
            return valid.config();
        }
        throw new IllegalStateException(read.toString());
    }

    private SocketChannel accept(ServerSocketChannel server) throws IOException {
        server.configureBlocking(false);
        SocketChannel accepted = server.accept();
        while (accepted == null) {
            engine.poll(1_000_000, proxy);
            accepted = server.accept();
        }
        server.configureBlocking(true);
        return withoutDelay(accepted);
    }

    private static void writeHead(SocketChannel channel, String head) throws IOException {
        channel.write(ByteBuffer.wrap(head.getBytes(StandardCharsets.US_ASCII)));
    }

    /** Reads what the proxy passes on, up to the empty line. */
    private void readHead(SocketChannel channel) throws IOException {
        StringBuilder head = new StringBuilder();
        ByteBuffer bytes = ByteBuffer.allocate(4096);
        channel.configureBlocking(false);
        while (head.indexOf("\r\n\r\n") < 0) {
            engine.poll(1_000_000, proxy);
            channel.read(bytes.clear());
            head.append(StandardCharsets.US_ASCII.decode(bytes.flip()));
        }
        channel.configureBlocking(true);
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
        proxy.bytes = 0;
        while (proxy.bytes < count * MESSAGE_BYTES) {
            engine.poll(0, proxy);
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

    /** The door of a loop, which tells how many bytes have left. */
    private static final class Relayed implements Completions {
        private final Door door;
        private int bytes;

        Relayed(Door door) {
            this.door = door;
        }

        @Override
        public void received(long handle, long address, int length) {
            door.received(handle, address, length);
        }

        @Override
        public void sent(long handle, int count) {
            door.sent(handle, count);
            bytes += count;
        }

        @Override
        public void accepted(long listener, long handle, Address peer) {
            door.accepted(listener, handle, peer);
        }

        @Override
        public void acceptPaused(long listener, int result) {
            door.acceptPaused(listener, result);
        }

        @Override
        public void connected(long handle, int result) {
            door.connected(handle, result);
        }

        @Override
        public void ended(long handle) {
            door.ended(handle);
        }

        @Override
        public void broken(long handle, int result) {
            door.broken(handle, result);
        }

        @Override
        public void expired(long handle) {
            door.expired(handle);
        }
    }
}
