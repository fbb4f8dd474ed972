package io.longshore.sim;

/**
 * Where the bytes of one connection wait for their owner: in the kernel, and on a ring also in memory of the engine. There
 * a receive that stands (IORING_RECV_MULTISHOT) takes what arrives without being asked again, and goes on to do so for a
 * while after its owner has held the connection, until its cancellation gets through.
 *
 * <p>What the engine has, no reset takes back and no window counts; and to the kernel it is read, so that a close does not
 * reset the peer for its sake.
 */
final class Intake {
    private final ByteQueue kept = new ByteQueue();
    /** A receive stands at the kernel. */
    private boolean isArmed;

    void arm(boolean on) {
        isArmed = on;
    }

    /** How many bytes have arrived and wait for their owner. */
    int available(SimSocket socket) {
        return kept.size() + socket.available();
    }

    /** Whether the owner could be told of anything: bytes, an end or an error. */
    boolean isReadable(SimSocket socket) {
        return kept.size() > 0 || socket.isReadable();
    }

    /** Takes bytes out of the kernel as the receive that stands does, into at most {@code keptMax} bytes of memory. */
    void overshoot(SimSocket socket, int keptMax) {
        int most = Math.min(keptMax - kept.size(), socket.available());
        if (isArmed && most > 0) {
            byte[] bytes = new byte[most];
            kept.put(bytes, 0, socket.read(bytes, 0, most));
        }
    }

    /**
     * Hands bytes over in their order, at least one of those that are available.
     *
     * @param merges whether bytes of the kernel may follow those of the engine at once
     */
    int read(SimSocket socket, byte[] into, int length, boolean merges) {
        int count = kept.take(into, 0, length);
        if (count < length && (merges || count == 0) && socket.available() > 0) {
            count += socket.read(into, count, length - count);
        }
        return count;
    }
}
