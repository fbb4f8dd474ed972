package io.longshore.origin;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Runs something on several threads that begin at the same moment; the first failure is the test's. */
final class Together {
    private static final long PATIENCE_SECONDS = 60;

    /** What one thread does. */
    interface Part {
        void run(int number) throws Exception;
    }

    private Together() {}

    static void run(int threads, Part part) throws InterruptedException {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            CyclicBarrier start = new CyclicBarrier(threads);
            List<Future<?>> parts = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                int number = i;
                parts.add(pool.submit(() -> {
                    start.await();
                    part.run(number);
                    return null;
                }));
            }
            for (Future<?> each : parts) {
                each.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            }
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError(e);
        } finally {
            pool.shutdownNow();
        }
    }
}
