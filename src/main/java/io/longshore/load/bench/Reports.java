package io.longshore.load.bench;

import java.io.IOException;
import java.nio.file.Path;

/** What a result is told with. */
final class Reports {
    private Reports() {}

    static void write(Result result, Path folder) throws IOException {
        ResultFile.write(result, folder);
    }
}
