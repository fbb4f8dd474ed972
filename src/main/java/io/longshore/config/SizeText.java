package io.longshore.config;

import java.util.Locale;

/** Sizes as users write them: {@code 64KiB}, {@code 1MiB}, {@code 512B}, {@code 65536}. Bytes inside. */
final class SizeText {
    private static final String[] UNITS = {"GiB", "MiB", "KiB"};
    private static final int[] UNIT_SHIFTS = {30, 20, 10};

    private SizeText() {}

    /**
     * The bytes that {@code text} says: a whole number, then a power of two's unit, {@code B}, or nothing.
     *
     * @throws WrongText if it says none
     */
    static long parse(String text) {
        int digits = 0;
        while (digits < text.length() && text.charAt(digits) >= '0' && text.charAt(digits) <= '9') {
            digits++;
        }
        if (digits == 0) {
            throw new WrongText(Quote.of(text) + " is no size like 512B, 64KiB or 1MiB");
        }
        String unit = text.substring(digits);
        int shift = shiftOf(unit);
        if (shift < 0) {
            throw new WrongText(
                    Quote.of(text) + " is no size like 512B, 64KiB or 1MiB", guess(text.substring(0, digits), unit));
        }
        try {
            return Math.multiplyExact(Long.parseLong(text.substring(0, digits)), 1L << shift);
        } catch (ArithmeticException | NumberFormatException e) {
            throw new WrongText(Quote.of(text) + " is out of range");
        }
    }

    /** The shortest exact text for {@code bytes}. */
    static String format(long bytes) {
        for (int i = 0; i < UNITS.length; i++) {
            long unit = 1L << UNIT_SHIFTS[i];
            if (bytes >= unit && bytes % unit == 0) {
                return bytes / unit + UNITS[i];
            }
        }
        return bytes + "B";
    }

    private static int shiftOf(String unit) {
        if (unit.isEmpty() || unit.equals("B")) {
            return 0;
        }
        for (int i = 0; i < UNITS.length; i++) {
            if (UNITS[i].equals(unit)) {
                return UNIT_SHIFTS[i];
            }
        }
        return -1;
    }

    // 64KB may be 64,000 or 65,536 bytes: we do not decide that for the user, we ask.
    private static String guess(String number, String unit) {
        String letter = unit.strip().toLowerCase(Locale.ROOT);
        for (String known : UNITS) {
            String lower = known.toLowerCase(Locale.ROOT);
            if (letter.equals(lower) || letter.equals(lower.substring(0, 1)) || letter.equals(lower.charAt(0) + "b")) {
                return "; did you mean " + Quote.plain(number) + known + "?";
            }
        }
        return "";
    }
}
