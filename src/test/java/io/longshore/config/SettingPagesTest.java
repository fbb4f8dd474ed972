package io.longshore.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The generated pages are the ones that stand in the repository, and say the truth. */
final class SettingPagesTest {
    private static final String BEGIN = "<!-- settings:begin -->";
    private static final String END = "<!-- settings:end -->";

    @Test
    void keepsTheSampleFileEqualToTheSettings() throws IOException {
        assertEquals(
                SettingPages.yaml(),
                Files.readString(Path.of("docs", "longshore.yaml")),
                "write it again: bin/longshore check --explain --format yaml > docs/longshore.yaml");
    }

    @Test
    void keepsTheReadmesTableEqualToTheSettings() throws IOException {
        Path readme = Path.of("README.md");
        if (!Files.exists(readme)) {
            return; // Until there is a README there is nothing that could be out of date.
        }
        String text = Files.readString(readme);
        int begin = text.indexOf(BEGIN);
        int end = text.indexOf(END);
        assertTrue(begin >= 0 && end > begin, "README.md lacks the lines " + BEGIN + " and " + END);
        assertEquals(
                SettingPages.markdown().strip(),
                text.substring(begin + BEGIN.length(), end).strip(),
                "write it again between the markers: bin/longshore check --explain --format markdown");
    }

    @Test
    void offersASampleThatIsValidAndAsksForNothingButTheDefaults() {
        Config sample = valid(SettingPages.yaml());
        Config smallest =
                valid("{listeners: [{address: 127.0.0.1:8080}], origins: {chat: {endpoints: [127.0.0.1:9000]}},"
                        + " routes: [{origin: chat}]}");

        assertEquals(smallest, sample);
    }

    @Test
    void offersASampleWhoseEveryLineCanBeSwitchedOn() {
        String everything = SettingPages.yaml().replaceAll("(?m)^( *)#(?=[a-z])", "$1");

        Config config = valid(everything);

        assertFalse(config.cpus().isEmpty());
        assertFalse(config.listeners().get(0).trustedProxies().isEmpty());
        assertFalse(config.origins().get("chat").sources().isEmpty());
        for (Setting setting : Setting.values()) {
            assertTrue(everything.matches("(?s).*\\n[ -]*" + setting.key() + ":.*"), setting.path());
        }
    }

    @ParameterizedTest
    @EnumSource(Setting.class)
    void explainsEverySettingOnEveryPage(Setting setting) {
        assertTrue(SettingPages.text().contains(setting.path() + "\n    type:    " + setting.typeText()));
        assertTrue(SettingPages.markdown().contains("| `" + setting.path() + "` | "));
        assertTrue(setting.why().endsWith("."), setting.why());
        assertTrue(setting.why().split("[.;] ").length <= 3, setting.why());
    }

    @ParameterizedTest
    @EnumSource(Setting.class)
    void allowsItsOwnDefault(Setting setting) {
        boolean isValue = setting.type().shape() == SettingType.Shape.SCALAR && setting != Setting.COUNTERS;
        if (isValue && !setting.isRequired()) {
            assertEquals(
                    new Section(setting.level(), "", "", Position.START).value(setting),
                    setting.type().parser().apply(setting.defaultText()));
        }
    }

    @Test
    void namesEverySettingOnce() {
        Set<String> paths = new HashSet<>();
        for (Setting setting : Setting.values()) {
            assertTrue(paths.add(setting.path()), setting.path());
        }
    }

    @Test
    void keepsTerminalLinesShort() {
        assertTrue(SettingPages.text().lines().allMatch(line -> line.length() <= 100));
        assertTrue(SettingPages.yaml().lines().allMatch(line -> line.length() <= 100));
    }

    private static Config valid(String text) {
        ConfigReader.Result result = ConfigReader.parse("sample.yaml", text);
        return assertInstanceOf(ConfigReader.Valid.class, result, result::toString)
                .config();
    }
}
