package io.longshore.load.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.config.ConfigReader;
import io.longshore.control.Server;
import io.longshore.lab.Await;
import io.longshore.lab.ChildProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The benchmark's load program, tiny: every mode, straight to its own origin and through Longshore. */
@Timeout(120)
final class LoadProgramTest {
    private static final String CLIENTS = "127.10.1.1-127.10.1.3";
    private static final String ORIGINS = "127.10.0.1-127.10.0.2";
    private static final List<String> STEPS = List.of("listening", "established", "window", "result");

    @TempDir
    private Path folder;

    /** Where the program runs: straight, or through the proxy. */
    private static final int WINDOW_MS = 150;

    enum Way {
        DIRECT,
        LONGSHORE
    }

    private static Stream<Arguments> ways(String... options) {
        return Stream.of(Way.values()).flatMap(way -> Stream.of(options).map(option -> Arguments.of(way, option)));
    }

    private static Stream<Arguments> echoes() {
        return ways(
                "--connections 20",
                "--connections 20 --spin 0 --verify 1 --depth 5",
                "--connections 10 --framing frames --verify 1 --payload 125 --depth 3",
                "--connections 10 --framing frames --verify 1 --payload 126",
                "--connections 3 --framing frames --verify 1 --payload 70001 --depth 9",
                "--connections 3 --verify 1 --payload 700001 --depth 4");
    }

    @ParameterizedTest
    @MethodSource("echoes")
    void echoesEveryByteInAClosedLoop(Way way, String options) throws IOException {
        LoadRun run = works(way, "--mode echo " + options, "messages");
        assertEquals(STEPS, run.steps());
        assertClean(run);
        assertTrue(run.number("messages") > 0, run::toString);
        assertEquals(run.number("messages"), 2 * run.latencies(), "an echo is two messages and has one latency");
        assertTrue(run.number("bytes") > 0 && run.number("loadBusy") > 0, run::toString);
    }

    private static Stream<Arguments> rates() {
        return ways("--rate 2000", "--rate 1000 --framing frames --verify 1 --payload 500");
    }

    /** The schedule is arithmetic: so many messages are meant to be sent in the window, answered late or not. */
    @ParameterizedTest
    @MethodSource("rates")
    void countsEveryMessageThatWasMeantForTheWindow(Way way, String options) throws IOException {
        LoadRun run = runs(way, "--mode echo --connections 7 " + options);
        assertEquals(STEPS, run.steps());
        assertClean(run);
        double rate = Double.parseDouble(options.split(" ")[1]);
        // A busy machine may close the window late; what was due in between is meant for it or not, as it sees it.
        double least = rate * WINDOW_MS / 1e3;
        double most = Math.max(least, rate * run.number("windowNs") / 1e9);
        assertTrue(run.latencies() >= least - 1.5 && run.latencies() <= most + 1.5, run::toString);
    }

    private static Stream<Arguments> bulks() {
        return ways(
                "--direction oneway",
                "--direction oneway --verify 1",
                "--direction oneway --verify 1 --framing frames",
                "--direction echo",
                "--direction echo --verify 1",
                "--direction echo --verify 1 --framing frames");
    }

    @ParameterizedTest
    @MethodSource("bulks")
    void movesBulk(Way way, String options) throws IOException {
        LoadRun run = works(way, "--mode bulk --connections 3 --payload 65536 " + options, "messages");
        assertEquals(STEPS, run.steps());
        assertClean(run);
        assertTrue(run.number("bytes") > 0, run::toString);
        assertEquals(Math.floor(run.number("bytes") / 65536), run.number("messages"));
    }

    private static Stream<Arguments> holds() {
        return ways("--connections 300");
    }

    @ParameterizedTest
    @MethodSource("holds")
    void holdsTunnelsUntilItIsTold(Way way, String options) throws IOException {
        LoadRun run = runs(way, "--mode hold " + options);
        assertEquals(List.of("listening", "established", "window", "held", "result"), run.steps());
        assertClean(run);
        assertTrue(run.lines().get(1).startsWith("established 300 "), run::toString);
        assertEquals(300, run.number("handshakes"));
    }

    private static Stream<Arguments> storms() {
        return ways("--parallel 8", "--parallel 8 --abort 0 --hold 5");
    }

    @ParameterizedTest
    @MethodSource("storms")
    void stormsWithHandshakes(Way way, String options) throws IOException {
        LoadRun run = runs(way, "--mode storm " + options);
        assertEquals(STEPS, run.steps());
        assertClean(run);
        assertTrue(run.number("handshakes") > 0 && run.number("closed") > 0, run::toString);
        assertEquals(run.number("handshakes"), run.latencies());
    }

    private static Stream<Arguments> disconnects() {
        return ways("--abort 0", "--abort 1");
    }

    @ParameterizedTest
    @MethodSource("disconnects")
    void seesEveryDisconnectAtTheOrigin(Way way, String options) throws IOException {
        LoadRun run = runs(way, "--mode disconnect --connections 200 " + options);
        assertEquals(STEPS, run.steps());
        assertClean(run);
        assertEquals(200, run.number("closed"));
        assertEquals(200, run.latencies());
    }

    private static Stream<Arguments> slows() {
        return ways("--connections 4 --rate 500", "--connections 0");
    }

    @ParameterizedTest
    @MethodSource("slows")
    void readsSlowlyBesideAnEcho(Way way, String options) throws IOException {
        LoadRun run = runs(way, "--mode slow --hold 10 --reader-rate 20000 " + options);
        assertEquals(STEPS, run.steps());
        assertClean(run);
        double slowBytes = run.number("bytes") - run.number("messages") * 64;
        assertTrue(slowBytes > 0, run::toString);
        // Ten readers, 20,000 bytes a second each; one reading of each may have been due just before the window.
        assertTrue(slowBytes <= 200_000 * run.number("windowNs") / 1e9 + 10_000, run::toString);
    }

    @Test
    void sharesItsWorkAmongProcesses() throws IOException {
        int port = freePort();
        String origin = " --origin-addresses " + ORIGINS + " --origin-port " + port;
        try (ChildProcess one = LoadRun.start("--role origin" + origin);
                ChildProcess other = LoadRun.start("--role origin" + origin)) {
            assertEquals("listening", one.nextLine(Await.PATIENCE));
            assertEquals("listening", other.nextLine(Await.PATIENCE));
            LoadRun run = LoadRun.of("--role client --mode echo --connections 20 --verify 1 --window-ms 100"
                    + " --watch " + one.pid() + "," + other.pid() + origin);
            assertEquals(List.of("established", "window", "result"), run.steps());
            assertClean(run);
            assertTrue(run.number("messages") > 0 && run.number("proxyCpuNs") > 0, run::toString);
            for (ChildProcess process : List.of(one, other)) {
                process.endInput();
                assertEquals(0, process.exitCode(Await.PATIENCE), process::toString);
            }
        }
    }

    @Test
    void saysWhyItCouldNotMeasure() throws IOException {
        int port = freePort();
        LoadRun run = LoadRun.of("--role client --mode echo --connections 3 --connect 127.10.0.9:" + port);
        assertEquals(1, run.exitCode());
        assertTrue(run.errors().contains("Connection refused"), run::toString);
        assertTrue(run.errors().contains("none of 3 tunnels came to stand"), run::toString);

        LoadRun unknown = LoadRun.of("--mode ech --origin-addresses " + ORIGINS + " --origin-port " + port);
        assertEquals(1, unknown.exitCode());
        assertTrue(unknown.errors().contains("none of echo|bulk"), unknown::toString);
    }

    /** A proxy that answers with something else than a 101: every handshake is a failure, and is told. */
    @Test
    void takesNoOtherAnswerForAnUpgrade() throws IOException {
        try (Proxy proxy = proxyBefore(freePort())) {
            LoadRun run = LoadRun.of("--role client --mode echo --connections 3 --connect " + proxy.address());
            assertEquals(1, run.exitCode());
            assertTrue(run.errors().contains("connection 0 was refused: HTTP/1.1 502"), run::toString);
        }
    }

    private LoadRun runs(Way way, String options) throws IOException {
        return runs(way, options, WINDOW_MS);
    }

    /** The same, and once more with a longer window if the machine let nobody run in the first. */
    private LoadRun works(Way way, String options, String counted) throws IOException {
        LoadRun run = runs(way, options, WINDOW_MS);
        return run.number(counted) > 0 ? run : runs(way, options, 10 * WINDOW_MS);
    }

    private LoadRun runs(Way way, String options, int windowMs) throws IOException {
        int port = freePort();
        String all = options + " --client-addresses " + CLIENTS + " --origin-addresses " + ORIGINS + " --origin-port "
                + port + " --warm-ms 20 --window-ms " + windowMs;
        if (way == Way.DIRECT) {
            return LoadRun.of(all);
        }
        try (Proxy proxy = proxyBefore(port)) {
            return LoadRun.of(all + " --connect " + proxy.address());
        }
    }

    private static void assertClean(LoadRun run) {
        assertEquals(0, run.exitCode(), run::toString);
        assertEquals("", run.errors());
        assertEquals(0, run.number("failures"));
        assertEquals(0, run.number("mismatches"));
        assertTrue(run.number("windowNs") > 0, run::toString);
    }

    /** Longshore in this JVM. */
    private record Proxy(Server server) implements AutoCloseable {
        String address() {
            return server.addresses().get(0).toString();
        }

        @Override
        public void close() {
            server.stop();
            server.awaitEnd();
        }
    }

    private Proxy proxyBefore(int port) throws IOException {
        String yaml = """
                loops: 1
                counters: %s
                drain-timeout: 1s
                listeners:
                  - address: 127.10.0.8:0
                origins:
                  origin:
                    endpoints: ["127.10.0.1:%d", "127.10.0.2:%d"]
                routes:
                  - origin: origin
                """.formatted(Files.createDirectories(folder), port, port);
        if (ConfigReader.parse("load.yaml", yaml) instanceof ConfigReader.Valid valid) {
            return new Proxy(Server.start(valid.config()));
        }
        throw new AssertionError(yaml);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.10.0.1"))) {
            return socket.getLocalPort();
        }
    }
}
