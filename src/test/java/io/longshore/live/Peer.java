package io.longshore.live;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;

/** One non-blocking socket of a {@link PeerLoop}, driven by that loop's thread. */
abstract class Peer {
    PeerLoop loop;
    SocketChannel channel;
    SelectionKey key;

    final void begin(PeerLoop newLoop, SocketChannel newChannel, SelectionKey newKey) throws IOException {
        loop = newLoop;
        channel = newChannel;
        key = newKey;
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    }

    /** The selector says that something is ready. */
    final void ready() throws IOException {
        if (key.isConnectable()) {
            channel.finishConnect();
            connected();
            return;
        }
        if (key.isWritable()) {
            writable();
        }
        if (key.isValid() && key.isReadable()) {
            readable();
        }
    }

    /** The connection stands, and no interest is set. */
    abstract void connected() throws IOException;

    abstract void readable() throws IOException;

    void writable() throws IOException {}

    /** The time that {@link PeerLoop#later} was told has come. */
    void due() throws IOException {}

    final boolean isOpen() {
        return channel.isOpen();
    }

    final void interest(int operations, boolean on) {
        if (key.isValid()) {
            key.interestOps(on ? key.interestOps() | operations : key.interestOps() & ~operations);
        }
    }

    /** Closes; with a reset if bytes are unread. */
    final void close() {
        try {
            channel.close();
        } catch (IOException e) {
            loop.fail(e);
        }
    }

    /** Closes with a reset. */
    final void reset() {
        try {
            channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        } catch (IOException e) {
            loop.fail(e);
        }
        close();
    }
}
