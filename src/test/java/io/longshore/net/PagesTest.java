package io.longshore.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.HashSet;
import java.util.Set;
import org.agrona.UnsafeApi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class PagesTest {
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
    void keepsAQuarterMebibyteOfEachSizeForTheNextTakers() {
        int kept = (256 << 10) / Pages.SMALLEST;
        long[] taken = new long[kept * 2];
        for (int i = 0; i < taken.length; i++) {
            taken[i] = pages.take(Pages.SMALLEST);
        }
        Set<Long> first = new HashSet<>();
        for (int i = 0; i < taken.length; i++) {
            pages.give(taken[i], Pages.SMALLEST);
            if (i < kept) {
                first.add(taken[i]);
            }
        }
        for (int i = 0; i < kept; i++) {
            taken[i] = pages.take(Pages.SMALLEST);
            assertEquals(true, first.remove(taken[i]), "one of those that were kept");
        }
        for (int i = 0; i < kept; i++) {
            pages.give(taken[i], Pages.SMALLEST);
        }
    }

    @Test
    void givesWhatABurstHasTakenBackToTheKernel() {
        int kept = (256 << 10) / Pages.SMALLEST;
        long[] taken = new long[kept * 10];
        for (int i = 0; i < taken.length; i++) {
            taken[i] = pages.take(Pages.SMALLEST);
            UnsafeApi.setMemory(taken[i], Pages.SMALLEST, (byte) 7);
        }
        for (long page : taken) {
            pages.give(page, Pages.SMALLEST);
        }
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
