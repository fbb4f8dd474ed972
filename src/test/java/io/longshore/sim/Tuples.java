package io.longshore.sim;

import io.longshore.net.Address;
import io.longshore.sys.Kernel;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Which tuples (source address, source port, target address, target port) the simulated kernel holds, and which source
 * ports it gives out: a port is taken per target, as with IP_BIND_ADDRESS_NO_PORT.
 */
final class Tuples {
    /** One tuple; whoever dialled is the source. */
    record Tuple(Address source, Address target) {}

    private final SplittableRandom random;
    private final Set<Tuple> held = new HashSet<>();
    /** Those among the held ones that no socket of the dialling side is open for any more. */
    private final Set<Tuple> closed = new LinkedHashSet<>();

    private final Map<Tuple, Integer> heldPerPair = new HashMap<>();
    private int portMin = 32_768;
    private int portMax = 60_999;

    Tuples(SplittableRandom random) {
        this.random = random;
    }

    /** Sets the range of ports that are given out, both ends included. */
    void portRange(int min, int max) {
        portMin = min;
        portMax = max;
    }

    /**
     * Takes a tuple.
     *
     * @param source with port 0 to be given one
     * @param portRange narrows down which: {@code high << 16 | low}, clamped to the range of the host; 0 does not
     * @return the source with its port, or null if none is free or the tuple asked for is taken
     */
    Address take(Address source, Address target, int portRange) {
        if (source.port() != 0) {
            return hold(new Tuple(source, target)) ? source : null;
        }
        int min = portRange == 0 ? portMin : Math.max(portMin, portRange & 0xffff);
        int max = portRange == 0 ? portMax : Math.min(portMax, portRange >>> 16);
        int ports = max - min + 1;
        int start = random.nextInt(ports);
        for (int i = 0; i < ports; i++) {
            Address candidate = source.withPort(min + (start + i) % ports);
            if (hold(new Tuple(candidate, target))) {
                return candidate;
            }
        }
        return null;
    }

    /** Gives a tuple back. */
    void give(Address source, Address target) {
        if (!held.remove(new Tuple(source, target))) {
            throw new IllegalStateException("tuple given back twice: " + source + " to " + target);
        }
        closed.remove(new Tuple(source, target));
        heldPerPair.merge(new Tuple(source.withPort(0), target), -1, Integer::sum);
    }

    /** The dialling side has closed its socket, and the tuple is held on. */
    void closed(Address source, Address target) {
        closed.add(new Tuple(source, target));
    }

    /** The tuples that are held without an open socket. */
    Set<Tuple> closed() {
        return closed;
    }

    /** Every tuple that is held. */
    Set<Tuple> all() {
        return held;
    }

    int portMin() {
        return portMin;
    }

    int portMax() {
        return portMax;
    }

    /** How many tuples are held from this source address (its port is ignored) to this target. */
    int held(Address source, Address target) {
        return heldPerPair.getOrDefault(new Tuple(source.withPort(0), target), 0);
    }

    /** How many tuples are held at all, those in TIME_WAIT included. */
    int held() {
        return held.size();
    }

    /** The errno of a dial that got no tuple. */
    static int noneFree() {
        return -Kernel.EADDRNOTAVAIL;
    }

    private boolean hold(Tuple tuple) {
        if (!held.add(tuple)) {
            return false;
        }
        heldPerPair.merge(new Tuple(tuple.source().withPort(0), tuple.target()), 1, Integer::sum);
        return true;
    }
}
