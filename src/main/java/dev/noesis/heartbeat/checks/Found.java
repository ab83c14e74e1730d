package dev.noesis.heartbeat.checks;

import dev.noesis.model.Finding.Urgency;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a check found.
 *
 * @param id of the thing, within {@code source} and the check: what changes about it belongs into the summary or the data
 * @param source where it was found
 * @param summary one sentence
 * @param needsAction whether a run is to decide about it; else it is told of in the digest only
 * @param data JSON text of any shape; null for none
 */
public record Found(
        String id,
        String source,
        String summary,
        Urgency urgency,
        boolean needsAction,
        @Nullable String data) {
    public Found {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(summary, "summary");
        Objects.requireNonNull(urgency, "urgency");
    }
}
