package io.longshore.control;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/**
 * What the process says about itself: one logfmt line an event on standard error. For the control plane; loops count,
 * they do not log.
 *
 * <pre>
 *   ts=2026-11-22T13:44:38.123Z level=info event=draining signal=SIGTERM
 * </pre>
 *
 * <p>Any thread may log; a line is one write, so lines do not mix.
 */
public final class Log {
    private Log() {}

    /** An event in the normal course of things; {@code fields} are names and values in turn. */
    public static void info(String event, Object... fields) {
        write("info", event, fields);
    }

    /** Something an operator should look at. */
    public static void warn(String event, Object... fields) {
        write("warn", event, fields);
    }

    /** Something that ends what was asked for. */
    public static void error(String event, Object... fields) {
        write("error", event, fields);
    }

    private static void write(String level, String event, Object... fields) {
        System.err.println(line(Instant.now(), level, event, fields));
    }

    /** The line without its end. */
    static String line(Instant time, String level, String event, Object... fields) {
        assert fields.length % 2 == 0 : "a name without a value in event " + event;
        StringBuilder line = new StringBuilder(160);
        line.append("ts=").append(time.truncatedTo(ChronoUnit.MILLIS));
        line.append(" level=").append(level).append(" event=").append(event);
        for (int i = 0; i + 1 < fields.length; i += 2) {
            line.append(' ').append(fields[i]).append('=');
            appendValue(line, String.valueOf(fields[i + 1]));
        }
        return line.toString();
    }

    private static void appendValue(StringBuilder line, String value) {
        boolean isPlain = !value.isEmpty() && value.chars().allMatch(c -> c > ' ' && c < 127 && "\"=\\".indexOf(c) < 0);
        if (isPlain) {
            line.append(value);
            return;
        }
        line.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"', '\\' -> line.append('\\').append(c);
                case '\n' -> line.append("\\n");
                case '\r' -> line.append("\\r");
                case '\t' -> line.append("\\t");
                // A value may hold what a peer sent: it must neither end the line nor speak to a terminal.
                default -> line.append(Character.isISOControl(c) ? String.format(Locale.ROOT, "\\u%04x", (int) c) : c);
            }
        }
        line.append('"');
    }
}
