package io.longshore.system;

import static io.longshore.lab.SampleUpgrade.END_OF_HEAD;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.lab.BytePattern;
import io.longshore.lab.SampleUpgrade;
import io.longshore.lab.SocketLab;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What TCP itself promises, kept from end to end: half-closes, resets, back-pressure, every byte in its order. */
@Tag("system")
@Timeout(300)
class TunnelSystemTest {
    private static final String LOOPBACK = "127.0.0.1";
    private static final long UP = 11;
    private static final long DOWN = 12;
    private static final long MIB = 1 << 20;

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

    @ParameterizedTest
    @EnumSource
    void theOriginAnswersAfterTheClientsHalfClose(Via via) {
        try (Via.Way way = via.to(listener.port())) {
            Tunnel tunnel = open(way);
            tunnel.client.send(new BytePattern(4 * MIB, UP), "piece=30000");
            tunnel.client.fin();
            assertEquals(4 * MIB, tunnel.origin.verifyUntilEof(UP).count());
            tunnel.origin.send(new BytePattern(4 * MIB, DOWN), "piece=30000");
            tunnel.origin.fin();
            assertEquals(4 * MIB, tunnel.client.verifyUntilEof(DOWN).count());
        }
    }

    @ParameterizedTest
    @EnumSource
    void theClientAnswersAfterTheOriginsHalfClose(Via via) {
        try (Via.Way way = via.to(listener.port())) {
            Tunnel tunnel = open(way);
            tunnel.origin.send(new BytePattern(4 * MIB, DOWN));
            tunnel.origin.fin();
            assertEquals(4 * MIB, tunnel.client.verifyUntilEof(DOWN).count());
            tunnel.client.send(new BytePattern(4 * MIB, UP));
            tunnel.client.fin();
            assertEquals(4 * MIB, tunnel.origin.verifyUntilEof(UP).count());
        }
    }

    @ParameterizedTest
    @EnumSource
    void noHalfClosingEchoClientLosesAByte(Via via) {
        int clients = 300;
        long length = 100_000;
        try (Via.Way way = via.to(listener.port())) {
            List<SocketLab.Step> echoed = new ArrayList<>();
            List<SocketLab.Step> received = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                Tunnel tunnel = open(way);
                echoed.add(tunnel.origin.echo("timeout=120000"));
                tunnel.client.send(new BytePattern(length, i), "piece=20000", "timeout=120000");
                tunnel.client.fin();
                received.add(tunnel.client.verifyUntilEof(i, "timeout=120000"));
            }
            for (int i = 0; i < clients; i++) {
                assertEquals(length, echoed.get(i).count(), "at the origin, client " + i);
                assertEquals(length, received.get(i).count(), "back at client " + i);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aResetReachesTheOtherSide(Via via) {
        try (Via.Way way = via.to(listener.port())) {
            Tunnel byClient = open(way);
            byClient.client.reset();
            byClient.origin.expectReset().ok();
            Tunnel byOrigin = open(way);
            byOrigin.origin.reset();
            byOrigin.client.expectReset().ok();
        }
    }

    @ParameterizedTest
    @EnumSource
    void anOriginThatNeverReadsStopsItsClientAndLosesNothing(Via via) {
        try (Via.Way way = via.to(listener.port())) {
            Tunnel tunnel = open(way);
            SocketLab.Step stuck = tunnel.client.send(new BytePattern(256 * MIB, UP), "timeout=3000");
            assertTrue(stuck.failure().startsWith("timeout"));
            long sent = tunnel.client.stat("sent") - tunnel.sentBefore;
            // Two connections with two socket buffers each, as large as the kernel may tune them, and what we park.
            long buffers = 2 * (largest("tcp_rmem") + largest("tcp_wmem")) + MIB;
            assertTrue(sent < buffers && buffers < 256 * MIB, "took " + sent + " bytes, " + buffers + " expected");
            tunnel.client.fin();
            assertEquals(sent, tunnel.origin.verifyUntilEof(UP).count());
        }
    }

    @ParameterizedTest
    @EnumSource
    void aSlowReaderGetsEverythingInOrder(Via via) {
        try (Via.Way way = via.to(listener.port())) {
            Tunnel tunnel = open(way);
            tunnel.origin.send(new BytePattern(8 * MIB, DOWN), "timeout=120000");
            tunnel.origin.fin();
            SocketLab.Step read = tunnel.client.verifyUntilEof(DOWN, "piece=50000", "every=2", "timeout=120000");
            assertEquals(8 * MIB, read.count());
        }
    }

    @ParameterizedTest
    @EnumSource
    void bytesSentEarlyWaitForTheUpgradeOnBothSides(Via via) {
        try (Via.Way way = via.to(listener.port())) {
            SocketLab.Connection client = lab.connect(LOOPBACK, way.port());
            client.send(SampleUpgrade.request("/") + "sent with the request").ok();
            SocketLab.Connection origin = listener.accept();
            origin.receiveUntil(END_OF_HEAD).ok();
            origin.send(SampleUpgrade.ANSWER + "sent with the answer").ok();
            assertTrue(client.receiveUntil(END_OF_HEAD).text().startsWith("HTTP/1.1 101 "));
            assertEquals("sent with the answer", client.receive(20).text());
            assertEquals("sent with the request", origin.receive(21).text());
        }
    }

    @ParameterizedTest
    @EnumSource
    void aHandshakeMayComeByteByByte(Via via) {
        try (Via.Way way = via.to(listener.port())) {
            SocketLab.Connection client = lab.connect(LOOPBACK, way.port());
            client.trickle(SampleUpgrade.request("/"), 1).ok();
            SocketLab.Connection origin = listener.accept();
            origin.receiveUntil(END_OF_HEAD).ok();
            origin.trickle(SampleUpgrade.ANSWER, 1).ok();
            assertTrue(client.receiveUntil(END_OF_HEAD).text().startsWith("HTTP/1.1 101 "));
            client.send("through").ok();
            assertEquals("through", origin.receive(7).text());
        }
    }

    /** The third number of {@code /proc/sys/net/ipv4/NAME}: what autotuning may let a buffer grow to. */
    private static long largest(String name) {
        // A sysctl's file must be read in one piece: at any other position than 0 it is empty. Files.readString asks
        // for
        // a single byte first, because the file's size is said to be 0.
        try (BufferedReader file = Files.newBufferedReader(Path.of("/proc/sys/net/ipv4", name))) {
            return Long.parseLong(file.readLine().split("\\s+")[2]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Tunnel open(Via.Way way) {
        return Tunnel.open(lab, LOOPBACK, way.port(), listener);
    }
}
