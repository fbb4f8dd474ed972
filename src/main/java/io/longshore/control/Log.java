package io.longshore.control;

import java.io.PrintStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * The log of the control plane: one logfmt line an event, written at once. What happens to connections is the access
 * log's and the counters' business; no loop ever logs.
 *
 * <pre>
 *   time=2026-11-22T13:44:38.123Z level=info msg="stops accepting" tunnels=812
 * </pre>
 *
 * <p>Any thread may log; a line is one write, so lines do not mix.
 */
public final class Log {
    private enum Level {
        INFO,
        WARN,
        ERROR;

        private final String label = name().toLowerCase(Locale.ROOT);
    }

    private final PrintStream out;
    private final Supplier<Instant> clock;

    Log(PrintStream out, Supplier<Instant> clock) {
        this.out = out;
        this.clock = clock;
    }

    /** A log to this stream, which is flushed after each line and never closed. */
    public static Log to(PrintStream out) {
        return new Log(out, Instant::now);
    }

    /**
     * Something that an operator wants to know of, and need not act on.
     *
     * @param pairs names and values in turn: {@code "loop", 3, "reason", e.getMessage()}
     */
    public void info(String message, Object... pairs) {
        write(Level.INFO, message, pairs);
    }

    /** Something that works, and not as it should. */
    public void warn(String message, Object... pairs) {
        write(Level.WARN, message, pairs);
    }

    /** Something that does not work. */
    public void error(String message, Object... pairs) {
        write(Level.ERROR, message, pairs);
    }

    private void write(Level level, String message, Object... pairs) {
        assert pairs.length % 2 == 0 : "a name without a value in: " + message;
        StringBuilder line = new StringBuilder(128);
        line.append("time=").append(clock.get().truncatedTo(ChronoUnit.MILLIS));
        append(line, "level", level.label);
        append(line, "msg", message);
        for (int i = 0; i + 1 < pairs.length; i += 2) {
            append(line, String.valueOf(pairs[i]), String.valueOf(pairs[i + 1]));
        }
        line.append('\n');
        synchronized (out) {
            out.print(line);
            out.flush();
        }
    }

    private static void append(StringBuilder line, String name, String value) {
        line.append(' ').append(name).append('=');
        if (isPlain(value)) {
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
                default -> {
                    // A value may hold what a peer sent: it must neither end the line nor speak to a terminal.
                    if (Character.isISOControl(c)) {
                        line.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
                    } else {
                        line.append(c);
                    }
                }
            }
        }
        line.append('"');
    }

    private static boolean isPlain(String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c <= ' ' || c == '"' || c == '=' || c == '\\' || Character.isISOControl(c)) {
                return false;
            }
        }
        return !value.isEmpty();
    }
}
