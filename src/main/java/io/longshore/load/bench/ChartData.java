package io.longshore.load.bench;

import com.google.gson.Gson;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What {@code report.js} draws, as JSON: a list of scenarios, each with its bars and its latency curves. */
final class ChartData {
    private ChartData() {}

    /** JSON that may stand in a script element: Gson writes each of {@code < > & = '} as an escape of Unicode. */
    static String json(Result result) {
        List<Object> scenarios = new ArrayList<>();
        for (int i = 0; i < result.scenarios().size(); i++) {
            ScenarioResult scenario = result.scenarios().get(i);
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("id", HtmlReport.id(i));
            one.put("label", axis(scenario.primary()));
            one.put("bars", bars(scenario));
            one.put("curves", curves(scenario));
            scenarios.add(one);
        }
        return new Gson().toJson(scenarios);
    }

    static boolean hasBars(ScenarioResult scenario) {
        return !bars(scenario).isEmpty();
    }

    static boolean hasCurves(ScenarioResult scenario) {
        return !curves(scenario).isEmpty();
    }

    private static String axis(String label) {
        String unit = Wording.unit(label);
        return Wording.heading(label) + (unit.isEmpty() ? "" : ", " + unit);
    }

    private static List<Object> bars(ScenarioResult scenario) {
        List<Object> bars = new ArrayList<>();
        double factor = Wording.factor(scenario.primary());
        for (String target : Statistics.targets(scenario)) {
            Statistics.Cell cell = Statistics.cell(scenario, target, scenario.primary());
            Optional<Statistics.Spread> spread = Statistics.spread(cell.counted());
            if (!cell.counted().isEmpty() || !cell.voided().isEmpty()) {
                Map<String, Object> bar = named(target);
                spread.ifPresent(counted -> bar.put("median", shown(counted.median() * factor)));
                bar.put("rounds", shown(cell.counted().values(), factor));
                bar.put("voided", shown(cell.voided().values(), factor));
                bars.add(bar);
            }
        }
        return bars;
    }

    private static List<Object> curves(ScenarioResult scenario) {
        List<Object> curves = new ArrayList<>();
        for (LatencyCurve curve : LatencyCurve.of(scenario)) {
            if (!curve.points().isEmpty()) {
                Map<String, Object> line = named(curve.target());
                line.put(
                        "points",
                        curve.points().stream()
                                .map(point -> List.of(shown(point[0]), shown(point[1])))
                                .toList());
                curves.add(line);
            }
        }
        return curves;
    }

    private static Map<String, Object> named(String target) {
        Map<String, Object> named = new LinkedHashMap<>();
        named.put("name", Wording.target(target));
        named.put("style", Palette.of(target));
        return named;
    }

    private static List<Double> shown(Collection<Double> values, double factor) {
        return values.stream().map(value -> shown(value * factor)).toList();
    }

    /** Five digits: more than any screen shows, and the page stays small. */
    private static double shown(double value) {
        return Double.isFinite(value) && value != 0
                ? new BigDecimal(value).round(new MathContext(5)).doubleValue()
                : 0;
    }
}
