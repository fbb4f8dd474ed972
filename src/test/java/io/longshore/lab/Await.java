package io.longshore.lab;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Waits for a state with a deadline: the only place where a test pauses. A deadline is there to end a test that hangs;
 * it says nothing about speed, so it may be generous.
 */
public final class Await {
    /** The deadline for whatever takes milliseconds on an idle machine. */
    public static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final long FIRST_PAUSE_NS = 100_000;
    private static final long LONGEST_PAUSE_NS = 10_000_000;

    private Await() {}

    /**
     * Returns once the condition holds.
     *
     * @throws AssertionError with the description if it still does not hold after the timeout
     */
    public static void until(BooleanSupplier condition, Duration timeout, String description) {
        long startNs = System.nanoTime();
        long pauseNs = FIRST_PAUSE_NS;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - startNs > timeout.toNanos()) {
                throw new AssertionError("not within " + timeout.toMillis() + " ms: " + description);
            }
            if (Thread.interrupted()) {
                throw new AssertionError("interrupted while waiting: " + description);
            }
            LockSupport.parkNanos(pauseNs);
            pauseNs = Math.min(2 * pauseNs, LONGEST_PAUSE_NS);
        }
    }

    /** {@link #until(BooleanSupplier, Duration, String)} with {@link #PATIENCE}. */
    public static void until(BooleanSupplier condition, String description) {
        until(condition, PATIENCE, description);
    }
}
