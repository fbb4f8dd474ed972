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
 * <p>Rendezvous hashing (Thaler and Ravishankar, "Using name-based mappings to increase hit rates", 1998): every address
 * gets a weight for this client, the heaviest is the first choice. Adding or removing an address anywhere in the list moves
 * that address's share of the clients and no other. One pass over the weights a dial, at an estimated 2 ns each.
 *
 * <p>A list of more than {@value #ADDRESSES_MAX} addresses, such as an IPv6 /64, is used through that many of them, spread
 * over it by a hash of their numbers, always the same ones: with 56,512 ports each that is 231 million tuples towards every
 * endpoint.
 *
 * <p>Immutable, any thread.
 */
final class SourceAddresses {
    /** The most addresses of one origin and family that are used. */
    static final int ADDRESSES_MAX = 4096;

    /** The key of the hash: any constant would do, but changing it moves every client to another source address. */
    private static final long SEED = 0x6c6f_6e67_7368_6f72L;

    private final Address[] addresses;
    private final long[] hashes;

    /** The addresses of those {@code ranges} that are of one family. */
    SourceAddresses(List<AddressRange> ranges, boolean ipv4) {
        AddressPool pool = new AddressPool(ranges, ipv4);
        addresses = new Address[(int) Math.min(pool.count(), ADDRESSES_MAX)];
        hashes = new long[addresses.length];
        for (int i = 0; i < addresses.length; i++) {
            addresses[i] = pool.at(pool.count() <= ADDRESSES_MAX ? i : spread(i, pool.count()));
            hashes[i] = Mix.of(Mix.of(addresses[i].high() ^ SEED) ^ addresses[i].low());
        }
    }

    /** The number of the i-th of {@value #ADDRESSES_MAX} addresses: one of each of as many equal parts of the list. */
    private static long spread(int i, long count) {
        long part = count / ADDRESSES_MAX;
        return i * part + Long.remainderUnsigned(Mix.of(i + SEED), part);
    }

    /** How many different addresses there are; 0 if the origin has none of this family. */
    int count() {
        return addresses.length;
    }

    /** The address with this number, with port 0. */
    Address at(int number) {
        return addresses[number];
    }

    /** What {@link #weight} takes of a client: IPv6 clients of one /64 are one client. */
    long clientHash(long clientHigh, long clientLow) {
        boolean isIpv4 = new Address(clientHigh, clientLow, 0).isIpv4();
        return Mix.of(Mix.of(clientHigh + SEED) + (isIpv4 ? clientLow : 0));
    }

    /** The weight of an address for a client; compared as a signed number, the larger one is preferred. */
    long weight(long clientHash, int number) {
        return Mix.of(clientHash ^ hashes[number]);
    }
}
