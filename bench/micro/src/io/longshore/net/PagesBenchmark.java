package io.longshore.net;

import io.longshore.micro.Bound;
import io.longshore.micro.MicroBenchmark;
import org.agrona.UnsafeApi;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What does a page cost its taker, and what when more are given back at once than are kept?
 *
 * <p>Bound: a page that is kept is popped from one array and pushed back, 5 ns at any size. A page past those that are
 * kept costs a madvise(2) at 300 ns and a page fault at the next touch, 500 ns with the clearing of 4 KiB; half of a
 * burst of 128 small pages are such: 400 ns a page on the average.
 */
public class PagesBenchmark extends MicroBenchmark {
    private static final int BURST = 128;

    private final Pages pages = new Pages();
    private final long[] burst = new long[BURST];

    /** Frees the slabs. */
    @TearDown
    public void close() {
        pages.close();
    }

    /** The page of a handshake. */
    @Benchmark
    @Bound(5)
    public long small() {
        long page = pages.take(4 << 10);
        pages.give(page, 4 << 10);
        return page;
    }

    /** The page of a large head with much behind it. */
    @Benchmark
    @Bound(5)
    public long large() {
        long page = pages.take(64 << 10);
        pages.give(page, 64 << 10);
        return page;
    }

    /** Twice as many pages as are kept are taken, touched, and given back. */
    @Benchmark
    @OperationsPerInvocation(BURST)
    @Bound(400)
    public void smallInBursts() {
        for (int i = 0; i < BURST; i++) {
            burst[i] = pages.take(4 << 10);
            UnsafeApi.putInt(burst[i], i);
        }
        for (int i = 0; i < BURST; i++) {
            pages.give(burst[i], 4 << 10);
        }
    }
}
