package io.longshore.load.bench;

import java.util.Locale;
import java.util.Set;

/** What the load does; each is a {@code --mode} of the load program, by its name in small letters. */
enum Mode {
    ECHO("connections", "payload", "depth", "rate", "framing", "verify"),
    BULK("connections", "payload", "direction", "verify"),
    HOLD("connections"),
    STORM("connections", "parallel", "hold", "abort"),
    DISCONNECT("connections", "abort"),
    SLOW("connections", "payload", "depth", "rate", "hold", "reader-rate", "verify");

    private final Set<String> options;

    Mode(String... options) {
        this.options = Set.of(options);
    }

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The load's options that a scenario of this mode may set. */
    Set<String> options() {
        return options;
    }

    /**
     * What a proxy is warmed with before the first round. Tunnels that are held, or ended all at once, come and go too
     * seldom to warm anything: a storm takes the same path of code thousands of times a second.
     */
    Mode warmedBy() {
        return this == HOLD || this == DISCONNECT ? STORM : this;
    }
}
