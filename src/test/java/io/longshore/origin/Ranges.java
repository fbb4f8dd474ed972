package io.longshore.origin;

import io.longshore.config.AddressRange;
import io.longshore.net.Address;
import java.net.InetAddress;
import java.net.UnknownHostException;

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

    static Address address(String literal) {
        try {
            return Address.of(InetAddress.getByName(literal), 0);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(literal, e);
        }
    }
}
