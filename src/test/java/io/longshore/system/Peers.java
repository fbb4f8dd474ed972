package io.longshore.system;

import io.longshore.lab.ChildProcess;
import java.util.Map;

/** Where the scripts of {@code src/test/system} and what {@code install.sh} installed for them are. */
final class Peers {
    /** The distribution's Python: its package python3-websockets is invisible to any other python3 in the PATH. */
    static final String PYTHON = "/usr/bin/python3";

    /** For node, which looks for packages beside the script, and ours are under target. */
    static final Map<String, String> ENVIRONMENT = Map.of(
            "NODE_PATH",
            ChildProcess.projectFolder().resolve("target/system/node_modules").toString());

    private Peers() {}

    static String script(String name) {
        return ChildProcess.projectFolder()
                .resolve("src/test/system")
                .resolve(name)
                .toString();
    }
}
