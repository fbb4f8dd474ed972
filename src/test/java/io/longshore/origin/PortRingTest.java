package io.longshore.origin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PortRingTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 255, 256, 257})
    void takesThePortThatWasGivenBackLongestAgo(int count) {
        PortRing ring = new PortRing(2_000, 2_000 + count - 1);
        Deque<Integer> free = new ArrayDeque<>();
        for (int i = 0; i < count; i++) {
            free.add(2_000 + i);
        }
        SplittableRandom random = new SplittableRandom(count);
        Deque<Integer> taken = new ArrayDeque<>();
        for (int i = 0; i < 20 * count + 100; i++) {
            if (random.nextBoolean()) {
                int port = ring.take();
                assertEquals(free.isEmpty() ? -1 : free.remove(), port);
                if (port >= 0) {
                    taken.add(port);
                }
            } else if (!taken.isEmpty()) {
                int port = random.nextBoolean() ? taken.removeFirst() : taken.removeLast();
                ring.give(port);
                free.add(port);
            }
        }
    }

    @Test
    void holdsEveryPortThereIs() {
        PortRing ring = new PortRing(1_024, 65_535);
        Set<Integer> ports = new HashSet<>();
        for (int port = ring.take(); port >= 0; port = ring.take()) {
            assertTrue(port >= 1_024 && port <= 65_535);
            ports.add(port);
        }
        assertEquals(64_512, ports.size());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 64})
    void losesAndDoublesNoPortAmongManyThreads(int count) throws InterruptedException {
        PortRing ring = new PortRing(5_000, 5_000 + count - 1);
        AtomicIntegerArray holders = new AtomicIntegerArray(count);
        Together.run(4, number -> {
            SplittableRandom random = new SplittableRandom(number);
            Deque<Integer> mine = new ArrayDeque<>();
            for (int i = 0; i < 40_000; i++) {
                int port = random.nextInt(3) < 2 ? ring.take() : -1;
                if (port >= 0) {
                    assertEquals(1, holders.incrementAndGet(port - 5_000), "port " + port + " was given out twice");
                    mine.add(port);
                } else if (!mine.isEmpty()) {
                    int back = mine.remove();
                    holders.decrementAndGet(back - 5_000);
                    ring.give(back);
                }
            }
            for (int back : mine) {
                holders.decrementAndGet(back - 5_000);
                ring.give(back);
            }
        });
        Set<Integer> ports = new HashSet<>();
        for (int port = ring.take(); port >= 0; port = ring.take()) {
            assertTrue(ports.add(port), "port " + port + " was doubled");
        }
        assertEquals(count, ports.size());
    }

    @Test
    void remembersPortsInASet() throws InterruptedException {
        PortSet set = new PortSet();
        Together.run(4, number -> {
            for (int port = number; port < 65_536; port += 4) {
                set.add(port);
                if (port % 3 == 0) {
                    set.remove(port);
                }
            }
        });
        for (int port = 0; port < 65_536; port++) {
            assertEquals(port % 3 != 0, set.contains(port));
        }
    }
}
