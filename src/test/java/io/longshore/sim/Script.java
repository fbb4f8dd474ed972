package io.longshore.sim;

import java.util.SplittableRandom;

/** How one side of an exchange behaves, drawn before it begins. */
final class Script {
    /** How a side reads. */
    enum Reader {
        EAGER,
        SLOW,
        /** Reads its head, and then nothing any more. */
        NEVER
    }

    /** What happens to a side in the middle, wherever that is. */
    enum Mishap {
        NONE,
        RESET,
        /** Closes, whether it has read everything or not. */
        CLOSE,
        /** Half-closes too early. */
        FINISH,
        /** Is gone without a word. */
        VANISH,
        /** Says nothing any more. */
        HANG
    }

    Reader reader = Reader.EAGER;
    Mishap mishap = Mishap.NONE;
    /** After how many bytes, those of heads included, the mishap happens. */
    long mishapAt;
    /** And how long after them. */
    long mishapDelayNs;
    /** Payload to send. */
    long total;
    /** Payload that may leave before the far side has agreed. */
    long early;
    /** The longest piece written at once, and the longest pause between two. */
    int pieceMax;

    long pauseMaxNs;
    int readMax;
    long readPauseMaxNs;
    /** Ends only after the other side has. */
    boolean endsLast;
    /** Sends a byte for each that it receives, instead of {@link #total}. */
    boolean echoes;

    /** A side's manners in this world; {@code headBytes} is about how much it says before its payload. */
    static Script drawn(SimWorld world, SplittableRandom random, int headBytes) {
        Script script = new Script();
        int most = world.odds.fashion.payloadMax;
        script.total = switch (random.nextInt(6)) {
            case 0 -> 0;
            case 1, 2 -> random.nextInt(most);
            default -> random.nextInt(1 + most / 10);
        };
        script.early = switch (random.nextInt(6)) {
            case 0 -> random.nextLong(script.total + 1);
            case 1 -> script.total;
            default -> 0;
        };
        // Forty pieces at most with the longest pauses, so that nobody polite takes longer than seconds.
        int pieceMin = (int) Math.max(1, (script.total + headBytes) / 40);
        script.pieceMax = pieceMin + random.nextInt(1 + most / 4);
        script.pauseMaxNs = random.nextInt(3) == 0 ? 0 : random.nextLong(50 * Odds.MILLI);
        script.readMax = 65_536;
        script.readPauseMaxNs = random.nextLong(1 + Odds.MILLI);
        if (random.nextInt(4) == 0) {
            script.reader = Reader.SLOW;
            script.readMax = 1 + most / 60 + random.nextInt(1_000);
            script.readPauseMaxNs = 60 * Odds.MILLI;
        }
        script.endsLast = random.nextInt(3) == 0;
        if (Odds.hit(random, world.odds.rudePeer)) {
            script.spoil(random, headBytes);
        }
        return script;
    }

    private void spoil(SplittableRandom random, int headBytes) {
        Mishap[] mishaps = Mishap.values();
        mishap = mishaps[random.nextInt(mishaps.length)];
        // A third of the mishaps in the handshake, where a side has said the least and there is the most to free.
        mishapAt = random.nextInt(3) == 0 ? random.nextInt(headBytes + 1) : random.nextLong(headBytes + total + 1);
        mishapDelayNs = random.nextBoolean() ? 0 : random.nextLong(4 * Odds.SECOND);
        if (random.nextInt(3) == 0) {
            mishap = random.nextBoolean() ? Mishap.NONE : mishap;
            reader = Reader.NEVER;
        }
        if (random.nextInt(8) == 0) {
            // A trickle: one byte after the other, up to half a second apart.
            pieceMax = 1;
            pauseMaxNs = 500 * Odds.MILLI;
        }
    }

    /** Whether this side does nothing that could end an exchange badly. */
    boolean isPolite() {
        return mishap == Mishap.NONE && reader != Reader.NEVER && !(pieceMax == 1 && total > 40);
    }
}
