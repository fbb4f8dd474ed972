package io.longshore.control;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class LogTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final Log log =
            new Log(new PrintStream(bytes, false, UTF_8), () -> Instant.parse("2026-11-22T13:44:38.123456Z"));

    @Test
    void writesOneLineAnEvent() {
        log.info("started", "loops", 2, "address", "127.0.0.1:8080");
        log.warn("slow");
        log.error("failed", "reason", null);
        assertEquals(
                "time=2026-11-22T13:44:38.123Z level=info msg=started loops=2 address=127.0.0.1:8080\n"
                        + "time=2026-11-22T13:44:38.123Z level=warn msg=slow\n"
                        + "time=2026-11-22T13:44:38.123Z level=error msg=failed reason=null\n",
                bytes.toString(UTF_8));
    }

    @Test
    void quotesWhatWouldBreakTheLine() {
        log.info("two words", "a", "", "b", "x=y", "c", "say \"hi\"\\", "d", "1\n2\r\t\u001b[31m", "e", "grün");
        assertEquals(
                "time=2026-11-22T13:44:38.123Z level=info msg=\"two words\" a=\"\" b=\"x=y\" c=\"say \\\"hi\\\"\\\\\""
                        + " d=\"1\\n2\\r\\t\\u001b[31m\" e=grün\n",
                bytes.toString(UTF_8));
    }
}
