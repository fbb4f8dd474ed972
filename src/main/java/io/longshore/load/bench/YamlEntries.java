package io.longshore.load.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * A YAML map whose entries are asked for one by one, and which remembers what was wrong and what nobody asked for: all
 * faults of a file can be told at once, each with its line.
 */
final class YamlEntries {
    private final String file;
    private final MappingNode map;
    private final List<String> faults;
    private final Set<String> asked = new TreeSet<>();

    private YamlEntries(String file, MappingNode map, List<String> faults) {
        this.file = file;
        this.map = map;
        this.faults = faults;
    }

    /**
     * The map that is the whole of a file.
     *
     * @param faults where faults go, {@code file:line: key: what is wrong}
     * @return empty if there is no such map
     */
    static Optional<YamlEntries> read(Path file, List<String> faults) {
        String name = file.getFileName().toString();
        try {
            LoadSettings settings = LoadSettings.builder().setLabel(name).build();
            Optional<Node> root = new Compose(settings).composeString(Files.readString(file));
            if (root.orElse(null) instanceof MappingNode map) {
                return Optional.of(new YamlEntries(name, map, faults));
            }
            faults.add(name + ":1: holds no map of keys and values");
        } catch (MarkedYamlEngineException e) {
            int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(1);
            faults.add(name + ":" + line + ": is no YAML: " + e.getProblem());
        } catch (YamlEngineException | IOException e) {
            faults.add(name + ": cannot be read: " + e.getMessage());
        }
        return Optional.empty();
    }

    /** The text of {@code key}, or null where it does not stand there. */
    String text(String key) {
        Node node = find(key);
        if (node instanceof ScalarNode scalar) {
            return scalar.getValue();
        }
        if (node != null) {
            fault(key, "takes one value");
        }
        return null;
    }

    /** The text of {@code key}; a fault where it does not stand there. */
    String required(String key) {
        String text = text(key);
        if (text == null && find(key) == null || text != null && text.isBlank()) {
            faults.add(file + ":1: " + key + ": is missing");
        }
        return text == null ? "" : text;
    }

    /** The number of {@code key} within its bounds, or {@code otherwise} where it does not stand there. */
    long number(String key, long low, long high, long otherwise) {
        String text = text(key);
        if (text == null) {
            return otherwise;
        }
        try {
            long value = Long.parseLong(text);
            if (value >= low && value <= high) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Told below, like a number that is out of its bounds.
        }
        fault(key, "\"" + text + "\" is no number from " + low + " to " + high);
        return otherwise;
    }

    /** The list of {@code key}; empty where it does not stand there. */
    List<String> list(String key) {
        Node node = find(key);
        List<String> values = new ArrayList<>();
        if (node instanceof SequenceNode sequence) {
            for (Node value : sequence.getValue()) {
                if (value instanceof ScalarNode scalar) {
                    values.add(scalar.getValue());
                } else {
                    fault(key, "takes a list of words");
                }
            }
        } else if (node != null) {
            fault(key, "takes a list: [a, b]");
        }
        return values;
    }

    /** The map of {@code key}; empty where it does not stand there. */
    Optional<YamlEntries> map(String key) {
        if (find(key) instanceof MappingNode inner) {
            return Optional.of(new YamlEntries(file, inner, faults));
        }
        fault(key, "takes a map");
        return Optional.empty();
    }

    /** Every key, in the order of the file. */
    List<String> keys() {
        List<String> keys = new ArrayList<>();
        for (NodeTuple tuple : map.getValue()) {
            keys.add(keyOf(tuple));
        }
        return keys;
    }

    /** Says what is wrong with a key. */
    void fault(String key, String message) {
        faults.add(file + ":" + lineOf(key) + ": " + key + ": " + message);
    }

    /** Every key that was never asked for is a fault; those that were, are what is allowed. */
    void refuseTheRest() {
        for (String key : keys()) {
            if (!asked.contains(key)) {
                fault(key, "is no key of this file; allowed: " + String.join(", ", asked));
            }
        }
    }

    private Node find(String key) {
        asked.add(key);
        for (NodeTuple tuple : map.getValue()) {
            if (keyOf(tuple).equals(key)) {
                return tuple.getValueNode();
            }
        }
        return null;
    }

    private int lineOf(String key) {
        for (NodeTuple tuple : map.getValue()) {
            if (keyOf(tuple).equals(key)) {
                return tuple.getKeyNode()
                        .getStartMark()
                        .map(mark -> mark.getLine() + 1)
                        .orElse(1);
            }
        }
        return 1;
    }

    private static String keyOf(NodeTuple tuple) {
        return tuple.getKeyNode() instanceof ScalarNode scalar ? scalar.getValue() : "?";
    }
}
