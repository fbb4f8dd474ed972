package io.longshore.live;

import io.longshore.lab.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * One selector and one thread that drive thousands of non-blocking peers of a test, clients or origin sides.
 *
 * <p>Peers belong to that thread; a test reaches them by {@link #execute}. The first failure of a peer (an AssertionError,
 * or an I/O error that the peer did not expect) fails whoever waits in {@link #await}.
 */
final class PeerLoop implements AutoCloseable {
    private static final int BUFFER_BYTES = 64 << 10;

    /** A peer's next moment, for those that take their time. */
    private record Due(long atNs, Peer peer) {}

    private final Selector selector;
    private final Thread thread;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final PriorityQueue<Due> due = new PriorityQueue<>(Comparator.comparingLong(Due::atNs));
    private final AtomicInteger done = new AtomicInteger();
    private volatile Throwable failure;
    private volatile boolean isClosed;

    /** What peers read into, within one call. */
    final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
    /** What peers write from, within one call. */
    final ByteBuffer outBuffer = ByteBuffer.allocateDirect(BUFFER_BYTES);

    PeerLoop(String name) {
        try {
            selector = Selector.open();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        thread = new Thread(this::run, name);
        thread.setDaemon(true);
        thread.start();
    }

    /** Listens on a free port of 127.0.0.1; whoever connects is served by a new peer. Returns where. */
    InetSocketAddress listen(Supplier<Peer> peers) {
        try {
            ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.INET);
            listener.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 4096);
            listener.configureBlocking(false);
            InetSocketAddress address = (InetSocketAddress) listener.getLocalAddress();
            execute(() -> register(listener, peers));
            return address;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void register(ServerSocketChannel listener, Supplier<Peer> peers) {
        try {
            listener.register(selector, SelectionKey.OP_ACCEPT, peers);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts to connect a peer. */
    void connect(InetSocketAddress address, Peer peer) {
        connect(null, 0, address, peer);
    }

    /**
     * Starts to connect a peer.
     *
     * @param source the address and port to bind first, or null
     * @param receiveBufferBytes SO_RCVBUF, 0 for the kernel's choice; it counts when set before the connect
     */
    void connect(InetSocketAddress source, int receiveBufferBytes, InetSocketAddress address, Peer peer) {
        execute(() -> {
            try {
                SocketChannel channel = SocketChannel.open(StandardProtocolFamily.INET);
                channel.configureBlocking(false);
                if (receiveBufferBytes > 0) {
                    channel.setOption(StandardSocketOptions.SO_RCVBUF, receiveBufferBytes);
                }
                if (source != null) {
                    channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
                    channel.bind(source);
                }
                boolean isConnected = channel.connect(address);
                peer.begin(this, channel, channel.register(selector, SelectionKey.OP_CONNECT, peer));
                if (isConnected) {
                    guarded(peer, peer::connected);
                }
            } catch (IOException e) {
                fail(e);
            }
        });
    }

    /** Runs a task on the peers' thread. */
    void execute(Runnable task) {
        tasks.add(task);
        selector.wakeup();
    }

    /** Calls {@link Peer#due} after a while; on the peers' thread. */
    void later(Peer peer, long delayNs) {
        due.add(new Due(System.nanoTime() + delayNs, peer));
    }

    /** A peer has done all that it was to do. */
    void done() {
        done.incrementAndGet();
    }

    /** How many peers have done all that they were to do. */
    int doneCount() {
        return done.get();
    }

    /** Waits until so many peers are done. */
    void await(int count, Duration timeout) {
        try {
            Await.until(() -> failure != null || done.get() >= count, timeout, count + " peers done");
        } catch (AssertionError late) {
            throw new AssertionError(thread.getName() + ": " + done.get() + " of " + count, late);
        }
        check();
    }

    void await(int count) {
        await(count, Await.PATIENCE);
    }

    /** Fails if a peer has failed. */
    void check() {
        if (failure != null) {
            throw new AssertionError(thread.getName() + ": " + failure.getMessage(), failure);
        }
    }

    void fail(Throwable e) {
        if (failure == null) {
            failure = e;
        }
    }

    private void run() {
        try {
            while (!isClosed) {
                selector.select(this::ready, waitMs());
                for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                    task.run();
                }
                while (!due.isEmpty() && due.peek().atNs() - System.nanoTime() <= 0) {
                    Peer peer = due.poll().peer();
                    if (peer.isOpen()) {
                        guarded(peer, peer::due);
                    }
                }
            }
        } catch (IOException | RuntimeException | Error e) {
            fail(e);
        } finally {
            closeAll();
        }
    }

    private long waitMs() {
        if (due.isEmpty()) {
            return 0;
        }
        return Math.max(1, (due.peek().atNs() - System.nanoTime()) / 1_000_000 + 1);
    }

    private void ready(SelectionKey key) {
        if (key.attachment() instanceof Peer peer) {
            guarded(peer, peer::ready);
        } else {
            accept(key);
        }
    }

    @SuppressWarnings("unchecked")
    private void accept(SelectionKey key) {
        Supplier<Peer> peers = (Supplier<Peer>) key.attachment();
        try {
            ServerSocketChannel listener = (ServerSocketChannel) key.channel();
            for (SocketChannel channel = listener.accept(); channel != null; channel = listener.accept()) {
                channel.configureBlocking(false);
                Peer peer = peers.get();
                peer.begin(this, channel, channel.register(selector, 0, peer));
                guarded(peer, peer::connected);
            }
        } catch (IOException e) {
            fail(e);
        }
    }

    /** A step of a peer. */
    @FunctionalInterface
    interface Step {
        void run() throws IOException;
    }

    /** Runs a step of a peer; what it throws is that peer's end, and the test's. On the peers' thread. */
    void guarded(Peer peer, Step step) {
        try {
            step.run();
        } catch (IOException | RuntimeException | AssertionError e) {
            fail(new AssertionError(peer + ": " + e, e));
            peer.close();
        }
    }

    private void closeAll() {
        try {
            for (SelectionKey key : selector.keys()) {
                key.channel().close();
            }
            selector.close();
        } catch (IOException e) {
            fail(e);
        }
    }

    /** Closes every peer (with a FIN, where nothing is unread) and ends the thread. */
    @Override
    public void close() {
        isClosed = true;
        selector.wakeup();
        try {
            thread.join(Await.PATIENCE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        check();
    }
}
