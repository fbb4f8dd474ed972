package io.longshore.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.agrona.UnsafeApi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class PagesTest {
    private static final long SECOND_NS = 1_000_000_000L;

    private final Pages pages = new Pages();

    @AfterEach
    void free() {
        pages.close();
    }

    @Test
    void givesTheSmallestPageThatIsLargeEnough() {
        assertEquals(4 << 10, Pages.sizeFor(0));
        assertEquals(4 << 10, Pages.sizeFor(1));
        for (int size = Pages.SMALLEST; size < Pages.LARGEST; size *= 2) {
            assertEquals(size, Pages.sizeFor(size));
            assertEquals(size * 2, Pages.sizeFor(size + 1));
        }
        assertEquals(Pages.LARGEST, Pages.sizeFor(Pages.LARGEST));
        assertThrows(IllegalArgumentException.class, () -> Pages.sizeFor(Pages.LARGEST + 1));
        assertThrows(IllegalArgumentException.class, () -> pages.take(Pages.LARGEST + 1));
        assertEquals(0, pages.taken());
    }

    @Test
    void countsWhatIsTaken() {
        long small = pages.take(100);
        long large = pages.take(Pages.LARGEST);
        assertEquals(2, pages.taken());
        assertEquals(Pages.SMALLEST + Pages.LARGEST, pages.takenBytes());
        pages.give(small, 1);
        pages.give(large, Pages.LARGEST - 1);
        assertEquals(0, pages.taken());
        assertEquals(0, pages.takenBytes());
    }

    @Test
    void everyByteOfAPageIsTheTakersOwn() {
        for (int size = Pages.SMALLEST; size <= Pages.LARGEST; size *= 2) {
            long first = pages.take(size);
            long second = pages.take(size);
            UnsafeApi.setMemory(first, size, (byte) 1);
            UnsafeApi.setMemory(second, size, (byte) 2);
            assertEquals(1, UnsafeApi.getByte(first));
            assertEquals(1, UnsafeApi.getByte(first + size - 1));
            pages.give(first, size);
            pages.give(second, size);
        }
    }

    @Test
    void keepsWhatIsNeededAgainAndAgain() {
        int count = 1_000;
        long[] taken = new long[count];
        long nowNs = 0;
        for (int second = 0; second < 5; second++) {
            for (int i = 0; i < count; i++) {
                taken[i] = pages.take(Pages.SMALLEST);
                assertEquals(second == 0, UnsafeApi.getByte(taken[i]) != 7, "it kept its memory");
                UnsafeApi.putByte(taken[i], (byte) 7);
            }
            for (long page : taken) {
                pages.give(page, Pages.SMALLEST);
            }
            pages.trim(nowNs);
            nowNs += SECOND_NS;
        }
    }

    @Test
    void givesWhatABurstHasTakenBackToTheKernelALittleAtATime() {
        int kept = (256 << 10) / Pages.SMALLEST;
        long[] taken = new long[kept * 10];
        for (int i = 0; i < taken.length; i++) {
            taken[i] = pages.take(Pages.SMALLEST);
            UnsafeApi.setMemory(taken[i], Pages.SMALLEST, (byte) 7);
        }
        for (long page : taken) {
            pages.give(page, Pages.SMALLEST);
        }
        assertFalse(pages.trim(SECOND_NS), "all of them were needed in this second");
        assertTrue(pages.trim(2 * SECOND_NS));
        int calls = 1;
        boolean isMore = true;
        while (isMore) {
            isMore = pages.trim(2 * SECOND_NS + calls);
            calls++;
        }
        assertEquals((taken.length - kept) / 32, calls);
        int emptied = 0;
        for (int i = 0; i < taken.length; i++) {
            long page = pages.take(Pages.SMALLEST);
            // The kernel hands out zeroes where it has taken memory away.
            emptied += UnsafeApi.getByte(page) == 0 && UnsafeApi.getByte(page + Pages.SMALLEST - 1) == 0 ? 1 : 0;
        }
        assertEquals(taken.length - kept, emptied);
        assertEquals(taken.length, pages.taken());
    }

    @Test
    void stopsGivingBackWhatIsNeededMeanwhile() {
        long[] taken = new long[1_000];
        for (int i = 0; i < taken.length; i++) {
            taken[i] = pages.take(Pages.SMALLEST);
        }
        for (long page : taken) {
            pages.give(page, Pages.SMALLEST);
        }
        pages.trim(SECOND_NS);
        assertTrue(pages.trim(2 * SECOND_NS));
        for (int i = 0; i < 900; i++) {
            pages.take(Pages.SMALLEST);
        }
        for (int i = 0; i < 100; i++) {
            pages.trim(2 * SECOND_NS + i);
        }
        assertFalse(pages.trim(2 * SECOND_NS + 100));
    }

    @Test
    void aPageServesItsOwnSizeOnly() {
        long small = pages.take(4 << 10);
        pages.give(small, 4 << 10);
        long larger = pages.take(8 << 10);
        assertNotEquals(small, larger);
        pages.give(larger, 8 << 10);
        assertEquals(larger, pages.take(8 << 10));
        assertEquals(small, pages.take(4 << 10));
        pages.give(small, 4 << 10);
        pages.give(larger, 8 << 10);
    }

    @Test
    void takesNoPageTwice() {
        long page = pages.take(1);
        pages.give(page, 1);
        assertThrows(AssertionError.class, () -> pages.give(page, 1));
    }
}
