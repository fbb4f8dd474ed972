package io.longshore.config;

/** The user's own words inside a message: quoted, on one line, of a bounded length, without control characters. */
final class Quote {
    private static final int WORD_LENGTH_MAX = 60;
    private static final int SENTENCE_LENGTH_MAX = 200;

    private Quote() {}

    /** {@code text} between double quotes. */
    static String of(String text) {
        return '"' + plain(text) + '"';
    }

    /** {@code text} without the quotes, for a place that has its own punctuation. */
    static String plain(String text) {
        return bounded(text, WORD_LENGTH_MAX);
    }

    /** The same for a longer text: a list of names, or somebody else's message. */
    static String sentence(String text) {
        return bounded(text, SENTENCE_LENGTH_MAX);
    }

    private static String bounded(String text, int lengthMax) {
        StringBuilder quoted = new StringBuilder();
        int taken = 0;
        for (int i = 0; i < text.length(); ) {
            if (taken++ == lengthMax) {
                return quoted.append("...").toString();
            }
            int codePoint = text.codePointAt(i);
            i += Character.charCount(codePoint);
            append(quoted, codePoint);
        }
        return quoted.toString();
    }

    private static void append(StringBuilder quoted, int codePoint) {
        // Whatever a terminal could take for a command, or an eye for another character, is spelled out.
        int type = Character.getType(codePoint);
        boolean hidden = Character.isISOControl(codePoint)
                || type == Character.FORMAT
                || type == Character.SURROGATE
                || type == Character.UNASSIGNED
                || type == Character.LINE_SEPARATOR
                || type == Character.PARAGRAPH_SEPARATOR;
        if (hidden) {
            quoted.append(String.format("\\u{%x}", codePoint));
        } else {
            quoted.appendCodePoint(codePoint);
        }
    }
}
