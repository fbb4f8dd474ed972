package io.longshore.sim;

import io.longshore.config.AddressRange;
import io.longshore.config.Config;
import io.longshore.net.Address;
import io.longshore.origin.PortMode;
import io.longshore.origin.PortSettings;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;

/**
 * The whole proxy in one world of one seed: clients come, the network does what it does, faults stop, everything ends,
 * and nothing is left. Throws a {@link Violation} that names the oracle which saw it otherwise.
 */
final class Scenario {
    private static final Address PROXY = Address.ofIpv4(0x7f00_0001, 8_080);
    private static final int FIRST_CLIENT = 0x0a00_0001;
    private static final int FIRST_ORIGIN = 0x7f00_0901;
    private static final int FIRST_SOURCE = 0x7f00_0501;
    private static final long ARRIVALS_NS = 2 * Odds.SECOND;
    private static final long FAULTS_UNTIL_NS = 12 * Odds.SECOND;
    /** How long the end of a stream may take from one polite side to the other: far more than any latency. */
    private static final long END_PASSED_ON_NS = 5 * Odds.SECOND;

    private static final int CYCLES_AT_ONE_MOMENT_MAX = 200_000;

    private final SimWorld world;
    private final SplittableRandom random;
    private final List<Exchange> exchanges = new ArrayList<>();
    private final List<SimClient> clients = new ArrayList<>();
    private final List<Talker> talkers = new ArrayList<>();
    private final SimProxy proxy;
    private final Config config;
    private final boolean hadFaults;
    private boolean isShortOfPorts;
    private boolean hasDrain;
    private boolean hasBadEndpoint;

    /** The world of this seed with engines of this manner; {@code bug} is null, or planted. */
    Scenario(long seed, Odds.Manner manner, BuggyEngine.Bug bug) {
        world = new SimWorld(seed, manner);
        random = world.random.split();
        hadFaults = world.odds.isFaulty();
        config = drawConfig();
        proxy = new SimProxy(world, config, drawPortSettings(), bug);
    }

    /** Runs it; throws a {@link Violation}. */
    void run() {
        try {
            listenAsOrigins();
            Address address = proxy.listen();
            drawVisitors(address);
            drawEndOfService();
            runFor(FAULTS_UNTIL_NS, () -> false);
            world.odds.calmDown();
            talkers.forEach(Talker::calmDown);
            runFor(longestLifeNs(), () -> allAreOver() && proxy.sessions() == 0);
            if (proxy.sessions() > 0) {
                world.violated("ends-in-time", proxy.sessions() + " sessions live on, of " + exchanges);
            }
            talkers.forEach(Talker::readOn);
            runFor(20 * Odds.SECOND, this::allAreOver);
            checkEnds();
            checkPoliteOnes();
            talkers.forEach(Talker::letGo);
            // The kernel's own patience: TIME_WAIT, dials that nobody answers, machines that vanished.
            runFor(300 * Odds.SECOND, () -> false);
            proxy.checkAtRest();
            if (world.tuples.held() != 0) {
                world.violated("nothing-left", world.tuples.held() + " tuples are held when everybody has gone");
            }
        } finally {
            proxy.close();
        }
    }

    long traceHash() {
        return world.traceHash();
    }

    /** What this seed was about, for a look at many. */
    @Override
    public String toString() {
        int tunnels = 0;
        long bytes = 0;
        for (Exchange exchange : exchanges) {
            tunnels += exchange.isTunnel() ? 1 : 0;
            bytes += exchange.up.received + exchange.down.received;
        }
        return "seed " + world.seed + ": " + world.odds.fashion + (world.odds.isRing() ? ", ring" : "")
                + (hadFaults ? ", faults, " : ", ") + exchanges.size()
                + " visits, " + tunnels + " tunnels, " + bytes + " bytes, " + proxy.staleCompletions()
                + " stale completions";
    }

    // ---- Before it begins.

    private Config drawConfig() {
        int endpoints = 1 + random.nextInt(3);
        List<InetSocketAddress> origins = new ArrayList<>();
        for (int i = 0; i < endpoints; i++) {
            Address endpoint = Address.ofIpv4(FIRST_ORIGIN + i, 9_000);
            origins.add(new InetSocketAddress(endpoint.toInetAddress(), endpoint.port()));
        }
        List<AddressRange> sources = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            sources.add(AddressRange.of(Address.ofIpv4(FIRST_SOURCE + i, 0).toInetAddress()));
        }
        if (hadFaults && random.nextInt(4) == 0) {
            isShortOfPorts = true;
            world.tuples.portRange(40_000, 40_000 + random.nextInt(20));
        }
        Config.Listener listener = new Config.Listener(
                new InetSocketAddress(PROXY.toInetAddress(), PROXY.port()), seconds(5, 10), List.of(), false);
        Config.Origin origin = new Config.Origin(
                "chat", origins, sources, seconds(2, 5), seconds(5, 20), random.nextInt(8), seconds(1, 6));
        Config.Route route =
                new Config.Route("sim.test", "/", "chat", seconds(20, 90), seconds(20, 60), seconds(20, 60));
        return new Config(
                Config.EngineChoice.AUTO,
                1 + random.nextInt(3),
                List.of(),
                List.of(listener),
                Map.of("chat", origin),
                List.of(route),
                seconds(2, 10),
                4_096 << random.nextInt(7),
                1_024 << random.nextInt(6),
                128,
                "",
                Optional.empty(),
                60 * Odds.SECOND,
                90 * Odds.SECOND,
                Config.Ports.AUTO);
    }

    private PortSettings drawPortSettings() {
        PortMode[] modes = PortMode.values();
        PortMode mode = modes[random.nextInt(modes.length)];
        return new PortSettings(mode, world.tuples.portMin(), world.tuples.portMax(), new BitSet());
    }

    private long seconds(int least, int most) {
        return least * Odds.SECOND + random.nextLong((most - least) * Odds.SECOND);
    }

    private void listenAsOrigins() {
        for (InetSocketAddress endpoint : config.origins().get("chat").endpoints()) {
            Address address = Address.of(endpoint);
            int kind = hadFaults ? random.nextInt(12) : 2;
            hasBadEndpoint |= kind < 2;
            if (kind == 0) {
                world.silence(address);
            } else if (kind > 1) {
                SimListener[] listener = new SimListener[1];
                listener[0] = world.listen(address, () -> {
                    SimSocket socket = listener[0].accept();
                    SimOrigin.serve(world, socket, exchanges, talkers);
                });
            }
        }
    }

    private void drawVisitors(Address address) {
        int visitors = 1 + random.nextInt(random.nextInt(4) == 0 ? 40 : 8);
        for (int i = 0; i < visitors; i++) {
            HandshakeScript handshake = new HandshakeScript(world, random, i);
            Script client = Script.drawn(world, random, handshake.requestHead().length);
            Script origin = Script.drawn(world, random, handshake.answerBytes().length);
            origin.echoes = random.nextInt(3) == 0;
            Exchange exchange = new Exchange(world, i, client, origin, handshake);
            SimClient visitor = new SimClient(world, exchange);
            exchanges.add(exchange);
            clients.add(visitor);
            talkers.add(visitor);
            Address from = Address.ofIpv4(FIRST_CLIENT + i, 0);
            world.after(random.nextLong(ARRIVALS_NS), () -> visitor.connect(address, from));
        }
    }

    private void drawEndOfService() {
        int kind = random.nextInt(12);
        long when = random.nextLong(FAULTS_UNTIL_NS);
        if (kind == 0) {
            hasDrain = true;
            world.after(when, proxy::drain);
            world.after(when + config.drainTimeoutNs(), proxy::endDrain);
        } else if (kind == 1) {
            hasDrain = true;
            world.after(when, proxy::stop);
        }
    }

    // ---- While it runs.

    private void runFor(long durationNs, BooleanSupplier over) {
        long until = world.elapsedNs() + durationNs;
        int cycles = 0;
        long moment = -1;
        while (world.elapsedNs() < until && !over.getAsBoolean()) {
            if (world.elapsedNs() != moment) {
                moment = world.elapsedNs();
                cycles = 0;
            }
            if (++cycles > CYCLES_AT_ONE_MOMENT_MAX) {
                world.violated("no-spinning", "time stands still, and the loops are busy");
            }
            if (!proxy.cycle() && !world.advance(until)) {
                return;
            }
        }
    }

    /** The longest that a session may live when nobody says anything any more: every timer, one after the other. */
    private long longestLifeNs() {
        Config.Origin origin = config.origins().get("chat");
        Config.Route route = config.routes().get(0);
        long dials = 40 * origin.connectTimeoutNs() + origin.queueTimeoutNs();
        long tunnel = route.idleTimeoutNs() + route.halfClosedTimeoutNs() + route.stalledTimeoutNs();
        long refusal = 40 * Odds.SECOND;
        return config.listeners().get(0).headTimeoutNs() + dials + origin.originHeadTimeoutNs() + tunnel + refusal;
    }

    private boolean allAreOver() {
        for (Talker talker : talkers) {
            if (!talker.isOver()) {
                return false;
            }
        }
        return true;
    }

    /** However an exchange went: an end without a reset says that everything has arrived. */
    private void checkEnds() {
        for (Exchange exchange : exchanges) {
            // Before the 101 a client that leaves has said nothing yet, whatever it sent too early.
            if (exchange.isTunnel() && (exchange.up.endedShort || exchange.down.endedShort)) {
                world.violated("equal-on-clean-close", exchange + proxy.storyOf(exchange));
            }
        }
    }

    // ---- What polite visitors may expect.

    private void checkPoliteOnes() {
        for (int i = 0; i < exchanges.size(); i++) {
            Exchange exchange = exchanges.get(i);
            if (hasDrain || clients.get(i).hasFailedToConnect() || !exchange.isPolite()) {
                continue;
            }
            if (exchange.clientStatus == 0) {
                world.violated("answered", exchange + " had no answer" + proxy.storyOf(exchange));
            }
            boolean mustBeServed = !hadFaults && !isShortOfPorts && !hasBadEndpoint;
            if (exchange.isTunnel()) {
                checkTunnel(exchange);
            } else if (mustBeServed && exchange.handshake.answer.isAcceptance()) {
                world.violated("served", exchange + " had no tunnel, and nothing was wrong" + proxy.storyOf(exchange));
            } else if (mustBeServed) {
                checkRefusal(exchange);
            }
        }
    }

    private void checkTunnel(Exchange exchange) {
        boolean somebodyEnds = !exchange.client.endsLast || !(exchange.origin.endsLast || exchange.origin.echoes);
        for (Flow flow : List.of(exchange.up, exchange.down)) {
            if (flow.received != flow.sent) {
                world.violated("equal-on-clean-close", exchange + proxy.storyOf(exchange));
            }
            long sinceNs = flow.endSeenNs - Math.max(flow.finSentNs, flow.lastReceivedNs);
            if (somebodyEnds && (!flow.endSeen || !flow.finSent || sinceNs > END_PASSED_ON_NS)) {
                world.violated(
                        "end-passed-on",
                        exchange + ", " + sinceNs / Odds.MILLI + " ms after the last byte" + proxy.storyOf(exchange));
            }
        }
    }

    private void checkRefusal(Exchange exchange) {
        HandshakeScript handshake = exchange.handshake;
        if (exchange.clientStatus != handshake.refusalStatus
                || exchange.bodyReceived != handshake.refusalBody.length
                || !exchange.bodyEnded) {
            world.violated(
                    "equal-on-clean-close",
                    exchange + ": refusal " + handshake.refusalStatus + " with "
                            + handshake.refusalBody.length + " bytes arrived with " + exchange.bodyReceived
                            + (exchange.bodyEnded ? "" : ", without an end") + proxy.storyOf(exchange));
        }
    }
}
