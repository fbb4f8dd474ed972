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
import io.longshore.policy.ForwardedClient;
import io.longshore.policy.Routes;
import java.util.ArrayDeque;
import java.util.function.Consumer;
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
    final HeadParser parser;
    final ProxyHeader proxyHeader = new ProxyHeader();
    final HeadWriter writer = new HeadWriter();
    final Upgrade upgrade = new Upgrade();
    final Forwarded forwarded = new Forwarded();
    final ForwardedClient forwardedClient = new ForwardedClient();
    /** A view for looking at lent memory; valid within one callback. */
    final UnsafeBuffer lent = new UnsafeBuffer(0, 0);

    private final ArrayDeque<Handshake> handshakes = new ArrayDeque<>();

    SessionContext(Engine engine, Config config, Origins origins, Counters counters, Consumer<AccessEntry> accessLog) {
        this.engine = engine;
        this.config = config;
        this.counters = counters;
        this.accessLog = accessLog;
        routes = new Routes(config.routes());
        this.origins = origins;
        parser = new HeadParser(config.headBytesMax(), config.headersMax());
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
