package io.longshore.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class MailboxTest {
    private final StubEngine engine = new StubEngine();
    private final Mailbox mailbox = new Mailbox(engine);
    private final List<Integer> ran = new ArrayList<>();

    @Test
    void runsTasksInTheirOrderOnTheLoopsThread() {
        for (int i = 0; i < 3; i++) {
            int number = i;
            assertTrue(mailbox.post(() -> ran.add(number)));
        }
        assertEquals(List.of(), ran, "nothing runs where it is posted");
        assertEquals(3, mailbox.deliver());
        assertEquals(List.of(0, 1, 2), ran);
        assertEquals(0, mailbox.deliver());
    }

    @Test
    void wakesTheLoopForEveryTask() {
        mailbox.post(() -> {});
        mailbox.post(() -> {});
        assertEquals(2, engine.wakes.get());
    }

    @Test
    void refusesWhenItIsFullAndTakesAgainWhenDelivered() {
        int posted = 0;
        while (mailbox.post(() -> ran.add(1))) {
            posted++;
        }
        assertEquals(1024, posted);
        assertEquals(posted, mailbox.deliver());
        assertEquals(posted, ran.size());
        assertTrue(mailbox.post(() -> {}));
    }

    @Test
    void aTaskThatPostsItselfDoesNotHoldTheLoop() {
        Runnable[] again = new Runnable[1];
        again[0] = () -> {
            ran.add(1);
            mailbox.post(again[0]);
        };
        mailbox.post(again[0]);
        assertEquals(1024, mailbox.deliver(), "a box full at most");
        assertFalse(ran.isEmpty());
    }

    @Test
    void losesNoneOfManyThreadsTasks() throws InterruptedException {
        int perThread = 5_000;
        Thread[] threads = new Thread[4];
        for (int i = 0; i < threads.length; i++) {
            int number = i;
            threads[i] = new Thread(() -> {
                for (int n = 0; n < perThread; ) {
                    int value = number * perThread + n;
                    if (mailbox.post(() -> ran.add(value))) {
                        n++;
                    } else {
                        Thread.onSpinWait();
                    }
                }
            });
            threads[i].start();
        }
        while (ran.size() < threads.length * perThread) {
            if (mailbox.deliver() == 0) {
                Thread.onSpinWait();
            }
        }
        int[] next = new int[threads.length];
        for (int value : ran) {
            assertEquals(next[value / perThread]++, value % perThread, "a thread's own tasks keep their order");
        }
        for (Thread thread : threads) {
            thread.join();
        }
    }
}
