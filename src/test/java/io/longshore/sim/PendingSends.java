package io.longshore.sim;

import java.util.ArrayDeque;
import java.util.Arrays;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What the owner of one handle has sent and not been told of yet, in order.
 *
 * <p>Lent bytes are copied at once, as a real engine parks them. Memory of the owner stays where it is and is read when
 * the kernel takes it; a copy made at the send proves that the owner has not touched it before he was told.
 */
final class PendingSends {
    private static final class Region {
        final byte[] bytes;
        final UnsafeBuffer owners;
        int taken;
        int told;

        Region(byte[] bytes, UnsafeBuffer owners) {
            this.bytes = bytes;
            this.owners = owners;
        }
    }

    private final SimWorld world;
    /** Not told of in full. */
    private final ArrayDeque<Region> regions = new ArrayDeque<>();
    /** Not taken in full; the last ones of the regions. */
    private final ArrayDeque<Region> waiting = new ArrayDeque<>();

    private int untaken;
    private int untold;
    private int parked;

    PendingSends(SimWorld world) {
        this.world = world;
    }

    void add(long address, int length, boolean lent) {
        UnsafeBuffer memory = new UnsafeBuffer(address, length);
        byte[] copy = new byte[length];
        memory.getBytes(0, copy);
        add(new Region(copy, lent ? null : memory));
    }

    /** Adds bytes that the engine moves by itself. */
    void addMoved(byte[] bytes, int length) {
        add(new Region(Arrays.copyOf(bytes, length), null));
    }

    private void add(Region region) {
        regions.add(region);
        waiting.add(region);
        untaken += region.bytes.length;
        parked += region.owners == null ? region.bytes.length : 0;
    }

    /**
     * Lets the kernel take what it will; returns how much, or a negated errno if it took nothing and failed.
     *
     * @param onlyFirst whether it looks at no send but the first
     */
    int takeBy(SimSocket socket, boolean onlyFirst) {
        int sum = 0;
        while (!waiting.isEmpty()) {
            Region region = waiting.peek();
            int taken = socket.write(region.bytes, region.taken, region.bytes.length - region.taken);
            if (taken < 0) {
                return sum > 0 ? sum : taken;
            }
            verify(region, region.taken, taken);
            region.taken += taken;
            untaken -= taken;
            untold += taken;
            parked -= region.owners == null ? taken : 0;
            sum += taken;
            if (region.taken < region.bytes.length) {
                break;
            }
            waiting.remove();
            if (onlyFirst) {
                break;
            }
        }
        return sum;
    }

    /** Marks this many of the taken bytes as told. */
    void tell(int bytes) {
        untold -= bytes;
        int rest = bytes;
        while (rest > 0) {
            Region region = regions.peek();
            int told = Math.min(rest, region.taken - region.told);
            region.told += told;
            rest -= told;
            if (region.told == region.bytes.length) {
                verify(region, 0, region.told);
                regions.remove();
            }
        }
    }

    /** Bytes the kernel has not taken. */
    int untaken() {
        return untaken;
    }

    /** Bytes the kernel has taken and the owner does not know of. */
    int untold() {
        return untold;
    }

    /** Lent bytes that the kernel has not taken. */
    int parked() {
        return parked;
    }

    private void verify(Region region, int from, int length) {
        if (region.owners == null) {
            return;
        }
        byte[] now = new byte[length];
        region.owners.getBytes(from, now);
        if (!Arrays.equals(now, 0, length, region.bytes, from, from + length)) {
            world.violated("sent-memory-untouched", "memory changed between send and sent");
        }
    }
}
