package io.longshore.system;

import io.longshore.lab.Await;
import io.longshore.lab.ChildProcess;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** HAProxy as a layer-4 balancer, on 127.0.0.1 and ::1, in front of whoever listens on a port of 127.0.0.1. */
final class Balancer implements AutoCloseable {
    private final ChildProcess process;
    private final int port;

    private Balancer(ChildProcess process, int port) {
        this.process = process;
        this.port = port;
    }

    /**
     * Starts one, and waits until it listens.
     *
     * @param backend where it sends its clients
     * @param options those of its server line, such as {@code send-proxy}; empty for none
     */
    static Balancer inFrontOf(int backend, String options) {
        int port = ForeignOrigin.portOutsideTheEphemeralRange();
        List<String> command = new ArrayList<>(
                List.of("sh", Peers.script("haproxy-balancer.sh"), Integer.toString(port), Integer.toString(backend)));
        if (!options.isEmpty()) {
            command.addAll(List.of(options.split(" ")));
        }
        Balancer balancer = new Balancer(ChildProcess.start(command, Map.of()), port);
        try {
            Await.until(() -> ForeignOrigin.answers(port), "HAProxy on port " + port);
            return balancer;
        } catch (AssertionError notReady) {
            balancer.close();
            throw new AssertionError(balancer.toString(), notReady);
        }
    }

    int port() {
        return port;
    }

    @Override
    public void close() {
        process.stop();
    }

    @Override
    public String toString() {
        return process.toString();
    }
}
