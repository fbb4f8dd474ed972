package io.longshore.load.bench;

import io.longshore.load.bench.Statistics.Ratio;
import java.util.Locale;

/**
 * A ratio as a small picture: a dot for each round, a tick for the median, worse to the left of the line in the middle and
 * better to the right, whichever direction the measure has.
 *
 * <p>The scale is logarithmic, because twice and half are equally far from even, and ends at twice; what is beyond
 * sits at the edge.
 */
final class Strip {
    private static final double WIDTH = 160;
    private static final double HEIGHT = 20;
    private static final double MARGIN = 6;
    private static final double TIMES_MAX = 2;

    private Strip() {}

    static String svg(Ratio ratio) {
        String kind = ratio.isWorse() ? "worse" : "better";
        StringBuilder svg = new StringBuilder();
        svg.append(String.format(
                Locale.ROOT,
                "<svg class=\"strip %s\" viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"%s than the peer\">",
                kind,
                WIDTH,
                HEIGHT,
                kind));
        svg.append(vertical("even", WIDTH / 2, 2));
        double median = x(ratio.advantage());
        svg.append(String.format(
                Locale.ROOT,
                "<line class=\"reach\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>",
                WIDTH / 2,
                median,
                HEIGHT / 2,
                HEIGHT / 2));
        for (double round : ratio.rounds().values()) {
            double advantage = ratio.measure().isMoreBetter() ? round : 1 / round;
            svg.append(
                    String.format(Locale.ROOT, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\"/>", x(advantage), HEIGHT / 2));
        }
        return svg.append(vertical("median", median, 4)).append("</svg>").toString();
    }

    private static String vertical(String kind, double x, double margin) {
        return String.format(
                Locale.ROOT,
                "<line class=\"%s\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>",
                kind,
                x,
                x,
                margin,
                HEIGHT - margin);
    }

    private static double x(double advantage) {
        double share = Math.log(advantage) / Math.log(TIMES_MAX);
        double clipped = Math.max(-1, Math.min(1, share));
        return WIDTH / 2 + clipped * (WIDTH / 2 - MARGIN);
    }
}
