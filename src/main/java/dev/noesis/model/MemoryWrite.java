package dev.noesis.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a tool writes to memory. It travels inside the tool's {@link MindEvent.ToolCompleted}. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
    @JsonSubTypes.Type(value = MemoryWrite.LearnFact.class, name = "LearnFact"),
    @JsonSubTypes.Type(value = MemoryWrite.DecideFinding.class, name = "DecideFinding"),
    @JsonSubTypes.Type(value = MemoryWrite.RecordDecision.class, name = "RecordDecision"),
    @JsonSubTypes.Type(value = MemoryWrite.ReviewDecision.class, name = "ReviewDecision")
})
public sealed interface MemoryWrite {
    /** The version of the log that brought it: an event that carries it needs that one. */
    @JsonIgnore
    default int since() {
        return 1;
    }

    /**
     * The agent holds this to be true.
     *
     * @param confidence from 0 to 1
     */
    record LearnFact(String subject, String statement, double confidence) implements MemoryWrite {}

    /** What a heartbeat run decided about a finding. It counts only when that run has finished. */
    record DecideFinding(
            String fingerprint, Action action, @Nullable String text) implements MemoryWrite {}

    /**
     * The agent decided something. Of two with one id the first counts.
     *
     * @param decisionId unique within the agent
     * @param confidence from 0 to 1 that it will turn out well
     * @param category a word of the model's
     */
    record RecordDecision(String decisionId, String what, String why, double confidence, Stakes stakes, String category)
            implements MemoryWrite {
        public RecordDecision {
            Objects.requireNonNull(decisionId, "decisionId");
        }

        @Override
        public int since() {
            return 3;
        }
    }

    /** How a decision turned out. The last review of it counts; one of a decision that is not known changes nothing. */
    record ReviewDecision(String decisionId, Verdict verdict, String text) implements MemoryWrite {
        public ReviewDecision {
            Objects.requireNonNull(decisionId, "decisionId");
        }

        @Override
        public int since() {
            return 3;
        }
    }

    /** What hangs on a decision. */
    enum Stakes {
        LOW,
        MEDIUM,
        HIGH,
        CRITICAL;

        @JsonValue
        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** @throws IllegalArgumentException for any other word */
        @JsonCreator
        public static Stakes of(String id) {
            return valueOf(id.toUpperCase(Locale.ROOT));
        }
    }

    /** How a decision turned out. */
    enum Verdict {
        SUCCESS,
        PARTIAL,
        FAILURE;

        @JsonValue
        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** @throws IllegalArgumentException for any other word */
        @JsonCreator
        public static Verdict of(String id) {
            return valueOf(id.toUpperCase(Locale.ROOT));
        }
    }

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
