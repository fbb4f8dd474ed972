package io.longshore.config;

import java.util.List;

/** A value in the file with its place. Scalars are texts: what they mean is the setting's business, not YAML's. */
sealed interface YamlNode {
    /** Where the value begins. */
    Position at();

    /**
     * A single text.
     *
     * @param at where it begins
     * @param text its characters, without quotes and escapes
     * @param isNothing whether nothing, {@code ~} or {@code null} stands there
     */
    record Scalar(Position at, String text, boolean isNothing) implements YamlNode {}

    /**
     * A list.
     *
     * @param at where it begins
     * @param entries in the file's order
     */
    record Sequence(Position at, List<YamlNode> entries) implements YamlNode {}

    /**
     * A map.
     *
     * @param at where it begins
     * @param entries in the file's order, duplicates included
     */
    record Mapping(Position at, List<Entry> entries) implements YamlNode {}

    /**
     * Something that was refused already (an alias, say): whoever meets it adds no second fault.
     *
     * @param at where it begins
     */
    record Refused(Position at) implements YamlNode {}

    /**
     * A key and its value.
     *
     * @param key any node, though only a scalar names a setting
     * @param value any node
     */
    record Entry(YamlNode key, YamlNode value) {}
}
