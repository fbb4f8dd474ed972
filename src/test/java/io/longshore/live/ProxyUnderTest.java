package io.longshore.live;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.config.Config;
import io.longshore.config.ConfigReader;
import io.longshore.control.Server;
import io.longshore.lab.Await;
import io.longshore.lab.EngineUnderTest;
import io.longshore.lab.LeakCheck;
import io.longshore.metrics.CloseReason;
import io.longshore.metrics.Counter;
import io.longshore.metrics.CounterSnapshot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The whole proxy in the test's own JVM, on real loopback sockets: configured by YAML text as a user would do it, looked
 * at from outside only, by its counter file and its access log.
 *
 * <p>{@link #close()} is the leak check of every live test. While the proxy still runs it waits until nothing is left of
 * any connection: no session, no socket, no page, no parked byte, no timer. Then it ends the proxy and holds that
 * every accepted connection has exactly one CloseReason and one access line, that no code of ours threw, and that every
 * descriptor is closed. So peers must have let go before: close clients first, then (or by that) the origin's side, then
 * this. What else a test opens, a {@link io.longshore.lab.SocketLab} for instance, it opens before the proxy.
 */
final class ProxyUnderTest implements AutoCloseable {
    private final LeakCheck before = LeakCheck.before();
    private final Path folder;
    private final Path accessLog;
    private final Server server;
    private final int socketsAtRest;
    private final Books books;
    private boolean isEnded;

    private ProxyUnderTest(String yaml) {
        try {
            folder = Files.createTempDirectory("longshore-live");
            accessLog = folder.resolve("access.log");
            server = Server.start(
                    config("access-log: %s\ncounters: %s\n%s".formatted(accessLog, folder, EngineUnderTest.in(yaml))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        books = new Books(server.counters(), accessLog);
        socketsAtRest = LeakCheck.count(LeakCheck.Kind.SOCKET);
    }

    /** A proxy with this configuration, which leaves out {@code access-log} and {@code counters}. */
    static ProxyUnderTest start(String yaml) {
        return new ProxyUnderTest(yaml);
    }

    /** A proxy in front of these endpoints, to be told more before it starts. */
    static Setup before(InetSocketAddress... endpoints) {
        return new Setup(endpoints);
    }

    /** A proxy in front of this origin with the defaults. */
    static ProxyUnderTest before(TestOrigin origin) {
        return before(origin.address()).start();
    }

    /** The lines of a configuration with one listener, one origin called {@code origin}, and one route to it. */
    static final class Setup {
        private final StringBuilder top = new StringBuilder();
        private final StringBuilder listener = new StringBuilder("  - address: 127.0.0.1:0\n");
        private final StringBuilder origin = new StringBuilder();
        private final StringBuilder route = new StringBuilder("  - origin: origin\n");

        private Setup(InetSocketAddress... endpoints) {
            List<String> texts = new ArrayList<>();
            for (InetSocketAddress endpoint : endpoints) {
                String host = endpoint.getAddress().getHostAddress();
                texts.add('"' + (host.contains(":") ? "[" + host + "]" : host) + ":" + endpoint.getPort() + '"');
            }
            origin.append("    endpoints: ").append(texts).append('\n');
        }

        /** Settings of the top level, such as {@code "loops: 1"}. */
        Setup top(String... settings) {
            return add(top, "", settings);
        }

        /** Settings of the listener, such as {@code "head-timeout: 300ms"}. */
        Setup listener(String... settings) {
            return add(listener, "    ", settings);
        }

        /** Settings of the origin, such as {@code "connect-timeout: 300ms"}. */
        Setup origin(String... settings) {
            return add(origin, "    ", settings);
        }

        /** Settings of the route, such as {@code "idle-timeout: 300ms"}. */
        Setup route(String... settings) {
            return add(route, "    ", settings);
        }

        /** The file's text. */
        String yaml() {
            String loops = top.indexOf("loops:") >= 0 ? "" : "loops: 1\n";
            return loops + top + "listeners:\n" + listener + "origins:\n  origin:\n" + origin + "routes:\n" + route;
        }

        ProxyUnderTest start() {
            return ProxyUnderTest.start(yaml());
        }

        private Setup add(StringBuilder section, String indent, String... settings) {
            for (String setting : settings) {
                section.append(indent).append(setting).append('\n');
            }
            return this;
        }
    }

    private static Config config(String yaml) {
        ConfigReader.Result result = ConfigReader.parse("live.yaml", yaml);
        if (result instanceof ConfigReader.Valid valid) {
            return valid.config();
        }
        throw new AssertionError(result + "\n" + yaml);
    }

    /** Where the first listener is. */
    InetSocketAddress address() {
        return addresses().get(0);
    }

    /** Where the listeners are, in the configuration's order. */
    List<InetSocketAddress> addresses() {
        return server.addresses().stream()
                .map(address -> {
                    String text = address.toString();
                    String host = text.substring(0, text.lastIndexOf(':')).replaceAll("[\\[\\]]", "");
                    return new InetSocketAddress(literal(host), address.port());
                })
                .toList();
    }

    private static InetAddress literal(String host) {
        try {
            return InetAddress.getByName(host);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int port() {
        return address().getPort();
    }

    Server server() {
        return server;
    }

    // ---- What it says about itself.

    /** Its counter file, as it is now. */
    CounterSnapshot snapshot() {
        return books.snapshot();
    }

    /** A number over all loops, as it is now. */
    long counter(Counter counter) {
        return books.counter(counter);
    }

    /** How many connections have ended for this reason. */
    long closed(CloseReason reason) {
        return books.closed(reason);
    }

    /** How many attempts to connect have ended so, {@code "connected"} for instance. */
    long dialed(String outcome) {
        return books.dialed(outcome);
    }

    /** Waits until a number has this value. */
    void await(Counter counter, long value) {
        books.await(counter, value);
    }

    /** {@link Books#awaitCycles}. */
    void awaitCycles(int count) {
        books.awaitCycles(count);
    }

    /** Waits until so many connections have ended for this reason. */
    void awaitClosed(CloseReason reason, long count) {
        books.awaitClosed(reason, count);
    }

    /** All access lines so far, each as its keys and values. */
    List<Map<String, String>> lines() {
        return books.lines();
    }

    /** Waits for the access line of the next connection that ends; each is returned once. */
    Map<String, String> nextLine() {
        return books.nextLine();
    }

    /** Waits for the next connection to end, which must be for this reason; returns its access line. */
    Map<String, String> nextEnds(CloseReason reason) {
        return books.nextEnds(reason);
    }

    // ---- The end.

    /** Waits until nothing is left of any connection, with the proxy running on. */
    void awaitRest() {
        for (Counter gauge : List.of(
                Counter.SESSIONS_ACTIVE,
                Counter.TUNNELS_ACTIVE,
                Counter.CONNECTIONS_OPEN,
                Counter.PAGES_TAKEN,
                Counter.PARKED_BYTES,
                Counter.TIMERS_ACTIVE)) {
            Await.until(() -> counter(gauge) == 0, gauge.label() + " = 0 at rest");
        }
        Await.until(
                () -> LeakCheck.count(LeakCheck.Kind.SOCKET) <= socketsAtRest,
                "no more than the " + socketsAtRest + " sockets that are open at rest");
    }

    /** Waits until the proxy has ended by itself, after {@link Server#drain()} or {@link Server#stop()}. */
    void awaitEnd() {
        if (!isEnded) {
            isEnded = true;
            assertTrue(server.awaitEnd(), "the loops ended in order");
        }
    }

    @Override
    public void close() {
        try {
            if (!isEnded) {
                awaitRest();
                CounterSnapshot last = snapshot();
                server.stop();
                awaitEnd();
                books.areBalanced(last);
            }
            before.nothingLeft();
        } finally {
            server.stop();
            awaitEnd();
            removeFolder();
        }
    }

    private void removeFolder() {
        try {
            Files.deleteIfExists(accessLog);
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String toString() {
        return server.readyLine();
    }
}
