package io.longshore.sim;

/** An oracle of the simulation has spoken. */
final class Violation extends AssertionError {
    private static final long serialVersionUID = 1L;

    final String oracle;

    Violation(String oracle, String what) {
        super(oracle + ": " + what);
        this.oracle = oracle;
    }
}
