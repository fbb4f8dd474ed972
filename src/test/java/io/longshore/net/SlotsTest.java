package io.longshore.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class SlotsTest {
    private final Slots slots = new Slots();

    @Test
    void knowsAHandleFromItsOpeningToItsClosing() {
        long handle = slots.open();
        assertTrue(slots.isOpen(handle));
        assertEquals(handle, slots.handleOf((int) handle));
        slots.close(handle);
        assertFalse(slots.isOpen(handle));
        assertEquals(0, slots.count());
    }

    @Test
    void usesTheLastFreedSlotFirstAndUnderAnotherHandle() {
        long first = slots.open();
        long second = slots.open();
        slots.close(first);
        slots.close(second);
        long third = slots.open();
        assertEquals((int) second, (int) third);
        assertNotEquals(second, third);
        assertFalse(slots.isOpen(second), "the handle of the slot's earlier user");
        assertEquals((int) first, (int) slots.open());
        assertEquals(2, slots.used(), "a table by slot stays dense");
    }

    @Test
    void knowsNoHandleThatItNeverGave() {
        slots.close(slots.open());
        for (long handle : new long[] {-1, 0, 1, 1L << 32 | 5, Long.MIN_VALUE, Long.MAX_VALUE, 2L << 32}) {
            assertFalse(slots.isOpen(handle), Long.toHexString(handle));
        }
    }

    @Test
    void takesNoHandleTwice() {
        long handle = slots.open();
        slots.close(handle);
        assertThrows(AssertionError.class, () -> slots.close(handle));
        assertThrows(AssertionError.class, () -> slots.handleOf((int) handle));
    }

    @Test
    void neverGivesAHandleAgainHoweverManyComeAndGo() {
        Random random = new Random(17);
        Set<Long> given = new HashSet<>();
        List<Long> open = new ArrayList<>();
        int most = 0;
        for (int i = 0; i < 20_000; i++) {
            if (open.isEmpty() || random.nextInt(100) < 51) {
                long handle = slots.open();
                assertTrue(given.add(handle), "given twice");
                open.add(handle);
                most = Math.max(most, open.size());
            } else {
                slots.close(open.remove(random.nextInt(open.size())));
            }
        }
        assertEquals(open.size(), slots.count());
        assertEquals(most, slots.used());
        for (long handle : given) {
            assertEquals(open.contains(handle), slots.isOpen(handle));
        }
    }
}
