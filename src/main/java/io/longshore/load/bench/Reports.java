package io.longshore.load.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The readable forms of a result: {@code report.md} and {@code report.html}. */
public final class Reports {
    private Reports() {}

    /**
     * Writes both reports into a folder, which is made if it is missing; older ones there are replaced.
     *
     * @throws IOException if the folder cannot be written to
     */
    public static void write(Result result, Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("report.md"), MarkdownReport.text(result));
        Files.writeString(folder.resolve("report.html"), HtmlReport.text(result));
    }
}
