package io.longshore.config;

/**
 * A text that is no value of its kind. It says what is wrong and, where there is a guess, what was meant; what is
 * allowed is said between the two by whoever knows the setting.
 */
final class WrongText extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private final String wrong;
    private final String guess;

    WrongText(String wrong) {
        this(wrong, "");
    }

    /**
     * Both halves of the message.
     *
     * @param wrong what is wrong
     * @param guess empty, or {@code ; did you mean X?}
     */
    WrongText(String wrong, String guess) {
        super(wrong + guess);
        this.wrong = wrong;
        this.guess = guess;
    }

    /** The whole sentence: what is wrong, what is allowed, what was meant. */
    String message(String allowed) {
        return wrong + allowed + guess;
    }
}
