package io.longshore.config;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * What a setting's value may be: its shape in the file, what users call it, which values are allowed, and how one text
 * becomes one value.
 *
 * @param shape how the value stands in the file
 * @param name what users call the kind of value
 * @param range which of these values are allowed, in words
 * @param countMin the least number of entries of a list or a map, else 0
 * @param countMax the most of them, else 0
 * @param entry what an entry of a list of scalars may be, else null
 * @param level the level of the settings inside, for a list or map of settings, else null
 * @param parser turns the text of one scalar into its value, or throws {@link WrongText}
 */
record SettingType(
        Shape shape,
        String name,
        String range,
        int countMin,
        int countMax,
        SettingType entry,
        Setting.Level level,
        Function<String, Object> parser) {
    /** How a value stands in the file. */
    enum Shape {
        SCALAR,
        LIST,
        LIST_OF_SECTIONS,
        MAP_OF_SECTIONS
    }

    /** {@code auto}, as a number of loops. */
    static final int AUTO = 0;

    private static final long MS_NS = TimeUnit.MILLISECONDS.toNanos(1);

    /** One of these words. */
    static SettingType choice(List<String> words) {
        return scalar("word", String.join(", ", words), text -> {
            if (!words.contains(text)) {
                throw new WrongText(Quote.of(text) + " is not known", Spelling.didYouMean(text, words));
            }
            return text;
        });
    }

    /** On or off; the value is a Boolean. YAML 1.1's other words for it (yes, on) are none in YAML 1.2. */
    static SettingType onOrOff() {
        return scalar("switch", "true or false", text -> {
            if (!text.equals("true") && !text.equals("false")) {
                throw new WrongText(Quote.of(text) + " is neither true nor false");
            }
            return text.equals("true");
        });
    }

    /** A whole number; the value is an Integer. */
    static SettingType number(int min, int max) {
        return scalar("number", min + " to " + max, text -> parseNumber(text, min, max));
    }

    /** A whole number or {@code auto}; the value is an Integer, {@link #AUTO} for the word. */
    static SettingType numberOrAuto(int min, int max) {
        return scalar(
                "number",
                "auto, or " + min + " to " + max,
                text -> text.equals("auto") ? AUTO : parseNumber(text, min, max));
    }

    /** A range of ports, both inclusive; zeros are none. */
    record Ports(int low, int high) {
        boolean isNone() {
            return low == 0;
        }

        int count() {
            return isNone() ? 0 : high - low + 1;
        }
    }

    /** Two port numbers {@code low-high}, or {@code none}; the value is a {@link Ports}, of zeros for the word. */
    static SettingType portRange() {
        return scalar("ports", "none, or low-high within 1024 to 65535", text -> {
            if (text.equals("none")) {
                return new Ports(0, 0);
            }
            int dash = text.indexOf('-');
            if (dash < 0) {
                throw new WrongText(Quote.of(text) + " is no range of ports");
            }
            int low = parseNumber(text.substring(0, dash), 1024, 65535);
            int high = parseNumber(text.substring(dash + 1), 1024, 65535);
            if (low > high) {
                throw new WrongText(Quote.of(text) + " ends before it begins");
            }
            return new Ports(low, high);
        });
    }

    /** A duration in steps of {@code stepNs}; the value is a Long of nanoseconds. */
    static SettingType duration(long minNs, long maxNs, long stepNs) {
        String range = DurationText.format(minNs) + " to " + DurationText.format(maxNs)
                + (stepNs > MS_NS ? ", in steps of " + DurationText.format(stepNs) : "");
        return scalar("duration", range, text -> {
            long ns = DurationText.parse(text);
            if (ns < minNs || ns > maxNs || ns % stepNs != 0) {
                throw new WrongText(Quote.of(text) + " is out of range");
            }
            return ns;
        });
    }

    /** A duration in steps of a millisecond; the value is a Long of nanoseconds. */
    static SettingType duration(long minNs, long maxNs) {
        return duration(minNs, maxNs, MS_NS);
    }

    /** A size; the value is an Integer of bytes. */
    static SettingType size(int minBytes, int maxBytes) {
        return scalar("size", SizeText.format(minBytes) + " to " + SizeText.format(maxBytes), text -> {
            long bytes = SizeText.parse(text);
            if (bytes < minBytes || bytes > maxBytes) {
                throw new WrongText(Quote.of(text) + " is out of range");
            }
            return (int) bytes;
        });
    }

    /** An address to listen on; the value is a resolved InetSocketAddress. */
    static SettingType listenAddress() {
        return scalar("IP:port", "a.b.c.d:port or [IPv6]:port; port 0 takes a free one", text -> {
            InetSocketAddress address = AddressText.parseEndpoint(text);
            if (address.getAddress().isMulticastAddress()) {
                throw new WrongText(Quote.of(text) + " is a multicast address");
            }
            return address;
        });
    }

    /** An address to dial; the value is a resolved InetSocketAddress. */
    static SettingType endpoint() {
        return scalar("IP:port", "a.b.c.d:port or [IPv6]:port, no names, port 1 to 65535", text -> {
            InetSocketAddress endpoint = AddressText.parseEndpoint(text);
            requireUnicast(text, endpoint.getAddress());
            if (endpoint.getPort() == 0) {
                throw new WrongText(Quote.of(text) + " has port 0, which nobody can be dialled at");
            }
            return endpoint;
        });
    }

    /** Addresses to dial from; the value is an AddressRange. */
    static SettingType sourceRange() {
        return scalar("address", "an IP address, a range a-b, or a CIDR block", text -> {
            AddressRange range = AddressRange.parse(text);
            requireUnicast(text, range.at(0));
            if (range.size() != Long.MAX_VALUE) {
                requireUnicast(text, range.at(range.size() - 1));
            }
            return range;
        });
    }

    /** Addresses of peers; the value is an AddressRange. */
    static SettingType peerRange() {
        return scalar("address", "an IP address, a range a-b, or a CIDR block", AddressRange::parse);
    }

    /** A host pattern; the value is a String. */
    static SettingType host() {
        return scalar("host", "a name, *.name, or *, without a port", RouteText::parseHost);
    }

    /** A path prefix; the value is a String. */
    static SettingType path() {
        return scalar(
                "path",
                "begins with a slash, at most " + RouteText.PATH_LENGTH_MAX + " characters",
                RouteText::parsePath);
    }

    /** The name of an origin; the value is a String. */
    static SettingType originName() {
        return scalar("name", "an origin of this file", text -> text);
    }

    /** A file, {@code -}, or {@code none}; the value is a String, empty for {@code none}. */
    static SettingType logFile() {
        return scalar("file", "none, \"-\" (with its quotes) for standard output, or a path", text -> {
            if (text.equals("none")) {
                return "";
            }
            parsePathname(text);
            return text;
        });
    }

    /** A directory; the value is a Path. */
    static SettingType directory() {
        return scalar("directory", "a path", SettingType::parsePathname);
    }

    /** A list of scalars that users call {@code plural}. */
    static SettingType list(int countMin, int countMax, String plural, SettingType entry) {
        return new SettingType(
                Shape.LIST,
                "list of " + plural,
                countMin + " to " + countMax + " entries, each " + entry.range,
                countMin,
                countMax,
                entry,
                null,
                entry.parser);
    }

    /** A list whose every entry has settings of its own. */
    static SettingType sections(int countMin, int countMax, Setting.Level level) {
        String range = countMin + " to " + countMax + " entries";
        return new SettingType(
                Shape.LIST_OF_SECTIONS,
                "list of " + level.plural(),
                range,
                countMin,
                countMax,
                null,
                level,
                text -> text);
    }

    /** A map from names to settings. */
    static SettingType namedSections(int countMin, int countMax, Setting.Level level) {
        String range = countMin + " to " + countMax
                + " names of letters, digits, \"-\", \"_\" and \".\", each with its own" + " settings";
        return new SettingType(
                Shape.MAP_OF_SECTIONS,
                "map of " + level.plural(),
                range,
                countMin,
                countMax,
                null,
                level,
                RouteText::parseName);
    }

    /** What is allowed, as the second half of a fault's sentence. */
    String allowed() {
        return "; allowed: " + name + ", " + range;
    }

    private static SettingType scalar(String name, String range, Function<String, Object> parser) {
        return new SettingType(Shape.SCALAR, name, range, 0, 0, null, null, parser);
    }

    private static Integer parseNumber(String text, int min, int max) {
        if (text.isEmpty() || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new WrongText(Quote.of(text) + " is no whole number");
        }
        int number = AddressText.decimal(text, 0, text.length(), max);
        if (number < min) {
            throw new WrongText(Quote.of(text)
                    + (text.startsWith("0") && text.length() > 1
                            ? " begins with a needless zero"
                            : " is out of range"));
        }
        return number;
    }

    private static void requireUnicast(String text, InetAddress address) {
        byte[] bytes = address.getAddress();
        boolean isBroadcast = bytes.length == 4 && (bytes[0] & bytes[1] & bytes[2] & bytes[3]) == -1;
        if (address.isAnyLocalAddress() || address.isMulticastAddress() || isBroadcast) {
            throw new WrongText(Quote.of(text) + " is the wildcard, a multicast or the broadcast address");
        }
    }

    private static Path parsePathname(String text) {
        try {
            if (!text.isEmpty()) {
                return Path.of(text);
            }
        } catch (InvalidPathException e) {
            // The same fault as an empty path: the kernel has no such file name.
        }
        throw new WrongText(Quote.of(text) + " is no path");
    }
}
