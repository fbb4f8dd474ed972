package io.longshore.net.socket;

/**
 * When a flow is moved and when it is read: a source whose reads are large several times in a row is not read from any
 * more, and where moves become small, reading simply goes on.
 *
 * <p>What is known of a source is one number, which whoever has the source keeps: at least 0, large reads in a row; below,
 * it is moved from, and the complement counts small moves in a row.
 */
public final class FlowStreak {
    /** A source that is read and has not shown anything yet; a new one, and one that may not flow any more. */
    public static final int CALM = 0;

    /**
     * A read of so many bytes is a large one, a move of less than a quarter of it a small one. Messages of 16 KiB, one at a
     * time, never begin it.
     */
    private static final int LARGE = 32 << 10;

    private static final int SMALL = LARGE >> 2;
    /** So many large reads in a row begin it, so many small moves in a row end it. */
    private static final int STREAK = 4;

    private static final int MOVING = ~0;

    private FlowStreak() {}

    /** Whether it is to be moved from. */
    public static boolean isMoving(int streak) {
        return streak < 0;
    }

    /** What is known after a read of so many bytes from a source that may flow. */
    public static int afterRead(int streak, int count) {
        assert !isMoving(streak);
        if (count < LARGE) {
            return CALM;
        }
        return streak + 1 < STREAK ? streak + 1 : MOVING;
    }

    /** What is known after a move of so many bytes. */
    public static int afterMove(int streak, int count) {
        assert isMoving(streak);
        if (count >= SMALL) {
            return MOVING;
        }
        int small = ~streak + 1;
        return small < STREAK ? ~small : CALM;
    }
}
