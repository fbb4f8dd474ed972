package io.longshore.origin;

import io.longshore.config.Config;
import io.longshore.config.ConfigReader;
import io.longshore.metrics.PortRow;
import io.longshore.micro.Bound;
import io.longshore.micro.MicroBenchmark;
import io.longshore.net.Address;
import java.util.BitSet;
import org.openjdk.jmh.annotations.Benchmark;

/**
 * What does the account of tuples cost a tunnel, from the lease to its return, with one source address and with 256,
 * at 10 % occupancy and at 99 %?
 *
 * <p>Bound, one source: a compare-and-set to take, an atomic addition to give back, two to note and forget the local
 * port, one look into an empty concurrent map, at 6 ns each and some 20 ns around them: 50 ns, at any occupancy. 256
 * sources: another 2 ns for each one's weight. Past 80 % everywhere, a second pass reads three cells of each row, two
 * cache lines a kibibyte apart from their neighbours', and divides two numbers: another 10 ns a row. The ring: two
 * compare-and-sets and two stores that wait for them, 6 ns each. A lease is one object of 40 bytes.
 */
public class LeaseBenchmark extends MicroBenchmark {
    private static final int LOW = 9024;
    private static final int HIGH = 65_535;
    private static final int CLIENTS = 1024;
    private static final int TUNNELS = 64;

    private final Account oneAt10 = new Account("127.7.0.1", 0.10);
    private final Account oneAt99 = new Account("127.7.0.1", 0.99);
    private final Account manyAt10 = new Account("127.7.0.0-127.7.0.255", 0.10);
    private final Account manyAt99 = new Account("127.7.0.0-127.7.0.255", 0.99);
    private final PortRing ringAt99 = ringAt99();

    /** A new one every time, or the branches of one client's rendezvous order would be learnt by heart. */
    private int client;

    /** The account of one origin with one endpoint, filled evenly. */
    private static final class Account {
        private final OriginPorts ports;
        private final SourceAddresses sources;
        private final BitSet missed = new BitSet();
        private final Address[] locals = new Address[CLIENTS];
        /** Of the last tunnels: kept in an array, as sessions keep theirs, a lease is an object on the heap. */
        private final Lease[] tunnels = new Lease[TUNNELS];

        Account(String sourcesText, double occupancy) {
            Config config = configOf(sourcesText);
            PortSettings settings = new PortSettings(PortMode.FULL_RANGE, LOW, HIGH, new BitSet());
            SourcePorts account = new SourcePorts(config, settings, PortRow::inMemory);
            ports = account.of("origin");
            sources = new SourceAddresses(config.origins().get("origin").sources(), true);
            for (PortRow row : account.accounts()) {
                for (int i = 0; i < (int) (settings.usablePorts() * occupancy); i++) {
                    row.take();
                }
            }
            for (int i = 0; i < CLIENTS; i++) {
                locals[i] = Address.ofIpv4(0x7f07_0001, LOW + i * 55);
            }
            for (int i = 0; i < TUNNELS; i++) {
                tunnels[i] = ports.lease(0, sources, 0, i, missed);
            }
        }

        private static Config configOf(String sourcesText) {
            ConfigReader.Result read = ConfigReader.parse("micro", """
                    listeners: [{address: "127.0.0.1:8080"}]
                    origins: {origin: {endpoints: ["127.0.0.1:9000"], sources: [%s]}}
                    routes: [{origin: origin}]
                    """.formatted(sourcesText));
            if (read instanceof ConfigReader.Valid valid) {
                return valid.config();
            }
            throw new IllegalStateException(read.toString());
        }

        /** A tunnel ends, and a new one takes its place. */
        int leaseAndReturn(int client) {
            int at = client & TUNNELS - 1;
            tunnels[at].free();
            Lease lease = ports.lease(0, sources, 0, 0xffff_0a00_0000L + client, missed);
            lease.connected(locals[client & CLIENTS - 1]);
            tunnels[at] = lease;
            return lease.source;
        }
    }

    private static PortRing ringAt99() {
        PortRing ring = new PortRing(LOW, HIGH);
        for (int i = 0; i < (int) ((HIGH - LOW + 1) * 0.99); i++) {
            ring.take();
        }
        return ring;
    }

    /** One source, nearly empty. */
    @Benchmark
    @Bound(50)
    public int oneSourceAt10Percent() {
        return oneAt10.leaseAndReturn(client++);
    }

    /** One source, nearly full. */
    @Benchmark
    @Bound(50)
    public int oneSourceAt99Percent() {
        return oneAt99.leaseAndReturn(client++);
    }

    /** 256 sources, each nearly empty: every client gets the one that it prefers. */
    @Benchmark
    @Bound(550)
    public int manySourcesAt10Percent() {
        return manyAt10.leaseAndReturn(client++);
    }

    /** 256 sources, each nearly full: the least loaded one is looked for. */
    @Benchmark
    @Bound(3100)
    public int manySourcesAt99Percent() {
        return manyAt99.leaseAndReturn(client++);
    }

    /** What {@link PortMode#RING} adds to a lease. */
    @Benchmark
    @Bound(25)
    public int ringPortAt99Percent() {
        int port = ringAt99.take();
        ringAt99.give(port);
        return port;
    }
}
