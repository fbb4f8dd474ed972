package io.longshore.load.bench;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import org.HdrHistogram.Histogram;

/**
 * What the load program prints at its end; a field that its mode does not know is 0.
 *
 * @param messages relayed in the window: an echo is two
 * @param bytes payload relayed in the window, both directions of an echo
 * @param latency pairs of nanoseconds and how often, or null
 * @param proxyCpuNs CPU time of the watched processes
 * @param proxyCoreBusy share of the window in which the proxy's core was not idle
 * @param loadCpuNs CPU time of the load, which never sleeps in the window; 0 where it does
 * @param loadBusy share of the window in which the load found something to do
 */
record LoadResult(
        long windowNs,
        long messages,
        long bytes,
        long handshakes,
        long closed,
        long failures,
        long mismatches,
        long[][] latency,
        long proxyCpuNs,
        double proxyCoreBusy,
        long loadCpuNs,
        double loadBusy) {
    private static final Gson GSON = new Gson();
    private static final int DIGITS = 3;

    static LoadResult parse(String json) throws IOException {
        try {
            LoadResult result = GSON.fromJson(json, LoadResult.class);
            if (result == null || result.windowNs <= 0) {
                throw new IOException("the load's result has no window: " + json);
            }
            return result;
        } catch (JsonParseException e) {
            throw new IOException("the load's result is no JSON: " + json, e);
        }
    }

    /** The same from a load that sleeps when there is nothing to do. */
    LoadResult ofSleeper() {
        return new LoadResult(
                windowNs,
                messages,
                bytes,
                handshakes,
                closed,
                failures,
                mismatches,
                latency,
                proxyCpuNs,
                proxyCoreBusy,
                0,
                loadBusy);
    }

    double seconds() {
        return windowNs / 1e9;
    }

    long faults() {
        return failures + mismatches;
    }

    /** What a mode does and counts: there must be some of it, or the run measured nothing. */
    long work(Mode mode) {
        return switch (mode) {
            case ECHO, SLOW -> messages;
            case BULK -> bytes;
            case STORM -> handshakes;
            case DISCONNECT -> closed;
            case HOLD -> 0;
        };
    }

    /** The latencies in nanoseconds; empty if there are none. */
    Histogram histogram() {
        Histogram histogram = new Histogram(DIGITS);
        histogram.setAutoResize(true);
        if (latency != null) {
            for (long[] bucket : latency) {
                histogram.recordValueWithCount(Math.max(1, bucket[0]), bucket[1]);
            }
        }
        return histogram;
    }

    /** A histogram as {@link Run#histogram()} keeps it, or null for an empty one. */
    static String encode(Histogram histogram) {
        if (histogram.getTotalCount() == 0) {
            return null;
        }
        ByteBuffer bytes = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
        int length = histogram.encodeIntoCompressedByteBuffer(bytes);
        return Base64.getEncoder().encodeToString(Arrays.copyOf(bytes.array(), length));
    }
}
