package io.longshore.control;

import java.io.PrintStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * What the process says about itself: one logfmt line an event on standard error, {@code ts=... level=info
 * event=draining timeout=30s}. For the control plane; loops count, they do not log.
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
        StringBuilder line = new StringBuilder(160);
        line.append("ts=").append(Instant.now().truncatedTo(ChronoUnit.MILLIS));
        line.append(" level=").append(level).append(" event=").append(event);
        for (int i = 0; i + 1 < fields.length; i += 2) {
            line.append(' ').append(fields[i]).append('=');
            appendValue(line, String.valueOf(fields[i + 1]));
        }
        PrintStream out = System.err;
        out.println(line);
    }

    private static void appendValue(StringBuilder line, String value) {
        boolean isPlain = !value.isEmpty() && value.chars().allMatch(c -> c > ' ' && c < 127 && c != '"' && c != '=');
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
                case '\t' -> line.append("\\t");
                default -> line.append(c < ' ' ? '?' : c);
            }
        }
        line.append('"');
    }
}
