package dev.noesis.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a tool writes to memory. It travels inside the tool's {@link MindEvent.ToolCompleted}. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
    @JsonSubTypes.Type(value = MemoryWrite.LearnFact.class, name = "LearnFact"),
    @JsonSubTypes.Type(value = MemoryWrite.DecideFinding.class, name = "DecideFinding")
})
public sealed interface MemoryWrite {
    /**
     * The agent holds this to be true.
     *
     * @param confidence from 0 to 1
     */
    record LearnFact(String subject, String statement, double confidence) implements MemoryWrite {}

    /** What a heartbeat run decided about a finding. It counts only when that run has finished. */
    record DecideFinding(
            String fingerprint, Action action, @Nullable String text) implements MemoryWrite {}

    /** What may be done about a finding. */
    enum Action {
        ACKNOWLEDGE,
        NOTIFY,
        ACT,
        DEFER;

        @JsonValue
        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** @throws IllegalArgumentException for any other word */
        @JsonCreator
        public static Action of(String id) {
            return valueOf(id.toUpperCase(Locale.ROOT));
        }
    }
}
