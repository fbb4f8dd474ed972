package io.longshore.sys;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file of settings in the format of sysctl.d(5), with what its comments say about each key.
 *
 * <p>The comment right above a key is read as paragraphs that begin with {@code Why:}, {@code Default:}, {@code Binds:} (how
 * to see that the key is what limits) and {@code Risk:}. All of them may be missing.
 *
 * @param name the file's name without its {@code .conf}, for instance {@code 62-longshore-memory-1m}
 * @param title its first comment line
 * @param tunnels how many tunnels it is made for ({@code # For 25000 tunnels.}), 0 where that does not matter
 * @param text the file
 */
public record SysctlProfile(String name, String title, long tunnels, String text, List<Entry> entries) {
    private static final Pattern TUNNELS = Pattern.compile("(?m)^# For (\\d+) tunnels\\.$");
    private static final Pattern LABEL = Pattern.compile("(Why|Default|Binds|Risk): *(.*)");
    private static final Pattern SIZE = Pattern.compile("-(\\d+[km])$");

    /**
     * One setting.
     *
     * @param line its line in the file, counted from 0
     */
    public record Entry(int line, String key, String value, String why, String usual, String binds, String risk) {}

    /**
     * Reads a file's text.
     *
     * @throws IllegalArgumentException naming the line that is neither a comment nor a setting
     */
    public static SysctlProfile parse(String name, String text) {
        List<Entry> entries = new ArrayList<>();
        List<String> comment = new ArrayList<>();
        String[] lines = text.split("\n", -1);
        for (int i = 0; i < lines.length; i++) {
            String line = lines[i].strip();
            if (isComment(line)) {
                comment.add(line.substring(1).strip());
                continue;
            }
            if (!line.isEmpty()) {
                entries.add(entry(name, i, line, labelled(comment)));
            }
            comment.clear();
        }
        Matcher tunnels = TUNNELS.matcher(text);
        String first = lines[0].strip();
        return new SysctlProfile(
                name,
                isComment(first) ? first.substring(1).strip() : name,
                tunnels.find() ? Long.parseLong(tunnels.group(1)) : 0,
                text,
                List.copyOf(entries));
    }

    /** The name without number and product: {@code memory-1m}. */
    public String shortName() {
        return name.replaceFirst("^\\d+-(longshore-)?", "");
    }

    /** The size that the name ends with ({@code 1m}), or nothing for the base profile. */
    public String size() {
        Matcher size = SIZE.matcher(name);
        return size.find() ? size.group(1) : "";
    }

    /** What profiles of different sizes have in common: of these only one may be in force. */
    public String family() {
        return SIZE.matcher(name).replaceFirst("");
    }

    private static boolean isComment(String line) {
        return line.startsWith("#") || line.startsWith(";");
    }

    private static Entry entry(String name, int number, String line, Map<String, String> said) {
        int equals = line.indexOf('=');
        String key = equals < 0 ? "" : line.substring(0, equals).strip();
        // A dash in front asks sysctl(8) to go on if the key fails. Here a missing key never stops anything.
        key = SysctlTree.canonical(key.startsWith("-") ? key.substring(1) : key);
        if (!isName(key)) {
            throw new IllegalArgumentException(name + ".conf:" + (number + 1) + ": not a setting: " + line);
        }
        return new Entry(
                number,
                key,
                SysctlTree.words(line.substring(equals + 1)),
                said.getOrDefault("Why", ""),
                said.getOrDefault("Default", ""),
                said.getOrDefault("Binds", ""),
                said.getOrDefault("Risk", ""));
    }

    /** Whether every level is the name of a file: a level such as {@code ..} would lead out of /proc/sys. */
    private static boolean isName(String key) {
        for (String level : key.split("\\.", -1)) {
            String file = level.replace('/', '.');
            if (!file.matches("[A-Za-z0-9_.:@-]+") || file.equals(".") || file.equals("..")) {
                return false;
            }
        }
        return true;
    }

    private static Map<String, String> labelled(List<String> comment) {
        Map<String, String> said = new TreeMap<>();
        String label = null;
        for (String line : comment) {
            Matcher start = LABEL.matcher(line);
            if (start.matches()) {
                label = start.group(1);
                said.put(label, start.group(2));
            } else if (label != null) {
                said.merge(label, line, (before, more) -> before + " " + more);
            }
        }
        return said;
    }
}
