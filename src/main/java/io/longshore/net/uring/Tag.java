package io.longshore.net.uring;

/**
 * What travels with an operation to its completion, sqe-&gt;user_data: whose it is, and of which kind.
 *
 * <pre>
 *   generation of the handle (32 bits)  |  kind (4 bits)  |  slot of the handle, or place in the batch (28 bits)
 * </pre>
 *
 * <p>So a completion that comes late for a slot with a new owner carries an old generation, and is known for what it is.
 */
final class Tag {
    /** A receive, which stays until it ends and completes once for every arrival. */
    static final int RECEIVE = 1;
    /** A poll for something to receive or to move. */
    static final int READABLE = 2;
    /** A poll for room. */
    static final int WRITABLE = 3;
    /** A poll for the end of a connect. */
    static final int CONNECT = 4;
    /** An accept, which completes once for every connection. */
    static final int ACCEPT = 5;
    /** A send that did not take everything; a place in the batch instead of a slot. */
    static final int SEND = 6;
    /** Another thread wakes this one. */
    static final int WAKE = 7;
    /** Nobody waits for it: a cancel that found nothing, a close that failed. */
    static final int NOTHING = 8;

    /** A loop never has 268 million slots. */
    private static final int KIND_SHIFT = 28;

    private static final int SLOT_MASK = (1 << KIND_SHIFT) - 1;

    private Tag() {}

    static long of(long handle, int kind) {
        return handle | (long) kind << KIND_SHIFT;
    }

    static int kind(long tag) {
        return (int) tag >>> KIND_SHIFT;
    }

    static long handle(long tag) {
        return tag & ~(0xfL << KIND_SHIFT);
    }

    static int place(long tag) {
        return (int) tag & SLOT_MASK;
    }
}
