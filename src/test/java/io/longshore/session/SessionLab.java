package io.longshore.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.config.Config;
import io.longshore.lab.SampleUpgrade;
import io.longshore.metrics.AccessEntry;
import io.longshore.metrics.CloseReason;
import io.longshore.metrics.Counter;
import io.longshore.metrics.Counters;
import io.longshore.metrics.DialOutcome;
import io.longshore.metrics.PortRow;
import io.longshore.net.Address;
import io.longshore.origin.PortSettings;
import io.longshore.origin.SourcePorts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** A door on a {@link FakeEngine}, and what a test does to it in the kernel's place. */
final class SessionLab implements AutoCloseable {
    static final long SECOND = 1_000_000_000L;
    static final int PARKED_BYTES_MAX = 256 << 10;
    static final long IDLE_NS = 100 * SECOND;
    static final long HALF_CLOSED_NS = 30 * SECOND;
    static final long STALLED_NS = 20 * SECOND;

    static final int QUEUE = 2;
    static final long QUEUE_NS = 5 * SECOND;

    private static final Address CLIENT = Address.ofIpv4(0xc000_0201L, 4_711);

    final FakeEngine engine = new FakeEngine();
    final Counters counters = Counters.inMemory();
    final List<AccessEntry> entries = new ArrayList<>();
    final List<Throwable> faults = new ArrayList<>();
    final Config config;
    final Door door;
    final SourcePorts ports;
    final Deque<Runnable> mailbox = new ArrayDeque<>();
    int mailboxLengthMax = Integer.MAX_VALUE;
    /** Called with every access entry, after it was remembered. */
    Consumer<AccessEntry> onEntry = entry -> {};

    private final long listener;

    SessionLab() {
        this(PortSettings.DEFAULT);
    }

    /** A lab where the account of tuples has these ports. */
    SessionLab(PortSettings settings) {
        InetSocketAddress local = new InetSocketAddress("127.0.0.1", 80);
        Config.Listener entrance = new Config.Listener(local, 10 * SECOND, List.of(), false);
        Config.Origin origin = new Config.Origin(
                "o",
                List.of(local, new InetSocketAddress("127.0.0.2", 80)),
                List.of(),
                SECOND,
                SECOND,
                QUEUE,
                QUEUE_NS);
        Config.Route route = new Config.Route("*", "/", "o", IDLE_NS, HALF_CLOSED_NS, STALLED_NS);
        config = new Config(
                Config.EngineChoice.NIO,
                1,
                List.of(),
                List.of(entrance),
                Map.of("o", origin),
                List.of(route),
                SECOND,
                PARKED_BYTES_MAX,
                32 << 10,
                64,
                "",
                Optional.empty(),
                SECOND,
                SECOND,
                Config.Ports.AUTO);
        ports = new SourcePorts(config, settings, PortRow::inMemory);
        door = new Door(engine, config, 0, ports, this::post, counters, this::ended, faults::add);
        try {
            door.listen(entrance, Address.of(local));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        // The first handle of a fresh engine.
        listener = 1L << 32;
    }

    private boolean post(Runnable task) {
        return mailbox.size() < mailboxLengthMax && mailbox.add(task);
    }

    /** The loop gets to what others have posted. */
    void deliverMail() {
        while (!mailbox.isEmpty()) {
            mailbox.remove().run();
        }
    }

    private void ended(AccessEntry entry) {
        entries.add(entry);
        onEntry.accept(entry);
    }

    long accept() {
        return engine.accept(listener, CLIENT, door);
    }

    void receive(long handle, String text) {
        receive(handle, text.getBytes(StandardCharsets.ISO_8859_1));
    }

    void receive(long handle, byte[] bytes) {
        engine.deliver(handle, bytes, door);
    }

    /** A client whose request is complete; its origin is dialled. */
    long dialling() {
        long client = accept();
        receive(client, SampleUpgrade.request("/"));
        return client;
    }

    /** The handle of the last dial. */
    long lastDialled() {
        return engine.dialled.get(engine.dialled.size() - 1).handle;
    }

    /** A client whose origin has connected and has taken the request. */
    long awaiting101() {
        long client = dialling();
        door.connected(lastDialled(), 0);
        takeAll(lastDialled());
        return client;
    }

    /** A tunnel whose handshake has left; {@link #lastDialled} is its origin's side. */
    long tunnel() {
        long client = awaiting101();
        receive(lastDialled(), SampleUpgrade.ANSWER);
        takeAll(client);
        assertEquals(0, engine.pages().taken(), "a tunnel that keeps up holds no page");
        return client;
    }

    /** Live and held, over all endpoints. */
    long tuplesTaken() {
        return ports.accounts().stream().mapToLong(PortRow::taken).sum();
    }

    void takeAll(long handle) {
        engine.take(handle, Integer.MAX_VALUE, door);
    }

    FakeEngine.Socket socket(long handle) {
        return engine.socket(handle);
    }

    /** Lets the timer of this client run out, at the time it is set to. */
    void expire(long client) {
        engine.nowNs = engine.deadlines.remove(client);
        door.expired(client);
    }

    long secondsToDeadline(long client) {
        return (engine.deadlines.get(client) - engine.nowNs) / SECOND;
    }

    /** Everything has ended, each connection for one reason, and nothing is left. */
    void expectAllEnded(CloseReason... reasons) {
        assertEquals(List.of(reasons), entries.stream().map(AccessEntry::reason).toList());
        assertEquals(0, door.sessions(), "sessions");
        assertEquals(0, engine.connections(), "connections");
        assertEquals(0, engine.timers(), "timers");
        assertEquals(0, engine.pages().taken(), "pages");
        assertEquals(0, counters.get(Counter.SESSIONS_ACTIVE));
        assertEquals(0, counters.get(Counter.QUEUE_WAITING));
        assertEquals(0, tuplesTaken(), "tuples");
        assertEquals(0, counters.get(Counter.TUNNELS_ACTIVE));
        long outcomes = 0;
        for (DialOutcome outcome : DialOutcome.values()) {
            outcomes += counters.dialedCount(outcome);
        }
        assertEquals(engine.dialled.size(), outcomes, "each dial has one outcome");
        assertTrue(faults.isEmpty() || List.of(reasons).contains(CloseReason.INTERNAL), faults.toString());
    }

    @Override
    public void close() {
        engine.close();
    }
}
