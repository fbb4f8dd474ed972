package io.longshore.origin;

import io.longshore.config.Config;
import io.longshore.net.Address;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * One origin as one loop sees it: its endpoints, its source addresses, and whose turn it is.
 *
 * <p>The first endpoint of a dial rotates per handshake and per loop; loops begin at different endpoints, so that a few
 * handshakes on many loops do not all go to the first. An endpoint that is listed twice gets a double share. Choice by
 * load and health is a later stage's business.
 *
 * <p>One loop's thread; no locks.
 */
public final class OriginState {
    private final Config.Origin origin;
    private final Address[] endpoints;
    private final SourceAddresses ipv4Sources;
    private final SourceAddresses ipv6Sources;
    private final OriginPorts ports;
    private final PortSettings settings;
    private long chance;
    private int turn;

    /** @param seed for the windows that ports are looked for in */
    OriginState(Config.Origin origin, int loop, OriginPorts ports, PortSettings settings, long seed) {
        this.origin = origin;
        this.ports = ports;
        this.settings = settings;
        chance = seed;
        List<InetSocketAddress> configured = origin.endpoints();
        if (configured.isEmpty()) {
            throw new IllegalArgumentException("origin " + origin.name() + " has no endpoint");
        }
        endpoints = new Address[configured.size()];
        for (int i = 0; i < endpoints.length; i++) {
            if (configured.get(i).isUnresolved()) {
                throw new IllegalArgumentException(
                        "origin " + origin.name() + ": endpoint " + configured.get(i) + " is not an address");
            }
            endpoints[i] = Address.of(configured.get(i));
        }
        ipv4Sources = new SourceAddresses(origin.sources(), true);
        ipv6Sources = new SourceAddresses(origin.sources(), false);
        turn = loop % endpoints.length;
    }

    /** Its name in the configuration. */
    public String name() {
        return origin.name();
    }

    /** How long one attempt to connect may take, in nanoseconds. */
    public long connectTimeoutNs() {
        return origin.connectTimeoutNs();
    }

    /** How long the answer to the upgrade may take, in nanoseconds from the connect. */
    public long originHeadTimeoutNs() {
        return origin.originHeadTimeoutNs();
    }

    /** How long a session may wait for a tuple, in nanoseconds. */
    public long queueTimeoutNs() {
        return origin.queueTimeoutNs();
    }

    OriginPorts ports() {
        return ports;
    }

    PortMode portMode() {
        return settings.mode();
    }

    /** The IP_LOCAL_PORT_RANGE of the next socket; 0 leaves it unset. */
    int nextPortRange() {
        chance += Mix.STEP;
        return settings.portRange(Mix.of(chance));
    }

    /** The same for the last try at a source. */
    int lastPortRange() {
        return settings.lastPortRange();
    }

    int endpointCount() {
        return endpoints.length;
    }

    /** The endpoint at this place, 0 to {@code endpointCount() - 1}; the same object every time. */
    Address endpoint(int place) {
        return endpoints[place];
    }

    /** The place of the endpoint that the next dial starts with. */
    int takeTurn() {
        int place = turn;
        turn = place + 1 == endpoints.length ? 0 : place + 1;
        return place;
    }

    /** The source addresses for an endpoint: those of its family, maybe none. */
    SourceAddresses sourcesFor(Address endpoint) {
        return endpoint.isIpv4() ? ipv4Sources : ipv6Sources;
    }
}
