package io.longshore.control;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class LogTest {
    private static final Instant NOW = Instant.parse("2026-11-22T13:44:38.123456Z");

    @Test
    void writesAnEventAsOneLine() {
        assertEquals("ts=2026-11-22T13:44:38.123Z level=warn event=slow", Log.line(NOW, "warn", "slow"));
        assertEquals(
                "ts=2026-11-22T13:44:38.123Z level=info event=started loops=2 address=127.0.0.1:8080 reason=null",
                Log.line(NOW, "info", "started", "loops", 2, "address", "127.0.0.1:8080", "reason", null));
    }

    @Test
    void quotesWhatWouldBreakTheLine() {
        assertEquals(
                "ts=2026-11-22T13:44:38.123Z level=info event=e a=\"\" b=\"x=y\" c=\"say \\\"hi\\\"\\\\\""
                        + " d=\"1\\n2\\r\\t\\u001b[31m\" e=\"grün\"",
                Log.line(
                        NOW,
                        "info",
                        "e",
                        "a",
                        "",
                        "b",
                        "x=y",
                        "c",
                        "say \"hi\"\\",
                        "d",
                        "1\n2\r\t\u001b[31m",
                        "e",
                        "grün"));
    }
}
