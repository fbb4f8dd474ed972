package io.longshore.net;

import io.longshore.micro.Bound;
import io.longshore.micro.MicroBenchmark;
import io.longshore.net.nio.NioEngine;
import java.io.IOException;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What does a task posted to a loop cost, to a loop that is awake and to one that must be woken?
 *
 * <p>Bound, awake: a compare-and-set, two ordered stores, and the selector's lock: 40 ns. To be woken: also three
 * system calls on an eventfd that is ready (write, epoll_wait, read) at 250 ns each, and the selector around them: 1 us.
 * Both sides run on one thread, so neither pays for a cache line that wanders between cores, or for a sleep.
 */
public class MailboxBenchmark extends MicroBenchmark {
    private final Runnable task = this::run;
    private int runs;
    private Engine engine;
    private Mailbox mailbox;
    private Engine wokenEngine;
    private Mailbox mailboxOfWoken;

    /** Opens two selectors. */
    @Setup
    public void open() throws IOException {
        engine = new NioEngine(SocketTuning.DEFAULT);
        mailbox = new Mailbox(engine);
        wokenEngine = new NioEngine(SocketTuning.DEFAULT);
        mailboxOfWoken = new Mailbox(wokenEngine);
        wokenEngine.wake();
    }

    /** Gives them back. */
    @TearDown
    public void close() {
        engine.close();
        wokenEngine.close();
    }

    private void run() {
        runs++;
    }

    /** The loop was woken already and has not got to its poll yet, as in a burst of posts. */
    @Benchmark
    @Bound(40)
    public int postToAwake() {
        mailboxOfWoken.post(task);
        mailboxOfWoken.deliver();
        return runs;
    }

    /** The whole way: posted, woken, one empty poll, delivered. */
    @Benchmark
    @Bound(1000)
    public int postAndWake() {
        mailbox.post(task);
        // There are no connections, so nobody is ever told anything.
        engine.poll(0, null);
        mailbox.deliver();
        return runs;
    }
}
