package io.longshore.session;

import io.longshore.config.Config;
import io.longshore.http.Forwarded;
import io.longshore.http.HeadParser;
import io.longshore.http.HeadWriter;
import io.longshore.http.ProxyHeader;
import io.longshore.http.Upgrade;
import io.longshore.metrics.AccessEntry;
import io.longshore.metrics.Counters;
import io.longshore.net.Engine;
import io.longshore.origin.Origins;
import io.longshore.origin.SourcePorts;
import io.longshore.policy.ForwardedClient;
import io.longshore.policy.Routes;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.agrona.collections.Object2IntHashMap;
import org.agrona.concurrent.UnsafeBuffer;

/** What the sessions of one loop share: the engine, the configuration compiled, and tools that keep nothing of a session. */
final class SessionContext {
    /** Handshakes kept for the next session; each holds the offsets of two heads, a few KB. */
    private static final int HANDSHAKES_KEPT = 64;

    final Engine engine;
    final Config config;
    final Counters counters;
    final Consumer<AccessEntry> accessLog;
    final Routes routes;
    final Origins origins;
    final SourcePorts ports;
    final HeadParser parser;
    final ProxyHeader proxyHeader = new ProxyHeader();
    final HeadWriter writer = new HeadWriter();
    final Upgrade upgrade = new Upgrade();
    final Forwarded forwarded = new Forwarded();
    final ForwardedClient forwardedClient = new ForwardedClient();
    /** A view for looking at lent memory; valid within one callback. */
    final UnsafeBuffer lent = new UnsafeBuffer(0, 0);

    /** The configuration's routes, and the place of each; of two that are equal either will do. */
    private final Config.Route[] routeTable;

    private final Object2IntHashMap<Config.Route> routeNumbers = new Object2IntHashMap<>(-1);
    private final ArrayDeque<Handshake> handshakes = new ArrayDeque<>();

    SessionContext(
            Engine engine,
            Config config,
            Origins origins,
            SourcePorts ports,
            Counters counters,
            Consumer<AccessEntry> accessLog) {
        this.engine = engine;
        this.config = config;
        this.counters = counters;
        this.accessLog = accessLog;
        routes = new Routes(config.routes());
        this.origins = origins;
        this.ports = ports;
        routeTable = config.routes().toArray(new Config.Route[0]);
        for (int i = 0; i < routeTable.length; i++) {
            routeNumbers.put(routeTable[i], i);
        }
        parser = new HeadParser(config.headBytesMax(), config.headersMax());
    }

    /** The place of a route in the configuration. */
    int numberOf(Config.Route route) {
        return routeNumbers.getValue(route);
    }

    /** The route at this place. */
    Config.Route route(int number) {
        return routeTable[number];
    }

    Handshake takeHandshake() {
        Handshake kept = handshakes.pollLast();
        return kept != null ? kept : new Handshake(this);
    }

    /** Gives the handshake's memory back to the loop. */
    void giveHandshake(Handshake handshake) {
        handshake.release();
        if (handshakes.size() < HANDSHAKES_KEPT) {
            handshakes.addLast(handshake);
        }
    }
}
