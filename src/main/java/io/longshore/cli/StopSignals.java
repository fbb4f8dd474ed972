package io.longshore.cli;

import io.longshore.control.Log;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * What the signals of an operator or a supervisor do to a running server.
 *
 * <pre>
 *   RUNNING -SIGTERM-> DRAINING -SIGTERM or SIGINT-> STOPPED
 *      \-----------SIGINT------------------------------^
 * </pre>
 *
 * <p>SIGHUP is logged and ignored.
 */
final class StopSignals {
    private enum Phase {
        RUNNING,
        DRAINING,
        STOPPED
    }

    private final Runnable drain;
    private final Runnable stop;
    private final Consumer<String> supervisor;
    private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.RUNNING);

    /**
     * The three actions are called at most once each, on threads of the JVM's.
     *
     * @param drain stops accepting and lets tunnels live on for a while
     * @param stop ends everything at once
     * @param supervisor is told {@code STOPPING=1}, before either
     */
    StopSignals(Runnable drain, Runnable stop, Consumer<String> supervisor) {
        this.drain = drain;
        this.stop = stop;
        this.supervisor = supervisor;
    }

    /** Takes the signals over. */
    void install() {
        handle("TERM", this::terminate);
        handle("INT", this::interrupt);
        handle("HUP", this::hangUp);
    }

    private void handle(String name, Runnable action) {
        if (!Signals.handle(name, action)) {
            Log.warn("signal-not-handled", "signal", "SIG" + name);
        }
    }

    void terminate() {
        if (phase.compareAndSet(Phase.RUNNING, Phase.DRAINING)) {
            Log.info("draining", "signal", "SIGTERM");
            supervisor.accept("STOPPING=1");
            drain.run();
        } else {
            stopNow("SIGTERM");
        }
    }

    void interrupt() {
        stopNow("SIGINT");
    }

    void hangUp() {
        Log.warn("signal-ignored", "signal", "SIGHUP", "reason", "reload is not there yet");
    }

    private void stopNow(String signal) {
        Phase before = phase.getAndSet(Phase.STOPPED);
        if (before == Phase.STOPPED) {
            return;
        }
        Log.info("stopping", "signal", signal);
        if (before == Phase.RUNNING) {
            supervisor.accept("STOPPING=1");
        }
        stop.run();
    }
}
