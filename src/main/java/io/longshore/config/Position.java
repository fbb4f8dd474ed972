package io.longshore.config;

/**
 * A place in the file.
 *
 * @param line counted from 1
 * @param column in code points, counted from 1
 */
record Position(int line, int column) {
    /** Where every file begins, an empty one too. */
    static final Position START = new Position(1, 1);

    /** The place just behind the first {@code length} chars of {@code text}. */
    static Position behind(CharSequence text, int length) {
        int line = 1;
        int column = 1;
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            boolean isPair = c == '\r' && i + 1 < text.length() && text.charAt(i + 1) == '\n';
            if (c == '\n' || (c == '\r' && !isPair)) {
                line++;
                column = 1;
            } else if (!Character.isLowSurrogate(c)) {
                column++;
            }
        }
        return new Position(line, column);
    }
}
