package io.longshore.origin;

import io.longshore.metrics.PortRow;
import java.util.BitSet;

/**
 * The tuples of one origin: a row per (endpoint, source address), and the queue of those who found every row full. All
 * loops share it without a lock; {@link TupleRow}, {@link PortRow} and {@link PortRing} say why that is safe.
 *
 * <p>Which source a client gets at an endpoint:
 *
 * <ol>
 *   <li>Its preferred one, the first of its rendezvous order, if less than {@value #SPILL_PERCENT} % of the tuples there
 *       are taken.
 *   <li>Else the first in that order that is below.
 *   <li>If none is, the least loaded that has a free tuple.
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
        for (int endpoint = 0; endpoint < rows.length; endpoint++) {
            for (int source = 0; source < rows[endpoint].length; source++) {
                rows[endpoint][source].usedBy(this, endpoint, source);
            }
        }
    }

    /**
     * Takes a tuple towards an endpoint for a client.
     *
     * @param sources the origin's sources of the endpoint's family
     * @param missed numbers of sources that the kernel had no tuple for just now, and that are passed over
     * @return the lease, or null if no source has a free tuple
     */
    Lease lease(int endpoint, SourceAddresses sources, long clientHigh, long clientLow, BitSet missed) {
        long clientHash = sources.clientHash(clientHigh, clientLow);
        TupleRow[] candidates = rows[endpoint];
        BitSet passedOver = missed;
        for (int look = 0; look < LOOKS_MAX; look++) {
            int source = preferred(candidates, sources, clientHash, passedOver);
            if (source < 0 || isPastSpill(candidates[source].account)) {
                source = spilled(candidates, sources, clientHash, passedOver);
            }
            if (source < 0) {
                return null;
            }
            int port = candidates[source].take();
            if (port >= 0) {
                return new Lease(candidates[source], endpoint, source, port);
            }
            // Others took its last tuple between the look and the taking.
            passedOver = (BitSet) passedOver.clone();
            passedOver.set(source);
        }
        return null;
    }

    /** The heaviest for this client; asks the account of none, for there may be thousands. */
    private static int preferred(TupleRow[] candidates, SourceAddresses sources, long clientHash, BitSet passedOver) {
        int heaviest = -1;
        long mostWeight = 0;
        for (int i = 0; i < candidates.length; i++) {
            if (!passedOver.get(i)) {
                long weight = candidates.length == 1 ? 0 : sources.weight(clientHash, i);
                if (heaviest < 0 || weight > mostWeight) {
                    heaviest = i;
                    mostWeight = weight;
                }
            }
        }
        return heaviest;
    }

    private static int spilled(TupleRow[] candidates, SourceAddresses sources, long clientHash, BitSet passedOver) {
        int heaviest = -1;
        long mostWeight = 0;
        int leastLoaded = -1;
        double leastLoad = 1;
        for (int i = 0; i < candidates.length; i++) {
            if (passedOver.get(i)) {
                continue;
            }
            PortRow account = candidates[i].account;
            if (!isPastSpill(account)) {
                long weight = candidates.length == 1 ? 0 : sources.weight(clientHash, i);
                if (heaviest < 0 || weight > mostWeight) {
                    heaviest = i;
                    mostWeight = weight;
                }
            } else if (account.taken() < account.usable()) {
                double load = (double) account.taken() / account.usable();
                if (load < leastLoad) {
                    leastLoaded = i;
                    leastLoad = load;
                }
            }
        }
        return heaviest >= 0 ? heaviest : leastLoaded;
    }

    private static boolean isPastSpill(PortRow account) {
        return account.taken() * 100 >= account.usable() * SPILL_PERCENT;
    }

    /** Takes a place in the queue, and looks once more whether a tuple is free; false if there is no place. */
    boolean await(Waiter waiter) {
        if (!queue.enter(waiter)) {
            return false;
        }
        serve();
        return true;
    }

    /** Gives what is free to those who wait. */
    void serve() {
        for (TupleRow[] ofEndpoint : rows) {
            for (TupleRow row : ofEndpoint) {
                if (!queue.isOccupied()) {
                    return;
                }
                row.serve();
            }
        }
    }

    WaitQueue queue() {
        return queue;
    }
}
