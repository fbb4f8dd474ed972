package io.longshore.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.lab.ChildProcess;
import io.longshore.load.bench.Reports;
import io.longshore.load.bench.SampleResult;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The benchmark's page in headless Chromium, opened from the disk as somebody does who was sent it. */
@Tag("system")
@Timeout(300)
class BenchReportSystemTest {
    private static final Duration LIMIT = Duration.ofSeconds(120);

    /** Longshore's colour and HAProxy's in a light page; both stand in report.css. */
    private static final int LONGSHORE = 0x0072b2;

    private static final int HAPROXY = 0xd55e00;

    @TempDir
    private Path folder;

    @Test
    void chartsAreDrawnAndNoScriptComplains() throws IOException {
        Reports.write(SampleResult.whole(), folder);

        String page = String.join("\n", browse("--dump-dom"));
        Matcher root = Pattern.compile("<html[^>]*>").matcher(page);
        assertTrue(root.find(), page);
        assertFalse(root.group().contains("data-error"), root.group());
        // Bars for each of the six scenarios, curves for the two that have histograms.
        assertTrue(root.group().contains("data-charts=\"8\""), root.group());
        assertEquals(
                8,
                Pattern.compile("<canvas [^>]*width=\"[1-9]")
                        .matcher(page)
                        .results()
                        .count());

        Path picture = folder.resolve("page.png");
        browse("--screenshot=" + picture, "--window-size=1280,9000", "--hide-scrollbars");
        BufferedImage image = ImageIO.read(picture.toFile());
        // A name's spot of colour has about a hundred points, and there are some dozens; a bar has thousands.
        assertTrue(points(image, LONGSHORE) > 20_000, points(image, LONGSHORE) + " points of Longshore's colour");
        assertTrue(points(image, HAPROXY) > 20_000, points(image, HAPROXY) + " points of HAProxy's colour");
    }

    private List<String> browse(String... what) throws IOException {
        Path profile = Files.createTempDirectory("longshore-chromium");
        try {
            List<String> command = new ArrayList<>(Chromium.COMMAND);
            command.addAll(List.of(
                    "--user-data-dir=" + profile,
                    "--enable-logging=stderr",
                    "--blink-settings=preferredColorScheme=1",
                    "--virtual-time-budget=5000"));
            command.addAll(List.of(what));
            command.add(folder.resolve("report.html").toUri().toString());
            try (ChildProcess browser = ChildProcess.start(command, Map.of())) {
                browser.endInput();
                int exit = browser.exitCode(LIMIT);
                assertEquals(0, exit, browser.toString());
                assertFalse(browser.errors().contains(":CONSOLE"), browser.errors());
                return browser.linesLeft();
            }
        } finally {
            Chromium.delete(profile);
        }
    }

    private static int points(BufferedImage image, int colour) {
        int points = 0;
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                points += (image.getRGB(x, y) & 0xffffff) == colour ? 1 : 0;
            }
        }
        return points;
    }
}
