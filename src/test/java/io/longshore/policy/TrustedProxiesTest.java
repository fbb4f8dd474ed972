package io.longshore.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.config.AddressRange;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class TrustedProxiesTest {
    private static final long MAPPED = 0x0000_ffff_0000_0000L;

    @Test
    void trustsNobodyByDefault() {
        TrustedProxies nobody = new TrustedProxies(List.of());
        assertFalse(nobody.contains(0, MAPPED | 0x7f000001));
        assertFalse(nobody.contains(0, 1));
    }

    @Test
    void trustsTheBoundsOfARangeAndNotTheirNeighbours() {
        TrustedProxies proxies =
                new TrustedProxies(List.of(ipv4(0x0a000010L, 0x0a00001fL), ipv4(0x0a000030L, 0x0a000030L)));
        assertFalse(proxies.contains(0, MAPPED | 0x0a00000f));
        assertTrue(proxies.contains(0, MAPPED | 0x0a000010));
        assertTrue(proxies.contains(0, MAPPED | 0x0a00001f));
        assertFalse(proxies.contains(0, MAPPED | 0x0a000020));
        assertTrue(proxies.contains(0, MAPPED | 0x0a000030));
        assertFalse(proxies.contains(0x2001_0db8_0000_0000L, MAPPED | 0x0a000010));
    }

    @Test
    void comparesTheUpperHalfOfTheIpv6SpaceUnsigned() {
        TrustedProxies proxies = new TrustedProxies(
                List.of(new AddressRange(0xfe80_0000_0000_0000L, 0, 0xfebf_ffff_ffff_ffffL, -1), ipv4(0, 5)));
        assertTrue(proxies.contains(0xfe80_0000_0000_0000L, -5));
        assertTrue(proxies.contains(0, MAPPED | 5));
        assertFalse(proxies.contains(0xff00_0000_0000_0000L, 0));
    }

    @Test
    void everyIpv6PeerIsNoIpv4Peer() {
        TrustedProxies everyIpv6 = new TrustedProxies(List.of(new AddressRange(0, 0, -1, -1)));
        assertTrue(everyIpv6.contains(0, 1));
        assertTrue(everyIpv6.contains(0, MAPPED - 1));
        assertTrue(everyIpv6.contains(0, 0x0001_0000_0000_0000L));
        assertTrue(everyIpv6.contains(-1, -1));
        assertFalse(everyIpv6.contains(0, MAPPED));
        assertFalse(everyIpv6.contains(0, MAPPED | 0x7f000001));
        assertFalse(everyIpv6.contains(0, MAPPED | 0xffff_ffffL));
        assertTrue(new TrustedProxies(List.of(ipv4(0, 0xffff_ffffL))).contains(0, MAPPED | 0x7f000001));
    }

    @Test
    void agreesWithASearchOfAllRangesHoweverTheyOverlap() {
        SplittableRandom random = new SplittableRandom(8);
        for (int round = 0; round < 500; round++) {
            List<AddressRange> ranges = new ArrayList<>();
            for (int i = random.nextInt(12); i > 0; i--) {
                long first = random.nextInt(100);
                ranges.add(ipv4(first, first + random.nextInt(20)));
            }
            TrustedProxies proxies = new TrustedProxies(ranges);
            for (long bits = 0; bits < 125; bits++) {
                long low = MAPPED | bits;
                assertEquals(ranges.stream().anyMatch(range -> range.contains(0, low)), proxies.contains(0, low));
            }
        }
    }

    private static AddressRange ipv4(long first, long last) {
        return new AddressRange(0, MAPPED | first, 0, MAPPED | last);
    }
}
