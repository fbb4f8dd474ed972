package io.longshore.config;

/**
 * One mistake in a configuration file.
 *
 * @param file the file, as the user named it
 * @param line the line, counted from 1; 0 if the file could not be read at all
 * @param column the column in characters, counted from 1; 0 if the file could not be read at all
 * @param key which setting, as a path: {@code routes[0].idle-timeout}; {@code yaml} or {@code file} for the text itself
 * @param message what is wrong, what is allowed and, where there is a guess, what was meant
 */
public record Fault(String file, int line, int column, String key, String message) {
    /** {@code file:line:column: key: message}, the line that users and editors read. */
    @Override
    public String toString() {
        String position = line > 0 ? ":" + line + ":" + column : "";
        return file + position + ": " + key + ": " + message;
    }
}
