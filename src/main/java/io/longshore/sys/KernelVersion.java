package io.longshore.sys;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A kernel's release, as uname(2) tells it. Distributions carry features back to old numbers: what can be probed is
 * probed, and this decides only what cannot.
 *
 * @param major 6 of {@code 6.18.44-generic}
 * @param minor 18 of it
 * @param release the whole text
 */
public record KernelVersion(int major, int minor, String release) {
    private static final Pattern NUMBERS = Pattern.compile("(\\d{1,4})\\.(\\d{1,4}).*");

    /** The version that a release's text begins with; 0.0 if it begins with none. */
    public static KernelVersion parse(String release) {
        Matcher matcher = NUMBERS.matcher(release == null ? "" : release);
        return matcher.matches()
                ? new KernelVersion(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)), release)
                : new KernelVersion(0, 0, release == null ? "" : release);
    }

    /** The version that {@code /proc/sys/kernel/osrelease} tells. */
    public static KernelVersion read(Proc proc) {
        return parse(proc.text("sys/kernel/osrelease"));
    }

    /** Whether this is the given version or a newer one. */
    public boolean isAtLeast(int otherMajor, int otherMinor) {
        return major > otherMajor || (major == otherMajor && minor >= otherMinor);
    }

    /** The release's text. */
    @Override
    public String toString() {
        return release.isEmpty() ? "unknown" : release;
    }
}
