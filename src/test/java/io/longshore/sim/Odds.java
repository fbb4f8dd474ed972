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

    /** What is underneath the engine of a world. */
    enum Manner {
        /** Readiness: a call does at once what the kernel lets it, and bytes stay in the kernel until they are told of. */
        SELECTOR,
        /** A ring: the kernel works when the loop enters it, and tells afterwards what it has done by then. */
        RING;

        /**
         * The manner of this seed's world, drawn apart from everything else: a seed's network, visitors and faults are the
         * same in either manner until the first completion comes at another time.
         */
        static Manner drawn(long seed) {
            return new SplittableRandom(~seed).nextBoolean() ? RING : SELECTOR;
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
    /** The kernel takes the first of the waiting sends and looks at the next one only later: one request at a time. */
    int takesOne;
    /** The FIN of an owner who has nothing waiting leaves later, as a request of its own. */
    int lateFinish;
    /** The SYN of a dial leaves later, as a request of its own. */
    int lateDial;
    /** A close reaches the socket later, when the requests that stand at it have been cancelled. */
    int lateClose;
    /** Bytes that arrive are received at once, into memory of the engine: those that overtake a hold wait there. */
    int overshoot;
    /** In reads: how much of one connection the engine receives ahead of its owner. */
    int keptReads = 1;
    /** What follows from one completion is told of in the same cycle. */
    int chained;
    /** The loop sleeps or works for so long that what happens meanwhile is told of together; 0 tells of each by itself. */
    long batchNs;
    /** A cycle delivers everything that is there, however much it is. */
    int wholeBatch;
    /** A handle is passed over in this cycle. */
    int passedOver;
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

    /** A world as its seed wants it, with an engine of this manner. */
    static Odds drawn(SplittableRandom random, Manner manner, long seed) {
        Odds odds = drawn(random);
        if (manner == Manner.RING) {
            odds.drawRing(new SplittableRandom(seed ^ 0x72_696e_6721L));
        }
        return odds;
    }

    private static Odds drawn(SplittableRandom random) {
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

    /** Makes the engine of this world one on a ring. What else a ring does stays away from a third of them, each by itself. */
    void drawRing(SplittableRandom random) {
        lateTake = 1_000;
        lateFinish = 1_000;
        lateDial = often(random);
        lateClose = often(random);
        takesOne = often(random);
        overshoot = often(random);
        keptReads = 1 + random.nextInt(4);
        chained = often(random);
        wholeBatch = often(random);
        batchNs = switch (random.nextInt(4)) {
            case 0 -> 0;
            // A head of many reads must still be through before its timeout.
            case 1 -> 1 + random.nextLong(5 * fashion.latencyMaxNs);
            default -> 1 + random.nextLong(2 * MILLI);
        };
        // Whoever is passed over every time is never told.
        passedOver = often(random) * 9 / 10;
    }

    /** Whether the engine of this world is one on a ring. */
    boolean isRing() {
        return lateFinish > 0;
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

    private static int often(SplittableRandom random) {
        return random.nextInt(3) == 0 ? 0 : 1 + random.nextInt(1_000);
    }

    /** Most of the faults stay away from a seed altogether, so that each is seen without the others. */
    private static int some(SplittableRandom random, int most) {
        return random.nextInt(3) > 0 ? 0 : 1 + random.nextInt(most);
    }
}
