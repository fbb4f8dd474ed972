package io.longshore.net.socket;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** When a flow is moved and when it is read. */
final class FlowStreakTest {
    private static final int LARGE = 32 << 10;
    private static final int SMALL = 4 << 10;

    @Test
    void fourLargeReadsInARowBeginIt() {
        int streak = FlowStreak.CALM;
        for (int count : new int[] {LARGE, LARGE, LARGE, LARGE - 1, LARGE, LARGE, LARGE}) {
            streak = FlowStreak.afterRead(streak, count);
            assertFalse(FlowStreak.isMoving(streak));
        }
        assertTrue(FlowStreak.isMoving(FlowStreak.afterRead(streak, LARGE)));
    }

    @Test
    void fourSmallMovesInARowEndIt() {
        int streak = moving();
        for (int count : new int[] {SMALL, SMALL, SMALL, 2 * SMALL, SMALL, SMALL, SMALL}) {
            streak = FlowStreak.afterMove(streak, count);
            assertTrue(FlowStreak.isMoving(streak));
        }
        streak = FlowStreak.afterMove(streak, SMALL);
        assertFalse(FlowStreak.isMoving(streak));
        assertFalse(FlowStreak.isMoving(FlowStreak.afterRead(streak, LARGE)), "it begins anew");
    }

    private static int moving() {
        int streak = FlowStreak.CALM;
        while (!FlowStreak.isMoving(streak)) {
            streak = FlowStreak.afterRead(streak, LARGE);
        }
        return streak;
    }
}
