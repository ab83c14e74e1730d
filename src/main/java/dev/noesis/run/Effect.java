package dev.noesis.run;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.noesis.model.MindEvent;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Something to be done outside the StreamThread. It stays in the {@link Outbox} until the event that completes it has been
 * folded, so that nothing that was decided can be lost.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "is")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Effect.Append.class, name = "append"),
    @JsonSubTypes.Type(value = Effect.CallModel.class, name = "callModel"),
    @JsonSubTypes.Type(value = Effect.CallTool.class, name = "callTool"),
    @JsonSubTypes.Type(value = Effect.Republish.class, name = "republish")
})
public sealed interface Effect {
    /** Its place in the outbox: kind first, so that one kind can be scanned. */
    @JsonIgnore
    String key();

    /** When it is to be done, epoch milliseconds; 0: at once. */
    long dueAt();

    /** Append a decision to the mind log. Done when the event with that id has been folded. */
    record Append(String agentId, MindEvent event, long dueAt) implements Effect {
        @Override
        public String key() {
            return key(agentId, event.eventId());
        }

        static String key(String agentId, String eventId) {
            return "a\0" + agentId + "\0" + eventId;
        }
    }

    /** Ask the model for a step. Done when the step is completed or the run has ended. */
    record CallModel(String agentId, String threadId, String runId, int step, long dueAt) implements Effect {
        @Override
        public String key() {
            return key(agentId, runId, step);
        }

        static String key(String agentId, String runId, int step) {
            return "m\0" + agentId + "\0" + runId + "\0" + step;
        }
    }

    /** Make a tool call of a step. Done when the call is completed or the run has ended. */
    record CallTool(String agentId, String threadId, String runId, int step, String callId, String tool, String input)
            implements Effect {
        @Override
        public String key() {
            return key(agentId, runId, step, callId);
        }

        @Override
        @JsonIgnore
        public long dueAt() {
            return 0;
        }

        static String key(String agentId, String runId, int step, String callId) {
            return "t\0" + agentId + "\0" + runId + "\0" + step + "\0" + callId;
        }
    }

    /**
     * Publish an input record again, to the partition that its key belongs to: its client chose another one. Done when
     * {@link MindEvent.Republished} has been folded; one that is published twice is known as a duplicate there.
     */
    record Republish(
            String topic, long offset, byte[] recordKey, byte @Nullable [] value, List<Header> headers, int partition)
            implements Effect {
        @Override
        public String key() {
            return key(topic, offset);
        }

        /** In the order of offsets, for that is the order in which they are published again. */
        static String key(String topic, long offset) {
            return String.format("p\0%s\0%016x", topic, offset);
        }

        @Override
        @JsonIgnore
        public long dueAt() {
            return 0;
        }
    }

    /** A record header. */
    record Header(String name, byte[] value) {}
}
