package io.longshore.live;

import io.longshore.lab.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An endpoint that closes whatever it accepts. A peer that does not close as well stays in CLOSE_WAIT and keeps its tuple,
 * while nobody needs a descriptor on this side: so one process stands in for many.
 */
final class Hangup implements AutoCloseable {
    private final ServerSocket listener;
    private final AtomicInteger accepted = new AtomicInteger();

    Hangup(InetSocketAddress endpoint) {
        try {
            listener = new ServerSocket();
            listener.bind(endpoint, 65_535);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread thread = new Thread(this::serve, "hangup");
        thread.setDaemon(true);
        thread.start();
    }

    private void serve() {
        try {
            while (!listener.isClosed()) {
                listener.accept().close();
                accepted.incrementAndGet();
            }
        } catch (IOException e) {
            // The test's end, or a failure that await() tells.
            return;
        }
    }

    /** Waits until so many have come. */
    void await(int count) {
        Await.until(() -> accepted.get() == count, count + " connections");
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
