package io.longshore.sim;

import java.util.SplittableRandom;

/**
 * How unkind one simulated world is: drawn once a seed, so that seeds differ in kind and not only in detail. All odds are
 * per mille, all times nanoseconds, all sizes bytes.
 *
 * <p>A third of the worlds have no faults at all: there every oracle about clean endings applies to every session.
 */
final class Odds {
    static final long MICRO = 1_000L;
    static final long MILLI = 1_000_000L;
    static final long SECOND = 1_000_000_000L;

    /** How large the buffers of the kernel are: one fashion a world, so that small worlds get small payloads. */
    enum Fashion {
        /** Buffers of a few bytes: every write is short. */
        TINY(8, 96, 2 * MILLI, 3_000, 5, 100, 16_384),
        SMALL(1_024, 8_192, 10 * MILLI, 40_000, 100, 1_460, 65_536),
        LARGE(16_384, 262_144, 20 * MILLI, 400_000, 1_460, 16_384, 131_072);

        final int bufferMin;
        final int bufferMax;
        final long latencyMaxNs;
        /** What one side may send in a world like this and still be done in seconds. */
        final int payloadMax;
        /** What an engine may read at once. */
        final int[] readSizes;

        Fashion(int bufferMin, int bufferMax, long latencyMaxNs, int payloadMax, int... readSizes) {
            this.bufferMin = bufferMin;
            this.bufferMax = bufferMax;
            this.latencyMaxNs = latencyMaxNs;
            this.payloadMax = payloadMax;
            this.readSizes = readSizes;
        }
    }

    final Fashion fashion;
    final long latencyMinNs;
    final long latencyMaxNs;
    /** How long the engine may sit on a completion. */
    final long latenessMaxNs;

    private boolean faulty;
    int dialRefused;
    int dialUnreachable;
    int dialTimedOut;
    int dialUnanswered;
    int dialAddressNotAvailable;
    int dialAddressInUse;
    int dialNoDescriptor;
    int dialResetAtOnce;
    int acceptStarved;
    /** A reset discards what had arrived before it and was not read. */
    int harshReset;
    /** The engine tells of less than it could at once. */
    int splitCompletion;
    /** The kernel takes a send later, as a ring does, and not within the call. */
    int lateTake;
    /** The engine begins to move a flow by itself, at a read; 0 in worlds whose engine never does. */
    int moves;
    /** The whole connection breaks by itself in its middle. */
    int breakdown;
    /** A peer misbehaves: resets, vanishes, never reads, sends garbage. */
    int rudePeer;

    private Odds(Fashion fashion, long latencyMinNs, long latencyMaxNs, long latenessMaxNs) {
        this.fashion = fashion;
        this.latencyMinNs = latencyMinNs;
        this.latencyMaxNs = latencyMaxNs;
        this.latenessMaxNs = latenessMaxNs;
    }

    /** A kind, fast world with buffers of some size: for tests that want to see one thing. */
    static Odds kind(Fashion fashion) {
        return new Odds(fashion, 50 * MICRO, 200 * MICRO, 100 * MICRO);
    }

    /** A world as its seed wants it. */
    static Odds drawn(SplittableRandom random) {
        Fashion[] fashions = Fashion.values();
        Fashion fashion = fashions[random.nextInt(fashions.length)];
        long latencyMax = random.nextLong(100 * MICRO, fashion.latencyMaxNs);
        long lateness = switch (random.nextInt(4)) {
            case 0 -> 0;
            case 1 -> random.nextLong(50 * MILLI);
            default -> random.nextLong(2 * MILLI);
        };
        Odds odds = new Odds(fashion, random.nextLong(latencyMax), latencyMax, lateness);
        odds.splitCompletion = random.nextInt(1_000);
        odds.lateTake = random.nextInt(1_000);
        odds.harshReset = random.nextInt(1_000);
        odds.moves = random.nextInt(3) == 0 ? 0 : 1 + random.nextInt(1_000);
        if (random.nextInt(3) > 0) {
            odds.faulty = true;
            odds.dialRefused = some(random, 150);
            odds.dialUnreachable = some(random, 80);
            odds.dialTimedOut = some(random, 80);
            odds.dialUnanswered = some(random, 80);
            odds.dialAddressNotAvailable = some(random, 150);
            odds.dialAddressInUse = some(random, 150);
            odds.dialNoDescriptor = some(random, 80);
            odds.dialResetAtOnce = some(random, 80);
            odds.acceptStarved = some(random, 300);
            odds.breakdown = some(random, 150);
            odds.rudePeer = random.nextInt(4) == 0 ? 0 : 1 + random.nextInt(900);
        }
        return odds;
    }

    /** Whether this world has faults at all. */
    boolean isFaulty() {
        return faulty;
    }

    /** Ends every fault: from now on the network is kind. What is broken stays broken. */
    void calmDown() {
        dialRefused = 0;
        dialUnreachable = 0;
        dialTimedOut = 0;
        dialUnanswered = 0;
        dialAddressNotAvailable = 0;
        dialAddressInUse = 0;
        dialNoDescriptor = 0;
        dialResetAtOnce = 0;
        acceptStarved = 0;
        breakdown = 0;
        rudePeer = 0;
    }

    /** Whether something of these odds happens now. */
    static boolean hit(SplittableRandom random, int perMille) {
        return perMille > 0 && random.nextInt(1_000) < perMille;
    }

    long latencyNs(SplittableRandom random) {
        return latencyMinNs + random.nextLong(latencyMaxNs - latencyMinNs + 1);
    }

    long latenessNs(SplittableRandom random) {
        return latenessMaxNs == 0 ? 0 : random.nextLong(latenessMaxNs);
    }

    int bufferBytes(SplittableRandom random) {
        return fashion.bufferMin + random.nextInt(fashion.bufferMax - fashion.bufferMin);
    }

    /** Most of the faults stay away from a seed altogether, so that each is seen without the others. */
    private static int some(SplittableRandom random, int most) {
        return random.nextInt(3) > 0 ? 0 : 1 + random.nextInt(most);
    }
}
