package io.longshore.config;

import java.util.concurrent.TimeUnit;

/** Durations as users write them: {@code 250ms}, {@code 100s}, {@code 1m30s}, {@code 1h}. Nanoseconds inside. */
final class DurationText {
    private static final String[] UNITS = {"h", "m", "s", "ms"};
    private static final long[] UNIT_NS = {
        TimeUnit.HOURS.toNanos(1),
        TimeUnit.MINUTES.toNanos(1),
        TimeUnit.SECONDS.toNanos(1),
        TimeUnit.MILLISECONDS.toNanos(1)
    };

    private DurationText() {}

    /**
     * The nanoseconds that {@code text} says: whole numbers, each with a unit, the larger unit first.
     *
     * @throws WrongText if it says none
     */
    static long parse(String text) {
        if (!text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new WrongText(Quote.of(text) + " has no unit", "; did you mean " + Quote.plain(text) + "s?");
        }
        long total = 0;
        int at = 0;
        int unitsPassed = 0;
        do {
            int digits = at;
            while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
                at++;
            }
            int letters = at;
            while (at < text.length() && text.charAt(at) >= 'a' && text.charAt(at) <= 'z') {
                at++;
            }
            int unit = unitIndex(text.substring(letters, at), unitsPassed);
            if (letters == digits || unit < 0) {
                throw new WrongText(Quote.of(text) + " is no duration like 250ms, 100s or 1m30s");
            }
            total = add(total, text.substring(digits, letters), UNIT_NS[unit], text);
            unitsPassed = unit + 1;
        } while (at < text.length());
        return total;
    }

    /** The shortest text that {@link #parse} turns into {@code ns}, which must be whole milliseconds. */
    static String format(long ns) {
        if (ns == 0) {
            return "0s";
        }
        StringBuilder text = new StringBuilder();
        long rest = ns;
        for (int i = 0; i < UNITS.length; i++) {
            // 100s is what people write and read; it becomes 1m40s only from two minutes on.
            if (UNIT_NS[i] == TimeUnit.MINUTES.toNanos(1) && ns < TimeUnit.MINUTES.toNanos(2)) {
                continue;
            }
            if (rest >= UNIT_NS[i]) {
                text.append(rest / UNIT_NS[i]).append(UNITS[i]);
                rest %= UNIT_NS[i];
            }
        }
        return text.toString();
    }

    private static int unitIndex(String unit, int from) {
        for (int i = from; i < UNITS.length; i++) {
            if (UNITS[i].equals(unit)) {
                return i;
            }
        }
        return -1;
    }

    private static long add(long total, String digits, long unitNs, String text) {
        try {
            return Math.addExact(total, Math.multiplyExact(Long.parseLong(digits), unitNs));
        } catch (ArithmeticException | NumberFormatException e) {
            throw new WrongText(Quote.of(text) + " is out of range");
        }
    }
}
