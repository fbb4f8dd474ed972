package io.longshore.system;

import io.longshore.lab.Await;
import io.longshore.lab.ChildProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A WebSocket client that nobody here wrote. Each plays scenes against an origin and reports a line for each: {@code
 * "SCENE: ok"} or {@code "SCENE: FAIL why"}.
 */
enum ForeignClient {
    NODE_WS("fragmented", "ping"),
    PYTHON_WEBSOCKETS("fragmented", "ping"),
    /** A page's WebSocket. It cannot send fragments or pings; the browser answers pings by itself. */
    CHROMIUM();

    // Every client plays these. A client's script names its scenes itself: the test compares sets, so none gets lost.
    private static final List<String> SCENES = List.of(
            "text",
            "binary",
            "big",
            "pipelined",
            "server-ping",
            "server-fragments",
            "early",
            "client-close",
            "server-close",
            "terminate",
            "subprotocol",
            "deflate",
            "refused");

    // Each scene has 30 s of its own.
    private static final Duration ALL_SCENES = Await.PATIENCE.multipliedBy(15);

    private final List<String> more;

    ForeignClient(String... more) {
        this.more = List.of(more);
    }

    /** The sorted report of a client for whom all goes well. */
    List<String> allWell() {
        List<String> lines = new ArrayList<>();
        SCENES.forEach(scene -> lines.add(scene + ": ok"));
        more.forEach(scene -> lines.add(scene + ": ok"));
        return lines.stream().sorted().toList();
    }

    /** Plays all its scenes against this port of 127.0.0.1; returns its report, sorted. */
    List<String> play(int port) {
        String url = "ws://127.0.0.1:" + port;
        return switch (this) {
            case NODE_WS, PYTHON_WEBSOCKETS -> play(List.of(), url);
            case CHROMIUM -> Chromium.play(url, ALL_SCENES).stream().sorted().toList();
        };
    }

    /** The same through another program (a namespace's); not for Chromium. */
    List<String> play(List<String> prefix, String url) {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(
                switch (this) {
                    case NODE_WS -> List.of("node", Peers.script("ws-client.js"), url);
                    case PYTHON_WEBSOCKETS -> List.of(Peers.PYTHON, Peers.script("python_client.py"), url);
                    case CHROMIUM -> throw new IllegalArgumentException("Chromium fetches its page on loopback");
                });
        try (ChildProcess client = ChildProcess.start(command, Peers.ENVIRONMENT)) {
            client.exitCode(ALL_SCENES);
            List<String> report = client.linesLeft();
            if (report.isEmpty()) {
                throw new AssertionError("no report from " + client);
            }
            return report.stream().sorted().toList();
        }
    }
}
