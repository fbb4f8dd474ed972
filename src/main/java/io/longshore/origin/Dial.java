package io.longshore.origin;

import io.longshore.metrics.CloseReason;
import io.longshore.metrics.DialOutcome;
import io.longshore.net.Address;
import io.longshore.net.Errno;

/**
 * The attempts that one session makes to reach its origin, as values: {@link #next()} says what to try, {@link
 * #failed(int)} how it went, until a connect succeeds or {@code next} has nothing left.
 *
 * <ol>
 *   <li>The first endpoint is the one whose turn it is, then the others in the configuration's order, each at most
 *       once.
 *   <li>An endpoint is dialled from the client's preferred source address ({@link SourceAddresses}) of the same family.
 *       If the origin has no source of that family, the kernel chooses.
 *   <li>No tuple to be had (EADDRNOTAVAIL, EADDRINUSE): the same endpoint from the client's next source, {@value
 *       #SOURCES_PER_ENDPOINT_MAX} sources at most. Where the kernel chooses, EADDRINUSE is tried once more, because it
 *       then comes from a race for one port; its EADDRNOTAVAIL means that it has searched all of them.
 *   <li>The host is out of descriptors or memory: the dial ends at once. Another attempt needs the same resource.
 *   <li>Everything else, a connect-timeout included: the next endpoint.
 *   <li>After {@value #ATTEMPTS_MAX} attempts the dial ends.
 * </ol>
 *
 * <p>The tuple account will take its lease in {@code next}, where the source is chosen, and get it back in {@code
 * failed}; the lease of the attempt that succeeds goes over to the session.
 *
 * <p>A dial lives as long as the handshake; a tunnel keeps the attempt's endpoint and source, not the dial.
 */
public final class Dial {
    static final int ATTEMPTS_MAX = 16;
    static final int SOURCES_PER_ENDPOINT_MAX = 3;

    private final OriginState origin;
    private final long clientHigh;
    private final long clientLow;
    private final int firstPlace;

    /** How many endpoints have been given up. */
    private int endpointsTried;
    /** Attempts at the current endpoint that found no tuple; the rank of the source to try next. */
    private int tuplesMissed;

    private int attempts;
    private boolean isUnderWay;
    /** Whether an endpoint was given up for want of a tuple: it may well be healthy. */
    private boolean wasWithoutTuple;

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
        assert !isUnderWay : "the last attempt has no outcome yet";
        if (endpointsTried == origin.endpointCount()
                || attempts == ATTEMPTS_MAX
                || lastOutcome == DialOutcome.NO_RESOURCE) {
            return null;
        }
        isUnderWay = true;
        attempts++;
        Address endpoint = currentEndpoint();
        SourceAddresses sources = origin.sourcesFor(endpoint);
        Address source = sources.count() == 0 ? null : sources.pick(clientHigh, clientLow, tuplesMissed);
        return new Attempt(endpoint, source, attempts);
    }

    /**
     * The attempt under way has failed; its socket is the caller's to close.
     *
     * @param result a negated errno; -ETIMEDOUT also for our own connect-timeout
     */
    public void failed(int result) {
        assert isUnderWay && result < 0 : "no attempt is under way, or it did not fail: " + result;
        isUnderWay = false;
        lastOutcome = outcomeOf(result);
        if (isWithoutTuple(lastOutcome)) {
            tuplesMissed++;
            if (tuplesMissed < triesAtCurrentEndpoint()) {
                return;
            }
            wasWithoutTuple = true;
        }
        endpointsTried++;
        tuplesMissed = 0;
    }

    /**
     * Why the dial came to nothing, the most telling fact first. A missing tuple goes before everything: that endpoint
     * may be in the best of health, and a full source is never hidden behind another endpoint's error.
     */
    public CloseReason reasonOf() {
        if (wasWithoutTuple || isWithoutTuple(lastOutcome)) {
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

    private Address currentEndpoint() {
        return origin.endpoint((firstPlace + endpointsTried) % origin.endpointCount());
    }

    /** How many attempts without a tuple the current endpoint is worth, given the last outcome. */
    private long triesAtCurrentEndpoint() {
        long sources = origin.sourcesFor(currentEndpoint()).count();
        if (sources > 0) {
            return Math.min(sources, SOURCES_PER_ENDPOINT_MAX);
        }
        return lastOutcome == DialOutcome.ADDRESS_IN_USE ? 2 : 1;
    }
}
