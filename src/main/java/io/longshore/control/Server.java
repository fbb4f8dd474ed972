package io.longshore.control;

import io.longshore.config.Config;
import io.longshore.metrics.AccessEntry;
import io.longshore.metrics.AccessLog;
import io.longshore.metrics.Counter;
import io.longshore.metrics.CounterFile;
import io.longshore.metrics.Counters;
import io.longshore.metrics.PortFacts;
import io.longshore.metrics.PortFile;
import io.longshore.metrics.PortRow;
import io.longshore.net.Address;
import io.longshore.origin.PortSettings;
import io.longshore.origin.SourcePorts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Supplier;
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
    private final EngineChoice engine;
    /** Null on a host that has no place for it: then nobody sees the counters, and all else is as it should be. */
    private final CounterFile counterFile;

    private final AccessLog accessLog;
    private final SourcePorts ports;
    private final PortKeeper portKeeper;
    private final List<Counters> blocks = new ArrayList<>();
    private final List<LoopThread> loops = new CopyOnWriteArrayList<>();
    private List<Address> addresses;

    private Server(Config config) throws IOException {
        this.config = config;
        engine = EngineChoice.of(config);
        counterFile = makeCounterFile(config);
        PortSettings settings = PortChoice.of(config);
        ports = new SourcePorts(config, settings, makePortRows(config, settings));
        portKeeper = new PortKeeper(ports);
        for (int i = 0; i < config.loops(); i++) {
            blocks.add(counterFile == null ? Counters.inMemory() : counterFile.block(i));
        }
        try {
            accessLog = config.accessLog().isEmpty() ? null : AccessLog.open(config.accessLog(), ACCESS_QUEUE_LENGTH);
        } catch (IOException e) {
            removeCounterFile();
            throw e;
        }
    }

    private static CounterFile makeCounterFile(Config config) {
        try {
            return CounterFile.createForProcess(config.countersDirectory(), config.loops());
        } catch (IOException e) {
            // What is in the way stands in the suppressed ones: one a place that was tried.
            String reasons =
                    Arrays.stream(e.getSuppressed()).map(Throwable::toString).collect(Collectors.joining("; "));
            Log.warn("counters-not-visible", "reason", e.getMessage(), "tried", reasons);
            return null;
        }
    }

    private Supplier<PortRow> makePortRows(Config config, PortSettings settings) {
        if (counterFile == null) {
            return PortRow::inMemory;
        }
        try {
            PortFacts facts = new PortFacts(
                    settings.mode().label(),
                    settings.low(),
                    settings.high(),
                    settings.reservedPorts(),
                    List.copyOf(config.origins().keySet()));
            return PortFile.create(counterFile.directory(), SourcePorts.rowCount(config), facts)::next;
        } catch (IOException e) {
            Log.warn("ports-not-visible", "reason", e.getMessage());
            return PortRow::inMemory;
        }
    }

    /**
     * Starts all loops; when this returns, every listener accepts.
     *
     * @throws IOException if an address cannot be listened on, which the message names, or the access log not be opened;
     *     nothing is left running then
     */
    public static Server start(Config config) throws IOException {
        for (Config.Listener listener : config.listeners()) {
            PortProbe.requireFree(Address.of(listener.address()));
        }
        Server server = new Server(config);
        try {
            server.startLoops();
            return server;
        } catch (IOException | RuntimeException | Error e) {
            server.stop();
            // The caller gets the reason, so it is not logged as well.
            server.awaitLoops();
            server.closeFiles();
            throw e;
        }
    }

    private void startLoops() throws IOException {
        Thread keeper = new Thread(portKeeper, "longshore-ports");
        keeper.setDaemon(true);
        keeper.start();
        addresses = config.listeners().stream()
                .map(listener -> Address.of(listener.address()))
                .toList();
        for (int i = 0; i < config.loops(); i++) {
            Consumer<AccessEntry> sink = sinkOf(i);
            LoopThread loop = new LoopThread(i, config, engine, ports, addresses, blocks.get(i), sink);
            Thread thread = new Thread(loop, "longshore-loop-" + i);
            loop.ended().whenComplete((nothing, fault) -> {
                // Loops serve together or not at all: the supervisor restarts a whole process.
                if (fault != null) {
                    stop();
                }
            });
            thread.start();
            loops.add(loop);
            // The first loop finds out the ports that the configuration left open; the others bind the same.
            addresses = outcomeOf(loop.listening(), i);
        }
        // A loop that failed while another was still starting could not stop that one.
        for (int i = 0; i < loops.size(); i++) {
            if (loops.get(i).ended().isDone()) {
                outcomeOf(loops.get(i).ended(), i);
            }
        }
    }

    private static <T> T outcomeOf(CompletableFuture<T> future, int loop) throws IOException {
        try {
            return future.join();
        } catch (CompletionException e) {
            Throwable cause = e.getCause();
            throw cause instanceof IOException io ? io : new IOException("loop " + loop + " did not start", cause);
        }
    }

    private Consumer<AccessEntry> sinkOf(int loop) {
        if (accessLog == null) {
            return entry -> {};
        }
        Counters counters = blocks.get(loop);
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

    /** {@code ready 127.0.0.1:8080 engine=io_uring loops=2 pid=4711}. */
    public String readyLine() {
        String where = addresses.stream().map(Address::toString).collect(Collectors.joining(","));
        return "ready " + where + " engine=" + engine.label() + " loops=" + loops.size() + " pid="
                + ProcessHandle.current().pid();
    }

    /** Which engine the loops run on, as the configuration spells it. */
    public String engine() {
        return engine.label();
    }

    /** Why they run on that one. */
    public String engineReason() {
        return engine.reason();
    }

    /** How source ports are found, and which there are. */
    public PortSettings portSettings() {
        return ports.settings();
    }

    /** Where the counter files are; null on a host that has no place for them. */
    public Path counters() {
        return counterFile == null ? null : counterFile.directory();
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
        List<Throwable> faults = awaitLoops();
        for (Throwable fault : faults) {
            Log.error("loop-fault", "fault", fault);
        }
        return faults.isEmpty() & closeFiles();
    }

    /** Waits until all loops have ended; returns what ended those that did not end in order. */
    private List<Throwable> awaitLoops() {
        List<Throwable> faults = new ArrayList<>();
        for (LoopThread loop : loops) {
            try {
                loop.ended().join();
            } catch (CompletionException e) {
                faults.add(e.getCause());
            }
        }
        return faults;
    }

    private boolean closeFiles() {
        portKeeper.stop();
        if (accessLog != null) {
            accessLog.close();
        }
        return removeCounterFile();
    }

    private boolean removeCounterFile() {
        if (counterFile == null) {
            return true;
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
