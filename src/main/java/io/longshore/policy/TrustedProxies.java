package io.longshore.policy;

import io.longshore.config.AddressRange;
import java.util.ArrayList;
import java.util.List;

/**
 * The peers whose forwarded headers are believed: sorted, joined ranges, searched by halves. Immutable, any thread.
 *
 * <p>The families are apart: {@code ::/0} trusts no IPv4 peer, although its numbers enclose the IPv4-mapped block in
 * which IPv4 addresses are held.
 */
public final class TrustedProxies {
    private static final AddressRange MAPPED_IPV4 =
            new AddressRange(0, 0x0000_ffff_0000_0000L, 0, 0x0000_ffff_ffff_ffffL);

    /** Trusts nobody. */
    public static final TrustedProxies NONE = new TrustedProxies(List.of());

    /** Disjoint and ascending. */
    private final AddressRange[] ranges;

    /** The ranges of a listener's {@code trusted-proxies}; empty trusts nobody. */
    public TrustedProxies(List<AddressRange> configured) {
        List<AddressRange> sorted = new ArrayList<>();
        for (AddressRange range : configured) {
            addByFamily(range, sorted);
        }
        sorted.sort((a, b) -> AddressRange.compare(a.firstHigh(), a.firstLow(), b.firstHigh(), b.firstLow()));
        List<AddressRange> joined = new ArrayList<>();
        for (AddressRange range : sorted) {
            AddressRange last = joined.isEmpty() ? null : joined.get(joined.size() - 1);
            if (last == null || !last.contains(range.firstHigh(), range.firstLow())) {
                joined.add(range);
            } else if (!last.contains(range.lastHigh(), range.lastLow())) {
                joined.set(
                        joined.size() - 1,
                        new AddressRange(last.firstHigh(), last.firstLow(), range.lastHigh(), range.lastLow()));
            }
        }
        ranges = joined.toArray(new AddressRange[0]);
    }

    /** Whether a peer is trusted; the address is in the form of {@code io.longshore.net.Address}. */
    public boolean contains(long high, long low) {
        int from = 0;
        int to = ranges.length - 1;
        while (from <= to) {
            int middle = (from + to) >>> 1;
            AddressRange range = ranges[middle];
            if (AddressRange.compare(high, low, range.firstHigh(), range.firstLow()) < 0) {
                to = middle - 1;
            } else if (AddressRange.compare(high, low, range.lastHigh(), range.lastLow()) > 0) {
                from = middle + 1;
            } else {
                return true;
            }
        }
        return false;
    }

    /** Adds the range; without the IPv4-mapped block, if it begins or ends outside of that. */
    private static void addByFamily(AddressRange range, List<AddressRange> sorted) {
        boolean isIpv4 = MAPPED_IPV4.contains(range.firstHigh(), range.firstLow())
                && MAPPED_IPV4.contains(range.lastHigh(), range.lastLow());
        if (isIpv4 || !overlapsMapped(range)) {
            sorted.add(range);
            return;
        }
        if (AddressRange.compare(range.firstHigh(), range.firstLow(), 0, MAPPED_IPV4.firstLow()) < 0) {
            sorted.add(new AddressRange(range.firstHigh(), range.firstLow(), 0, MAPPED_IPV4.firstLow() - 1));
        }
        if (AddressRange.compare(range.lastHigh(), range.lastLow(), 0, MAPPED_IPV4.lastLow()) > 0) {
            sorted.add(new AddressRange(0, MAPPED_IPV4.lastLow() + 1, range.lastHigh(), range.lastLow()));
        }
    }

    private static boolean overlapsMapped(AddressRange range) {
        return AddressRange.compare(range.firstHigh(), range.firstLow(), 0, MAPPED_IPV4.lastLow()) <= 0
                && AddressRange.compare(range.lastHigh(), range.lastLow(), 0, MAPPED_IPV4.firstLow()) >= 0;
    }
}
