package io.longshore.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.lab.Await;
import io.longshore.lab.SampleUpgrade;
import io.longshore.metrics.CloseReason;
import io.longshore.metrics.Counter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Either peer dies at every byte of the handshake, by FIN and by RST: each connection ends for exactly one reason, one
 * that fits how far it had come, and nothing of it is left.
 *
 * <p>Every client has a source address of its own, by which its access line is found again.
 */
@Timeout(180)
final class KillAtEveryByteTest {
    private static final int AT_ONCE = 48;
    private static final String REQUEST = SampleUpgrade.request("/");
    private static final String ANSWER = SampleUpgrade.ANSWER;

    /** One connection's end: who it is, and why it may have ended. */
    private record Case(int number, String what, Set<CloseReason> reasons) {}

    private final List<Case> cases = new ArrayList<>();
    private final List<Callable<Void>> clients = new ArrayList<>();
    private ProxyUnderTest proxy;

    @AfterEach
    void stop() {
        if (proxy != null) {
            proxy.server().stop();
        }
    }

    /** What one client does; it has connected. */
    @FunctionalInterface
    private interface Script {
        void play(RawClient client) throws IOException;
    }

    @Test
    void theClientAtEveryByteOfItsRequest() {
        try (TestOrigin origin = TestOrigin.echoing()) {
            proxy = ProxyUnderTest.before(origin);
            for (int sent = 0; sent <= REQUEST.length(); sent++) {
                String part = REQUEST.substring(0, sent);
                boolean isAll = sent == REQUEST.length();
                add(
                        "FIN after " + sent + " bytes sent",
                        client -> client.send(part).close(),
                        isAll
                                ? EnumSet.of(
                                        CloseReason.CLIENT_LEFT_IN_DIAL,
                                        CloseReason.CLIENT_LEFT_BEFORE_101,
                                        CloseReason.CLIENT_CLOSED_FIRST,
                                        CloseReason.CLIENT_RESET)
                                : EnumSet.of(CloseReason.CLIENT_LEFT_BEFORE_HEAD));
                add(
                        "RST after " + sent + " bytes sent",
                        client -> client.send(part).reset(),
                        isAll
                                ? EnumSet.of(
                                        CloseReason.CLIENT_RESET_IN_DIAL,
                                        CloseReason.CLIENT_RESET_BEFORE_101,
                                        CloseReason.CLIENT_RESET)
                                : EnumSet.of(CloseReason.CLIENT_RESET_BEFORE_HEAD));
            }
            playAll();
        }
    }

    @Test
    void theClientAfterEveryByteThatItsOriginHasSentOfTheAnswer() {
        Map<String, CountDownLatch> halfway = new ConcurrentHashMap<>();
        TestOrigin.Script script = connection -> {
            String path = connection.readHead().split(" ")[1];
            connection.send(ANSWER.substring(0, Integer.parseInt(path.split("/")[1])));
            halfway.get(path).countDown();
            connection.readToEnd();
        };
        try (TestOrigin origin = TestOrigin.playing(script)) {
            proxy = ProxyUnderTest.before(origin);
            for (int sent = 0; sent <= ANSWER.length(); sent++) {
                for (boolean isReset : List.of(false, true)) {
                    String path = "/" + sent + "/" + isReset;
                    halfway.put(path, new CountDownLatch(1));
                    EnumSet<CloseReason> reasons = EnumSet.of(
                            isReset ? CloseReason.CLIENT_RESET_BEFORE_101 : CloseReason.CLIENT_LEFT_BEFORE_101);
                    if (sent == ANSWER.length()) {
                        // Closing with the answer unread sends a reset, too.
                        reasons.addAll(EnumSet.of(CloseReason.CLIENT_CLOSED_FIRST, CloseReason.CLIENT_RESET));
                    }
                    Script end = isReset ? RawClient::reset : RawClient::close;
                    add(
                            (isReset ? "RST after " : "FIN after ") + sent + " bytes of the origin's",
                            client -> {
                                client.send(SampleUpgrade.request(path));
                                await(halfway.get(path));
                                end.play(client);
                            },
                            reasons);
                }
            }
            playAll();
        }
    }

    @Test
    void theClientAfterEveryByteThatItHasReadOfTheAnswer() {
        try (TestOrigin origin = TestOrigin.echoing()) {
            proxy = ProxyUnderTest.before(origin);
            int length;
            try (RawClient client = RawClient.connect(proxy).send(REQUEST)) {
                length = client.head101().length();
            }
            for (int read = 0; read <= length; read++) {
                int count = read;
                add(
                        "FIN after " + read + " bytes read",
                        client -> {
                            client.send(REQUEST).read(count);
                            client.finish().readToEnd();
                            client.close();
                        },
                        // Before the first byte of the answer, the tunnel may not stand yet.
                        read == 0
                                ? EnumSet.of(
                                        CloseReason.CLIENT_LEFT_IN_DIAL,
                                        CloseReason.CLIENT_LEFT_BEFORE_101,
                                        CloseReason.CLIENT_CLOSED_FIRST)
                                : EnumSet.of(CloseReason.CLIENT_CLOSED_FIRST));
                add(
                        "RST after " + read + " bytes read",
                        client -> {
                            client.send(REQUEST).read(count);
                            client.reset();
                        },
                        read == 0
                                ? EnumSet.of(
                                        CloseReason.CLIENT_RESET_IN_DIAL,
                                        CloseReason.CLIENT_RESET_BEFORE_101,
                                        CloseReason.CLIENT_RESET)
                                : EnumSet.of(CloseReason.CLIENT_RESET));
            }
            // The connection that measured the answer.
            cases.add(null);
            playAll();
        }
    }

    @Test
    void theOriginAfterEveryByteThatItHasReadOfTheRequest() {
        AtomicInteger lengthSeen = new AtomicInteger();
        try (TestOrigin origin = TestOrigin.playing(connection -> {
            lengthSeen.set(connection.readHead().length());
        })) {
            proxy = ProxyUnderTest.before(origin);
            try (RawClient client = RawClient.connect(new InetSocketAddress(source(0), 0), proxy.address())
                    .send(REQUEST)) {
                assertEquals(502, client.reply().status());
            }
        }
        proxy.close();
        int length = lengthSeen.get();
        assertTrue(length > REQUEST.length(), "the proxy adds to the head: " + length);

        AtomicInteger turn = new AtomicInteger();
        TestOrigin.Script script = connection -> {
            int number = turn.getAndIncrement();
            connection.read(number / 2);
            if (number % 2 == 0) {
                connection.reset();
            } else {
                // A close with bytes unread would be a reset.
                connection.finish();
                connection.readToEnd();
            }
        };
        try (TestOrigin origin = TestOrigin.playing(script)) {
            proxy = ProxyUnderTest.before(origin);
            for (int i = 0; i <= 2 * length + 1; i++) {
                // Which client meets which end is not ours to choose, but both ends come as often.
                add(
                        "an origin that reads and dies",
                        client -> refusedWith502(client.send(REQUEST)),
                        EnumSet.of(
                                CloseReason.ORIGIN_LEFT_BEFORE_101,
                                CloseReason.ORIGIN_RESET_BEFORE_101,
                                // The reset of a connection that the origin has just accepted may come before our
                                // connect is told.
                                CloseReason.ORIGIN_REFUSED));
            }
            playAll(() -> {
                assertEquals(length + 1, proxy.closed(CloseReason.ORIGIN_LEFT_BEFORE_101), "by FIN");
                assertTrue(proxy.closed(CloseReason.ORIGIN_REFUSED) <= 1, "resets before the first byte");
            });
        }
    }

    @Test
    void theOriginAfterEveryByteThatItHasSentOfTheAnswer() {
        TestOrigin.Script script = connection -> {
            String[] path = connection.readHead().split(" ")[1].split("/");
            connection.send(ANSWER.substring(0, Integer.parseInt(path[1])));
            if (Boolean.parseBoolean(path[2])) {
                connection.reset();
            }
        };
        try (TestOrigin origin = TestOrigin.playing(script)) {
            proxy = ProxyUnderTest.before(origin);
            for (int sent = 0; sent < ANSWER.length(); sent++) {
                for (boolean isReset : List.of(false, true)) {
                    String request = SampleUpgrade.request("/" + sent + "/" + isReset);
                    add(
                            (isReset ? "RST after " : "FIN after ") + sent + " bytes sent by the origin",
                            client -> refusedWith502(client.send(request)),
                            EnumSet.of(
                                    isReset
                                            ? CloseReason.ORIGIN_RESET_BEFORE_101
                                            : CloseReason.ORIGIN_LEFT_BEFORE_101));
                }
            }
            String all = "/" + ANSWER.length() + "/";
            add(
                    "FIN behind the answer",
                    client -> {
                        client.send(SampleUpgrade.request(all + false)).head101();
                        assertEquals(0, client.readToEnd().length);
                        client.close();
                    },
                    EnumSet.of(CloseReason.ORIGIN_CLOSED_FIRST));
            add(
                    "RST behind the answer",
                    client -> {
                        // Whether the answer is seen before the reset that follows it is the kernel's affair.
                        client.send(SampleUpgrade.request(all + true)).readToReset();
                        client.close();
                    },
                    EnumSet.of(CloseReason.ORIGIN_RESET));
            playAll();
        }
    }

    /** The proxy's own refusal, whole, and a clean end: nothing of what the origin sent before it died gets through. */
    private static void refusedWith502(RawClient client) {
        client.reply().refuses("502 Bad Gateway");
        client.close();
    }

    private void add(String what, Script script, Set<CloseReason> reasons) {
        Case added = new Case(cases.size(), what, reasons);
        cases.add(added);
        clients.add(() -> {
            try (RawClient client =
                    RawClient.connect(new InetSocketAddress(source(added.number()), 0), proxy.address())) {
                script.play(client);
            } catch (AssertionError | IOException | RuntimeException e) {
                throw new AssertionError(what + ": " + e, e);
            }
            return null;
        });
    }

    /** An address of the client's own, 127.100.100.100 and up: as long as all others where the proxy writes it. */
    private static InetAddress source(int number) {
        try {
            return InetAddress.getByName("127.100." + (100 + number / 100) + "." + (100 + number % 100));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void playAll() {
        playAll(() -> {});
    }

    /** Plays all clients, many at once; looks at the reasons; holds that nothing is left. */
    private void playAll(Runnable check) {
        ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);
        try {
            for (Future<Void> end : threads.invokeAll(clients)) {
                end.get(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS);
            }
            Await.until(() -> proxy.lines().size() == cases.size(), cases.size() + " access lines");
            Map<String, String> reasons = new HashMap<>();
            for (Map<String, String> line : proxy.lines()) {
                String client = line.get("client");
                reasons.put(client.substring(0, client.lastIndexOf(':')), line.get("reason"));
            }
            for (Case each : cases) {
                if (each != null) {
                    String reason = reasons.get(source(each.number()).getHostAddress());
                    assertTrue(
                            each.reasons().stream()
                                    .anyMatch(allowed -> allowed.label().equals(reason)),
                            () -> each.what() + " ended as " + reason + ", not as one of " + each.reasons());
                }
            }
            assertEquals(cases.size(), proxy.counter(Counter.CONNECTIONS_ACCEPTED));
            check.run();
            proxy.close();
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause().getMessage(), e.getCause());
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError(e);
        } finally {
            threads.shutdownNow();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(Await.PATIENCE.toMillis(), TimeUnit.MILLISECONDS), "the origin comes so far");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
