package dev.noesis.run.explore;

/** A law does not hold. */
final class Violation extends RuntimeException {
    private static final long serialVersionUID = 1;

    Violation(String law, String what) {
        super(law + ": " + what);
    }
}
