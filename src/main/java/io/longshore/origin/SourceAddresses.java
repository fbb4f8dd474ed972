package io.longshore.origin;

import io.longshore.config.AddressRange;
import io.longshore.net.Address;
import java.util.List;

/**
 * The source addresses of an origin in one family, and the order in which a client gets them.
 *
 * <p>The order follows from the client's address and the list alone: the hash is keyed by a constant, so the same
 * client keeps the same source address over restarts, on every loop, and in every process that has the same list
 * (some applications tie sessions to it). Clients of IPv6 count by their /64, because privacy addresses (RFC 8981)
 * change within it all the time.
 *
 * <ol>
 *   <li>Up to {@value #EXACT_MAX} addresses: rendezvous hashing (Thaler and Ravishankar, "Using name-based mappings to
 *       increase hit rates", 1998). Every address gets a weight for this client, the heaviest is the first choice.
 *       Adding or removing an address anywhere in the list moves that address's share of the clients and no other. One
 *       pass over the weights per rank, a few multiplications each: 1,024 of them at an estimated 2 ns are about 2 us,
 *       beside some 40 us for a handshake.
 *   <li>More: the jump consistent hash (Lamping and Veach, arXiv 1406.2294) over the numbers of an {@link AddressPool},
 *       O(log n) and without memory, so that a /64 costs nothing. Here the price is that only growth at the end of the
 *       list moves no more than its share; a change in its middle, or crossing the limit, deals anew.
 * </ol>
 *
 * <p>Immutable, any thread.
 */
final class SourceAddresses {
    /** The most addresses that are weighed one by one. */
    static final int EXACT_MAX = 1024;

    /** The key of the hash: any constant would do, but changing it moves every client to another source address. */
    private static final long SEED = 0x6c6f_6e67_7368_6f72L;

    private final AddressPool pool;
    /** The hash of each address, for small pools; null for large ones. */
    private final long[] hashes;

    /** The addresses of those {@code ranges} that are of one family. */
    SourceAddresses(List<AddressRange> ranges, boolean ipv4) {
        pool = new AddressPool(ranges, ipv4);
        hashes = pool.count() <= EXACT_MAX ? new long[(int) pool.count()] : null;
        for (int i = 0; hashes != null && i < hashes.length; i++) {
            Address address = pool.at(i);
            hashes[i] = mix(mix(address.high() ^ SEED) ^ address.low());
        }
    }

    /** How many different addresses there are; 0 if the origin has none of this family. */
    long count() {
        return pool.count();
    }

    /**
     * The client's choice of this rank, with port 0. Different ranks give different addresses.
     *
     * @param clientHigh the first eight bytes of the client's address, in the form of {@link Address}
     * @param clientLow the last eight bytes
     * @param rank 0 for the preferred address, up to {@code count() - 1}. The work grows with the rank, in a large pool
     *     with its square: meant for the first few
     */
    Address pick(long clientHigh, long clientLow, int rank) {
        if (rank < 0 || rank >= pool.count()) {
            throw new IndexOutOfBoundsException("rank " + rank + " of " + pool.count() + " source addresses");
        }
        boolean isIpv4 = new Address(clientHigh, clientLow, 0).isIpv4();
        long client = mix(mix(clientHigh + SEED) + (isIpv4 ? clientLow : 0));
        return pool.at(hashes != null ? heaviest(client, rank) : jumped(client, rank));
    }

    /** The number of the address with the {@code rank}-th largest weight; of equal weights the lower number first. */
    private int heaviest(long client, int rank) {
        int chosen = -1;
        long chosenWeight = 0;
        for (int round = 0; round <= rank; round++) {
            int best = -1;
            long bestWeight = 0;
            for (int i = 0; i < hashes.length; i++) {
                long weight = mix(client ^ hashes[i]);
                boolean isAfterChosen = chosen < 0 || weight < chosenWeight || (weight == chosenWeight && i > chosen);
                if (isAfterChosen && (best < 0 || weight > bestWeight)) {
                    best = i;
                    bestWeight = weight;
                }
            }
            chosen = best;
            chosenWeight = bestWeight;
        }
        return chosen;
    }

    /** Every rank is a jump of its own; a number that an earlier rank has is skipped. */
    private long jumped(long client, int rank) {
        long[] chosen = new long[rank + 1];
        long key = client;
        for (int i = 0; i <= rank; key = mix(key + SEED)) {
            long number = jump(key, pool.count());
            chosen[i] = number;
            boolean isNew = true;
            for (int earlier = 0; earlier < i; earlier++) {
                isNew &= chosen[earlier] != number;
            }
            i += isNew ? 1 : 0;
        }
        return chosen[rank];
    }

    /** Jump consistent hash: the bucket of {@code key} among {@code buckets}. The multiplier is the paper's. */
    private static long jump(long key, long buckets) {
        long bucket = -1;
        long next = 0;
        long state = key;
        while (next < buckets) {
            bucket = next;
            state = state * 2862933555777941757L + 1;
            next = (long) ((bucket + 1) * ((double) (1L << 31) / ((state >>> 33) + 1)));
        }
        return bucket;
    }

    /**
     * A bijection of 64 bits where every input bit flips every output bit about half the time: the output function of
     * splitmix64 (Sebastiano Vigna's public-domain code; the constants are David Stafford's variant 13 of the finalizer
     * of MurmurHash3). The addend keeps 0 from mapping to 0.
     */
    private static long mix(long bits) {
        long mixed = bits + 0x9e37_79b9_7f4a_7c15L;
        mixed = (mixed ^ mixed >>> 30) * 0xbf58_476d_1ce4_e5b9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94d0_49bb_1331_11ebL;
        return mixed ^ mixed >>> 31;
    }
}
