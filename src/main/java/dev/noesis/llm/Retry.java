package dev.noesis.llm;

/** What to do about a failed call; {@link RetryPolicy} decides it. */
public sealed interface Retry {
    /**
     * Try again in place after a short wait; whoever holds a permit keeps it.
     *
     * @param delayMs milliseconds from now, ≥ 0
     */
    record After(long delayMs) implements Retry {}

    /**
     * Try again, but not before that moment, which is too far off to hold a permit for: give it back and schedule the call
     * anew.
     *
     * @param epochMs milliseconds since the epoch
     */
    record At(long epochMs) implements Retry {}

    /** Do not try again. */
    record GiveUp() implements Retry {}
}
