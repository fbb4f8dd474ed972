package io.longshore.live;

import io.longshore.lab.Await;
import java.util.function.LongSupplier;

/** Waits for a number to stop moving, as that of bytes sent does when the other side takes no more. */
final class Stall {
    /** Unchanged for so long is stopped; one that then moves on shows in what the test asserts next. */
    private static final long QUIET_NS = 400_000_000L;

    private Stall() {}

    /** The number, once it is above 0 and has not changed for a while. */
    static long of(LongSupplier number) {
        long[] seen = {0, System.nanoTime()};
        Await.until(
                () -> {
                    long now = number.getAsLong();
                    if (now != seen[0]) {
                        seen[0] = now;
                        seen[1] = System.nanoTime();
                    }
                    return now > 0 && System.nanoTime() - seen[1] > QUIET_NS;
                },
                "a number that stops moving");
        return seen[0];
    }
}
