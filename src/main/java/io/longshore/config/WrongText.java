package io.longshore.config;

/**
 * A text that is no value of its kind. The message says what is wrong and, where we can guess it, what was meant; what
 * is allowed is added by whoever knows the setting.
 */
final class WrongText extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    WrongText(String message) {
        super(message);
    }
}
