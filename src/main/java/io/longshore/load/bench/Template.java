package io.longshore.load.bench;

import java.util.List;

/**
 * A peer's configuration with placeholders: {@code @ADDRESS@} and {@code @PORT@} are where it listens, {@code @FOLDER@} is a
 * folder of its own. A line with {@code @ORIGIN@} is repeated for each origin endpoint, {@code @N@} in it counts from 1.
 */
final class Template {
    private Template() {}

    static String fill(String template, String address, int port, List<String> origins, String folder) {
        StringBuilder filled = new StringBuilder();
        for (String line : template.lines().toList()) {
            if (line.contains("@ORIGIN@")) {
                for (int i = 0; i < origins.size(); i++) {
                    String counted = line.replace("@ORIGIN@", origins.get(i)).replace("@N@", Integer.toString(i + 1));
                    filled.append(counted).append('\n');
                }
            } else {
                filled.append(line).append('\n');
            }
        }
        return filled.toString()
                .replace("@ADDRESS@", address)
                .replace("@PORT@", Integer.toString(port))
                .replace("@FOLDER@", folder);
    }
}
