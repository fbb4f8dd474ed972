package io.longshore.sim;

/** What both ends know of one direction of an exchange: the record that the oracles read. */
final class Flow {
    private final SimWorld world;
    private final String name;
    final long stream;
    long sent;
    long received;
    /** The sender has half-closed or closed after all it had to say. */
    boolean finSent;

    long finSentNs;
    /** The receiver has seen the end of the stream, and no reset. */
    boolean endSeen;
    /** It looked like a clean end, and bytes were missing. */
    boolean endedShort;

    boolean resetSeen;
    long endSeenNs;
    long lastReceivedNs;
    /** The sender broke off: a reset, or no word at all. */
    boolean brokenOff;

    Flow(SimWorld world, String name, long stream) {
        this.world = world;
        this.name = name;
        this.stream = stream;
    }

    /** Bytes of the tunnel came out at the far end. */
    void received(byte[] bytes, int offset, int length) {
        int wrong = Payload.firstWrong(stream, received, bytes, offset, length);
        if (wrong >= 0) {
            world.violated("prefix-of-sent", name + " byte " + (received + wrong) + " of " + sent + " sent is wrong");
        }
        received += length;
        lastReceivedNs = world.elapsedNs();
        if (received > sent) {
            world.violated("prefix-of-sent", name + ": " + received + " bytes arrived, " + sent + " were sent");
        }
    }

    void finSent() {
        finSent = true;
        finSentNs = world.elapsedNs();
    }

    /** The receiver sees the end of the stream. */
    void ended() {
        endSeen = true;
        endSeenNs = world.elapsedNs();
        endedShort = finSent && !brokenOff && !world.isDrained() && received != sent;
    }

    @Override
    public String toString() {
        return name + " sent=" + sent + " received=" + received + (finSent ? " fin" : "") + (endSeen ? " end" : "")
                + (resetSeen ? " reset" : "") + (brokenOff ? " broken-off" : "");
    }
}
