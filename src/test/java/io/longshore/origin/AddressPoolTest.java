package io.longshore.origin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.longshore.config.AddressRange;
import io.longshore.net.Address;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class AddressPoolTest {
    @Test
    void numbersTheAddressesInTheOrderOfTheList() {
        AddressPool pool = new AddressPool(
                List.of(Ranges.of("10.0.0.8", "10.0.0.9"), Ranges.of("10.0.0.1"), Ranges.of("10.0.0.4")), true);
        assertEquals(List.of("10.0.0.8", "10.0.0.9", "10.0.0.1", "10.0.0.4"), texts(pool));
    }

    @Test
    void takesOnlyItsOwnFamily() {
        List<AddressRange> mixed =
                List.of(Ranges.of("10.0.0.1"), Ranges.of("2001:db8::1", "2001:db8::2"), Ranges.of("10.0.0.2"));
        assertEquals(List.of("10.0.0.1", "10.0.0.2"), texts(new AddressPool(mixed, true)));
        assertEquals(List.of("2001:db8::1", "2001:db8::2"), texts(new AddressPool(mixed, false)));
        assertEquals(0, new AddressPool(List.of(Ranges.of("10.0.0.1")), false).count());
    }

    @Test
    void numbersAnAddressOnceHoweverTheRangesOverlap() {
        SplittableRandom random = new SplittableRandom(4);
        for (int round = 0; round < 300; round++) {
            List<AddressRange> ranges = new ArrayList<>();
            Set<String> wanted = new LinkedHashSet<>();
            for (int i = 1 + random.nextInt(8); i > 0; i--) {
                int first = random.nextInt(60);
                int last = first + random.nextInt(25);
                ranges.add(Ranges.of("10.0.0." + first, "10.0.0." + last));
                for (int address = first; address <= last; address++) {
                    wanted.add("10.0.0." + address);
                }
            }
            assertEquals(List.copyOf(wanted), texts(new AddressPool(ranges, true)));
        }
    }

    @Test
    void countsPastTheLowEightBytesOfAnAddress() {
        AddressPool pool =
                new AddressPool(List.of(Ranges.of("2001:db8::ffff:ffff:ffff:fffe", "2001:db8:0:1::1")), false);
        assertEquals(
                List.of(
                        "2001:db8::ffff:ffff:ffff:fffe",
                        "2001:db8::ffff:ffff:ffff:ffff",
                        "2001:db8:0:1::",
                        "2001:db8:0:1::1"),
                texts(pool));
    }

    @Test
    void takesABlockOfAnySizeWithoutMaterialisingIt() {
        AddressPool pool = new AddressPool(
                List.of(Ranges.of("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"), Ranges.of("::1")), false);
        assertEquals((1L << 40) + 1, pool.count());
        assertEquals("2001:db8::ff:ffff:ffff", pool.at((1L << 40) - 1).hostText());
        assertEquals("::1", pool.at(1L << 40).hostText());
    }

    @Test
    void refusesWhatIsNoRangeOfOneFamily() {
        Address first = Ranges.address("10.0.0.2");
        Address last = Ranges.address("10.0.0.1");
        assertThrows(IllegalArgumentException.class, () -> new AddressPool(List.of(Ranges.between(first, last)), true));
        Address ipv6 = Ranges.address("2001:db8::1");
        assertThrows(IllegalArgumentException.class, () -> new AddressPool(List.of(Ranges.between(first, ipv6)), true));
    }

    private static List<String> texts(AddressPool pool) {
        List<String> texts = new ArrayList<>();
        for (long i = 0; i < pool.count(); i++) {
            texts.add(pool.at(i).hostText());
        }
        return texts;
    }
}
