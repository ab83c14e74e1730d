package dev.noesis.check;

import org.jspecify.annotations.Nullable;

/**
 * A promise that was not kept.
 *
 * @param place topic, partition and offset of the record that shows it, as {@code chat.replies-3@17}; null where what shows
 *     it is that a record is missing
 * @param agent whom it concerns; null where it concerns no single one
 * @param id of the run or tick; null where it concerns none
 * @param what a sentence
 */
public record Violation(
        Rule rule,
        @Nullable String place,
        @Nullable String agent,
        @Nullable String id,
        String what) {
    @Override
    public String toString() {
        return rule.id() + "  " + what
                + (agent == null ? "" : "  agent " + agent)
                + (id == null ? "" : "  run " + id)
                + (place == null ? "" : "  at " + place);
    }
}
