package io.longshore.net;

import org.jctools.queues.atomic.MpscAtomicArrayQueue;

/**
 * How other threads reach a loop: small tasks, run on the loop's thread between two cycles, in the order they were posted.
 * The control plane never touches a session any other way.
 */
public final class Mailbox {
    /** More than the control plane ever has under way at once; a full box means that the loop is stuck. */
    private static final int CAPACITY = 1024;

    // The other kind of JCTools' queues asks sun.misc.Unsafe, of which a JDK from 24 on warns on standard error.
    private final MpscAtomicArrayQueue<Runnable> tasks = new MpscAtomicArrayQueue<>(CAPACITY);
    private final Engine engine;

    /** The mailbox of the loop that runs on this engine. */
    public Mailbox(Engine engine) {
        this.engine = engine;
    }

    /**
     * Posts a task and wakes the loop; from any thread.
     *
     * @return false if the box is full; the task was not taken
     */
    public boolean post(Runnable task) {
        boolean taken = tasks.offer(task);
        engine.wake();
        return taken;
    }

    /** Runs what has been posted, at most a box full; on the loop's thread. */
    int deliver() {
        int delivered = 0;
        Runnable task;
        while (delivered < CAPACITY && (task = tasks.relaxedPoll()) != null) {
            task.run();
            delivered++;
        }
        return delivered;
    }
}
