package dev.noesis.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * That a check looked at an agent when a tick came.
 *
 * @param findings how many it found
 * @param tookMs milliseconds, for people
 * @param lookedAt the fold's clock at what it looked at, epoch milliseconds: what came behind it was not seen
 * @param seesAll whether what it did not find any more is over
 * @param message why it could not look; null where it could
 */
public record CheckReport(
        String name,
        Status status,
        int findings,
        long tookMs,
        long lookedAt,
        boolean seesAll,
        @Nullable String message) {
    public CheckReport {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(status, "status");
    }

    /** Of one look; of more, the first count, and what is not among them may be there all the same. */
    public static final int MAX_FINDINGS = 50;

    /** Whether what it did not find is not there. */
    @JsonIgnore
    public boolean isWhole() {
        return status == Status.OK && seesAll && findings < MAX_FINDINGS;
    }

    /** Whether it could look. */
    public enum Status {
        OK,
        FAILED,
        TIMED_OUT;

        @JsonValue
        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** @throws IllegalArgumentException for any other word */
        @JsonCreator
        public static Status of(String id) {
            return valueOf(id.toUpperCase(Locale.ROOT));
        }
    }
}
