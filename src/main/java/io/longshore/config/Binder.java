package io.longshore.config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Turns the file's tree into sections of valid values, and everything that does not fit into faults. It knows no single
 * setting: what is allowed comes from {@link Setting}. Recursion is as deep as the levels of settings, which is two.
 */
final class Binder {
    private final Faults faults;

    Binder(Faults faults) {
        this.faults = faults;
    }

    /** The whole file. */
    Section bind(YamlNode root) {
        Section top = new Section(Setting.Level.TOP, "", "", root == null ? Position.START : root.at());
        fill(top, root, "file");
        return top;
    }

    private void fill(Section section, YamlNode node, String path) {
        if (node instanceof YamlNode.Refused) {
            return;
        }
        if (node instanceof YamlNode.Mapping mapping) {
            for (YamlNode.Entry entry : mapping.entries()) {
                take(section, entry);
            }
        } else if (!isNothing(node)) {
            faults.add(
                    node.at(),
                    path,
                    "is " + shapeOf(node) + "; allowed: a map of settings: "
                            + String.join(", ", section.level().settings().keySet()));
            return;
        }
        for (Setting setting : section.level().settings().values()) {
            if (setting.isRequired() && !section.hasSeen(setting)) {
                String message = "is missing" + setting.type().allowed();
                faults.addUnlessCutShort(section.at(), section.path(setting), message);
            }
        }
    }

    private void take(Section section, YamlNode.Entry entry) {
        if (!(entry.key() instanceof YamlNode.Scalar key)) {
            if (!(entry.key() instanceof YamlNode.Refused)) {
                String known = String.join(", ", section.level().settings().keySet());
                faults.add(entry.key().at(), "yaml", shapeOf(entry.key()) + " is no key; allowed: " + known);
            }
            return;
        }
        Setting setting = section.level().settings().get(key.text());
        if (setting == null) {
            faults.add(key.at(), section.path(Quote.plain(key.text())), unknown(section.level(), key.text()));
            return;
        }
        Position before = section.see(setting, key.at());
        if (before != null) {
            faults.add(
                    key.at(), section.path(setting), "is given twice; it stands in line " + before.line() + " already");
            return;
        }
        switch (setting.type().shape()) {
            case SCALAR -> parse(section, setting, setting.type(), section.path(setting), entry.value());
            case LIST -> takeList(section, setting, entry.value());
            case LIST_OF_SECTIONS -> takeSections(section, setting, entry.value());
            case MAP_OF_SECTIONS -> takeNamedSections(section, setting, entry.value());
            default -> throw new AssertionError(setting);
        }
    }

    private static String unknown(Setting.Level level, String key) {
        String allowed = "; allowed: " + String.join(", ", level.settings().keySet());
        for (Setting.Level other : Setting.Level.values()) {
            if (other.settings().containsKey(key)) {
                String place = other == Setting.Level.TOP ? "at the top of the file" : "in " + other.plural();
                return "does not belong here, but " + place + allowed;
            }
        }
        return "is not known" + allowed
                + Spelling.didYouMean(key, level.settings().keySet());
    }

    private void takeList(Section section, Setting setting, YamlNode node) {
        String path = section.path(setting);
        if (node instanceof YamlNode.Scalar scalar && !scalar.isNothing()) {
            faults.add(
                    node.at(),
                    path,
                    Quote.of(scalar.text()) + " is one value" + setting.type().allowed() + "; did you mean ["
                            + Quote.plain(scalar.text()) + "]?");
        } else if (node instanceof YamlNode.Sequence sequence) {
            checkCount(setting, path, node.at(), sequence.entries().size());
            for (int i = 0; i < sequence.entries().size(); i++) {
                parse(
                        section,
                        setting,
                        setting.type().entry(),
                        path + '[' + i + ']',
                        sequence.entries().get(i));
            }
        } else {
            refuseShape(setting.type(), path, node);
        }
    }

    private void takeSections(Section section, Setting setting, YamlNode node) {
        String path = section.path(setting);
        if (!(node instanceof YamlNode.Sequence sequence)) {
            refuseShape(setting.type(), path, node);
            return;
        }
        List<YamlNode> entries = sequence.entries();
        checkCount(setting, path, node.at(), entries.size());
        for (int i = 0; i < entries.size(); i++) {
            String innerPath = path + '[' + i + ']';
            Section inner = new Section(
                    setting.type().level(), innerPath, "", entries.get(i).at());
            fill(inner, entries.get(i), innerPath);
            section.put(setting, inner);
        }
    }

    private void takeNamedSections(Section section, Setting setting, YamlNode node) {
        String path = section.path(setting);
        if (!(node instanceof YamlNode.Mapping mapping)) {
            refuseShape(setting.type(), path, node);
            return;
        }
        checkCount(setting, path, node.at(), mapping.entries().size());
        Map<String, Position> names = new HashMap<>();
        for (YamlNode.Entry entry : mapping.entries()) {
            String name = parseName(setting, path, entry.key());
            String innerPath = path + '.' + Quote.plain(name);
            Position before = names.putIfAbsent(name, entry.key().at());
            if (before != null) {
                String message = "is given twice; it stands in line " + before.line() + " already";
                faults.add(entry.key().at(), innerPath, message);
                continue;
            }
            Section inner = new Section(
                    setting.type().level(), innerPath, name, entry.key().at());
            fill(inner, entry.value(), innerPath);
            section.put(setting, inner);
        }
    }

    private String parseName(Setting setting, String path, YamlNode key) {
        if (key instanceof YamlNode.Scalar scalar) {
            try {
                return (String) setting.type().parser().apply(scalar.text());
            } catch (WrongText e) {
                faults.add(key.at(), path, e.message(setting.type().allowed()));
                return scalar.text();
            }
        }
        if (!(key instanceof YamlNode.Refused)) {
            faults.add(
                    key.at(),
                    path,
                    shapeOf(key) + " is no name" + setting.type().allowed());
        }
        // A key of a wrong kind still has settings of its own to check, under a name that no other key can have.
        return "(" + key.at().line() + ":" + key.at().column() + ")";
    }

    private void parse(Section section, Setting setting, SettingType type, String path, YamlNode node) {
        if (!(node instanceof YamlNode.Scalar scalar) || scalar.isNothing()) {
            refuseShape(type, path, node);
            return;
        }
        try {
            section.put(setting, type.parser().apply(scalar.text()), node.at());
        } catch (WrongText e) {
            faults.add(node.at(), path, e.message(type.allowed()));
        }
    }

    private void checkCount(Setting setting, String path, Position at, int count) {
        if (count < setting.type().countMin() || count > setting.type().countMax()) {
            // A text that broke off may well have had its entries still to come.
            String message = "has " + count + " entries" + setting.type().allowed();
            faults.addUnlessCutShort(at, path, message);
        }
    }

    private void refuseShape(SettingType type, String path, YamlNode node) {
        if (!(node instanceof YamlNode.Refused)) {
            faults.add(node.at(), path, "is " + shapeOf(node) + type.allowed());
        }
    }

    private static boolean isNothing(YamlNode node) {
        return node == null || (node instanceof YamlNode.Scalar scalar && scalar.isNothing());
    }

    private static String shapeOf(YamlNode node) {
        if (node instanceof YamlNode.Scalar scalar) {
            return scalar.isNothing() ? "without a value" : "the text " + Quote.of(scalar.text());
        }
        return node instanceof YamlNode.Sequence ? "a list" : "a map";
    }
}
