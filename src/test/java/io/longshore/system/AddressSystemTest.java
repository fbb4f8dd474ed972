package io.longshore.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.lab.Await;
import io.longshore.lab.LongshoreProcess;
import io.longshore.lab.SocketLab;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whom the origin sees: the source address that it is dialled from, and the client that the headers tell of. */
@Tag("system")
@Timeout(300)
class AddressSystemTest {
    private static final String LOOPBACK = "127.0.0.1";

    @Test
    void aClientKeepsItsSourceAddressAndManyClientsSpread() {
        try (SocketLab lab = SocketLab.start()) {
            SocketLab.Connection listener = lab.listen(LOOPBACK);
            String yaml = LongshoreProcess.configuration(LOOPBACK + ":0", LOOPBACK + ":" + listener.port())
                    .replace("    endpoints:", "    sources: [127.0.0.2-127.0.0.4, 127.0.0.16/30]\n    endpoints:");
            try (LongshoreProcess proxy = LongshoreProcess.serve(yaml)) {
                Map<String, String> sources = new HashMap<>();
                for (int i = 0; i < 120; i++) {
                    String client = "127.0.9." + (1 + i % 40);
                    SocketLab.Connection connection = lab.connect(LOOPBACK, proxy.port(), "from=" + client);
                    String source = Tunnel.open(connection, listener).origin.address();
                    assertEquals(sources.computeIfAbsent(client, first -> source), source, "for " + client);
                }
                TreeSet<String> used = new TreeSet<>(sources.values());
                assertTrue(
                        used.stream().allMatch(source -> source.matches("127\\.0\\.0\\.([234]|1[6789])")),
                        used::toString);
                // Forty clients over seven addresses: that a fair hash leaves three of them out has odds of 1 in 10^8.
                assertTrue(used.size() >= 5, used::toString);
            }
        }
    }

    @Test
    void theOriginIsToldTheClientAndNotWhatTheClientSays() throws Exception {
        try (ForeignOrigin origin = ForeignOrigin.start(ForeignOrigin.Kind.NODE_WS);
                Via.Way way = Via.PROXY.to(origin.port())) {
            CompletableFuture<String> first = new CompletableFuture<>();
            WebSocket socket = HttpClient.newHttpClient()
                    .newWebSocketBuilder()
                    .header("X-Forwarded-For", "6.6.6.6")
                    .header("X-Real-IP", "6.6.6.6")
                    .header("Forwarded", "for=6.6.6.6")
                    .header("X-Mine", "kept as it is")
                    .buildAsync(URI.create("ws://127.0.0.1:" + way.port() + "/headers"), new FirstText(first))
                    .get(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS);
            String headers = first.get(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS);
            socket.abort();
            for (String header : new String[] {
                "\"x-forwarded-for\":\"127.0.0.1\"",
                "\"x-real-ip\":\"127.0.0.1\"",
                "\"x-forwarded-proto\":\"http\"",
                "\"x-forwarded-host\":\"127.0.0.1:" + way.port() + "\"",
                "\"x-mine\":\"kept as it is\"",
                "\"upgrade\":\"websocket\""
            }) {
                assertTrue(headers.contains(header), header + " is not in " + headers);
            }
            assertTrue(headers.contains("\"forwarded\":") && !headers.contains("6.6.6.6"), headers);
        }
    }

    private static final class FirstText implements WebSocket.Listener {
        private final CompletableFuture<String> first;
        private final StringBuilder text = new StringBuilder();

        private FirstText(CompletableFuture<String> first) {
            this.first = first;
        }

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                first.complete(text.toString());
            }
            socket.request(1);
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            first.completeExceptionally(error);
        }
    }
}
