package io.longshore.load.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.load.bench.Statistics.Cell;
import io.longshore.load.bench.Statistics.Ratio;
import io.longshore.load.bench.Statistics.Spread;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class StatisticsTest {
    private static final String RATE = Measure.THROUGHPUT.label();
    private static final String CPU = Measure.CPU_PER_MESSAGE.label();

    @Test
    void theMedianIsTheMiddleOrTheMeanOfTheTwoInIt() {
        assertEquals(Optional.of(new Spread(2, 1, 9, 3)), Statistics.spread(Map.of(1, 9.0, 2, 1.0, 3, 2.0)));
        assertEquals(Optional.of(new Spread(3, 1, 9, 4)), Statistics.spread(Map.of(1, 9.0, 2, 1.0, 3, 2.0, 4, 4.0)));
        assertEquals(Optional.of(new Spread(7, 7, 7, 1)), Statistics.spread(Map.of(5, 7.0)));
        assertEquals(Optional.empty(), Statistics.spread(Map.of()));
    }

    @Test
    void onlyRunsOfTheSameRoundAreDivided() {
        // The machine got slower by half after the first round: each ratio is 2 or 3, whatever the medians would give.
        ScenarioResult scenario = scenario(
                run("nginx", 1, 100),
                run("longshore", 1, 200),
                run("nginx", 2, 50),
                run("longshore", 2, 100),
                run("nginx", 3, 40),
                run("longshore", 3, 120),
                run("longshore", 4, 9999));
        Ratio ratio = ratio(scenario);
        assertEquals(Map.of(1, 2.0, 2, 2.0, 3, 3.0), ratio.rounds());
        assertEquals(new Spread(2, 2, 3, 3), ratio.spread());
        assertTrue(ratio.isBetter());
    }

    @Test
    void aVoidRunCountsForItsCostButNotForItsSpeed() {
        ScenarioResult scenario = scenario(
                new Run("nginx", 1, Map.of(RATE, 100.0, CPU, 4.0), 0, null, null),
                new Run("longshore", 1, Map.of(RATE, 150.0, CPU, 3.0, "p99", 9.0), 0, "the load was the limit", null),
                new Run("nginx", 2, Map.of(RATE, 100.0, CPU, 4.0), 0, null, null),
                new Run("longshore", 2, Map.of(RATE, 90.0, CPU, 3.0), 0, null, null));
        Cell cell = Statistics.cell(scenario, "longshore", RATE);
        assertEquals(Map.of(2, 90.0), cell.counted());
        assertEquals(Map.of(1, 150.0), cell.voided());
        assertEquals(
                Map.of(1, 9.0), Statistics.cell(scenario, "longshore", "p99").voided());
        assertEquals(Map.of(2, 0.9), ratio(scenario).rounds());
        assertEquals(
                Map.of(1, 0.75, 2, 0.75),
                Statistics.ratio(scenario, CPU, "longshore", "nginx")
                        .orElseThrow()
                        .rounds());
    }

    @Test
    void aFaultyRunCountsForNothing() {
        ScenarioResult scenario = scenario(
                run("nginx", 1, 100),
                new Run("longshore", 1, Map.of(RATE, 900.0, CPU, 0.1), 1, null, null),
                run("nginx", 2, 100),
                run("longshore", 2, 80));
        Cell cell = Statistics.cell(scenario, "longshore", RATE);
        assertEquals(Map.of(2, 80.0), cell.counted());
        assertEquals(Map.of(1, 900.0), cell.faulty());
        assertEquals(Map.of(2, 0.8), ratio(scenario).rounds());
        assertEquals(Optional.empty(), Statistics.ratio(scenario, CPU, "longshore", "nginx"));
    }

    @Test
    void nothingIsSaidInTimesOfNothing() {
        ScenarioResult scenario = scenario(
                run("nginx", 1, 0), run("longshore", 1, 80), run("nginx", 2, 100), run("longshore", 2, Double.NaN));
        assertEquals(Optional.empty(), Statistics.ratio(scenario, RATE, "longshore", "nginx"));
    }

    @Test
    void theDirectionOfTheMeasureSaysWhoIsWorse() {
        ScenarioResult scenario = scenario(
                new Run("nginx", 1, Map.of(RATE, 100.0, CPU, 2.0, "load-busy", 0.5), 0, null, null),
                new Run("longshore", 1, Map.of(RATE, 120.0, CPU, 2.5, "load-busy", 0.7), 0, null, null));
        assertTrue(ratio(scenario).isBetter());
        assertEquals(1.2, ratio(scenario).advantage(), 1e-9);
        Ratio cpu = Statistics.ratio(scenario, CPU, "longshore", "nginx").orElseThrow();
        assertTrue(cpu.isWorse());
        assertEquals(0.8, cpu.advantage(), 1e-9);
        assertFalse(Statistics.isComparable("load-busy"));
        assertEquals(Optional.empty(), Statistics.ratio(scenario, "load-busy", "longshore", "nginx"));
    }

    @Test
    void oursStandFirstAndTheZeroLineLast() {
        ScenarioResult scenario = scenario(
                run("direct", 1, 1),
                run("nginx", 1, 1),
                run("longshore-uring", 1, 1),
                run("haproxy", 1, 1),
                run("longshore", 1, 1));
        assertEquals(
                List.of("longshore", "longshore-uring", "haproxy", "nginx", "direct"), Statistics.targets(scenario));
        assertFalse(Statistics.isPeer("direct"));
        assertFalse(Statistics.isPeer("longshore-uring"));
        assertTrue(Statistics.isPeer("haproxy-splice"));
        assertTrue(Statistics.isPeer("longshoreman"));
    }

    @Test
    void everyMeasureHasAUnitAndAName() {
        for (Measure measure : Measure.values()) {
            assertFalse(Wording.unit(measure.label()).isEmpty(), measure.label());
            assertFalse(Wording.noun(measure.label()).contains("-"), measure.label());
        }
        assertEquals("of-tomorrow", Wording.noun("of-tomorrow"));
        assertEquals("", Wording.unit("of-tomorrow"));
    }

    @Test
    void aRatioSaysOnWhichSideOfOneItLies() {
        assertEquals("0.97", Wording.ratio(new Spread(0.9712, 0.9, 1.1, 3)));
        assertEquals("0.998", Wording.ratio(new Spread(0.998, 0.9, 1.1, 3)));
        assertEquals("1.00", Wording.ratio(new Spread(1, 0.9, 1.1, 3)));
        assertEquals("0.012", Wording.ratio(new Spread(0.0123, 0.01, 0.02, 3)));
    }

    private static Ratio ratio(ScenarioResult scenario) {
        return Statistics.ratio(scenario, RATE, "longshore", "nginx").orElseThrow();
    }

    private static Run run(String target, int round, double rate) {
        return new Run(target, round, Map.of(RATE, rate), 0, null, null);
    }

    private static ScenarioResult scenario(Run... runs) {
        return new ScenarioResult("small", "?", "!", RATE, List.of(RATE, CPU), List.of(), List.of(runs), List.of());
    }
}
