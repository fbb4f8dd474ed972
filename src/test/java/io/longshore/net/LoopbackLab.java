package io.longshore.net;

import com.sun.jna.Function;
import io.longshore.net.socket.FlowStreak;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** An engine on real sockets, with plain non-blocking channels of the JDK as its peers on loopback. */
public final class LoopbackLab implements EngineLab {
    private static final Address LOOPBACK = Address.ofIpv4(0x7f00_0001, 0);
    private static final int PEER_BUFFER = 64 << 10;

    private static final Function DUP = Function.getFunction("c", "dup");
    private static final Function CLOSE = Function.getFunction("c", "close");

    static {
        // A class that is first needed without descriptors could not be read from its file, now or ever.
        FlowStreak.isMoving(FlowStreak.CALM);
    }

    private final Engine engine;
    private final List<Channel> channels = new ArrayList<>();
    private final List<Integer> taken = new ArrayList<>();

    /** A lab for this engine, which it closes. */
    public LoopbackLab(Engine engine) {
        this.engine = engine;
    }

    @Override
    public Engine engine() {
        return engine;
    }

    @Override
    public Peer connectTo(Address listener) {
        try {
            SocketChannel channel = SocketChannel.open();
            channels.add(channel);
            channel.setOption(StandardSocketOptions.SO_RCVBUF, PEER_BUFFER);
            // Loopback connects as soon as the listener's queue has room, whether the engine is polled or not.
            channel.connect(new InetSocketAddress(listener.toInetAddress(), listener.port()));
            channel.configureBlocking(false);
            return new ChannelPeer(channel);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public PeerListener listen() {
        try {
            ServerSocketChannel channel = ServerSocketChannel.open();
            channels.add(channel);
            channel.setOption(StandardSocketOptions.SO_RCVBUF, PEER_BUFFER);
            channel.bind(new InetSocketAddress(LOOPBACK.toInetAddress(), 0));
            channel.configureBlocking(false);
            Address address = Address.of((InetSocketAddress) channel.getLocalAddress());
            return new ChannelListener(channel, address, channels);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Address host() {
        return LOOPBACK;
    }

    @Override
    public Address refusing() {
        try {
            // Bound and not listening: the port stays ours, and refuses.
            SocketChannel channel = SocketChannel.open();
            channels.add(channel);
            channel.bind(new InetSocketAddress(LOOPBACK.toInetAddress(), 0));
            return Address.of((InetSocketAddress) channel.getLocalAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public int plenty() {
        // More than tcp_wmem's usual maximum of 4 MiB and the peer's window together.
        return 6 << 20;
    }

    @Override
    public boolean movesLargeFlows() {
        return true;
    }

    /** Takes every descriptor that there is, since a ring looks at the limit when it begins to accept and not later. */
    @Override
    public void starve(boolean on) {
        if (on && taken.isEmpty()) {
            for (int fd = dup(); fd >= 0; fd = dup()) {
                taken.add(fd);
            }
        } else if (!on) {
            taken.forEach(fd -> CLOSE.invokeInt(new Object[] {fd}));
            taken.clear();
        }
    }

    private static int dup() {
        return DUP.invokeInt(new Object[] {0});
    }

    @Override
    public void passTime() {
        LockSupport.parkNanos(1_000_000);
    }

    @Override
    public void close() {
        starve(false);
        try {
            engine.close();
            for (Channel channel : channels) {
                channel.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class ChannelListener implements EngineLab.PeerListener {
        private final ServerSocketChannel channel;
        private final Address address;
        private final List<Channel> channels;

        ChannelListener(ServerSocketChannel channel, Address address, List<Channel> channels) {
            this.channel = channel;
            this.address = address;
            this.channels = channels;
        }

        @Override
        public Address address() {
            return address;
        }

        @Override
        public EngineLab.Peer accept() {
            try {
                SocketChannel accepted = channel.accept();
                if (accepted == null) {
                    return null;
                }
                channels.add(accepted);
                accepted.configureBlocking(false);
                return new ChannelPeer(accepted);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static final class ChannelPeer implements EngineLab.Peer {
        private final SocketChannel channel;
        private final Address local;

        ChannelPeer(SocketChannel channel) throws IOException {
            this.channel = channel;
            local = Address.of((InetSocketAddress) channel.getLocalAddress());
        }

        @Override
        public Address local() {
            return local;
        }

        @Override
        public int send(byte[] bytes, int offset, int length) {
            try {
                return channel.write(ByteBuffer.wrap(bytes, offset, length));
            } catch (IOException e) {
                return EngineLab.RESET;
            }
        }

        @Override
        public int receive(byte[] bytes) {
            try {
                return channel.read(ByteBuffer.wrap(bytes));
            } catch (IOException e) {
                return EngineLab.RESET;
            }
        }

        @Override
        public void sendUrgent() {
            try {
                channel.socket().sendUrgentData('!');
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void finish() {
            try {
                channel.shutdownOutput();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void reset() {
            try {
                channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            close();
        }

        @Override
        public void close() {
            try {
                channel.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
