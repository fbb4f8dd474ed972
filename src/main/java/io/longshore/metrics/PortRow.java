package io.longshore.metrics;

import java.nio.ByteBuffer;
import org.agrona.concurrent.AtomicBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One row of the account of tuples: what is known of one source address towards one endpoint.
 *
 * <pre>
 *   capacity = foreign + held + live + free          taken = live + held
 * </pre>
 *
 * <p>A tuple is <i>live</i> from before the dial until our socket is closed, and <i>held</i> from then until the kernel
 * frees it (TIME_WAIT, FIN_WAIT, LAST_ACK). <i>Foreign</i> ones are other processes' sockets on our address.
 *
 * <p><b>Threads.</b> All loops share a row, without a lock: every change is one atomic addition, and {@link #take} is a
 * compare-and-set of the number that it has looked at. So never more than there are tuples are taken, a take fails only if
 * all of them were taken at that moment, and what one loop frees, the next take of any loop sees.
 *
 * <p><b>Memory.</b> The cells lie outside the heap, in a file that {@code longshore ports} reads, or in memory of their own.
 */
public final class PortRow {
    /** Bytes of a row; rows stand at multiples of 128, two cache lines, apart from each other. */
    public static final int LENGTH = 1024;

    static final int SOURCE_HIGH = 0;
    static final int SOURCE_LOW = 8;
    static final int ENDPOINT_HIGH = 16;
    static final int ENDPOINT_LOW = 24;
    static final int ENDPOINT_PORT = 32;
    static final int ORIGIN = 40;
    static final int CAPACITY = 48;
    static final int FOREIGN = 56;
    static final int DIALS = 64;
    static final int MISSES = 72;
    static final int BLOCKED = 80;
    static final int BLOCKS_EARLY = 88;
    /** The cells that every dial and close changes stand in a cache line of their own. */
    static final int TAKEN = 128;

    static final int HELD = 136;
    static final int CONNECT_TIMES = 256;
    static final int CONNECT_TIME_BUCKETS = 64;

    private static final int EARLY_PERCENT = 70;

    private final AtomicBuffer cells;

    /** A row over {@value #LENGTH} bytes, aligned to eight. */
    PortRow(AtomicBuffer cells) {
        this.cells = cells;
    }

    /** A row that nobody outside sees. */
    public static PortRow inMemory() {
        return new PortRow(new UnsafeBuffer(ByteBuffer.allocateDirect(LENGTH)));
    }

    /** Says whose row this is; before it is shared. */
    public PortRow describe(
            int origin, long sourceHigh, long sourceLow, long endpointHigh, long endpointLow, int endpointPort) {
        cells.putLong(ORIGIN, origin);
        cells.putLong(SOURCE_HIGH, sourceHigh);
        cells.putLong(SOURCE_LOW, sourceLow);
        cells.putLong(ENDPOINT_HIGH, endpointHigh);
        cells.putLong(ENDPOINT_LOW, endpointLow);
        cells.putLong(ENDPOINT_PORT, endpointPort);
        return this;
    }

    /** Sets how many tuples there are. */
    public void setCapacity(long tuples) {
        cells.putLongVolatile(CAPACITY, tuples);
    }

    /** Takes a tuple if one is free. */
    public boolean take() {
        while (true) {
            long taken = cells.getLongVolatile(TAKEN);
            if (taken >= usable()) {
                return false;
            }
            if (cells.compareAndSetLong(TAKEN, taken, taken + 1)) {
                return true;
            }
        }
    }

    /** Gives a live tuple back that the kernel does not hold. */
    public void free() {
        long before = cells.getAndAddLong(TAKEN, -1);
        assert before > 0 : "a tuple was given back twice";
    }

    /** A live tuple's socket is closed, and the kernel holds the tuple on. */
    public void hold() {
        cells.getAndAddLong(HELD, 1);
    }

    /** A held tuple is live again, or about to be freed: the kernel has let it go. */
    public void unhold() {
        cells.getAndAddLong(HELD, -1);
    }

    /** Sets how many sockets of other processes stand on this source towards this endpoint. */
    public void setForeign(long sockets) {
        cells.putLongVolatile(FOREIGN, sockets);
    }

    /** A dial was made: how long its bind and connect calls took. A median that climbs is the first sign of a full source. */
    public void dialed(long callNs) {
        cells.getAndAddLong(DIALS, 1);
        cells.getAndAddLong(CONNECT_TIMES + bucketOf(callNs) * Long.BYTES, 1);
    }

    /** The kernel found no tuple where the account had one. */
    public void missed() {
        cells.getAndAddLong(MISSES, 1);
    }

    /**
     * The kernel has no tuple beyond those that are taken, whatever the capacity says; {@code ours} of the taken ones were
     * only hoped for. Until {@link #unblock} this counts as full, for one more search would take milliseconds, on a loop.
     */
    public void block(long ours) {
        long really = taken() - ours;
        long known = capacity() - foreign();
        cells.putLongVolatile(BLOCKED, Math.max(0, known - really));
        if (really * 100 < known * EARLY_PERCENT) {
            cells.getAndAddLong(BLOCKS_EARLY, 1);
        }
    }

    /** The kernel may be asked again. */
    public void unblock() {
        cells.putLongVolatile(BLOCKED, 0);
    }

    /** How many tuples the kernel did not have when it was asked last. */
    public long blocked() {
        return cells.getLongVolatile(BLOCKED);
    }

    /** How often the kernel had no tuple while less than {@value #EARLY_PERCENT} % of them were taken by our account. */
    public long blocksEarly() {
        return cells.getLongVolatile(BLOCKS_EARLY);
    }

    /** How many tuples are taken, live and held. */
    public long taken() {
        return Math.max(0, cells.getLongVolatile(TAKEN));
    }

    /** How many tuples the kernel holds after our close. */
    public long held() {
        return cells.getLongVolatile(HELD);
    }

    public long foreign() {
        return cells.getLongVolatile(FOREIGN);
    }

    public long capacity() {
        return cells.getLongVolatile(CAPACITY);
    }

    public long dials() {
        return cells.getLongVolatile(DIALS);
    }

    public long misses() {
        return cells.getLongVolatile(MISSES);
    }

    public long sourceHigh() {
        return cells.getLong(SOURCE_HIGH);
    }

    public long sourceLow() {
        return cells.getLong(SOURCE_LOW);
    }

    public long endpointHigh() {
        return cells.getLong(ENDPOINT_HIGH);
    }

    public long endpointLow() {
        return cells.getLong(ENDPOINT_LOW);
    }

    public int endpointPort() {
        return (int) cells.getLong(ENDPOINT_PORT);
    }

    /** {@code 127.0.0.2}, {@code 2001:db8::2}, or {@code any} where the kernel chooses the address. */
    public String sourceText() {
        if (sourceHigh() == 0 && sourceLow() == 0) {
            return "any";
        }
        StringBuilder text = new StringBuilder();
        AddressText.append(text, sourceHigh(), sourceLow(), 0);
        String withPort = text.substring(0, text.lastIndexOf(":"));
        return withPort.startsWith("[") ? withPort.substring(1, withPort.length() - 1) : withPort;
    }

    /** {@code 192.0.2.1:80}, {@code [2001:db8::1]:80}. */
    public String endpointText() {
        StringBuilder text = new StringBuilder();
        AddressText.append(text, endpointHigh(), endpointLow(), endpointPort());
        return text.toString();
    }

    /** The number of the origin, in the configuration's order. */
    public int origin() {
        return (int) cells.getLong(ORIGIN);
    }

    /** How many tuples we may take: the capacity less what others have, and what the kernel turned out not to have. */
    public long usable() {
        return Math.max(0, capacity() - foreign() - blocked());
    }

    /**
     * The connect time that this share of the dials stays below, in nanoseconds; 0 without dials. Exact to a quarter of its
     * power of two.
     *
     * @param share 0.5 for the median, 0.99 for the 99th percentile
     */
    public long connectTimeNs(double share) {
        long total = 0;
        for (int i = 0; i < CONNECT_TIME_BUCKETS; i++) {
            total += cells.getLongVolatile(CONNECT_TIMES + i * Long.BYTES);
        }
        long rank = (long) Math.ceil(total * share);
        long seen = 0;
        for (int i = 0; i < CONNECT_TIME_BUCKETS && total > 0; i++) {
            seen += cells.getLongVolatile(CONNECT_TIMES + i * Long.BYTES);
            if (seen >= rank) {
                return upperEdgeNs(i);
            }
        }
        return 0;
    }

    /** Bucket 0 ends at 1,024 ns; from there on four buckets to every power of two, 64 of them up to 64 ms. */
    private static int bucketOf(long ns) {
        if (ns < 1024) {
            return 0;
        }
        int power = 63 - Long.numberOfLeadingZeros(ns);
        int quarter = (int) (ns >>> (power - 2)) & 3;
        return Math.min(1 + (power - 10) * 4 + quarter, CONNECT_TIME_BUCKETS - 1);
    }

    private static long upperEdgeNs(int bucket) {
        if (bucket == 0) {
            return 1024;
        }
        int power = 10 + (bucket - 1) / 4;
        int quarter = (bucket - 1) % 4;
        return (1L << power) + ((long) (quarter + 1) << (power - 2));
    }
}
