package io.longshore.origin;

import io.longshore.config.AddressRange;
import io.longshore.config.Config;
import io.longshore.metrics.PortRow;
import io.longshore.net.Address;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Configurations and accounts for the tests of this package. */
final class Accounts {
    private Accounts() {}

    static PortSettings ports(PortMode mode, int count) {
        return new PortSettings(mode, 40_000, 40_000 + count - 1, new BitSet());
    }

    static Config.Origin origin(String name, List<String> endpoints, List<AddressRange> sources, int queue) {
        List<InetSocketAddress> addresses = new ArrayList<>();
        for (String endpoint : endpoints) {
            int colon = endpoint.lastIndexOf(':');
            addresses.add(new InetSocketAddress(
                    Ranges.address(endpoint.substring(0, colon)).toInetAddress(),
                    Integer.parseInt(endpoint.substring(colon + 1))));
        }
        return new Config.Origin(name, addresses, sources, 5, 30, queue, 5);
    }

    static Config config(Config.Origin... origins) {
        Map<String, Config.Origin> byName = new LinkedHashMap<>();
        for (Config.Origin origin : origins) {
            byName.put(origin.name(), origin);
        }
        return new Config(
                Config.EngineChoice.AUTO,
                1,
                Collections.emptyList(),
                Collections.emptyList(),
                byName,
                Collections.emptyList(),
                1,
                1,
                1,
                1,
                "",
                Optional.empty(),
                1,
                1,
                Config.Ports.AUTO);
    }

    static SourcePorts account(PortSettings settings, Config.Origin... origins) {
        return new SourcePorts(config(origins), settings, PortRow::inMemory);
    }

    static OriginState state(SourcePorts ports, Config.Origin origin) {
        return new OriginState(origin, 0, ports.of(origin.name()), ports.settings(), 1);
    }

    static Dial dial(OriginState origin, String client) {
        Address address = Ranges.address(client);
        return new Dial(origin, address.high(), address.low());
    }

    static long taken(SourcePorts ports) {
        return ports.accounts().stream().mapToLong(PortRow::taken).sum();
    }

    static long held(SourcePorts ports) {
        return ports.accounts().stream().mapToLong(PortRow::held).sum();
    }
}
