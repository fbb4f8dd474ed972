package io.longshore.metrics;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * Turns entries into logfmt: {@code key=value} pairs on one line, {@code -} for what does not exist.
 *
 * <p>A value with a space, a quote, an equals sign, a backslash or anything beyond printing ASCII is quoted, and what
 * does not print is escaped: whatever a client or a configuration holds, an entry is one line with the same keys.
 *
 * <p>Not for more than one thread: it keeps the text of the last timestamp.
 */
final class AccessLine {
    private static final DateTimeFormatter TIMESTAMP = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private long timestampMs = Long.MIN_VALUE;
    private String timestamp = "";

    /** Appends one line, line feed included. */
    void append(StringBuilder text, long epochMs, AccessEntry entry) {
        text.append("ts=").append(timestamp(epochMs)).append(" client=");
        AddressText.append(text, entry.clientHigh(), entry.clientLow(), entry.clientPort());
        appendValue(text.append(" route="), entry.route());
        appendValue(text.append(" origin="), entry.origin());
        appendValue(text.append(" endpoint="), entry.endpoint());
        text.append(" source=");
        if (entry.sourcePort() == 0) {
            text.append('-');
        } else {
            AddressText.append(text, entry.sourceHigh(), entry.sourceLow(), entry.sourcePort());
        }
        text.append(" status=");
        if (entry.status() == 0) {
            text.append('-');
        } else {
            text.append(entry.status());
        }
        text.append(" bytes-in=").append(entry.bytesFromClient());
        text.append(" bytes-out=").append(entry.bytesFromOrigin());
        appendSeconds(text.append(" duration="), entry.durationNs());
        text.append(" reason=").append(entry.reason().label());
        String trail = TrailEvent.text(entry.trail());
        text.append(" trail=").append(trail.isEmpty() ? "-" : trail).append('\n');
    }

    private String timestamp(long epochMs) {
        if (epochMs != timestampMs) {
            timestampMs = epochMs;
            timestamp = TIMESTAMP.format(Instant.ofEpochMilli(epochMs));
        }
        return timestamp;
    }

    /** Seconds with three decimals, cut off rather than rounded: {@code 1.234s}. */
    private static void appendSeconds(StringBuilder text, long ns) {
        long ms = Math.max(0, ns) / 1_000_000;
        long rest = ms % 1000;
        text.append(ms / 1000).append('.');
        text.append(rest < 100 ? "0" : "")
                .append(rest < 10 ? "0" : "")
                .append(rest)
                .append('s');
    }

    /** Appends a value: {@code -} for null, as it is where that is safe, else quoted and escaped. */
    static void appendValue(StringBuilder text, String value) {
        if (value == null) {
            text.append('-');
        } else if (isPlain(value)) {
            text.append(value);
        } else {
            appendQuoted(text, value);
        }
    }

    private static boolean isPlain(String value) {
        // A dash alone means "nothing", so a value that is one must look different.
        if (value.isEmpty() || value.equals("-")) {
            return false;
        }
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c <= ' ' || c > '~' || c == '"' || c == '=' || c == '\\') {
                return false;
            }
        }
        return true;
    }

    private static void appendQuoted(StringBuilder text, String value) {
        text.append('"');
        for (int i = 0; i < value.length(); ) {
            int c = value.codePointAt(i);
            i += Character.charCount(c);
            if (c == '"' || c == '\\') {
                text.append('\\').append((char) c);
            } else if (c == '\n') {
                text.append("\\n");
            } else if (c == '\r') {
                text.append("\\r");
            } else if (c == '\t') {
                text.append("\\t");
            } else if (isPrinting(c)) {
                text.appendCodePoint(c);
            } else if (c < 0x10000) {
                text.append(String.format(Locale.ROOT, "\\u%04x", c));
            } else {
                text.append(String.format(Locale.ROOT, "\\U%08x", c));
            }
        }
        text.append('"');
    }

    /** Not: controls, separators that end a line somewhere, marks that turn the direction of text, half surrogates. */
    private static boolean isPrinting(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED -> false;
            default -> true;
        };
    }
}
