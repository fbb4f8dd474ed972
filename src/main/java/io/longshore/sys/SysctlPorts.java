package io.longshore.sys;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.StringJoiner;

/** Sets of ports: as {@code ip_local_reserved_ports} writes them, and as the sockets of this network namespace use them. */
final class SysctlPorts {
    static final String RANGE = "net.ipv4.ip_local_port_range";
    static final String RESERVED = "net.ipv4.ip_local_reserved_ports";

    /** State of a TCP socket that listens, and of a UDP socket that is not connected (TCP_LISTEN, TCP_CLOSE). */
    private static final String LISTENS = "0A";

    private static final String UNCONNECTED = "07";

    private SysctlPorts() {}

    /** {@code 80,9000-9010} as a set. */
    static BitSet parse(String list) {
        BitSet ports = new BitSet();
        for (String part : list.split(",")) {
            if (!part.isBlank()) {
                String[] ends = part.strip().split("-");
                ports.set(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]) + 1);
            }
        }
        return ports;
    }

    /** The set as the kernel prints it. */
    static String format(BitSet ports) {
        StringJoiner list = new StringJoiner(",");
        for (int first = ports.nextSetBit(0); first >= 0; ) {
            int end = ports.nextClearBit(first);
            list.add(end - first == 1 ? Integer.toString(first) : first + "-" + (end - 1));
            first = ports.nextSetBit(end);
        }
        return list.toString();
    }

    /** The two ends of a range. */
    static int[] range(String value) {
        String[] ends = SysctlTree.words(value).split(" ");
        return new int[] {Integer.parseInt(ends[0]), Integer.parseInt(ends[1])};
    }

    /**
     * The ports in {@code [low, high]} that local services wait on. UDP sockets tell no service from a client; one on a
     * port that was never picked automatically, outside the range in force, was put there on purpose.
     *
     * @param now the range in force
     */
    static BitSet listeners(SysctlTree tree, int[] now, int low, int high) throws IOException {
        BitSet ports = new BitSet();
        for (String table : new String[] {"tcp", "tcp6"}) {
            read(tree.proc("self/net/" + table), LISTENS, ports);
        }
        BitSet datagrams = new BitSet();
        for (String table : new String[] {"udp", "udp6"}) {
            read(tree.proc("self/net/" + table), UNCONNECTED, datagrams);
        }
        datagrams.clear(now[0], now[1] + 1);
        ports.or(datagrams);
        ports.clear(0, low);
        ports.clear(high + 1, Math.max(high + 1, ports.length()));
        return ports;
    }

    /** Adds the local port of every row in this state. A table is missing where the kernel has no such protocol. */
    private static void read(Path table, String state, BitSet ports) throws IOException {
        if (!Files.exists(table)) {
            return;
        }
        // Row by row: with a million tunnels the table has two million of them.
        try (BufferedReader rows = Files.newBufferedReader(table, US_ASCII)) {
            for (String row = rows.readLine(); row != null; row = rows.readLine()) {
                // "  0: 0100007F:1F90 00000000:0000 0A ...": the address in hex, the port behind its colon.
                String[] columns = row.strip().split("\\s+", 5);
                if (columns.length > 3 && columns[3].equals(state)) {
                    ports.set(Integer.parseInt(columns[1].substring(columns[1].lastIndexOf(':') + 1), 16));
                }
            }
        }
    }
}
