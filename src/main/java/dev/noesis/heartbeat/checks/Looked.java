package dev.noesis.heartbeat.checks;

import dev.noesis.model.CheckReport.Status;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What came of one look.
 *
 * @param key whose look it was, in the words of whoever asked for it
 * @param check its name
 * @param found at most {@link Looks#MAX_FOUND}; none where it failed
 * @param tookMs milliseconds, without the wait for room
 * @param message why it failed, or what was left out; null where there is nothing to say
 */
public record Looked(
        String key,
        String check,
        Status status,
        List<Found> found,
        long tookMs,
        @Nullable String message) {
    public Looked {
        found = List.copyOf(found);
    }

    static Looked failed(String key, String check, long tookMs, String message) {
        return new Looked(key, check, Status.FAILED, List.of(), tookMs, message);
    }

    static Looked timedOut(String key, String check, long tookMs) {
        return new Looked(key, check, Status.TIMED_OUT, List.of(), tookMs, "it did not look within " + tookMs + " ms");
    }

    public boolean isOk() {
        return status == Status.OK;
    }
}
