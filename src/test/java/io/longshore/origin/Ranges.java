package io.longshore.origin;

import io.longshore.config.AddressRange;
import io.longshore.net.Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Comparator;
import java.util.stream.IntStream;

/** Ranges and addresses from literals, for the tests of this package. */
final class Ranges {
    private Ranges() {}

    static AddressRange of(String address) {
        return of(address, address);
    }

    static AddressRange of(String first, String last) {
        return between(address(first), address(last));
    }

    static AddressRange between(Address first, Address last) {
        return new AddressRange(first.high(), first.low(), last.high(), last.low());
    }

    /** The address at this place in the client's order, 0 being the preferred one. */
    static Address ranked(SourceAddresses sources, long clientHigh, long clientLow, int rank) {
        long hash = sources.clientHash(clientHigh, clientLow);
        if (rank == 0) {
            int heaviest = 0;
            for (int i = 1; i < sources.count(); i++) {
                heaviest = sources.weight(hash, i) > sources.weight(hash, heaviest) ? i : heaviest;
            }
            return sources.at(heaviest);
        }
        return IntStream.range(0, sources.count())
                .boxed()
                .sorted(Comparator.comparingLong((Integer i) -> sources.weight(hash, i))
                        .reversed())
                .skip(rank)
                .findFirst()
                .map(sources::at)
                .orElseThrow();
    }

    static Address address(String literal) {
        try {
            return Address.of(InetAddress.getByName(literal), 0);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(literal, e);
        }
    }
}
