package io.longshore.origin;

import io.longshore.metrics.CloseReason;
import io.longshore.metrics.DialOutcome;
import io.longshore.net.Address;
import io.longshore.net.Errno;
import java.util.BitSet;

/**
 * The attempts that one session makes to reach its origin, as values: {@link #next()} says what to try, {@link
 * #failed(int)} how it went, until a connect succeeds or {@code next} has nothing left.
 *
 * <ol>
 *   <li>Where others wait for a tuple already, this one goes behind them without a look.
 *   <li>The first endpoint is the one whose turn it is, then the others in the configuration's order, until each has failed
 *       once.
 *   <li>Every attempt has a lease from the account ({@link OriginPorts} says of which source address). An endpoint without
 *       a free tuple is not dialled; it has not failed either, and is looked at again after the next failure.
 *   <li>No tuple to be had after all (EADDRNOTAVAIL, EADDRINUSE; others use our addresses too): where we choose the port or
 *       the window, the next one, {@value PortSettings#WINDOW_TRIES} times, the last time the whole range; then another
 *       source, {@value #SOURCES_PER_ENDPOINT_MAX} at most. Where the kernel chooses the address, EADDRINUSE is tried once more, because it
 *       then comes from a race for one port.
 *   <li>The host is out of descriptors or memory: the dial ends at once. Another attempt needs the same resource.
 *   <li>Everything else, a connect-timeout included: the next endpoint.
 *   <li>After {@value #ATTEMPTS_MAX} attempts the dial ends.
 *   <li>If it ends while an endpoint is passed over because all its tuples are taken, the session may wait for one ({@link
 *       #await}), once. With what it is granted then the attempts go on.
 * </ol>
 *
 * <p>A dial lives as long as the handshake; a tunnel keeps the attempt's lease and its own address, not the dial.
 */
public final class Dial {
    static final int ATTEMPTS_MAX = 40;
    static final int SOURCES_PER_ENDPOINT_MAX = 3;

    private static final BitSet NONE = new BitSet();

    private final OriginState origin;
    private final long clientHigh;
    private final long clientLow;
    private final int firstPlace;

    /** Places of endpoints that have been given up: they failed, or the kernel had no tuple for them. */
    private final BitSet endpointsFailed = new BitSet();
    /** The endpoint that the next two are about. */
    private int missedPlace = -1;
    /** Its sources that the kernel had no tuple for. */
    private final BitSet sourcesMissed = new BitSet();
    /** Attempts from its current source that found no tuple. */
    private int missesAtSource;

    private int attempts;
    private Lease lease;
    /** Whether an endpoint was given up because the kernel had no tuple, against the account: it may well be healthy. */
    private boolean wasWithoutTuple;
    /** Whether, at the last look, an endpoint that has not failed had no free tuple, or others waited for one already. */
    private boolean isFull;

    private boolean hasWaited;
    private DialOutcome lastOutcome;

    /**
     * A dial that takes the origin's turn.
     *
     * @param clientHigh the first eight bytes of the address that decides on the source, in the form of {@link Address}
     * @param clientLow the last eight bytes
     */
    public Dial(OriginState origin, long clientHigh, long clientLow) {
        this.origin = origin;
        this.clientHigh = clientHigh;
        this.clientLow = clientLow;
        this.firstPlace = origin.takeTurn();
    }

    /** What to try next, with a fresh socket; null when the dial has ended, and {@link #reasonOf()} says why. */
    public Attempt next() {
        assert lease == null : "the last attempt has no outcome yet";
        isFull = false;
        if (attempts >= ATTEMPTS_MAX || lastOutcome == DialOutcome.NO_RESOURCE) {
            return null;
        }
        OriginPorts ports = origin.ports();
        if (ports.queue().isOccupied() && !hasWaited) {
            isFull = true;
            return null;
        }
        for (int i = 0; i < origin.endpointCount(); i++) {
            int place = (firstPlace + i) % origin.endpointCount();
            if (endpointsFailed.get(place)) {
                continue;
            }
            boolean hasMissed = place == missedPlace && !sourcesMissed.isEmpty();
            lease = ports.lease(place, sources(place), clientHigh, clientLow, hasMissed ? sourcesMissed : NONE);
            if (lease != null) {
                return attempt();
            }
            if (hasMissed) {
                wasWithoutTuple = true;
                endpointsFailed.set(place);
            } else {
                isFull = true;
            }
        }
        return null;
    }

    /** The attempt with the lease that was waited for. */
    public Attempt next(Lease granted) {
        lease = granted;
        isFull = false;
        return attempt();
    }

    private Attempt attempt() {
        attempts++;
        SourceAddresses sources = sources(lease.endpoint);
        Address source = sources.count() == 0 ? null : sources.at(lease.source);
        if (source == null && lease.port != 0) {
            source = anyAddress(origin.endpoint(lease.endpoint));
        }
        return new Attempt(
                origin.endpoint(lease.endpoint),
                source == null ? null : source.withPort(lease.port),
                missesAtSource + 1 < PortSettings.WINDOW_TRIES ? origin.nextPortRange() : origin.lastPortRange(),
                lease,
                attempts);
    }

    /** Binding the unspecified address leaves the address to the kernel, but not the port. */
    private static Address anyAddress(Address endpoint) {
        return endpoint.isIpv4() ? Address.ofIpv4(0, 0) : new Address(0, 0, 0);
    }

    /** The attempt under way has succeeded: the lease is the session's now. */
    public void succeeded() {
        lease = null;
        lastOutcome = DialOutcome.CONNECTED;
    }

    /**
     * The attempt under way has failed; its socket is closed by now, and the lease is given back here.
     *
     * @param result a negated errno; -ETIMEDOUT also for our own connect-timeout
     */
    public void failed(int result) {
        assert lease != null && result < 0 : "no attempt is under way, or it did not fail: " + result;
        Lease ended = lease;
        lease = null;
        lastOutcome = outcomeOf(result);
        if (!isWithoutTuple(lastOutcome)) {
            ended.free();
            endpointsFailed.set(ended.endpoint);
            return;
        }
        if (missedPlace != ended.endpoint) {
            missedPlace = ended.endpoint;
            sourcesMissed.clear();
            missesAtSource = 0;
        }
        missesAtSource++;
        boolean isLastTry = missesAtSource >= triesAtSource(ended);
        ended.miss(isLastTry && lastOutcome == DialOutcome.ADDRESS_NOT_AVAILABLE && origin.portMode() != PortMode.RING);
        if (!isLastTry) {
            return;
        }
        missesAtSource = 0;
        sourcesMissed.set(ended.source);
        if (sourcesMissed.cardinality() >= Math.min(SOURCES_PER_ENDPOINT_MAX, sourceCount(ended))) {
            wasWithoutTuple = true;
            endpointsFailed.set(ended.endpoint);
        }
    }

    /** The session ends while an attempt is under way, whose socket is closed by now. */
    public void abandoned() {
        lease.free();
        lease = null;
    }

    private int triesAtSource(Lease missed) {
        if (origin.portMode() == PortMode.WINDOW || origin.portMode() == PortMode.RING) {
            return PortSettings.WINDOW_TRIES;
        }
        return sources(missed.endpoint).count() == 0 && lastOutcome == DialOutcome.ADDRESS_IN_USE ? 2 : 1;
    }

    private int sourceCount(Lease lease) {
        return Math.max(1, sources(lease.endpoint).count());
    }

    // ---- Waiting for a tuple.

    /** Whether the dial has ended because an endpoint that has not failed had no free tuple, and it has not waited yet. */
    public boolean mayWait() {
        return isFull && !hasWaited;
    }

    /**
     * Takes a place in the origin's queue; false if it is full. A tuple towards an endpoint that has failed this dial is not
     * waited for.
     *
     * @param waiter told when it is granted a lease, maybe at once
     */
    public boolean await(Waiter waiter) {
        hasWaited = true;
        waiter.refuse((BitSet) endpointsFailed.clone());
        return origin.ports().await(waiter);
    }

    /** The waiter leaves; false if a lease is on its way to it ({@link Waiter}). */
    public boolean leave(Waiter waiter) {
        return origin.ports().queue().leave(waiter);
    }

    // ---- What came of it.

    /**
     * Why the dial came to nothing, the most telling fact first. A missing tuple goes before everything: that endpoint may
     * be in the best of health, and a full source is never hidden behind another endpoint's error.
     */
    public CloseReason reasonOf() {
        if (wasWithoutTuple || isFull || isWithoutTuple(lastOutcome)) {
            return CloseReason.NO_SOURCE_PORT;
        }
        if (lastOutcome == DialOutcome.NO_RESOURCE) {
            return CloseReason.NO_DESCRIPTOR;
        }
        if (lastOutcome == DialOutcome.TIMED_OUT) {
            return CloseReason.CONNECT_TIMEOUT;
        }
        return lastOutcome == DialOutcome.REFUSED ? CloseReason.ORIGIN_REFUSED : CloseReason.ORIGIN_UNREACHABLE;
    }

    /** How an attempt ended, from its result: 0 or a negated errno ({@code connect(2)}, {@code bind(2)}). */
    public static DialOutcome outcomeOf(int result) {
        return switch (-result) {
            case 0 -> DialOutcome.CONNECTED;
            case Errno.ECONNREFUSED, Errno.ECONNRESET -> DialOutcome.REFUSED;
            case Errno.ETIMEDOUT -> DialOutcome.TIMED_OUT;
            case Errno.EADDRNOTAVAIL -> DialOutcome.ADDRESS_NOT_AVAILABLE;
            case Errno.EADDRINUSE -> DialOutcome.ADDRESS_IN_USE;
            case Errno.EMFILE, Errno.ENFILE, Errno.ENOMEM, Errno.ENOBUFS -> DialOutcome.NO_RESOURCE;
            default -> DialOutcome.UNREACHABLE;
        };
    }

    private static boolean isWithoutTuple(DialOutcome outcome) {
        return outcome == DialOutcome.ADDRESS_NOT_AVAILABLE || outcome == DialOutcome.ADDRESS_IN_USE;
    }

    private SourceAddresses sources(int place) {
        return origin.sourcesFor(origin.endpoint(place));
    }
}
