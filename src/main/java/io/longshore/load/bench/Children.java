package io.longshore.load.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Every program that the benchmark has started and that has not ended: none of them outlives it, whatever happens. They are
 * ended one by one through the handle that starting them gave, never by a name.
 */
final class Children {
    private static final long KILL_MS = 2_000;

    private final ThreadFactory threads;
    private final Set<Process> running = ConcurrentHashMap.newKeySet();
    // Guarded by this: once the benchmark is over, nothing is started any more.
    private boolean isOver;

    /** @param threads for reading what programs write, and for the hook that ends them with the JVM */
    Children(ThreadFactory threads) {
        this.threads = threads;
    }

    /** Has everything ended when the JVM ends, by Ctrl-C for instance. */
    void endWithTheJvm() {
        Runtime.getRuntime().addShutdownHook(threads.newThread(this::endAll));
    }

    Thread thread(Runnable task) {
        return threads.newThread(task);
    }

    synchronized Process start(ProcessBuilder builder) throws IOException {
        if (isOver) {
            throw new IOException("the benchmark has been stopped");
        }
        Process process = builder.start();
        running.add(process);
        return process;
    }

    /**
     * Ends one of them.
     *
     * @param byInput whether the end of its input is enough; else it gets SIGTERM
     * @param orderlyMs how long that may take before SIGKILL
     */
    void end(Process process, boolean byInput, long orderlyMs) {
        // Looked up now: what has lost its parent can no longer be found.
        List<ProcessHandle> tree = new ArrayList<>(process.descendants().toList());
        tree.add(process.toHandle());
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            // It has ended already.
        }
        if (!byInput) {
            process.destroy();
        }
        if (!areGone(tree, orderlyMs)) {
            tree.forEach(ProcessHandle::destroyForcibly);
            areGone(tree, KILL_MS);
        }
        running.remove(process);
    }

    /** Ends all of them, at once, and lets none be started after. */
    void endAll() {
        synchronized (this) {
            isOver = true;
        }
        List<ProcessHandle> all = new ArrayList<>();
        for (Process process : running) {
            all.addAll(process.descendants().toList());
            all.add(process.toHandle());
        }
        all.forEach(ProcessHandle::destroyForcibly);
        areGone(all, KILL_MS);
        running.clear();
    }

    private static boolean areGone(List<ProcessHandle> tree, long timeoutMs) {
        try {
            CompletableFuture<?>[] ends =
                    tree.stream().map(ProcessHandle::onExit).toArray(CompletableFuture<?>[]::new);
            CompletableFuture.allOf(ends).get(timeoutMs, TimeUnit.MILLISECONDS);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (ExecutionException | TimeoutException e) {
            return false;
        }
    }
}
