package io.longshore.origin;

import io.longshore.config.AddressRange;
import io.longshore.net.Address;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The addresses of a list of ranges, numbered from 0 in the order of the list, without one of them being materialised:
 * a /24 and a /48 take the same 24 bytes.
 *
 * <p>An address that stands in several ranges is numbered once, at its first place, so that the count is the number of
 * tuples per port and no address gets a double share. Appending to the list, or moving the end of its last range up,
 * leaves every earlier number as it was; {@link SourceAddresses} rests on that for large pools.
 *
 * <p>Of one range the first 2^40 addresses count. With fewer than 2^22 ranges, the total then fits a {@code long}; an
 * IPv6 block has that many addresses more than a host has sockets.
 */
final class AddressPool {
    private static final BigInteger RANGE_COUNT_MAX = BigInteger.ONE.shiftLeft(40);
    private static final BigInteger TWO_TO_64 = BigInteger.ONE.shiftLeft(64);

    private final long[] firstHigh;
    private final long[] firstLow;
    /** The number of addresses before each range, and the total as its last entry. */
    private final long[] before;

    /**
     * The addresses of those {@code ranges} that are of one family.
     *
     * @throws IllegalArgumentException if a range mixes the families or ends before it begins
     */
    AddressPool(List<AddressRange> ranges, boolean ipv4) {
        List<BigInteger[]> pieces = new ArrayList<>();
        TreeMap<BigInteger, BigInteger> covered = new TreeMap<>();
        for (AddressRange range : ranges) {
            if (isIpv4(range.firstHigh(), range.firstLow()) == ipv4) {
                addUncovered(range, covered, pieces);
            }
        }
        firstHigh = new long[pieces.size()];
        firstLow = new long[pieces.size()];
        before = new long[pieces.size() + 1];
        for (int i = 0; i < pieces.size(); i++) {
            BigInteger first = pieces.get(i)[0];
            BigInteger count = pieces.get(i)[1].subtract(first).add(BigInteger.ONE);
            firstHigh[i] = first.shiftRight(64).longValue();
            firstLow[i] = first.longValue();
            before[i + 1] = before[i] + count.min(RANGE_COUNT_MAX).longValueExact();
        }
    }

    /** How many addresses there are. */
    long count() {
        return before[before.length - 1];
    }

    /** The address with this number, 0 to {@code count() - 1}, with port 0. */
    Address at(long index) {
        int low = 0;
        int high = firstLow.length - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (before[middle] <= index) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        long lowBits = firstLow[low] + (index - before[low]);
        long carry = Long.compareUnsigned(lowBits, firstLow[low]) < 0 ? 1 : 0;
        return new Address(firstHigh[low] + carry, lowBits, 0);
    }

    /**
     * Appends to {@code pieces}, in ascending order, what of the range no earlier piece has.
     *
     * @param covered the pieces so far, by their first address; always disjoint
     */
    private static void addUncovered(
            AddressRange range, TreeMap<BigInteger, BigInteger> covered, List<BigInteger[]> pieces) {
        BigInteger first = unsigned(range.firstHigh(), range.firstLow());
        BigInteger last = unsigned(range.lastHigh(), range.lastLow());
        if (isIpv4(range.firstHigh(), range.firstLow()) != isIpv4(range.lastHigh(), range.lastLow())
                || first.compareTo(last) > 0) {
            throw new IllegalArgumentException("not a range of one family in ascending order: " + range);
        }
        int firstPiece = pieces.size();
        BigInteger next = first;
        BigInteger neighbour = covered.floorKey(first);
        SortedMap<BigInteger, BigInteger> nearby =
                covered.subMap(neighbour == null ? first : neighbour, true, last, true);
        for (Map.Entry<BigInteger, BigInteger> earlier : nearby.entrySet()) {
            if (earlier.getKey().compareTo(next) > 0) {
                pieces.add(new BigInteger[] {next, earlier.getKey().subtract(BigInteger.ONE)});
            }
            next = next.max(earlier.getValue().add(BigInteger.ONE));
        }
        if (next.compareTo(last) <= 0) {
            pieces.add(new BigInteger[] {next, last});
        }
        for (BigInteger[] piece : pieces.subList(firstPiece, pieces.size())) {
            covered.put(piece[0], piece[1]);
        }
    }

    private static boolean isIpv4(long high, long low) {
        return new Address(high, low, 0).isIpv4();
    }

    private static BigInteger unsigned(long high, long low) {
        return unsigned(high).shiftLeft(64).add(unsigned(low));
    }

    private static BigInteger unsigned(long bits) {
        BigInteger value = BigInteger.valueOf(bits);
        return bits < 0 ? value.add(TWO_TO_64) : value;
    }
}
