package io.longshore.net.uring;

import java.util.Arrays;

/**
 * The sends that were asked for since the last reckoning, at most one a connection. Each is through when the call that
 * submits it returns: it took everything, unless a completion has said otherwise by then. The memory that they read is
 * needed until the reckoning.
 */
final class SendBatch {
    private long[] handles = new long[256];
    private long[] addresses = new long[256];
    private int[] lengths = new int[256];
    private int[] results = new int[256];
    private int count;

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
    }

    int count() {
        return count;
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
    }
}
