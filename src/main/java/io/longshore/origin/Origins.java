package io.longshore.origin;

import io.longshore.config.Config;
import java.util.HashMap;
import java.util.Map;

/** The origins of a configuration, one instance per loop; its thread alone uses it. The account below is everybody's. */
public final class Origins {
    private final Map<String, OriginState> byName = new HashMap<>();

    /**
     * The origins of {@code config}.
     *
     * @param loop the loop's number, from 0: loops begin to rotate at different endpoints
     * @param ports the account of tuples, shared by all loops
     * @param seed for the windows that ports are looked for in
     * @throws IllegalArgumentException if an endpoint is not resolved, or a range of sources is not one of addresses; a
     *     configuration that was checked has neither
     */
    public Origins(Config config, int loop, SourcePorts ports, long seed) {
        long originSeed = seed;
        for (Config.Origin origin : config.origins().values()) {
            byName.put(
                    origin.name(),
                    new OriginState(origin, loop, ports.of(origin.name()), ports.settings(), originSeed));
            originSeed = Mix.of(originSeed);
        }
    }

    /** Where a route leads to, or null if the configuration has no such origin, which its check rules out. */
    public OriginState of(Config.Route route) {
        return byName.get(route.origin());
    }
}
