package io.longshore.control;

import io.longshore.config.AddressRange;
import io.longshore.config.Config;
import io.longshore.metrics.AccessEntry;
import io.longshore.metrics.Counters;
import io.longshore.net.Address;
import io.longshore.net.Engine;
import io.longshore.net.Loop;
import io.longshore.net.Mailbox;
import io.longshore.net.SocketTuning;
import io.longshore.origin.SourcePorts;
import io.longshore.session.Door;
import io.longshore.sys.Affinity;
import io.longshore.sys.ErrorText;
import io.longshore.sys.LocalAddresses;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * One loop with everything it owns: made, run and freed on its own thread, because an engine may be bound to the thread
 * that made it.
 */
final class LoopThread implements Runnable {
    /** A refusal under way when the drain ends gets this long to leave. */
    private static final long LAST_WORDS_NS = 3_000_000_000L;
    /** How often a draining loop looks at the clock. */
    private static final long DRAIN_WAIT_NS = 20_000_000L;

    private final int number;
    private final Config config;
    private final EngineChoice engineChoice;
    private final SourcePorts ports;
    private final List<Address> addresses;
    private final Counters counters;
    private final Consumer<AccessEntry> accessLog;
    private final CompletableFuture<List<Address>> listening = new CompletableFuture<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    private Engine engine;
    private volatile Mailbox mailbox;
    private Door door;
    private Loop loop;
    private boolean isDraining;
    private boolean isDrainOver;
    private long drainDeadlineNs;

    /**
     * @param number from 0
     * @param ports the account of tuples, shared by all loops
     * @param addresses where to listen, one a listener of the configuration
     */
    LoopThread(
            int number,
            Config config,
            EngineChoice engineChoice,
            SourcePorts ports,
            List<Address> addresses,
            Counters counters,
            Consumer<AccessEntry> accessLog) {
        this.ports = ports;
        this.number = number;
        this.config = config;
        this.engineChoice = engineChoice;
        this.addresses = addresses;
        this.counters = counters;
        this.accessLog = accessLog;
    }

    /** Completes with the real addresses once this loop listens, or with what went wrong. */
    CompletableFuture<List<Address>> listening() {
        return listening;
    }

    /** Completes when the loop has ended: normally after a drain or a stop, exceptionally by a fault. */
    CompletableFuture<Void> ended() {
        return ended;
    }

    @Override
    public void run() {
        Throwable fault = null;
        try {
            start();
            loop.run();
        } catch (IOException | RuntimeException | Error e) {
            fault = e;
        }
        fault = closeEngine(fault);
        // Only now: whoever waits for the end may listen on the same address at once.
        if (fault == null) {
            ended.complete(null);
        } else {
            listening.completeExceptionally(fault);
            ended.completeExceptionally(fault);
        }
    }

    private Throwable closeEngine(Throwable earlierFault) {
        if (engine == null) {
            return earlierFault;
        }
        try {
            engine.close();
            return earlierFault;
        } catch (RuntimeException | Error e) {
            return earlierFault == null ? e : earlierFault;
        }
    }

    private void start() throws IOException {
        if (!config.cpus().isEmpty()) {
            int cpu = config.cpus().get(number);
            int result = Affinity.pinToCpu(cpu);
            if (result < 0) {
                throw new IOException("cannot pin loop " + number + " to CPU " + cpu + ": " + ErrorText.of(-result));
            }
        }
        engine = engineChoice.open(tuning());
        mailbox = new Mailbox(engine);
        door = new Door(engine, config, number, ports, mailbox::post, counters, accessLog, this::sessionFault);
        loop = new Loop(engine, door, mailbox, counters, this::afterCycle);
        List<Address> bound = new ArrayList<>();
        for (int i = 0; i < addresses.size(); i++) {
            bound.add(door.listen(config.listeners().get(i), addresses.get(i)));
        }
        listening.complete(List.copyOf(bound));
    }

    private SocketTuning tuning() {
        int receiveBytesMax = Math.min(SocketTuning.DEFAULT.receiveBytesMax(), config.parkedBytesMax() / 2);
        return new SocketTuning(
                (int) (config.keepaliveIdleNs() / 1_000_000_000L),
                SocketTuning.DEFAULT.keepaliveIntervalSeconds(),
                (int) (config.userTimeoutNs() / 1_000_000L),
                SocketTuning.DEFAULT.backlog(),
                receiveBytesMax,
                hasRoutedIpv6Sources());
    }

    /** Whether every IPv6 source is this host's own, be it by a route alone; then, and only then, any may be bound. */
    private boolean hasRoutedIpv6Sources() {
        LocalAddresses local = new LocalAddresses();
        boolean hasAny = false;
        for (Config.Origin origin : config.origins().values()) {
            for (AddressRange range : origin.sources()) {
                if (range.isIpv4()) {
                    continue;
                }
                hasAny = true;
                if (local.check(range.firstHigh(), range.firstLow()) != 0
                        || local.check(range.lastHigh(), range.lastLow()) != 0) {
                    return false;
                }
            }
        }
        return hasAny;
    }

    private void sessionFault(Throwable fault) {
        Log.error("session-fault", "loop", number, "fault", fault, "at", firstFrame(fault));
    }

    private static String firstFrame(Throwable fault) {
        StackTraceElement[] frames = fault.getStackTrace();
        return frames.length == 0 ? "unknown" : frames[0].toString();
    }

    /** Stops accepting; ends when no session is left, at the latest after the drain-timeout. From any thread. */
    void drain() {
        post(() -> {
            if (!isDraining) {
                isDraining = true;
                drainDeadlineNs = engine.nowNs() + config.drainTimeoutNs();
                door.drain();
                loop.waitAtMost(DRAIN_WAIT_NS);
            }
        });
    }

    /** Ends everything at once. From any thread. */
    void stop() {
        post(() -> {
            door.stop();
            loop.stop();
        });
    }

    private void post(Runnable task) {
        // A loop that never started, or has ended by a fault, has nothing left to end.
        if (mailbox != null && !ended.isDone()) {
            mailbox.post(task);
        }
    }

    private void afterCycle() {
        if (!isDraining) {
            return;
        }
        door.closeQuietListeners();
        if (door.sessions() == 0 && !door.isListening()) {
            loop.stop();
        } else if (engine.nowNs() - drainDeadlineNs >= 0) {
            if (isDrainOver) {
                door.stop();
                loop.stop();
            } else {
                isDrainOver = true;
                drainDeadlineNs = engine.nowNs() + LAST_WORDS_NS;
                door.endDrain();
            }
        }
    }
}
