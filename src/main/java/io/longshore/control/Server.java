package io.longshore.control;

import io.longshore.config.Config;
import io.longshore.metrics.AccessEntry;
import io.longshore.metrics.AccessLog;
import io.longshore.metrics.Counter;
import io.longshore.metrics.CounterFile;
import io.longshore.metrics.Counters;
import io.longshore.net.Address;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * The composition root: makes the loops and what they share, and ends them in order.
 *
 * <pre>
 *   start -> serving -> drain (stop accepting, wait, close) -> ended
 *                    -> stop  (close at once)              -> ended
 * </pre>
 */
public final class Server {
    /** Access lines that may wait for their writer. */
    private static final int ACCESS_QUEUE_LENGTH = 64 << 10;

    private final Config config;
    private final CounterFile counterFile;
    private final AccessLog accessLog;
    private final List<LoopThread> loops = new CopyOnWriteArrayList<>();
    private List<Address> addresses;

    private Server(Config config) throws IOException {
        this.config = config;
        counterFile = CounterFile.createForProcess(config.countersDirectory(), config.loops());
        accessLog = config.accessLog().isEmpty() ? null : AccessLog.open(config.accessLog(), ACCESS_QUEUE_LENGTH);
    }

    /**
     * Starts all loops; when this returns, every listener accepts.
     *
     * @throws IOException if an address cannot be bound, or a file not be made; nothing is left running then
     */
    public static Server start(Config config) throws IOException {
        Server server = new Server(config);
        try {
            server.startLoops();
            return server;
        } catch (IOException e) {
            server.stop();
            server.awaitEnd();
            throw e;
        }
    }

    private void startLoops() throws IOException {
        addresses = config.listeners().stream()
                .map(listener -> Address.of(listener.address()))
                .toList();
        for (int i = 0; i < config.loops(); i++) {
            Consumer<AccessEntry> sink = sinkOf(i);
            LoopThread loop = new LoopThread(i, config, addresses, counterFile.block(i), sink);
            Thread thread = new Thread(loop, "longshore-loop-" + i);
            loops.add(loop);
            loop.ended().whenComplete((nothing, fault) -> {
                // Loops serve together or not at all: the supervisor restarts a whole process.
                if (fault != null) {
                    stop();
                }
            });
            thread.start();
            try {
                // The first loop finds out the ports that the configuration left open; the others bind the same.
                addresses = loop.listening().join();
            } catch (CompletionException e) {
                Throwable cause = e.getCause();
                throw cause instanceof IOException io ? io : new IOException("loop " + i + " did not start", cause);
            }
        }
    }

    private Consumer<AccessEntry> sinkOf(int loop) {
        if (accessLog == null) {
            return entry -> {};
        }
        Counters counters = counterFile.block(loop);
        return entry -> {
            if (!accessLog.offer(entry)) {
                counters.increment(Counter.ACCESS_LINES_DROPPED);
            }
        };
    }

    /** Where clients can connect, with the real ports, in the configuration's order. */
    public List<Address> addresses() {
        return addresses;
    }

    /** {@code ready 127.0.0.1:8080 engine=nio loops=2 pid=4711}. */
    public String readyLine() {
        String where = addresses.stream().map(Address::toString).collect(Collectors.joining(","));
        return "ready " + where + " engine=nio loops=" + loops.size() + " pid="
                + ProcessHandle.current().pid();
    }

    /** Where the counter files are. */
    public Path counters() {
        return counterFile.directory();
    }

    /** Stops accepting, lets handshakes finish and tunnels live on for the drain-timeout, then closes them. */
    public void drain() {
        loops.forEach(LoopThread::drain);
    }

    /** Closes everything at once. */
    public void stop() {
        loops.forEach(LoopThread::stop);
    }

    /**
     * Waits until all loops have ended, writes what the access log still holds, and removes the counter files.
     *
     * @return whether the loops ended in order; a fault of one loop ends all, and is logged
     */
    public boolean awaitEnd() {
        boolean isOrderly = true;
        for (int i = 0; i < loops.size(); i++) {
            try {
                loops.get(i).ended().join();
            } catch (CompletionException e) {
                isOrderly = false;
                Log.error("loop-fault", "loop", i, "fault", e.getCause());
            }
        }
        return isOrderly & closeFiles();
    }

    private boolean closeFiles() {
        if (accessLog != null) {
            accessLog.close();
        }
        try {
            counterFile.close();
            return true;
        } catch (IOException e) {
            Log.warn("counters-not-removed", "reason", e.getMessage());
            return false;
        }
    }
}
