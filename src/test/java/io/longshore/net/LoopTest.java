package io.longshore.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.longshore.metrics.Counter;
import io.longshore.metrics.Counters;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class LoopTest {
    private final StubEngine engine = new StubEngine();
    private final Mailbox mailbox = new Mailbox(engine);
    private final Counters counters = Counters.inMemory();
    private final Recorder recorder = new Recorder();
    private int afterCycles;
    private final Loop loop = new Loop(engine, recorder, mailbox, counters, () -> afterCycles++);

    @AfterEach
    void free() {
        engine.close();
    }

    @Test
    void aCyclePollsThenRunsTasksThenWhatComesAfter() {
        StringBuilder order = new StringBuilder();
        engine.onPoll = completions -> {
            assertSame(recorder, completions);
            order.append("poll ");
            return 2;
        };
        mailbox.post(() -> order.append("task "));
        Loop ordered = new Loop(engine, recorder, mailbox, counters, () -> order.append("after"));
        assertEquals(3, ordered.cycle(7));
        assertEquals("poll task after", order.toString());
        assertEquals(7, engine.lastTimeoutNs);
    }

    @Test
    void runsUntilItIsStopped() {
        engine.onPoll = completions -> {
            if (counters.get(Counter.LOOP_CYCLES) == 4) {
                mailbox.post(loop::stop);
            }
            return 0;
        };
        loop.run();
        assertEquals(5, counters.get(Counter.LOOP_CYCLES));
        assertEquals(5, afterCycles, "the last cycle is a whole one");
        assertEquals(1, counters.get(Counter.LOOP_BUSY_CYCLES), "the one that ran the task");
    }

    @Test
    void sleepsNoLongerThanItIsTold() {
        mailbox.post(loop::stop);
        loop.run();
        assertEquals(1_000_000_000L, engine.lastTimeoutNs);
        Loop hurried = new Loop(engine, recorder, mailbox, counters, () -> {});
        hurried.waitAtMost(20);
        mailbox.post(hurried::stop);
        hurried.run();
        assertEquals(20, engine.lastTimeoutNs);
    }

    @Test
    void countsBusyCyclesAndMeasuresOneInSixtyFour() {
        engine.onPoll = completions -> 1;
        engine.nowNs = 5_000;
        engine.clockNs = 5_700;
        for (int i = 0; i < 130; i++) {
            loop.cycle(0);
        }
        engine.onPoll = completions -> 0;
        for (int i = 0; i < 70; i++) {
            loop.cycle(0);
        }
        assertEquals(200, counters.get(Counter.LOOP_CYCLES));
        assertEquals(130, counters.get(Counter.LOOP_BUSY_CYCLES));
        assertEquals(2, counters.get(Counter.LOOP_SAMPLES), "an idle cycle is not measured");
        assertEquals(1_400, counters.get(Counter.LOOP_BUSY_NS_SAMPLED));
        assertEquals(700, counters.get(Counter.LOOP_CYCLE_MAX_NS));
    }

    @Test
    void showsWhatTheEngineHolds() {
        engine.connections = 3;
        engine.parkedBytes = 1L << 40;
        engine.timers = 5;
        engine.staleCompletions = 6;
        engine.pages().take(1);
        loop.cycle(0);
        assertEquals(3, counters.get(Counter.CONNECTIONS_OPEN));
        assertEquals(1L << 40, counters.get(Counter.PARKED_BYTES));
        assertEquals(5, counters.get(Counter.TIMERS_ACTIVE));
        assertEquals(6, counters.get(Counter.STALE_COMPLETIONS));
        assertEquals(1, counters.get(Counter.PAGES_TAKEN));
    }

    @Test
    void aFaultOfACallbackEndsTheLoop() {
        engine.onPoll = completions -> {
            throw new IllegalStateException("the engine is broken");
        };
        assertThrows(IllegalStateException.class, loop::run);
    }
}
