package io.longshore.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What one check of {@code longshore doctor} came to.
 *
 * @param level how bad it is
 * @param check its name: lower-case words with dashes, for an origin's check followed by its name
 * @param text what is, with the numbers that it follows from
 * @param fix what to do, as a command where there is one; empty if there is nothing to do
 */
record DoctorFinding(Level level, String check, String text, String fix) {
    /** How bad a finding is; the ordinal is the exit code. */
    enum Level {
        /** As it should be. */
        OK,
        /** It works, but not up to what was promised. */
        WARN,
        /** It will not work. */
        FAIL
    }

    /** The findings of all checks, in their order. */
    static final class Sink {
        private final List<DoctorFinding> all = new ArrayList<>();

        void ok(String check, String text) {
            add(Level.OK, check, text, "");
        }

        void warn(String check, String text, String fix) {
            add(Level.WARN, check, text, fix);
        }

        void fail(String check, String text, String fix) {
            add(Level.FAIL, check, text, fix);
        }

        /** The fix is dropped where nothing is wrong. */
        void add(Level level, String check, String text, String fix) {
            all.add(new DoctorFinding(level, check, text, level == Level.OK ? "" : fix));
        }

        List<DoctorFinding> all() {
            return List.copyOf(all);
        }
    }

    /** The worst level among them, OK of none. */
    static Level worst(List<DoctorFinding> findings) {
        Level worst = Level.OK;
        for (DoctorFinding finding : findings) {
            worst = finding.level.compareTo(worst) > 0 ? finding.level : worst;
        }
        return worst;
    }

    /** A whole number with its thousands apart. */
    static String number(long value) {
        return value == Long.MAX_VALUE ? "unlimited" : String.format(Locale.ROOT, "%,d", value);
    }

    /** Bytes in GB of 10^9, as memory is planned. */
    static String gigabytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f GB", bytes / 1e9);
    }

    /** One line; {@code FAIL  memory  text; fix: ...}. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT, "%-4s  %-16s  %s%s", level, check, text, fix.isEmpty() ? "" : "; fix: " + fix);
    }
}
