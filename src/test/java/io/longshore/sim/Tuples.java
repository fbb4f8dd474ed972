package io.longshore.sim;

import io.longshore.net.Address;
import io.longshore.sys.Kernel;
import java.util.HashMap;
import java.util.HashSet;
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
     * @return the source with its port, or null if none is free or the tuple asked for is taken
     */
    Address take(Address source, Address target) {
        if (source.port() != 0) {
            return hold(new Tuple(source, target)) ? source : null;
        }
        int ports = portMax - portMin + 1;
        if (held(source, target) >= ports) {
            return null;
        }
        int start = random.nextInt(ports);
        for (int i = 0; i < ports; i++) {
            Address candidate = source.withPort(portMin + (start + i) % ports);
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
        heldPerPair.merge(new Tuple(source.withPort(0), target), -1, Integer::sum);
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
