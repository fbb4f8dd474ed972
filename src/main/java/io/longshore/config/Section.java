package io.longshore.config;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The settings of one map in the file: what was given, where it stands, and else the default.
 *
 * <p>A value that was given but is faulty counts as left out here; its fault keeps the configuration from being used.
 */
final class Section {
    private final Setting.Level level;
    private final String path;
    private final String name;
    private final Position at;
    private final Map<Setting, Position> seen = new EnumMap<>(Setting.class);
    private final Map<Setting, List<Found>> values = new EnumMap<>(Setting.class);
    private final Map<Setting, List<Section>> sections = new EnumMap<>(Setting.class);

    /**
     * An empty section.
     *
     * @param path its path, empty for the top
     * @param name its key, for an origin, else empty
     * @param at where its settings begin
     */
    Section(Setting.Level level, String path, String name, Position at) {
        this.level = level;
        this.path = path;
        this.name = name;
        this.at = at;
    }

    /**
     * A valid value and where it stands.
     *
     * @param value what the setting's type made of the text
     * @param at where the text begins
     */
    record Found(Object value, Position at) {}

    String name() {
        return name;
    }

    Setting.Level level() {
        return level;
    }

    Position at() {
        return at;
    }

    /** The path of a setting of this section: {@code routes[0].host}. */
    String path(Setting setting) {
        return path(setting.key());
    }

    String path(String key) {
        return path.isEmpty() ? key : path + '.' + key;
    }

    /** Notes that a key stands in the file; null, or where it stood before. */
    Position see(Setting setting, Position keyAt) {
        return seen.putIfAbsent(setting, keyAt);
    }

    boolean hasSeen(Setting setting) {
        return seen.containsKey(setting);
    }

    void put(Setting setting, Object value, Position valueAt) {
        values.computeIfAbsent(setting, key -> new ArrayList<>()).add(new Found(value, valueAt));
    }

    void put(Setting setting, Section section) {
        sections.computeIfAbsent(setting, key -> new ArrayList<>()).add(section);
    }

    /** Whether a valid value was given. */
    boolean isGiven(Setting setting) {
        return values.containsKey(setting);
    }

    /** Where the value stands, else the key, else where the section begins. */
    Position at(Setting setting) {
        return isGiven(setting) ? values.get(setting).get(0).at() : seen.getOrDefault(setting, at);
    }

    /** The valid entries of a list, none if it was left out. */
    List<Found> entries(Setting setting) {
        return values.getOrDefault(setting, List.of());
    }

    /** The maps inside a list or map of settings. */
    List<Section> sections(Setting setting) {
        return sections.getOrDefault(setting, List.of());
    }

    long nanos(Setting setting) {
        return (Long) value(setting);
    }

    int number(Setting setting) {
        return (Integer) value(setting);
    }

    boolean isOn(Setting setting) {
        return (Boolean) value(setting);
    }

    String text(Setting setting) {
        return (String) value(setting);
    }

    /** The value given, else the default; null for a required setting without a valid value. */
    Object value(Setting setting) {
        if (isGiven(setting)) {
            return values.get(setting).get(0).value();
        }
        return setting.isRequired() ? null : setting.type().parser().apply(setting.defaultText());
    }
}
