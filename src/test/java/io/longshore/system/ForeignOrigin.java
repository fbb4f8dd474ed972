package io.longshore.system;

import io.longshore.lab.Await;
import io.longshore.lab.ChildProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/** A WebSocket origin that nobody here wrote. All of them serve the paths that {@code ws-origin.js} lists. */
final class ForeignOrigin implements AutoCloseable {
    /** Whose it is. */
    enum Kind {
        NODE_WS,
        PYTHON_WEBSOCKETS,
        /** nginx as the origin's own reverse proxy, in front of a {@link #NODE_WS}. */
        NGINX
    }

    private final ChildProcess process;
    private final ForeignOrigin backend;
    private final int port;

    private ForeignOrigin(ChildProcess process, ForeignOrigin backend, int port) {
        this.process = process;
        this.backend = backend;
        this.port = port;
    }

    /** Starts one on a free port of 127.0.0.1, and waits until it listens. */
    static ForeignOrigin start(Kind kind) {
        return switch (kind) {
            case NODE_WS -> start(kind, List.of(), "127.0.0.1");
            case PYTHON_WEBSOCKETS -> start(kind, List.of(), "127.0.0.1");
            case NGINX -> startNginx();
        };
    }

    /** Starts a node or Python one through another program (a namespace's) on a free port of an address there. */
    static ForeignOrigin start(Kind kind, List<String> prefix, String address) {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(
                switch (kind) {
                    case NODE_WS -> List.of("node", Peers.script("ws-origin.js"));
                    case PYTHON_WEBSOCKETS -> List.of(Peers.PYTHON, Peers.script("python_origin.py"));
                    case NGINX -> throw new IllegalArgumentException("nginx runs on loopback only");
                });
        command.add(address);
        ChildProcess process = ChildProcess.start(command, Peers.ENVIRONMENT);
        try {
            String line = process.nextLine(Await.PATIENCE);
            return new ForeignOrigin(process, null, Integer.parseInt(line.replace("ready ", "")));
        } catch (AssertionError | NumberFormatException notReady) {
            process.close();
            throw notReady;
        }
    }

    int port() {
        return port;
    }

    @Override
    public void close() {
        process.stop();
        if (backend != null) {
            backend.close();
        }
    }

    @Override
    public String toString() {
        return process.toString();
    }

    private static ForeignOrigin startNginx() {
        ForeignOrigin backend = start(Kind.NODE_WS);
        int port = portOutsideTheEphemeralRange();
        ChildProcess process = ChildProcess.start(
                List.of(
                        "sh",
                        Peers.script("nginx-origin.sh"),
                        Integer.toString(port),
                        Integer.toString(backend.port())),
                Map.of());
        ForeignOrigin nginx = new ForeignOrigin(process, backend, port);
        try {
            Await.until(() -> answers(port), "nginx on port " + port);
            return nginx;
        } catch (AssertionError notReady) {
            nginx.close();
            throw new AssertionError(nginx.toString(), notReady);
        }
    }

    /**
     * nginx and HAProxy cannot take a free port and tell which. One that is free now, below the range from which the
     * kernel serves everybody else on this machine, is still free a moment later.
     */
    static int portOutsideTheEphemeralRange() {
        for (int attempt = 0; attempt < 100; attempt++) {
            int port = ThreadLocalRandom.current().nextInt(20_000, 32_000);
            try (ServerSocket free = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return free.getLocalPort();
            } catch (IOException taken) {
                // Somebody listens there; another number will do.
            }
        }
        throw new AssertionError("no free port among 100 between 20000 and 32000");
    }

    /** Whether somebody listens there. */
    static boolean answers(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }
}
