package io.longshore.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.longshore.cli.Main;
import io.longshore.lab.Await;
import io.longshore.lab.ChildProcess;
import io.longshore.metrics.CloseReason;
import io.longshore.metrics.Counter;
import io.longshore.metrics.CounterSnapshot;
import io.longshore.metrics.PortRow;
import io.longshore.net.Address;
import io.longshore.sys.PortFeatures;
import io.longshore.sys.SocketTable;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The tuple space spent to its last port, through the real proxy on two loops, in a network whose automatic ports are few:
 * {@code range x sources x endpoints} tunnels stand at once and not one fails before, the next client waits, and whatever
 * ends is used again. TIME_WAIT is held for real here ({@code tcp_tw_reuse} is 0; on loopback the kernel's default reuses it
 * at once). Needs root, and is skipped without.
 */
@Timeout(120)
final class PortsLiveTest {
    private static final int LOW = 30_000;
    private static final int RANGE = 200;
    private static final InetSocketAddress PROXY = new InetSocketAddress("127.0.0.1", 8080);
    private static final String PATIENT = "/";
    private static final String BRIEF = "/brief/";

    /** Two origins with the same tuples, for clients with and without patience. */
    private static final String YAML = """
            loops: 2
            %s
            listeners: [{address: "127.0.0.1:8080"}]
            origins:
              patient: {endpoints: %s, sources: %s, queue: 3, queue-timeout: 100s}
              brief: {endpoints: %s, sources: %s, queue: 1, queue-timeout: 300ms}
            routes:
              - {origin: patient}
              - {path: /brief, origin: brief}
            """;

    @Test
    @DisplayName(
            "3 sources x 2 endpoints x 200 ports: 1,200 tunnels at once, then a queue, and every end is used again")
    void spendsThreeSourcesAndTwoEndpoints() {
        spends("", LOW, RANGE, "[127.0.0.2-127.0.0.4]", "127.0.0.1:9000", "127.0.0.1:9001");
    }

    @Test
    @DisplayName("1 source x 6 endpoints x 200 ports: the same")
    void spendsOneSourceAndSixEndpoints() {
        spends(
                "",
                LOW,
                RANGE,
                "[127.0.0.2]",
                "127.0.0.1:9000",
                "127.0.0.1:9001",
                "127.0.0.1:9002",
                "127.0.0.5:9000",
                "127.0.0.5:9001",
                "127.0.0.6:9000");
    }

    @Test
    @DisplayName("IPv6, 3 sources x 2 endpoints x 200 ports: the same")
    void spendsSourcesOfIpv6() {
        spends("", LOW, RANGE, "[\"fd00::2-fd00::4\"]", "[fd00::1]:9000", "[fd00::1]:9001");
    }

    @ParameterizedTest
    @ValueSource(strings = {"window", "kernel", "ring"})
    void spendsEveryPortInTheOtherModesToo(String mode) {
        String ring = mode.equals("ring") ? "\nring-ports: %d-%d".formatted(LOW, LOW + 39) : "";
        // One origin of both families: every endpoint has the sources of its own.
        String sources = "[127.0.0.2-127.0.0.4, \"fd00::2-fd00::4\"]";
        spends("port-mode: " + mode + ring, LOW, 40, sources, "127.0.0.1:9000", "[fd00::1]:9000");
    }

    private static void spends(String settings, int low, int range, String sources, String... endpoints) {
        OwnNetwork.run(() -> {
            prepare(low, low + range - 1);
            if (settings.contains("ring")) {
                // The slice lies inside the range, where automatic selection leaves it alone.
                OwnNetwork.sysctl("net/ipv4/ip_local_port_range", low + " " + (low + 2 * range - 1));
                OwnNetwork.sysctl("net/ipv4/ip_local_reserved_ports", low + "-" + (low + range - 1));
            }
            List<InetSocketAddress> addresses =
                    Arrays.stream(endpoints).map(PortsLiveTest::addressOf).toList();
            int sourceCount = sources.contains("-") ? 3 : 1;
            int all = range * sourceCount * endpoints.length;
            try (PortsLab lab = new PortsLab(PROXY, addresses);
                    ChildProxy proxy = serve(settings, sources, endpoints)) {
                lab.fill(PATIENT, all);
                standsFull(proxy, addresses, range, sourceCount);

                // The next one waits, and is refused when its time is up; not one dial has failed.
                RawClient late = lab.ask(BRIEF);
                proxy.await(Counter.QUEUE_WAITING, 1);
                assertEquals(
                        "5", late.reply().refuses("503 Service Unavailable").field("Retry-After"));
                proxy.nextEnds(CloseReason.QUEUE_TIMEOUT);
                proxy.await(Counter.QUEUE_WAITING, 0);

                servesWaitersInTheirOrder(proxy, lab);
                assertEquals(0, proxy.dialed("address-not-available"), "dials that found the kernel without a tuple");
                assertEquals(0, proxy.dialed("address-in-use"), "dials that found the kernel without a tuple");
                proxy.await(Counter.TUNNELS_ACTIVE, all);

                endAll(proxy, lab);
                assertEquals(Map.of(), tuples(SocketTable.CONNECTED_MASK, addresses), "what the kernel still holds");

                // An account that had lost a tuple on any of those ways would be full too early now.
                lab.fill(PATIENT, all);
                standsFull(proxy, addresses, range, sourceCount);
                endAll(proxy, lab);
            }
        });
    }

    /** Every row has all its tuples, by the kernel's own list, and both loops have had a part in it. */
    private static void standsFull(Books proxy, List<InetSocketAddress> endpoints, int range, int sources) {
        for (PortRow row : proxy.ports()) {
            assertEquals(range, row.capacity());
            assertEquals(range, row.taken());
            assertEquals(0, row.held());
            assertEquals(0, row.foreign());
        }
        CounterSnapshot snapshot = proxy.snapshot();
        CounterSnapshot.Row active = snapshot.rows("counters").stream()
                .filter(row -> row.label().equals(Counter.TUNNELS_ACTIVE.label()))
                .findFirst()
                .orElseThrow();
        assertEquals((long) range * sources * endpoints.size(), active.total());
        for (long ofLoop : active.perLoop()) {
            assertTrue(ofLoop > 0, () -> "tunnels of each loop: " + Arrays.toString(active.perLoop()));
        }
        Map<String, Integer> rows = tuples(SocketTable.mask(SocketTable.ESTABLISHED), endpoints);
        assertEquals(sources * endpoints.size(), rows.size(), rows::toString);
        rows.forEach((row, count) -> assertEquals(range, count, row));
    }

    /** Full before and after: tunnels end one by one, and those who wait get their tuples, the oldest first. */
    private static void servesWaitersInTheirOrder(Books proxy, PortsLab lab) {
        RawClient first = lab.ask(PATIENT);
        proxy.await(Counter.QUEUE_WAITING, 1);
        RawClient second = lab.ask(PATIENT);
        proxy.await(Counter.QUEUE_WAITING, 2);
        RawClient third = lab.ask(PATIENT);
        proxy.await(Counter.QUEUE_WAITING, 3);
        lab.ask(PATIENT).reply().refuses("503 Service Unavailable");
        proxy.nextEnds(CloseReason.NO_SOURCE_PORT);

        lab.endByOrigin(0);
        first.head101();
        proxy.nextEnds(CloseReason.ORIGIN_CLOSED_FIRST);
        proxy.await(Counter.QUEUE_WAITING, 2);
        // One who leaves frees his place, and is not served any more.
        second.close();
        proxy.await(Counter.QUEUE_WAITING, 1);
        proxy.nextLine();
        assertEquals(0, third.available(), "the third one still waits");
        lab.endByOrigin(1);
        third.head101();
        proxy.await(Counter.QUEUE_WAITING, 0);
    }

    /** Ends every tunnel, by the origin's FIN or by the client's reset in turn: both free the tuple at once. */
    private static void endAll(ChildProxy proxy, PortsLab lab) {
        lab.endAllWithoutTimeWait();
        proxy.await(Counter.SESSIONS_ACTIVE, 0);
        proxy.awaitTuples(0, 0);
    }

    // ---- TIME_WAIT.

    @Test
    @DisplayName("tuples in TIME_WAIT count as taken: nobody dials into them, and they are used again when it ends")
    void holdsTuplesThroughTimeWait() {
        int range = 20;
        String[] endpoints = {"127.0.0.1:9000"};
        OwnNetwork.run(() -> {
            prepare(LOW, LOW + range - 1);
            List<InetSocketAddress> addresses = List.of(addressOf(endpoints[0]));
            try (PortsLab lab = new PortsLab(PROXY, addresses);
                    ChildProxy proxy = serve("", "[127.0.0.2]", endpoints)) {
                lab.fill(PATIENT, range);
                for (int i = 0; i < range; i++) {
                    lab.endByClient(i);
                }
                proxy.await(Counter.SESSIONS_ACTIVE, 0);
                Map<String, Integer> waiting = tuples(SocketTable.mask(SocketTable.TIME_WAIT), addresses);
                assertEquals(List.of(range), List.copyOf(waiting.values()), "TIME_WAIT in the kernel's list");

                proxy.awaitTuples(0, range);
                String said = command("ports", "--counters", proxy.counters().toString(), "--json");
                assertTrue(
                        said.contains("\"capacity\":20,\"live\":0,\"held\":20,\"foreign\":0,\"blocked\":0,\"free\":0,"),
                        said);
                assertTrue(said.contains("\"kernel-open\":0,\"kernel-closing\":20,\"difference\":0"), said);

                // No tunnel stands, and still the row is full: a dial would search all ports for nothing.
                RawClient late = lab.ask(BRIEF);
                late.reply().refuses("503 Service Unavailable");
                proxy.awaitClosed(CloseReason.QUEUE_TIMEOUT, 1);
                assertEquals(range, proxy.dialed("connected"));
                assertEquals(0, proxy.dialed("address-not-available"), "dials into a row that is known to be full");

                RawClient patient = lab.ask(PATIENT);
                proxy.await(Counter.QUEUE_WAITING, 1);
                patient.awaitReadable((int) Duration.ofSeconds(80).toMillis());
                patient.head101();
                assertEquals(0, proxy.dialed("address-not-available"), "dials before TIME_WAIT was over");
                // All of them ended within a moment, so all of the range comes free within a moment too.
                lab.fill(PATIENT, range - 1);
                assertEquals(0, proxy.dialed("address-not-available"), "dials into a row with room");
                proxy.awaitTuples(range, 0);
                endAll(proxy, lab);
            }
        });
    }

    // ---- The naive way, and those who go it on our addresses.

    @Test
    @DisplayName("bind without IP_BIND_ADDRESS_NO_PORT ends at 200 whatever the number of endpoints, with it at 400")
    void theNaiveWayEndsAtTheRange() {
        OwnNetwork.run(() -> {
            prepare(LOW, LOW + RANGE - 1);
            List<InetSocketAddress> endpoints = List.of(addressOf("127.0.0.1:9000"), addressOf("127.0.0.1:9001"));
            try (ServerSocket first = new ServerSocket();
                    ServerSocket second = new ServerSocket()) {
                // Nobody accepts: the kernel completes the handshakes, and keeps the connections in its queue.
                first.bind(endpoints.get(0), 2 * RANGE);
                second.bind(endpoints.get(1), 2 * RANGE);
                try (Bindings naive = new Bindings("127.0.0.2", false)) {
                    assertEquals("bind: EADDRINUSE after " + RANGE, naive.connectUntilRefused(endpoints));
                }
                try (Bindings shared = new Bindings("127.0.0.3", true)) {
                    assertEquals("connect: EADDRNOTAVAIL after " + 2 * RANGE, shared.connectUntilRefused(endpoints));
                }
            }
        });
    }

    @Test
    @DisplayName(
            "another process poisons 50 of 100 ports of a source: tunnels stand on all others, and a warning names it")
    void warnsOfAProcessThatPoisonsASource() {
        int range = 100;
        int poisoned = 50;
        OwnNetwork.run(() -> {
            prepare(LOW, LOW + range - 1);
            List<InetSocketAddress> addresses = List.of(addressOf("127.0.0.1:9000"));
            try (PortsLab lab = new PortsLab(PROXY, addresses);
                    ChildProcess poisoner =
                            java(PortPoisoner.class, "127.0.0.2", Integer.toString(LOW), Integer.toString(poisoned))) {
                assertEquals("poisoned", poisoner.nextLine(Await.PATIENCE));
                try (ChildProxy proxy = serve("", "[127.0.0.2-127.0.0.4]", "127.0.0.1:9000")) {
                    int tunnels = 0;
                    for (String status = "101"; status.equals("101"); tunnels++) {
                        status = lab.ask(BRIEF).head().split(" ")[1];
                    }
                    tunnels--;
                    Map<String, Integer> rows = tuples(SocketTable.mask(SocketTable.ESTABLISHED), addresses);
                    assertEquals(3, rows.size(), rows::toString);
                    // The kernel passes over a port that is bound by its number on all addresses, not only on its own.
                    assertEquals(3 * (range - poisoned), tunnels, rows::toString);
                    assertEquals(0, proxy.closed(CloseReason.ORIGIN_UNREACHABLE));
                    Await.until(() -> proxy.log().contains("source-poisoned"), "a warning in\n" + proxy.log());
                    String warning = proxy.log()
                            .lines()
                            .filter(line -> line.contains("source-poisoned"))
                            .findFirst()
                            .orElseThrow();
                    assertTrue(warning.contains("(pid " + poisoner.pid() + "): " + poisoned + " sockets"), warning);
                    assertTrue(warning.contains("source=127.0.0."), warning);
                    endAll(proxy, lab);
                }
            }
        });
    }

    // ---- The real range.

    @Test
    @DisplayName(
            "9024-65535: others hold 56,000 ports of a source, the proxy takes the other 512 and spills without an error")
    void takesTheLastPortsOfTheRealRangeAndSpills() {
        assumeTrue(PortFeatures.probe().portRangeSteps(), "before Linux 6.8 the filling takes minutes");
        int low = 9024;
        int high = 65_535;
        int[] fillers = {18_600, 18_600, 18_800};
        int filled = 56_000;
        int rest = high - low + 1 - filled;
        InetSocketAddress endpoint = addressOf("127.0.0.1:9000");
        String yaml = """
                loops: 2
                listeners: [{address: "127.0.0.1:8080"}]
                origins:
                  one: {endpoints: ["127.0.0.1:9000"], sources: [127.0.0.2], queue-timeout: 300ms}
                  two: {endpoints: ["127.0.0.1:9000"], sources: [127.0.0.2-127.0.0.3]}
                routes:
                  - {path: /one, origin: one}
                  - {path: /two, origin: two}
                """;
        OwnNetwork.run(() -> {
            prepare(low, high);
            OwnNetwork.sysctl("net/core/somaxconn", "65535");
            List<ChildProcess> others = new ArrayList<>();
            try {
                try (Hangup hangup = new Hangup(endpoint)) {
                    for (int count : fillers) {
                        others.add(java(
                                PortFiller.class, "127.0.0.2", "127.0.0.1", "9000", low + "", high + "", count + ""));
                    }
                    for (ChildProcess other : others) {
                        assertEquals("filled", other.nextLine(Await.PATIENCE));
                    }
                    hangup.await(filled);
                }
                List<InetSocketAddress> endpoints = List.of(endpoint);
                Map<String, Integer> before =
                        tuples(SocketTable.mask(SocketTable.ESTABLISHED, SocketTable.CLOSE_WAIT), endpoints);
                assertEquals(List.of(filled), List.copyOf(before.values()));
                try (PortsLab lab = new PortsLab(PROXY, endpoints);
                        ChildProxy proxy = ChildProxy.serve(List.of(), yaml)) {
                    Await.until(() -> proxy.ports().get(0).foreign() == filled, "the count of others' ports");
                    lab.fill("/one/", rest);
                    assertEquals(
                            high - low + 1,
                            tuples(SocketTable.CONNECTED_MASK, endpoints).get("127.0.0.2 to 127.0.0.1:9000"));
                    lab.ask("/one/").reply().refuses("503 Service Unavailable");
                    lab.fill("/two/", 200);
                    assertEquals(
                            200, tuples(SocketTable.CONNECTED_MASK, endpoints).get("127.0.0.3 to 127.0.0.1:9000"));
                    assertEquals(rest + 200, proxy.dialed("connected"));
                    assertEquals(0, proxy.dialed("address-not-available"));
                    endAll(proxy, lab);
                }
            } finally {
                others.forEach(ChildProcess::close);
            }
        });
    }

    private static ChildProcess java(Class<?> program, String... arguments) {
        return ChildProcess.start(commandLine(program, arguments), Map.of());
    }

    /** What {@code longshore} prints, in this network. */
    private static String command(String... arguments) {
        return String.join("\n", ChildProcess.run(commandLine(Main.class, arguments), Map.of(), Await.PATIENCE));
    }

    private static List<String> commandLine(Class<?> program, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                program.getName()));
        command.addAll(List.of(arguments));
        return command;
    }

    // ---- The network and what the kernel says of it.

    private static void prepare(int low, int high) {
        OwnNetwork.sysctl("net/ipv4/ip_local_port_range", low + " " + high);
        OwnNetwork.sysctl("net/ipv4/tcp_tw_reuse", "0");
        for (int i = 1; i <= 4; i++) {
            OwnNetwork.address("fd00::" + i + "/128");
        }
    }

    private static ChildProxy serve(String settings, String sources, String... endpoints) {
        List<String> quoted = new ArrayList<>();
        for (String endpoint : endpoints) {
            quoted.add('"' + endpoint + '"');
        }
        // It starts in the network of the thread that starts it.
        return ChildProxy.serve(List.of(), YAML.formatted(settings, quoted, sources, quoted, sources));
    }

    private static InetSocketAddress addressOf(String endpoint) {
        int colon = endpoint.lastIndexOf(':');
        return new InetSocketAddress(endpoint.substring(0, colon), Integer.parseInt(endpoint.substring(colon + 1)));
    }

    /** How many sockets in these states the kernel has towards the endpoints, by (source, endpoint). */
    private static Map<String, Integer> tuples(int states, List<InetSocketAddress> endpoints) {
        List<Address> wanted = endpoints.stream().map(Address::of).toList();
        Map<String, Integer> rows = new TreeMap<>();
        new SocketTable().visit(states, new SocketTable.Visitor() {
            @Override
            public void begin() {
                rows.clear();
            }

            @Override
            public void socket(
                    int state,
                    long localHigh,
                    long localLow,
                    int localPort,
                    long remoteHigh,
                    long remoteLow,
                    int remotePort,
                    long inode,
                    int uid) {
                Address endpoint = new Address(remoteHigh, remoteLow, remotePort);
                if (wanted.contains(endpoint)) {
                    rows.merge(new Address(localHigh, localLow, 0).hostText() + " to " + endpoint, 1, Integer::sum);
                }
            }
        });
        return rows;
    }
}
