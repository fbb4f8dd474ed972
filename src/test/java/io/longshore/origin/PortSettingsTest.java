package io.longshore.origin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.config.Config;
import io.longshore.net.Errno;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PortSettingsTest {
    private static final int LOW = 20_000;
    private static final int HIGH = 35_999;

    @Test
    void windowsCoverTheEndsOfTheRangeAsOftenAsItsMiddle() {
        PortSettings settings = new PortSettings(PortMode.WINDOW, LOW, HIGH, new BitSet());
        Random random = new Random(1);
        int windows = 100_000;
        // Counted by the windows' ends, as sums of differences.
        int[] steps = new int[HIGH - LOW + 2];
        for (int i = 0; i < windows; i++) {
            int range = settings.portRange(random.nextLong());
            int first = range & 0xffff;
            int last = range >>> 16;
            assertTrue(LOW <= first && first <= last && last <= HIGH, first + "-" + last);
            assertTrue(last - first < PortSettings.WINDOW_PORTS, first + "-" + last);
            steps[first - LOW]++;
            steps[last - LOW + 1]--;
        }
        int expected = windows * PortSettings.WINDOW_PORTS / (HIGH - LOW + PortSettings.WINDOW_PORTS);
        int covered = 0;
        for (int port = LOW; port <= HIGH; port++) {
            covered += steps[port - LOW];
            int times = covered;
            assertTrue(Math.abs(times - expected) < expected / 4, port + " was in " + times + ", not in " + expected);
        }
    }

    @Test
    void aRangeSmallerThanAWindowIsSearchedAsAWhole() {
        PortSettings settings = new PortSettings(PortMode.WINDOW, LOW, LOW + 199, new BitSet());
        for (long chance = -500; chance < 500; chance++) {
            assertEquals((LOW + 199) << 16 | LOW, settings.portRange(chance));
        }
    }

    @Test
    void theLastTryAtASourceLooksAtAllPorts() {
        Config.Origin configured =
                Accounts.origin("chat", List.of("10.0.0.1:80"), List.of(Ranges.of("127.0.0.2", "127.0.0.3")), 2);
        SourcePorts ports = Accounts.account(new PortSettings(PortMode.WINDOW, LOW, HIGH, new BitSet()), configured);
        Dial dial = Accounts.dial(Accounts.state(ports, configured), "192.0.2.1");
        Attempt attempt = dial.next();
        for (int i = 1; i < PortSettings.WINDOW_TRIES; i++) {
            assertTrue((attempt.portRange() >>> 16) - (attempt.portRange() & 0xffff) < PortSettings.WINDOW_PORTS);
            dial.failed(-Errno.EADDRNOTAVAIL);
            Attempt next = dial.next();
            assertEquals(attempt.source(), next.source());
            attempt = next;
        }
        assertEquals(HIGH << 16 | LOW, attempt.portRange());
        dial.failed(-Errno.EADDRNOTAVAIL);
        Attempt elsewhere = dial.next();
        assertNotEquals(attempt.source(), elsewhere.source());
        assertNotEquals(HIGH << 16 | LOW, elsewhere.portRange());
        dial.abandoned();
        assertEquals(0, Accounts.taken(ports));
    }
}
