package io.longshore.origin;

import io.longshore.config.Config;
import io.longshore.config.ConfigReader;
import io.longshore.metrics.PortRow;
import io.longshore.net.Address;
import io.longshore.net.Completions;
import io.longshore.net.Engine;
import io.longshore.net.SocketTuning;
import io.longshore.net.nio.NioEngine;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Locale;
import java.util.Random;

/**
 * What does a dial cost when its source address is almost full? The time of its bind and connect calls
 * ({@link Engine#dialNs}) through the real account, dial and engine, for every port mode, at 10 % and at 99 % of the ports
 * of one source towards one endpoint, under steady churn: each dial takes the place of a tunnel that was closed at random.
 *
 * <p>Bound: a connect on loopback carries the whole handshake in its own system call, so the 10 % column is the price of
 * everything but the search; the search itself is one step in {@code ring}, an expected 100 steps of some 10 ns each at
 * 99 % in {@code full-range}, and up to the whole range in {@code kernel}.
 *
 * <p>Started by {@code bench/ports-churn.sh} in a network namespace, where the sysctls are set. Connections are never accepted:
 * they stand in the kernel's queue, so that one process has descriptors enough for 16,000 of them. A closed one is reset and
 * leaves no TIME_WAIT.
 */
final class PortsChurn {
    private static final int LOW = 20_000;
    private static final int FIRST_ENDPOINT_PORT = 9000;
    private static final double[] OCCUPANCIES = {0.10, 0.99};

    private final int ports;
    private final int dials;
    private final Random random = new Random(7);
    private int runs;

    private PortsChurn(int ports, int dials) {
        this.ports = ports;
        this.dials = dials;
    }

    /** Arguments: ports (of the namespace's range, from 20000 on), measured dials a run, rounds. */
    public static void main(String[] arguments) throws IOException {
        int ports = Integer.parseInt(arguments[0]);
        int rounds = Integer.parseInt(arguments[2]);
        PortsChurn churn = new PortsChurn(ports, Integer.parseInt(arguments[1]));
        PortMode[] modes = PortMode.values();
        // By mode, occupancy and round: median and p99.
        long[][][][] results = new long[modes.length][OCCUPANCIES.length][rounds][];
        for (PortMode mode : modes) {
            churn.run(mode, OCCUPANCIES[0]);
        }
        for (int round = 0; round < rounds; round++) {
            for (PortMode mode : modes) {
                for (int i = 0; i < OCCUPANCIES.length; i++) {
                    results[mode.ordinal()][i][round] = churn.run(mode, OCCUPANCIES[i]);
                }
            }
        }
        System.out.println("| mode | median at 10 % | p99 | median at 99 % | p99 | ratio of the medians |");
        System.out.println("|---|---|---|---|---|---|");
        for (PortMode mode : modes) {
            long[][][] ofMode = results[mode.ordinal()];
            long emptyMedian = middle(ofMode[0], 0);
            long fullMedian = middle(ofMode[1], 0);
            System.out.printf(
                    Locale.ROOT,
                    "| %s | %s | %s | %s | %s | %.2f |%n",
                    mode.name().toLowerCase(Locale.ROOT).replace('_', '-'),
                    microseconds(emptyMedian),
                    microseconds(middle(ofMode[0], 1)),
                    microseconds(fullMedian),
                    microseconds(middle(ofMode[1], 1)),
                    (double) fullMedian / emptyMedian);
        }
    }

    private static long middle(long[][] rounds, int column) {
        long[] values =
                Arrays.stream(rounds).mapToLong(round -> round[column]).sorted().toArray();
        return values[values.length / 2];
    }

    private static String microseconds(long ns) {
        return String.format(Locale.ROOT, "%.1f us", ns / 1000.0);
    }

    /** One run: median and p99 of the dials' calls, in nanoseconds. */
    private long[] run(PortMode mode, double occupancy) throws IOException {
        try (ServerSocket listener = new ServerSocket();
                Tunnels tunnels = new Tunnels()) {
            // A port of its own for each run, below the range: the last run's queue may not be swept out yet.
            int endpointPort = FIRST_ENDPOINT_PORT + runs++;
            listener.bind(new InetSocketAddress("127.0.0.1", endpointPort), 65_535);
            tunnels.start(mode, endpointPort);
            int count = (int) (ports * occupancy);
            for (int i = 0; i < count; i++) {
                tunnels.open(i);
            }
            // Until every tunnel was replaced once on the average, the order of the filling still shows.
            for (int i = 0; i < count; i++) {
                tunnels.replace(random.nextInt(count));
            }
            long[] times = new long[dials];
            for (int i = 0; i < dials; i++) {
                times[i] = tunnels.replace(random.nextInt(count));
            }
            Arrays.sort(times);
            long[] result = {times[dials / 2], times[dials * 99 / 100]};
            System.err.printf(
                    Locale.ROOT,
                    "%s at %.0f %%: median %s, p99 %s, %d misses%n",
                    mode,
                    occupancy * 100,
                    microseconds(result[0]),
                    microseconds(result[1]),
                    tunnels.misses());
            return result;
        }
    }

    /** The proxy's side of the tunnels of one run: the account, a loop's origin, and an engine. */
    private final class Tunnels implements Completions, AutoCloseable {
        private final Engine engine = new NioEngine(SocketTuning.DEFAULT);
        private final long[] handles = new long[ports];
        private final Lease[] leases = new Lease[ports];
        private SourcePorts account;
        private OriginState origin;
        private long connected = -1;
        private int result;

        private Tunnels() throws IOException {}

        private void start(PortMode mode, int endpointPort) {
            Config config = configOf(endpointPort);
            account = new SourcePorts(
                    config, new PortSettings(mode, LOW, LOW + ports - 1, new BitSet()), PortRow::inMemory);
            origin = new Origins(config, 0, account, random.nextLong())
                    .of(config.routes().get(0));
        }

        private static Config configOf(int endpointPort) {
            ConfigReader.Result read = ConfigReader.parse("ports-churn", """
                    listeners: [{address: "127.0.0.1:8080"}]
                    origins: {origin: {endpoints: ["127.0.0.1:%d"], sources: [127.0.0.2]}}
                    routes: [{origin: origin}]
                    """.formatted(endpointPort));
            if (read instanceof ConfigReader.Valid valid) {
                return valid.config();
            }
            throw new IllegalStateException(read.toString());
        }

        private long replace(int at) {
            engine.abort(handles[at]);
            leases[at].free();
            return open(at);
        }

        /** Dials as a session does, until a connection stands; the calls' time, of all attempts together. */
        private long open(int at) {
            Dial dial = new Dial(origin, 0, 0);
            long callsNs = 0;
            for (Attempt attempt = dial.next(); attempt != null; attempt = dial.next()) {
                connected = -1;
                long handle = engine.dial(attempt.endpoint(), attempt.source(), attempt.portRange());
                callsNs += engine.dialNs();
                while (connected != handle) {
                    engine.poll(Long.MAX_VALUE, this);
                }
                if (result == 0) {
                    attempt.lease().connected(engine.localAddress(handle));
                    dial.succeeded();
                    handles[at] = handle;
                    leases[at] = attempt.lease();
                    return callsNs;
                }
                engine.abort(handle);
                dial.failed(result);
            }
            throw new IllegalStateException("no tuple, against the account: " + dial.reasonOf() + ", " + result);
        }

        private long misses() {
            return account.accounts().get(0).misses();
        }

        @Override
        public void connected(long handle, int outcome) {
            connected = handle;
            result = outcome;
        }

        @Override
        public void accepted(long listener, long handle, Address peer) {}

        @Override
        public void acceptPaused(long listener, int outcome) {}

        @Override
        public void received(long handle, long address, int length) {}

        @Override
        public void ended(long handle) {}

        @Override
        public void broken(long handle, int outcome) {}

        @Override
        public void sent(long handle, int bytes) {}

        @Override
        public void expired(long handle) {}

        /** With resets, so that the next run finds all ports free. */
        @Override
        public void close() {
            for (int i = 0; i < ports && leases[i] != null; i++) {
                engine.abort(handles[i]);
            }
            engine.close();
        }
    }
}
