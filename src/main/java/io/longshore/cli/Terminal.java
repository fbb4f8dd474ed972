package io.longshore.cli;

import java.io.Console;

/** Whether a person sits in front of us. */
final class Terminal {
    private Terminal() {}

    /**
     * Whether standard input and output are a terminal. Up to JDK 21 a {@link Console} exists only then; from 22 on it
     * always exists and has an {@code isTerminal()}, which bytecode for 17 cannot name.
     */
    static boolean isInteractive() {
        Console console = System.console();
        if (console == null) {
            return false;
        }
        try {
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (NoSuchMethodException e) {
            return true;
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }
}
