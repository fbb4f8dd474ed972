package io.longshore.load.bench;

import java.util.Map;

/**
 * Which colour a target has, by the name of a style in {@code report.css}: a family of configurations shares its hue, and
 * the hues are those of Okabe and Ito, which people tell apart whatever their colour vision.
 */
final class Palette {
    private static final Map<String, String> KNOWN = Map.of(
            "direct", "direct",
            "haproxy", "haproxy",
            "haproxy-splice", "haproxy-2",
            "nginx", "nginx",
            "nginx-64k", "nginx-2",
            "longshore", "longshore");
    private static final int OTHERS = 3;

    private Palette() {}

    /** The same target always has the same colour, in every chart of every report. */
    static String of(String target) {
        String known = KNOWN.get(target);
        if (known != null) {
            return known;
        }
        return Statistics.isOurs(target) ? "longshore-2" : "other-" + (1 + Math.floorMod(target.hashCode(), OTHERS));
    }

    /** A target's name with a spot of its colour before it. */
    static String swatch(String target) {
        return "<span class=\"swatch c-" + of(target) + "\"></span>" + Html.escape(Wording.target(target));
    }
}
