package io.longshore.net.uring;

import java.util.Arrays;

/**
 * The sends that were asked for since the last reckoning, at most one a connection. Each is through when the call that
 * submits it returns: it took everything, unless a completion has said otherwise by then. The memory that they read is
 * needed until the reckoning.
 *
 * <p>Those that took everything, nearly all, are told of from here alone: with thousands of busy connections their records
 * have left the caches by then.
 */
final class SendBatch {
    /** In place of a handle: nobody is told of this one. */
    static final long FORGOTTEN = 0;

    private long[] handles = new long[256];
    private long[] addresses = new long[256];
    private int[] lengths = new int[256];
    private int[] results = new int[256];
    private int count;
    /** Of those, how many are known to have fallen short. */
    private int shortCount;

    /** Adds a send; returns its place. */
    int add(long handle, long address, int length) {
        if (count == handles.length) {
            handles = Arrays.copyOf(handles, count * 2);
            addresses = Arrays.copyOf(addresses, count * 2);
            lengths = Arrays.copyOf(lengths, count * 2);
            results = Arrays.copyOf(results, count * 2);
        }
        handles[count] = handle;
        addresses[count] = address;
        lengths[count] = length;
        results[count] = length;
        return count++;
    }

    /** A send did not take everything: how much, or a negated errno. */
    void ended(int place, int result) {
        results[place] = result;
        shortCount++;
    }

    /** Nobody is to be told of this connection's send, if it has one here. */
    void forget(long handle) {
        for (int place = count - 1; place >= 0; place--) {
            if (handles[place] == handle) {
                handles[place] = FORGOTTEN;
                return;
            }
        }
    }

    int count() {
        return count;
    }

    boolean hasShort() {
        return shortCount > 0;
    }

    long handle(int place) {
        return handles[place];
    }

    long address(int place) {
        return addresses[place];
    }

    int length(int place) {
        return lengths[place];
    }

    int result(int place) {
        return results[place];
    }

    void clear() {
        count = 0;
        shortCount = 0;
    }
}
