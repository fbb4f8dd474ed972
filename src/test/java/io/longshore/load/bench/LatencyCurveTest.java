package io.longshore.load.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

final class LatencyCurveTest {
    @Test
    void roundsThatCountAreMerged() {
        // 90 of 10 us and 10 of 100 us in the two rounds together; the others would add a second each.
        LatencyCurve curve = only(
                run(1, 0, encoded(10_000, 90)),
                run(2, 0, encoded(100_000, 10)),
                run(3, 1, encoded(1_000_000_000, 100)),
                new Run("longshore", 4, Map.of(), 0, "the load was the limit", encoded(1_000_000_000, 100)));
        assertEquals(List.of(), curve.unreadable());
        List<double[]> points = curve.points();
        assertEquals(1, points.get(0)[0], 0);
        assertEquals(10, at(points, 2), 0.01);
        assertEquals(10, at(points, 9.9), 0.01);
        assertEquals(100, at(points, 11), 0.1);
        double[] last = points.get(points.size() - 1);
        assertEquals(100, last[0], 0, "no further than one in all the samples");
        assertEquals(100, last[1], 0.1);
    }

    @Test
    void aDamagedHistogramIsNamedAndTheRestIsKept() {
        String whole = encoded(10_000, 5);
        LatencyCurve curve = only(
                run(1, 0, whole),
                run(2, 0, "!"),
                run(3, 0, whole.substring(0, whole.length() / 2 / 4 * 4)),
                run(4, 0, ""));
        assertEquals(List.of(2, 3, 4), curve.unreadable());
        assertEquals(5, curve.points().get(curve.points().size() - 1)[0], 0);
    }

    @Test
    void withoutSamplesThereIsNoCurve() {
        assertTrue(LatencyCurve.of(scenario(run(1, 0, null))).isEmpty());
        assertTrue(LatencyCurve.of(scenario(run(1, 0, SampleResult.encoded(new Histogram(3)))))
                .isEmpty());
    }

    private static double at(List<double[]> points, double oneIn) {
        return points.stream().filter(point -> point[0] >= oneIn).findFirst().orElseThrow()[1];
    }

    private static LatencyCurve only(Run... runs) {
        List<LatencyCurve> curves = LatencyCurve.of(scenario(runs));
        assertEquals(1, curves.size());
        return curves.get(0);
    }

    private static String encoded(long nanos, long count) {
        Histogram histogram = new Histogram(3);
        histogram.recordValueWithCount(nanos, count);
        return SampleResult.encoded(histogram);
    }

    private static Run run(int round, long faults, String histogram) {
        return new Run("longshore", round, Map.of("p99", 1.0), faults, null, histogram);
    }

    private static ScenarioResult scenario(Run... runs) {
        return new ScenarioResult("rate", "?", "!", "p99", List.of("p99"), List.of(), List.of(runs), List.of());
    }
}
