package io.longshore.metrics;

import java.nio.ByteBuffer;
import org.agrona.concurrent.AtomicBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One loop's block of numbers, outside the heap.
 *
 * <p><b>Threads.</b> The loop's own thread is the only writer, so an increment is a load and a store, not a locked
 * instruction. Every store is opaque: whole, and seen by other threads and processes soon, though not ordered against
 * the stores of other cells. Any thread may read.
 *
 * <p><b>Memory.</b> Nothing here allocates. The block belongs to its {@link CounterFile}, which keeps it mapped for as
 * long as this object is reachable.
 */
public final class Counters {
    private final AtomicBuffer cells;

    /** @param cells the block, aligned to eight bytes and at least {@link Cells#BLOCK_LENGTH} long */
    Counters(AtomicBuffer cells) {
        this.cells = cells;
    }

    /** A block that nobody outside sees: for tests, and for a host that has no place for the file. */
    public static Counters inMemory() {
        return new Counters(new UnsafeBuffer(ByteBuffer.allocateDirect(Cells.BLOCK_LENGTH)));
    }

    /** Adds one. */
    public void increment(Counter counter) {
        cells.addLongOpaque(Cells.offset(counter), 1);
    }

    /** Adds {@code delta}, which is negative where a gauge goes down. */
    public void add(Counter counter, long delta) {
        cells.addLongOpaque(Cells.offset(counter), delta);
    }

    /** Sets a gauge. */
    public void set(Counter counter, long value) {
        cells.putLongOpaque(Cells.offset(counter), value);
    }

    /** Raises a maximum to {@code value} if that is more. */
    public void raise(Counter counter, long value) {
        int offset = Cells.offset(counter);
        if (value > cells.getLong(offset)) {
            cells.putLongOpaque(offset, value);
        }
    }

    /** The value of a counter; from any thread. */
    public long get(Counter counter) {
        return cells.getLongOpaque(Cells.offset(counter));
    }

    /** A connection has ended, for this reason; also counts the handshakes that were refused. */
    public void closed(CloseReason reason) {
        cells.addLongOpaque(Cells.offset(reason), 1);
        // INTERNAL has a status, but in a tunnel there is nobody left to send one to.
        if (reason.status() > 0 && reason.phase() != CloseReason.Phase.TUNNEL) {
            increment(Counter.HANDSHAKES_REFUSED);
        }
    }

    /** How many connections have ended for this reason; from any thread. */
    public long closedCount(CloseReason reason) {
        return cells.getLongOpaque(Cells.offset(reason));
    }

    /** An attempt to connect has ended. */
    public void dialed(DialOutcome outcome) {
        cells.addLongOpaque(Cells.offset(outcome), 1);
    }

    /** How many attempts have ended like this; from any thread. */
    public long dialedCount(DialOutcome outcome) {
        return cells.getLongOpaque(Cells.offset(outcome));
    }

    /**
     * The busy time of one cycle was measured. Measuring costs a second clock read, so a loop does it for one cycle in
     * some; the histogram, the sum and the number of samples stay in step.
     *
     * @param busyNs nanoseconds from the end of the wait to the end of the cycle
     */
    public void cycleSampled(long busyNs) {
        increment(Counter.LOOP_SAMPLES);
        add(Counter.LOOP_BUSY_NS_SAMPLED, busyNs);
        raise(Counter.LOOP_CYCLE_MAX_NS, busyNs);
        cells.addLongOpaque(Cells.cycleOffset(busyNs), 1);
    }

    /** The measured cycles in the bucket that {@code busyNs} falls into; from any thread. */
    long cyclesLike(long busyNs) {
        return cells.getLongOpaque(Cells.cycleOffset(busyNs));
    }
}
