package io.longshore.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.lab.Await;
import io.longshore.lab.ChildProcess;
import io.longshore.lab.LeakCheck;
import io.longshore.lab.LongshoreProcess;
import io.longshore.lab.SampleUpgrade;
import io.longshore.lab.SocketLab;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How {@code bin/longshore serve} starts, what it says, and how signals end it. */
@Tag("system")
@Timeout(300)
class LifeCycleSystemTest {
    private static final String LOOPBACK = "127.0.0.1";
    private static final String FIVE_MISTAKES = """
            engine: epol
            loops: 0
            listners:
              - address: 127.0.0.1:8080
            origins:
              chat:
                endpoints: [127.0.0.1:99999]
            routes:
              - host: "*"
                path: /
                origin: chat
                idle-timeout: 100 parsecs
            """;

    private SocketLab lab;
    private SocketLab.Connection listener;

    @BeforeEach
    void start() {
        lab = SocketLab.start();
        listener = lab.listen(LOOPBACK);
    }

    @AfterEach
    void stop() {
        lab.close();
    }

    @Test
    void theReadyLineSaysWhereAndWhatItIs() {
        try (LongshoreProcess proxy = LongshoreProcess.serve(configuration("1s"))) {
            Pattern line = Pattern.compile("ready 127\\.0\\.0\\.1:\\d+ engine=[a-z_]+ loops=2 pid=\\d+");
            assertTrue(line.matcher(proxy.readyLine()).matches(), proxy.readyLine());
            // The launcher execs: the process that a supervisor started is the one that serves.
            assertEquals(Long.toString(proxy.pid()), proxy.label("pid"));
            roundTrip(open(proxy));
        }
    }

    @Test
    void severalListenersAllServeIpv6Too() {
        String yaml =
                configuration("1s").replace("- address: 127.0.0.1:0", "- address: 127.0.0.1:0\n  - address: '[::1]:0'");
        try (LongshoreProcess proxy = LongshoreProcess.serve(yaml)) {
            assertEquals(2, proxy.addresses().size(), proxy.readyLine());
            for (InetSocketAddress address : proxy.addresses()) {
                roundTrip(Tunnel.open(lab, address.getAddress().getHostAddress(), address.getPort(), listener));
            }
        }
    }

    @Test
    void nothingIsLeftOpenHoweverAConnectionEnds() {
        try (LongshoreProcess proxy = LongshoreProcess.serve(configuration("1s"))) {
            roundTrip(open(proxy));
            int sockets = LeakCheck.count(proxy.pid(), LeakCheck.Kind.SOCKET);
            for (int i = 0; i < 50; i++) {
                Tunnel closedByClient = open(proxy);
                closedByClient.client.close();
                closedByClient.origin.expectEof().ok();
                closedByClient.origin.close();
                Tunnel closedByOrigin = open(proxy);
                closedByOrigin.origin.close();
                closedByOrigin.client.expectEof().ok();
                closedByOrigin.client.close();
                open(proxy).client.reset();
                open(proxy).origin.reset();
                // These two leave before there is a tunnel: in mid-head, and while the origin thinks.
                SocketLab.Connection early = lab.connect(LOOPBACK, proxy.port());
                early.send("GET / HTTP/1.1\r\nHo").ok();
                early.close();
                SocketLab.Connection impatient = lab.connect(LOOPBACK, proxy.port());
                impatient.send(SampleUpgrade.request("/")).ok();
                listener.accept().receiveUntil(SampleUpgrade.END_OF_HEAD).ok();
                impatient.reset();
            }
            Await.until(
                    () -> LeakCheck.count(proxy.pid(), LeakCheck.Kind.SOCKET) == sockets,
                    "the " + sockets + " sockets that there were, in " + proxy);
        }
    }

    @Test
    void afterSigtermATunnelLivesOnAndNobodyNewIsServed() {
        try (LongshoreProcess proxy = LongshoreProcess.serve(configuration("60s"))) {
            Tunnel tunnel = open(proxy);
            proxy.signal("TERM");
            Await.until(() -> !accepts(proxy.port()), "the end of accepting");
            roundTrip(tunnel);
            assertTrue(proxy.isAlive());
            tunnel.client.close();
            tunnel.origin.expectEof().ok();
            tunnel.origin.close();
            // Well before drain-timeout: when the last tunnel has gone there is nothing to wait for.
            assertEquals(0, proxy.exitCode());
        }
    }

    @Test
    void afterTheDrainTimeoutTheRestIsClosed() {
        try (LongshoreProcess proxy = LongshoreProcess.serve(configuration("1s"))) {
            Tunnel tunnel = open(proxy);
            proxy.signal("TERM");
            assertTrue(isEnd(tunnel.client), "the client's side was left open");
            assertTrue(isEnd(tunnel.origin), "the origin's side was left open");
            assertEquals(0, proxy.exitCode());
        }
    }

    @Test
    void sigtermInMidHandshakeLetsItFinishOrRefusesIt() {
        try (LongshoreProcess proxy = LongshoreProcess.serve(configuration("20s"))) {
            SocketLab.Connection client = lab.connect(LOOPBACK, proxy.port());
            client.send("GET / HTTP/1.1\r\nHost: a\r\n").ok();
            Tunnel before = open(proxy);
            proxy.signal("TERM");
            Await.until(() -> !accepts(proxy.port()), "the end of accepting");
            before.client.close();
            before.origin.close();
            client.send("Upgrade: websocket\r\n\r\n");
            // A request that is no complete upgrade: whichever way it goes, it is told so and never just dropped.
            String answer = client.receiveUntilEof().text();
            assertTrue(answer.matches("(?s)HTTP/1\\.1 (400|426|503) .*"), answer);
            assertEquals(0, proxy.exitCode());
        }
    }

    @Test
    void sigintStopsAtOnce() {
        try (LongshoreProcess proxy = LongshoreProcess.serve(configuration("10m"))) {
            Tunnel tunnel = open(proxy);
            proxy.signal("INT");
            assertTrue(isEnd(tunnel.client), "the client's side was left open");
            assertEquals(0, proxy.exitCode());
        }
    }

    @Test
    void sighupIsLoggedAndChangesNothing() {
        try (LongshoreProcess proxy = LongshoreProcess.serve(configuration("1s"))) {
            Tunnel before = open(proxy);
            int logged = proxy.errors().length();
            proxy.signal("HUP");
            Await.until(() -> proxy.errors().length() > logged, "a line in the log");
            roundTrip(before);
            roundTrip(open(proxy));
        }
    }

    @Test
    void anAddressThatAnotherProgramHoldsIsAFailure() {
        // Two proxies would share it (SO_REUSEPORT); a socket that was opened without that option is in the way.
        String yaml = LongshoreProcess.configuration(LOOPBACK + ":" + listener.port(), LOOPBACK + ":1");
        Path file = LongshoreProcess.write(yaml);
        try (ChildProcess refused = LongshoreProcess.start("serve", "-c", file.toString())) {
            assertEquals(1, refused.exitCode(Await.PATIENCE), refused::toString);
            assertEquals(List.of(), refused.linesLeft());
            assertTrue(refused.errors().contains(":" + listener.port()), refused.errors());
        }
    }

    @Test
    void aBadConfigurationIsReportedWholeAndStartsNothing() {
        Path file = LongshoreProcess.write(FIVE_MISTAKES);
        for (String command : List.of("check", "serve")) {
            try (ChildProcess refused = LongshoreProcess.start(command, "-c", file.toString())) {
                assertEquals(2, refused.exitCode(Await.PATIENCE), refused::toString);
                String all = String.join("\n", refused.linesLeft()) + "\n" + refused.errors();
                assertFalse(all.contains("ready "), all);
                assertFalse(all.contains("Exception"), all);
                for (String place : List.of(":1:", ":2:", ":3:", ":7:", ":12:")) {
                    Pattern fault = Pattern.compile(Pattern.quote(file + place) + "\\d+: ");
                    assertTrue(
                            fault.matcher(all).find(), () -> command + " does not report line " + place + "\n" + all);
                }
            }
        }
    }

    @Test
    void aSoundConfigurationPassesTheCheck() {
        Path file = LongshoreProcess.write(configuration("1s"));
        try (ChildProcess check = LongshoreProcess.start("check", "-c", file.toString())) {
            assertEquals(0, check.exitCode(Await.PATIENCE), check::toString);
        }
    }

    @Test
    void systemdIsToldOfTheStartAndTheEnd(@TempDir Path folder) {
        String socket = folder.resolve("notify").toString();
        try (ChildProcess systemd = ChildProcess.start(Peers.PYTHON, Peers.script("notify.py"), socket)) {
            assertEquals("listening", systemd.nextLine(Await.PATIENCE));
            assertTrue(Files.exists(Path.of(socket)));
            try (LongshoreProcess proxy =
                    LongshoreProcess.serve(List.of(), Map.of("NOTIFY_SOCKET", socket), configuration("1s"))) {
                awaitWord(systemd, "READY=1");
                proxy.signal("TERM");
                awaitWord(systemd, "STOPPING=1");
                assertEquals(0, proxy.exitCode());
            }
        }
    }

    private String configuration(String drainTimeout) {
        return LongshoreProcess.configuration(LOOPBACK + ":0", LOOPBACK + ":" + listener.port())
                .replace("drain-timeout: 1s", "drain-timeout: " + drainTimeout);
    }

    private Tunnel open(LongshoreProcess proxy) {
        return Tunnel.open(lab, LOOPBACK, proxy.port(), listener);
    }

    private static void roundTrip(Tunnel tunnel) {
        tunnel.client.send("ping").ok();
        assertEquals("ping", tunnel.origin.receive(4).text());
        tunnel.origin.send("pong").ok();
        assertEquals("pong", tunnel.client.receive(4).text());
    }

    /** Whether the connection ends, by a FIN or a reset. */
    private static boolean isEnd(SocketLab.Connection connection) {
        String failure = connection.receive(1).failure();
        return failure.startsWith("eof") || failure.startsWith("ECONNRESET");
    }

    private static boolean accepts(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
            return true;
        } catch (IOException refused) {
            return false;
        }
    }

    private static void awaitWord(ChildProcess systemd, String word) {
        String line;
        do {
            line = systemd.nextLine(Await.PATIENCE);
        } while (!line.equals(word));
    }
}
