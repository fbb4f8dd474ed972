package io.longshore.live;

import io.longshore.lab.Await;
import io.longshore.lab.SampleUpgrade;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Origins and clients of a proxy, in the network of the test that makes them. Tunnels have numbers, from 0: the path of the
 * request carries it, so that a test may end either side of the same tunnel.
 *
 * <p>Clients bind ports below every range of automatic ports that a test sets: a port that is bound by its number is lost
 * for automatic selection on all addresses, and theirs must not be missing from the proxy's. No port is bound twice, so
 * whichever side of a client's connection ends in TIME_WAIT is in nobody's way.
 */
final class PortsLab implements AutoCloseable {
    private static final int FIRST_CLIENT_PORT = 2_000;
    private static final int CLIENT_ADDRESSES = 50;

    private final InetSocketAddress proxy;
    private final List<ServerSocket> listeners = new ArrayList<>();
    private final List<RawClient> clients = new ArrayList<>();
    private final Map<Integer, Socket> origins = new ConcurrentHashMap<>();

    /** Listens at these addresses; the proxy need not be there yet. */
    PortsLab(InetSocketAddress proxy, List<InetSocketAddress> endpoints) {
        this.proxy = proxy;
        try {
            for (InetSocketAddress endpoint : endpoints) {
                ServerSocket listener = new ServerSocket();
                listeners.add(listener);
                listener.bind(endpoint, 1024);
                Thread thread = new Thread(() -> serve(listener), "origin-" + endpoint);
                thread.setDaemon(true);
                thread.start();
            }
        } catch (IOException e) {
            close();
            throw new UncheckedIOException(e);
        }
    }

    private void serve(ServerSocket listener) {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                socket.setSoTimeout((int) Await.PATIENCE.toMillis());
                String path = head(socket.getInputStream()).split(" ")[1];
                origins.put(Integer.parseInt(path.substring(path.lastIndexOf('/') + 1)), socket);
                socket.getOutputStream().write(SampleUpgrade.ANSWER.getBytes(StandardCharsets.US_ASCII));
            } catch (IOException e) {
                // The end of the test, or a connection that ended before its handshake: the client's side tells.
                continue;
            }
        }
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.length() < SampleUpgrade.END_OF_HEAD.length() || !endsHead(head)) {
            int b = in.read();
            if (b < 0) {
                throw new IOException("the end came inside a head");
            }
            head.append((char) b);
        }
        return head.toString();
    }

    private static boolean endsHead(StringBuilder head) {
        return head.substring(head.length() - SampleUpgrade.END_OF_HEAD.length())
                .equals(SampleUpgrade.END_OF_HEAD);
    }

    /** Asks for a tunnel through the route of this path ({@code "/"} or {@code "/name/"}); its number is {@link #last}. */
    RawClient ask(String path) {
        int number = clients.size();
        try {
            byte[] address = {127, 0, 1, (byte) (1 + number % CLIENT_ADDRESSES)};
            RawClient client = RawClient.connect(
                    new InetSocketAddress(
                            InetAddress.getByAddress(address), FIRST_CLIENT_PORT + number / CLIENT_ADDRESSES),
                    proxy);
            clients.add(client);
            return client.send(SampleUpgrade.request(path + number));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Asks for so many tunnels, one after the other, and has them. */
    void fill(String path, int count) {
        for (int i = 0; i < count; i++) {
            ask(path).head101();
        }
    }

    /** The number of the client that asked last. */
    int last() {
        return clients.size() - 1;
    }

    RawClient client(int number) {
        return clients.get(number);
    }

    /** Ends a tunnel as an origin does that has had enough: its FIN is the first, so the proxy has no TIME_WAIT. */
    void endByOrigin(int number) {
        closeOrigin(number);
        client(number).readToEnd();
        client(number).close();
    }

    /** Ends a tunnel as a browser does that is closed: the proxy passes its FIN on, and is the first towards the origin. */
    void endByClient(int number) {
        client(number).close();
        try {
            origins.get(number).getInputStream().readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        closeOrigin(number);
    }

    /** Ends all tunnels that stand, by the origin's FIN or by the client's reset in turn: either leaves no TIME_WAIT. */
    void endAllWithoutTimeWait() {
        for (int number = 0; number < clients.size(); number++) {
            Socket origin = origins.get(number);
            if (origin == null || origin.isClosed()) {
                continue;
            }
            if (number % 2 == 0) {
                endByOrigin(number);
            } else {
                client(number).reset();
                closeOrigin(number);
            }
        }
    }

    private void closeOrigin(int number) {
        try {
            origins.get(number).close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        clients.forEach(RawClient::close);
        try {
            for (ServerSocket listener : listeners) {
                listener.close();
            }
            for (Socket origin : origins.values()) {
                origin.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
