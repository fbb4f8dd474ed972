package io.longshore.load.bench;

import java.util.Locale;
import java.util.Map;

/** How targets, measures and numbers are called in a report, whatever its format. */
final class Wording {
    private static final Map<String, String> PROPER = Map.of("haproxy", "HAProxy", "longshore", "Longshore");

    private Wording() {}

    /** The name of a target in prose: {@code HAProxy-splice} for {@code haproxy-splice}. */
    static String target(String target) {
        int dash = target.indexOf('-');
        String first = dash < 0 ? target : target.substring(0, dash);
        return PROPER.getOrDefault(first, first) + (dash < 0 ? "" : target.substring(dash));
    }

    /** A measure as a noun, for headings and after a possessive. */
    static String noun(String label) {
        return switch (label) {
            case "cpu-per-message" -> "CPU per message";
            case "cpu-per-gb" -> "CPU per GB";
            case "cpu-per-handshake" -> "CPU per handshake";
            case "cpu-per-disconnect" -> "CPU per disconnect";
            case "last-disconnect" -> "time to the last disconnect";
            case "handshakes" -> "handshake rate";
            case "p50" -> "p50 latency";
            case "p99" -> "p99 latency";
            case "p999" -> "p99.9 latency";
            case "user-memory-per-tunnel" -> "user memory per tunnel";
            case "kernel-memory-per-tunnel" -> "kernel memory per tunnel";
            case "resident" -> "resident memory";
            case "proxy-core-busy" -> "proxy's core busy";
            case "load-busy" -> "load's core busy";
            default -> label;
        };
    }

    static String heading(String label) {
        String noun = noun(label);
        return noun.isEmpty() ? noun : noun.substring(0, 1).toUpperCase(Locale.ROOT) + noun.substring(1);
    }

    /** The unit that stands in the head of a column; empty for a measure that nobody here knows. */
    static String unit(String label) {
        return switch (label) {
            case "throughput" -> "k echoes/s";
            case "bandwidth" -> "GB/s";
            case "cpu-per-message", "cpu-per-handshake", "cpu-per-disconnect", "p50", "p99", "p999" -> "µs";
            case "cpu-per-gb", "last-disconnect" -> "ms";
            case "handshakes" -> "per second";
            case "user-memory-per-tunnel", "kernel-memory-per-tunnel" -> "bytes";
            case "resident" -> "MiB";
            case "proxy-core-busy", "load-busy" -> "%";
            default -> "";
        };
    }

    /** What a value is multiplied by to stand under {@link #unit}: shares are shown in percent. */
    static double factor(String label) {
        return unit(label).equals("%") ? 100 : 1;
    }

    /** How many decimals give a typical value of a column about three digits. */
    static int decimals(double typical) {
        double size = Math.abs(typical);
        if (size >= 100) {
            return 0;
        }
        if (size >= 10) {
            return 1;
        }
        return size >= 1 || size == 0 ? 2 : 3;
    }

    static String number(double value, int decimals) {
        return String.format(Locale.ROOT, "%,." + decimals + "f", value);
    }

    /** A ratio in two decimals, in three if it is small. */
    static String ratio(double ratio) {
        return number(ratio, ratio < 0.1 ? 3 : 2);
    }

    /** The median of ratios: three decimals also close to 1, so that the number tells on which side of it it lies. */
    static String ratio(Statistics.Spread spread) {
        double median = spread.median();
        boolean looksEven = median != 1 && ratio(median).equals("1.00");
        return looksEven ? number(median, 3) : ratio(median);
    }

    /** {@code 0.81 x nginx's CPU per message}, with the sign that the format has for times and the space before it. */
    static String ratioOf(Statistics.Ratio ratio, String times) {
        return ratio(ratio.spread()) + times + " " + target(ratio.peer()) + "'s "
                + noun(ratio.measure().label());
    }

    /** {@code 1 run}, {@code 3 runs}. */
    static String count(long number, String noun) {
        return number(number, 0) + " " + noun + (number == 1 ? "" : "s");
    }
}
