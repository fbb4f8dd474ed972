package io.longshore.net.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class FactsTest {
    private record Fact(long handle, int kind, int value) {}

    private final Facts facts = new Facts();

    @Test
    void tellsThemInTheirOrder() {
        facts.add(7, Facts.SENT, 0);
        facts.add(7, Facts.BROKEN, -104);
        assertEquals(2, facts.count());
        assertEquals(Facts.SENT, facts.kind());
        facts.removeFirst();
        assertEquals(7, facts.handle());
        assertEquals(Facts.BROKEN, facts.kind());
        assertEquals(-104, facts.value());
        facts.removeFirst();
        assertEquals(0, facts.count());
    }

    @Test
    void growsWhereverTheRingStands() {
        Random random = new Random(3);
        Queue<Fact> expected = new ArrayDeque<>();
        for (int i = 0; i < 100_000; i++) {
            // Mostly fuller, then mostly emptier, so that it grows with its beginning anywhere.
            if (random.nextInt(1_000) < (i < 50_000 ? 520 : 480)) {
                Fact fact = new Fact(random.nextLong(), random.nextInt(3), random.nextInt());
                expected.add(fact);
                facts.add(fact.handle, fact.kind, fact.value);
            } else if (!expected.isEmpty()) {
                assertEquals(expected.remove(), new Fact(facts.handle(), facts.kind(), facts.value()));
                facts.removeFirst();
            }
            assertEquals(expected.size(), facts.count());
        }
    }
}
