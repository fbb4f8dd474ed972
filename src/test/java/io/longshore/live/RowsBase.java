package io.longshore.live;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.longshore.lab.Await;
import io.longshore.lab.SampleUpgrade;
import io.longshore.metrics.CloseReason;
import io.longshore.metrics.Counter;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;

/** An origin, the proxy in front of it, and after each test the check that nothing is left of anything. */
@Timeout(120)
abstract class RowsBase {
    TestOrigin origin;
    ProxyUnderTest proxy;

    /** Starts both, with the defaults. */
    void start(TestOrigin newOrigin) {
        origin = newOrigin;
        proxy = ProxyUnderTest.before(origin);
    }

    @AfterEach
    void nothingIsLeft() {
        try {
            if (proxy != null) {
                proxy.close();
            }
        } finally {
            if (origin != null) {
                origin.close();
            }
        }
    }

    /** Sends a request that the proxy refuses by itself: the status, the reason, the close, and no dial. */
    Reply refused(String request, String status, CloseReason reason) {
        int connections = origin.connections();
        try {
            Reply reply = exchange(request).refuses(status);
            endsAs(reason, status);
            assertEquals(connections, origin.connections(), () -> "the origin hears nothing of " + request);
            return reply;
        } catch (AssertionError e) {
            throw new AssertionError("sent: " + request.substring(0, Math.min(400, request.length())), e);
        }
    }

    /** Sends a request, reads the answer and the FIN behind it, and closes as well: until then the proxy lingers. */
    Reply exchange(String request) {
        try (RawClient client = RawClient.connect(proxy).send(request)) {
            return client.reply();
        }
    }

    /** The next connection ends so, with this status. */
    Map<String, String> endsAs(CloseReason reason, String status) {
        Map<String, String> line = proxy.nextEnds(reason);
        assertEquals(status.split(" ")[0], line.get("status"), line::toString);
        return line;
    }

    /** An upgrade request in which the first occurrence of a text is replaced. */
    static String upgrade(String text, String replacement) {
        String request = SampleUpgrade.request("/");
        if (!request.contains(text)) {
            throw new AssertionError(text);
        }
        return request.replaceFirst(Pattern.quote(text), Matcher.quoteReplacement(replacement));
    }

    /** An upgrade request with more header lines, each with its CR LF. */
    static String upgradeWith(String lines) {
        return upgrade("Sec-WebSocket-Version: 13\r\n", "Sec-WebSocket-Version: 13\r\n" + lines);
    }

    /** Waits until the first bytes of an answer have arrived: they take a third page, unless a tunnel has freed all. */
    void awaitFirstPiece() {
        Await.until(
                () -> proxy.counter(Counter.PAGES_TAKEN) >= 3 || proxy.counter(Counter.TUNNELS_ACTIVE) == 1,
                "the first piece of the answer");
    }

    /** Closes the proxy before a SocketLab that a test has opened around it. */
    void closeProxy() {
        proxy.close();
        proxy = null;
    }
}
