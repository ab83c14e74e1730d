package dev.noesis.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Something a heartbeat's check noticed.
 *
 * @param fingerprint hash of what identifies the thing, hexadecimal
 * @param check who noticed
 * @param source where, in the words of whoever sent it
 * @param data JSON text of any shape; null for none
 */
public record Finding(
        String fingerprint,
        String check,
        String source,
        String summary,
        Urgency urgency,
        boolean needsAction,
        @Nullable String data) {

    /** The check that raises what waits outside: a signal that comes again has happened again. */
    public static final String SIGNALS = "signals";

    /** JSON that lacks a field is no finding: whoever reads one must not find half of it. */
    public Finding {
        Objects.requireNonNull(fingerprint, "fingerprint");
        Objects.requireNonNull(check, "check");
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(summary, "summary");
        Objects.requireNonNull(urgency, "urgency");
    }

    /** How much it presses. */
    public enum Urgency {
        LOW,
        NORMAL,
        HIGH;

        @JsonValue
        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** @throws IllegalArgumentException for any other word */
        @JsonCreator
        public static Urgency of(String id) {
            return valueOf(id.toUpperCase(Locale.ROOT));
        }
    }
}
