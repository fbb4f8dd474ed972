package io.longshore.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints: the version of the jar, the Java that runs it, the system below. */
final class Version implements IVersionProvider {
    private static final String MAVEN_PROPERTIES = "/META-INF/maven/io.longshore/longshore/pom.properties";

    Version() {}

    @Override
    public String[] getVersion() throws IOException {
        return new String[] {
            "longshore " + number(),
            "java " + System.getProperty("java.version") + " (" + System.getProperty("java.vm.name") + ")",
            System.getProperty("os.name") + " " + System.getProperty("os.version") + " " + System.getProperty("os.arch")
        };
    }

    /** The number in the manifest, else the one that Maven put into the jar; classes outside a jar have none. */
    private static String number() throws IOException {
        String implementation = Version.class.getPackage().getImplementationVersion();
        if (implementation != null) {
            return implementation;
        }
        try (InputStream stream = Version.class.getResourceAsStream(MAVEN_PROPERTIES)) {
            if (stream == null) {
                return "(not packaged)";
            }
            Properties properties = new Properties();
            properties.load(stream);
            return properties.getProperty("version", "(unknown)");
        }
    }
}
