package io.longshore.lab;

/**
 * Which engine the proxies of live and system tests run on: those tests run once with the configuration's default, and
 * once more with {@code -Dlongshore.test.engine=nio} (pom.xml), where that is another one.
 */
public final class EngineUnderTest {
    private static final String NAME = System.getProperty("longshore.test.engine", "");

    private EngineUnderTest() {}

    /** A configuration on this run's engine, unless it names one itself. */
    public static String in(String yaml) {
        return NAME.isEmpty() || yaml.contains("engine:") ? yaml : "engine: " + NAME + "\n" + yaml;
    }
}
