package dev.noesis.it.check;

/** A rule that a history breaks, and where. */
public record Violation(Rule rule, String what) {
    @Override
    public String toString() {
        return rule + ": " + what;
    }
}
