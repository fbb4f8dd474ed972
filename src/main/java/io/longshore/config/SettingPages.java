package io.longshore.config;

import java.util.ArrayList;
import java.util.List;

/**
 * What users read about the settings, written from {@link Setting} alone: the README's table, the text of
 * {@code longshore check --explain}, and the annotated sample in {@code docs/longshore.yaml}.
 */
public final class SettingPages {
    private static final int WIDTH = 100;

    private SettingPages() {}

    /** Every setting with type, default, range and reason, for a terminal. */
    public static String text() {
        StringBuilder page = new StringBuilder();
        for (Setting setting : Setting.values()) {
            page.append(page.length() == 0 ? "" : "\n");
            page.append(setting.path()).append('\n');
            wrap(page, "    ", "type:    ", setting.typeText());
            wrap(page, "    ", "range:   ", setting.range());
            wrap(page, "    ", "default: ", setting.defaultText());
            wrap(page, "    ", "why:     ", setting.why());
        }
        return page.toString();
    }

    /** The table of the README, in Markdown. */
    public static String markdown() {
        StringBuilder page = new StringBuilder();
        page.append("| setting | type | range | default | why |\n");
        page.append("|---|---|---|---|---|\n");
        for (Setting setting : Setting.values()) {
            String defaultText = setting.isRequired() ? "required" : '`' + setting.defaultText() + '`';
            page.append("| `").append(setting.path()).append("` | ");
            page.append(cell(setting.typeText())).append(" | ");
            page.append(cell(setting.range())).append(" | ");
            page.append(cell(isProse(setting) ? setting.defaultText() : defaultText))
                    .append(" | ");
            page.append(cell(setting.why())).append(" |\n");
        }
        return page.toString();
    }

    /** A configuration that runs, in which every setting stands: the needed ones, the others behind a {@code #}. */
    public static String yaml() {
        StringBuilder page = new StringBuilder();
        wrap(
                page,
                "# ",
                "",
                "A configuration of Longshore in which every setting stands. Generated from the settings"
                        + " themselves by: longshore check --explain --format yaml");
        wrap(
                page,
                "# ",
                "",
                "A line that begins with \"#\" and a key, without a space between, shows the default, or an"
                        + " example where the default is no value: remove the \"#\" to change it.");
        wrap(
                page,
                "# ",
                "",
                "Durations are written 250ms, 100s or 1m30s; sizes 512B, 64KiB or 1MiB; addresses"
                        + " 127.0.0.1:8080 or \"[::1]:8080\".");
        for (Setting setting : Setting.Level.TOP.settings().values()) {
            page.append('\n');
            switch (setting.type().shape()) {
                case SCALAR, LIST -> sampleLine(page, setting, "", "");
                case LIST_OF_SECTIONS -> {
                    sampleHead(page, setting);
                    sampleSection(page, setting.type().level(), "  ", "- ");
                }
                case MAP_OF_SECTIONS -> {
                    sampleHead(page, setting);
                    page.append("  ").append(Setting.ORIGIN.example()).append(":\n");
                    sampleSection(page, setting.type().level(), "    ", "");
                }
                default -> throw new AssertionError(setting);
            }
        }
        return page.toString();
    }

    private static void sampleHead(StringBuilder page, Setting setting) {
        explain(page, setting, "# ");
        page.append(setting.key()).append(":\n");
    }

    private static void sampleSection(StringBuilder page, Setting.Level level, String indent, String dash) {
        String marker = dash;
        for (Setting setting : level.settings().values()) {
            sampleLine(page, setting, indent, marker);
            marker = " ".repeat(dash.length());
        }
    }

    private static void sampleLine(StringBuilder page, Setting setting, String indent, String marker) {
        // The first setting of an entry carries the dash, so it must stand there whether it is needed or not.
        boolean isShown = setting.isRequired() || marker.startsWith("-");
        explain(page, setting, indent + " ".repeat(marker.length()) + "# ");
        page.append(indent).append(marker).append(isShown ? "" : "#");
        page.append(setting.key()).append(": ").append(setting.example()).append('\n');
    }

    private static void explain(StringBuilder page, Setting setting, String indent) {
        String type = Character.toUpperCase(setting.typeText().charAt(0))
                + setting.typeText().substring(1);
        wrap(page, indent, "", setting.why());
        wrap(
                page,
                indent,
                "",
                type + ": " + setting.range()
                        + (setting.isRequired() ? ". Required." : ". Default: " + setting.defaultText() + "."));
    }

    /** Whether the default is a sentence rather than a value. */
    private static boolean isProse(Setting setting) {
        return setting.defaultText().indexOf(' ') >= 0;
    }

    private static String cell(String text) {
        // Stars and brackets would be read as Markdown's own signs.
        boolean isCode = text.startsWith("`");
        String escaped = text.replace("|", "\\|");
        return isCode
                ? escaped
                : escaped.replace("*", "\\*").replace("[", "\\[").replace("]", "\\]");
    }

    private static void wrap(StringBuilder page, String indent, String label, String text) {
        List<String> lines = new ArrayList<>();
        int width = WIDTH - indent.length() - label.length();
        StringBuilder line = new StringBuilder();
        for (String word : text.split(" ")) {
            if (line.length() > 0 && line.length() + 1 + word.length() > width) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.length() == 0 ? "" : " ").append(word);
        }
        lines.add(line.toString());
        String lead = label;
        for (String each : lines) {
            page.append(indent).append(lead).append(each).append('\n');
            lead = " ".repeat(label.length());
        }
    }
}
