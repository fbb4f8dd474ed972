package io.longshore.cli;

import io.longshore.metrics.PortRow;
import io.longshore.sys.SocketTable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How many connections the kernel itself lists for each row of the account. */
final class PortTuples implements SocketTable.Visitor {
    private static final int CLOSED_BY_US = SocketTable.CLOSED_BY_US_MASK;

    /** Addresses as {@code io.longshore.net.Address} has them; a source of zeros is any. */
    private record Key(long sourceHigh, long sourceLow, long endpointHigh, long endpointLow, int endpointPort) {}

    private final Map<Key, long[]> counts = new HashMap<>();
    private boolean isKnown;

    private PortTuples(List<PortRow> rows) {
        rows.forEach(row -> counts.put(keyOf(row), new long[2]));
    }

    /** Asks the kernel of this network namespace. */
    static PortTuples of(List<PortRow> rows) {
        PortTuples tuples = new PortTuples(rows);
        tuples.isKnown = new SocketTable().visit(SocketTable.CONNECTED_MASK, tuples) >= 0;
        return tuples;
    }

    /** Whether the kernel could be asked. */
    boolean isKnown() {
        return isKnown;
    }

    /** Connections that are open or opening. */
    long open(PortRow row) {
        return counts.get(keyOf(row))[0];
    }

    /** TIME_WAIT, and the other states after a close. */
    long closing(PortRow row) {
        return counts.get(keyOf(row))[1];
    }

    @Override
    public void begin() {
        counts.values().forEach(count -> {
            count[0] = 0;
            count[1] = 0;
        });
    }

    @Override
    public void socket(
            int state,
            long localHigh,
            long localLow,
            int localPort,
            long remoteHigh,
            long remoteLow,
            int remotePort,
            long inode,
            int uid) {
        long[] count = counts.get(new Key(localHigh, localLow, remoteHigh, remoteLow, remotePort));
        if (count == null) {
            count = counts.get(new Key(0, 0, remoteHigh, remoteLow, remotePort));
        }
        if (count != null) {
            count[(SocketTable.mask(state) & CLOSED_BY_US) == 0 ? 0 : 1]++;
        }
    }

    private static Key keyOf(PortRow row) {
        return new Key(row.sourceHigh(), row.sourceLow(), row.endpointHigh(), row.endpointLow(), row.endpointPort());
    }
}
