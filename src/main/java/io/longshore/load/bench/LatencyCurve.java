package io.longshore.load.bench;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.zip.DataFormatException;
import org.HdrHistogram.Histogram;

/**
 * The latency of one target in one scenario, all rounds that count put together.
 *
 * @param points pairs of 1 / (1 - p) and the latency in microseconds at the share p of the samples, both growing: that
 *     many samples, on average, hold one which is slower
 * @param unreadable rounds whose histogram is damaged
 */
record LatencyCurve(String target, List<double[]> points, List<Integer> unreadable) {
    /** Steps in a power of ten on the axis of 1 / (1 - p); the eye sees no corners then. */
    private static final int STEPS = 16;

    private static final int BYTES_MAX = 16 * 1024 * 1024;

    /** One curve for each target that has samples. */
    static List<LatencyCurve> of(ScenarioResult scenario) {
        List<LatencyCurve> curves = new ArrayList<>();
        for (String target : Statistics.targets(scenario)) {
            LatencyCurve curve = of(scenario, target);
            if (!curve.points.isEmpty() || !curve.unreadable.isEmpty()) {
                curves.add(curve);
            }
        }
        return curves;
    }

    private static LatencyCurve of(ScenarioResult scenario, String target) {
        Histogram all = new Histogram(3);
        List<Integer> unreadable = new ArrayList<>();
        for (Run run : scenario.runs()) {
            boolean counts = run.faults() == 0 && run.voidReason() == null;
            if (counts && run.target().equals(target) && run.histogram() != null) {
                try {
                    all.add(decode(run.histogram()));
                } catch (DataFormatException | RuntimeException e) {
                    // Damaged bytes surface as whatever the decoder stumbles over. The report says which round it was.
                    unreadable.add(run.round());
                }
            }
        }
        return new LatencyCurve(target, points(all), unreadable);
    }

    private static Histogram decode(String base64) throws DataFormatException {
        byte[] bytes = Base64.getDecoder().decode(base64);
        if (bytes.length > BYTES_MAX) {
            throw new DataFormatException("no histogram of ours is that long: " + bytes.length);
        }
        return Histogram.decodeFromCompressedByteBuffer(ByteBuffer.wrap(bytes), 0);
    }

    private static List<double[]> points(Histogram all) {
        List<double[]> points = new ArrayList<>();
        long count = all.getTotalCount();
        double oneIn = 0;
        // Beyond one in all the samples there is nothing but the largest, again and again.
        for (int step = 0; oneIn < count; step++) {
            oneIn = Math.min(Math.pow(10, (double) step / STEPS), count);
            double percentile = 100 * (1 - 1 / oneIn);
            points.add(new double[] {oneIn, all.getValueAtPercentile(percentile) / 1000.0});
        }
        return points;
    }
}
