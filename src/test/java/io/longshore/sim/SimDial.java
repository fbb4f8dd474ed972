package io.longshore.sim;

import io.longshore.net.Address;
import io.longshore.sys.Kernel;
import java.util.SplittableRandom;

/** One attempt to connect, and how the world lets it end. */
final class SimDial {
    private static final long KERNEL_GIVES_UP_NS = 127 * Odds.SECOND;

    /** Who dialled. */
    @FunctionalInterface
    interface Ended {
        /**
         * The attempt is over; never inside the constructor.
         *
         * @param socket the connection, null if there is none
         * @param result 0 or a negated errno
         */
        void ended(SimSocket socket, int result);
    }

    private final SimWorld world;
    private final Address target;
    private final Ended ended;
    private Address source;
    private SimConnection connection;
    private boolean cancelled;

    /**
     * Dials.
     *
     * @param source null for the kernel's choice
     * @param portRange as {@link io.longshore.net.Engine#dial} takes it
     * @param faulty whether the odds of the world apply to this dial
     */
    SimDial(SimWorld world, Address target, Address source, int portRange, boolean faulty, Ended ended) {
        this.world = world;
        this.target = target;
        this.ended = ended;
        boolean isChosen = source != null && !isUnspecified(source);
        Address from = isChosen ? source : kernelsChoice(target).withPort(source == null ? 0 : source.port());
        int refusal = faulty ? drawnAtOnce() : 0;
        if (refusal == 0 && world.isForeign(from)) {
            refusal = -Kernel.EADDRNOTAVAIL;
        }
        if (refusal == 0) {
            this.source = world.tuples.take(from, target, portRange);
            refusal = this.source == null ? Tuples.noneFree() : 0;
        }
        if (refusal == 0) {
            travel(faulty);
        } else {
            int result = refusal;
            world.after(0, () -> fail(result));
        }
    }

    /** The dialler has closed his socket. */
    void cancel() {
        cancelled = true;
        if (connection != null) {
            connection.dialler.reset();
        } else {
            freeTuple();
        }
    }

    private int drawnAtOnce() {
        SplittableRandom random = world.random;
        Odds odds = world.odds;
        if (Odds.hit(random, odds.dialAddressNotAvailable)) {
            return -Kernel.EADDRNOTAVAIL;
        }
        if (Odds.hit(random, odds.dialAddressInUse)) {
            return -Kernel.EADDRINUSE;
        }
        if (Odds.hit(random, odds.dialNoDescriptor)) {
            return random.nextBoolean() ? -Kernel.EMFILE : -Kernel.ENOBUFS;
        }
        return 0;
    }

    private void travel(boolean faulty) {
        SplittableRandom random = world.random;
        Odds odds = world.odds;
        long latencyNs = odds.latencyNs(random);
        if (faulty && Odds.hit(random, odds.dialRefused)) {
            world.after(2 * latencyNs, () -> fail(-Kernel.ECONNREFUSED));
        } else if (faulty && Odds.hit(random, odds.dialUnreachable)) {
            int result = random.nextBoolean() ? -Kernel.EHOSTUNREACH : -Kernel.ENETUNREACH;
            world.after(random.nextLong(4 * Odds.SECOND), () -> fail(result));
        } else if (faulty && Odds.hit(random, odds.dialTimedOut)) {
            world.after(random.nextLong(10 * Odds.SECOND), () -> fail(-Kernel.ETIMEDOUT));
        } else if (world.isSilent(target) || (faulty && Odds.hit(random, odds.dialUnanswered))) {
            world.after(KERNEL_GIVES_UP_NS, () -> fail(-Kernel.ETIMEDOUT));
        } else {
            boolean resetAtOnce = faulty && Odds.hit(random, odds.dialResetAtOnce);
            world.after(latencyNs, () -> reach(faulty, resetAtOnce));
        }
    }

    private void reach(boolean faulty, boolean resetAtOnce) {
        if (cancelled) {
            return;
        }
        SimListener listener = world.listenerFor(target);
        if (listener == null) {
            world.after(world.odds.latencyNs(world.random), () -> fail(-Kernel.ECONNREFUSED));
            return;
        }
        connection = new SimConnection(world, source, target);
        world.after(connection.acceptor.out.arrivalDelayNs(), () -> {
            if (!cancelled) {
                world.trace(1, source.low(), source.port());
                ended.ended(connection.dialler, 0);
            }
        });
        if (resetAtOnce) {
            connection.acceptor.reset();
        } else {
            if (faulty) {
                connection.drawBreakdown();
            }
            listener.add(connection.acceptor);
        }
    }

    private void fail(int result) {
        if (!cancelled) {
            freeTuple();
            world.trace(2, target.low(), result);
            ended.ended(null, result);
        }
    }

    private void freeTuple() {
        if (source != null) {
            world.tuples.give(source, target);
            source = null;
        }
    }

    private static boolean isUnspecified(Address source) {
        return source.isIpv4() ? source.ipv4Bits() == 0 : source.high() == 0 && source.low() == 0;
    }

    private static Address kernelsChoice(Address target) {
        return target.isIpv4() ? Address.ofIpv4(0x7f00_0001, 0) : new Address(0, 1, 0);
    }
}
