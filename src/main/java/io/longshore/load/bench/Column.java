package io.longshore.load.bench;

import io.longshore.load.bench.Statistics.Cell;
import io.longshore.load.bench.Statistics.Spread;
import java.util.SortedMap;

/**
 * The numbers of one measure as they are written in one table: all with the same decimals, or they could not be compared at a
 * glance.
 *
 * @param factor what a value is multiplied by before it is shown
 */
record Column(double factor, int decimals) {
    static Column of(ScenarioResult scenario, String label) {
        double[] medians = Statistics.targets(scenario).stream()
                .map(target -> Statistics.cell(scenario, target, label))
                .flatMap(cell -> Statistics.spread(shown(cell)).stream())
                .mapToDouble(Spread::median)
                .sorted()
                .toArray();
        double factor = Wording.factor(label);
        double typical = medians.length == 0 ? 0 : medians[(medians.length - 1) / 2];
        return new Column(factor, Wording.decimals(typical * factor));
    }

    /** The values of a cell that are worth a number: the speeds of void runs only where there is nothing better. */
    private static SortedMap<Integer, Double> shown(Cell cell) {
        return cell.counted().isEmpty() ? cell.voided() : cell.counted();
    }

    String number(double value) {
        return Wording.number(value * factor, decimals);
    }

    String range(Spread spread) {
        return number(spread.min()) + " - " + number(spread.max());
    }

    String text(Spread spread) {
        return number(spread.median()) + " (" + range(spread) + ")";
    }
}
