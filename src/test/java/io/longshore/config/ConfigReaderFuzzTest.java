package io.longshore.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

/** Whatever the bytes are: no exception, every fault inside the file, and a valid file's effective form valid again. */
final class ConfigReaderFuzzTest {
    @FuzzTest
    void neverThrowsAndPointsInsideTheFile(byte[] bytes) {
        ConfigReader.Result result = ConfigReader.parse("fuzz.yaml", bytes);
        if (result instanceof ConfigReader.Valid valid) {
            assertEquals(result, ConfigReader.parse("effective.yaml", EffectiveConfig.yaml(valid.config())));
            return;
        }
        ConfigReader.Faulty faulty = (ConfigReader.Faulty) result;
        assertFalse(faulty.faults().isEmpty());
        String[] lines = new String(bytes, StandardCharsets.UTF_8).split("\r\n|\r|\n", -1);
        for (Fault fault : faulty.faults()) {
            assertTrue(
                    fault.line() >= 1 && fault.line() <= lines.length, () -> fault + " of " + lines.length + " lines");
            String line = lines[fault.line() - 1];
            // One past the end of the line is where something is missing from it.
            int columnMax = line.codePointCount(0, line.length()) + 1;
            assertTrue(fault.column() >= 1 && fault.column() <= columnMax, fault::toString);
            assertTrue(fault.toString().chars().noneMatch(Character::isISOControl), fault::toString);
        }
    }
}
