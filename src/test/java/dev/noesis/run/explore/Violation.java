package dev.noesis.run.explore;

/** A law does not hold. */
final class Violation extends RuntimeException {
    private static final long serialVersionUID = 1;

    final Law law;

    Violation(Law law, String what) {
        super(law + ": " + what);
        this.law = law;
    }
}
