package io.longshore.origin;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * The free ports of one source towards one endpoint in {@link PortMode#RING}: a queue, so that the port freed longest ago
 * is the next to be used. Finding one is one step, at 10 % occupancy and at 99 %.
 *
 * <p>Many loops take and give at once without a lock (Dmitry Vyukov's bounded queue): each cell carries the turn at which
 * it may be written or read next, and only who wins the turn touches it. It never overflows, because only its own ports
 * come back.
 *
 * <pre>
 *   cell:  turn (48 bits) | port (16 bits)
 * </pre>
 */
final class PortRing {
    private final AtomicLongArray cells;
    private final int mask;
    private final AtomicLong takeTurn = new AtomicLong();
    private final AtomicLong giveTurn = new AtomicLong();

    /** A ring with the ports from {@code low} to {@code high}, all of them free. */
    PortRing(int low, int high) {
        int count = high - low + 1;
        int length = Integer.highestOneBit(Math.max(2, count * 2 - 1));
        mask = length - 1;
        cells = new AtomicLongArray(length);
        for (int i = 0; i < length; i++) {
            // A cell is free for the giver of turn i, or holds port number i for the taker of turn i.
            cells.setPlain(i, i < count ? pack(i + 1L, low + i) : pack(i, 0));
        }
        giveTurn.set(count);
    }

    /** The port that was given back longest ago, or -1 if there is none. */
    int take() {
        while (true) {
            long turn = takeTurn.get();
            int at = (int) turn & mask;
            long cell = cells.get(at);
            long difference = (cell >>> 16) - (turn + 1);
            if (difference == 0) {
                if (takeTurn.compareAndSet(turn, turn + 1)) {
                    cells.set(at, pack(turn + mask + 1, 0));
                    return (int) cell & 0xffff;
                }
            } else if (difference < 0) {
                return -1;
            }
        }
    }

    /** Gives a port back, to be taken last. */
    void give(int port) {
        while (true) {
            long turn = giveTurn.get();
            int at = (int) turn & mask;
            long difference = (cells.get(at) >>> 16) - turn;
            if (difference == 0) {
                if (giveTurn.compareAndSet(turn, turn + 1)) {
                    cells.set(at, pack(turn + 1, port));
                    return;
                }
            } else if (difference < 0) {
                // Its taker has the port, but has not emptied the cell yet: two steps from here.
                Thread.onSpinWait();
            }
        }
    }

    private static long pack(long turn, int port) {
        return turn << 16 | port;
    }
}
