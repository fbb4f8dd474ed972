package io.longshore.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The wheel against a map that is asked about every timer, and what the two must agree on. */
final class TimersTest {
    private static final long TICK_NS = 1L << 23;
    private static final long TURN_NS = TICK_NS * 4096;

    private final List<Integer> fired = new ArrayList<>();

    @Test
    void firesNeverEarlyAndAtMostOneTickLate() {
        for (long deadlineNs :
                new long[] {1, TICK_NS - 1, TICK_NS, TICK_NS + 1, 5 * TICK_NS / 2, TURN_NS, 3 * TURN_NS + 7}) {
            Timers timers = new Timers(0);
            timers.schedule(0, deadlineNs);
            assertEquals(0, timers.expire(deadlineNs - 1, fired::add), "early for " + deadlineNs);
            assertEquals(1, timers.expire(deadlineNs + TICK_NS, fired::add), "late for " + deadlineNs);
            assertEquals(0, timers.active());
            assertFalse(timers.isScheduled(0));
        }
    }

    @Test
    void firesADeadlineOfThePastAtTheNextTick() {
        Timers timers = new Timers(1_000);
        timers.expire(1_000 + 10 * TICK_NS, fired::add);
        timers.schedule(3, -5 * TURN_NS);
        assertEquals(0, timers.expire(1_000 + 11 * TICK_NS - 1, fired::add));
        assertEquals(1, timers.expire(1_000 + 11 * TICK_NS, fired::add));
    }

    @Test
    void firesEverythingAfterASleepOfManyTurns() {
        Timers timers = new Timers(0);
        for (int slot = 0; slot < 10_000; slot++) {
            timers.schedule(slot, slot * TURN_NS / 1_000);
        }
        assertEquals(10_000, timers.expire(11 * TURN_NS, fired::add));
        assertEquals(0, timers.active());
        assertEquals(Long.MAX_VALUE, timers.delayNs(11 * TURN_NS));
    }

    @Test
    void aCallbackMaySetAndClearTimersThatAreDueToo() {
        Timers timers = new Timers(0);
        for (int slot = 0; slot < 4; slot++) {
            timers.schedule(slot, 10);
        }
        timers.expire(2 * TICK_NS, slot -> {
            fired.add(slot);
            assertFalse(timers.isScheduled(slot), "it is cleared before the callback");
            if (fired.size() == 1) {
                timers.unschedule((slot + 1) % 4);
                timers.schedule((slot + 2) % 4, 2 * TICK_NS);
                timers.schedule(slot, 0);
                timers.schedule(1_000, 0);
            }
        });
        assertEquals(2, fired.size(), "one was cleared, one moved, and what was set in a callback waits: " + fired);
        assertEquals(3, timers.active());
        assertEquals(3, timers.expire(3 * TICK_NS, fired::add));
    }

    @Test
    void knowsNothingOfSlotsThatItNeverSaw() {
        Timers timers = new Timers(0);
        timers.unschedule(1_000_000);
        assertFalse(timers.isScheduled(1_000_000));
        timers.schedule(100_000, 5);
        assertTrue(timers.isScheduled(100_000));
        assertFalse(timers.isScheduled(99_999));
        assertEquals(1, timers.active());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void agreesWithAMapOfDeadlines(long seed) {
        Random random = new Random(seed);
        long nowNs = seed % 2 == 0 ? random.nextLong() : Long.MAX_VALUE - 10 * TURN_NS;
        Timers timers = new Timers(nowNs);
        Map<Integer, Long> model = new HashMap<>();
        // How far deadlines and sleeps reach: within a tick, within a turn, over several.
        long[] reaches = {TICK_NS, 50 * TICK_NS, TURN_NS, 5 * TURN_NS};
        for (int step = 0; step < 3_000; step++) {
            for (int i = random.nextInt(5); i > 0; i--) {
                change(timers, model, random, nowNs, reaches[random.nextInt(4)]);
            }
            checkDelay(timers, model, nowNs);
            nowNs += random.nextLong(reaches[random.nextInt(step % 50 == 0 ? 4 : 2)]);
            expire(timers, model, random, nowNs, reaches);
        }
    }

    private static void change(Timers timers, Map<Integer, Long> model, Random random, long nowNs, long reach) {
        int slot = random.nextInt(200);
        if (random.nextInt(3) == 0) {
            timers.unschedule(slot);
            model.remove(slot);
        } else {
            long deadlineNs = nowNs + random.nextLong(reach) - reach / 8;
            timers.schedule(slot, deadlineNs);
            // A deadline of the past counts from now.
            model.put(slot, deadlineNs - nowNs < 0 ? nowNs : deadlineNs);
        }
        assertEquals(model.size(), timers.active());
        assertEquals(model.containsKey(slot), timers.isScheduled(slot));
    }

    private static void expire(Timers timers, Map<Integer, Long> model, Random random, long nowNs, long[] reaches) {
        timers.expire(nowNs, slot -> {
            Long deadlineNs = model.remove(slot);
            assertTrue(deadlineNs != null, "slot " + slot + " is not set");
            assertTrue(deadlineNs - nowNs <= 0, "early by " + (deadlineNs - nowNs));
            if (random.nextInt(3) == 0) {
                change(timers, model, random, nowNs, reaches[random.nextInt(4)]);
            }
        });
        for (long deadlineNs : model.values()) {
            assertTrue(nowNs - deadlineNs < TICK_NS, "late by " + (nowNs - deadlineNs));
        }
    }

    /** The wheel may want to be looked at early, but never after the first timer has been due for a tick. */
    private static void checkDelay(Timers timers, Map<Integer, Long> model, long nowNs) {
        long delayNs = timers.delayNs(nowNs);
        assertTrue(delayNs >= 0);
        if (model.isEmpty()) {
            assertEquals(Long.MAX_VALUE, delayNs);
        }
        for (long deadlineNs : model.values()) {
            long untilNs = Math.max(0, deadlineNs - nowNs);
            assertTrue(delayNs <= untilNs + TICK_NS, "a sleep of " + delayNs + " with a timer in " + untilNs);
        }
    }
}
