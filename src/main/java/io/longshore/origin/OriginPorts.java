package io.longshore.origin;

import java.util.BitSet;

/**
 * The tuples of one origin: a row per (endpoint, source address), and the queue of those who found every row full. All
 * loops share it without a lock; {@link io.longshore.metrics.PortRow} and {@link PortRing} say why that is safe.
 *
 * <p>Which source a client gets at an endpoint:
 *
 * <ol>
 *   <li>Of the sources below {@value #SPILL_PERCENT} % of their tuples, the one that comes first in the client's rendezvous
 *       order. Normally that is the client's preferred source, always the same.
 *   <li>If none is below, the least loaded that has a free tuple.
 *   <li>If none has one, this endpoint is not dialled at all: connect(2) would search the whole range, for milliseconds, on
 *       the loop, to find that out again.
 * </ol>
 */
public final class OriginPorts {
    /** Past this occupancy of its preferred source a client is given another one. */
    static final int SPILL_PERCENT = 80;

    /** How many sources are looked at when others take the last tuples meanwhile. */
    private static final int LOOKS_MAX = 8;

    private final TupleRow[][] rows;
    private final WaitQueue queue;

    /** @param rows by endpoint and source, in the configuration's order */
    OriginPorts(TupleRow[][] rows, int waitersMax) {
        this.rows = rows;
        queue = new WaitQueue(waitersMax);
    }

    /**
     * Takes a tuple towards an endpoint for a client.
     *
     * @param sources the origin's sources of the endpoint's family
     * @param missed numbers of sources that the kernel had no tuple for just now, and that are passed over
     * @return the lease, or null if no source has a free tuple
     */
    Lease lease(int endpoint, SourceAddresses sources, long clientHigh, long clientLow, BitSet missed) {
        BitSet passedOver = missed;
        for (int look = 0; look < LOOKS_MAX; look++) {
            int source = choose(rows[endpoint], sources, sources.clientHash(clientHigh, clientLow), passedOver);
            if (source < 0) {
                return null;
            }
            int port = rows[endpoint][source].take();
            if (port >= 0) {
                return new Lease(this, endpoint, source, port);
            }
            // Others took its last tuple between the look and the taking.
            passedOver = (BitSet) passedOver.clone();
            passedOver.set(source);
        }
        return null;
    }

    private static int choose(TupleRow[] candidates, SourceAddresses sources, long clientHash, BitSet passedOver) {
        int preferred = -1;
        long preferredWeight = 0;
        int leastLoaded = -1;
        double leastLoad = 1;
        for (int i = 0; i < candidates.length; i++) {
            if (passedOver.get(i)) {
                continue;
            }
            long taken = candidates[i].account.taken();
            long usable = candidates[i].account.usable();
            if (taken * 100 < usable * SPILL_PERCENT) {
                long weight = candidates.length == 1 ? 0 : sources.weight(clientHash, i);
                if (preferred < 0 || weight > preferredWeight) {
                    preferred = i;
                    preferredWeight = weight;
                }
            } else if (taken < usable && (double) taken / usable < leastLoad) {
                leastLoaded = i;
                leastLoad = (double) taken / usable;
            }
        }
        return preferred >= 0 ? preferred : leastLoaded;
    }

    /** A live tuple is free again: it goes to who waits longest, or back to its row. */
    void freed(TupleRow row, int endpoint, int source, int port) {
        if (!queue.isOccupied() || !queue.handOver(new Lease(this, endpoint, source, port))) {
            row.free(port);
        }
    }

    TupleRow row(int endpoint, int source) {
        return rows[endpoint][source];
    }

    TupleRow[][] rows() {
        return rows;
    }

    WaitQueue queue() {
        return queue;
    }
}
