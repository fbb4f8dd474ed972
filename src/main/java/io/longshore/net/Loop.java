package io.longshore.net;

import io.longshore.metrics.Counter;
import io.longshore.metrics.Counters;

/**
 * One event loop: a thread that runs cycle after cycle on one engine until it is told to stop. A cycle waits in {@link
 * Engine#poll}, which delivers what happened, then runs what other threads have posted.
 *
 * <p>Everything that belongs to a connection is touched by this thread alone. The clock is read once a cycle by the
 * engine; the loop reads it a second time in one cycle of {@value #SAMPLED_ONE_IN}, to know how long a cycle takes.
 */
public final class Loop implements Runnable {
    /** The longest sleep, so that a loop with nothing to do still shows that it lives. */
    private static final long WAIT_MAX_NS = 1_000_000_000L;

    /** How long an idle loop sleeps while memory is to be given back. */
    private static final long TRIM_WAIT_NS = 10_000_000L;

    private static final int SAMPLED_ONE_IN = 64;

    private final Engine engine;
    private final Completions completions;
    private final Mailbox mailbox;
    private final Counters counters;
    private final Runnable afterCycle;
    private long waitMaxNs = WAIT_MAX_NS;
    private long cycles;
    private boolean isStopped;
    private boolean isTrimming;

    /**
     * @param afterCycle run at the end of every cycle, on the loop's thread
     */
    public Loop(Engine engine, Completions completions, Mailbox mailbox, Counters counters, Runnable afterCycle) {
        this.engine = engine;
        this.completions = completions;
        this.mailbox = mailbox;
        this.counters = counters;
        this.afterCycle = afterCycle;
    }

    /** Runs until {@link #stop}; what a callback throws ends the loop, and is the caller's to report. */
    @Override
    public void run() {
        while (!isStopped) {
            cycle(waitMaxNs);
        }
    }

    /** Ends {@link #run} after the current cycle. On the loop's thread; others post it to the mailbox. */
    public void stop() {
        isStopped = true;
    }

    /** Makes cycles at least this frequent from now on; on the loop's thread. */
    public void waitAtMost(long waitNs) {
        waitMaxNs = waitNs;
    }

    /**
     * One cycle.
     *
     * @param waitMaxNs the longest wait for something to happen
     * @return how much was done: completions and tasks
     */
    public int cycle(long waitMaxNs) {
        int work = engine.poll(isTrimming ? Math.min(waitMaxNs, TRIM_WAIT_NS) : waitMaxNs, completions);
        work += mailbox.deliver();
        afterCycle.run();
        isTrimming = engine.pages().trim(engine.nowNs());
        cycles++;
        counters.increment(Counter.LOOP_CYCLES);
        if (work > 0) {
            counters.increment(Counter.LOOP_BUSY_CYCLES);
            if (cycles % SAMPLED_ONE_IN == 0) {
                counters.cycleSampled(engine.clockNs() - engine.nowNs());
            }
        }
        counters.set(Counter.PARKED_BYTES, engine.parkedBytes());
        counters.set(Counter.PAGES_TAKEN, engine.pages().taken());
        counters.set(Counter.TIMERS_ACTIVE, engine.timers());
        counters.set(Counter.CONNECTIONS_OPEN, engine.connections());
        counters.set(Counter.STALE_COMPLETIONS, engine.staleCompletions());
        return work;
    }
}
