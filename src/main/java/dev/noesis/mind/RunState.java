package dev.noesis.mind;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.noesis.model.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a run stands.
 *
 * <pre>
 *            ┌──────────────── tools answered ───────────────┐
 *            ▼                                               │
 *  open ─▶ Thinking(step) ── model asks for tools ─▶ Acting(step, calls)
 *            │    ▲   │
 *  retry at T│    │due └─ model answers ─▶ Finished
 *            ▼    │
 *         Waiting(step, dueAt)         from each of the three: Failed, Cancelled
 * </pre>
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "is")
@JsonSubTypes({
    @JsonSubTypes.Type(value = RunState.Thinking.class, name = "thinking"),
    @JsonSubTypes.Type(value = RunState.Waiting.class, name = "waiting"),
    @JsonSubTypes.Type(value = RunState.Acting.class, name = "acting"),
    @JsonSubTypes.Type(value = RunState.Finished.class, name = "finished"),
    @JsonSubTypes.Type(value = RunState.Failed.class, name = "failed"),
    @JsonSubTypes.Type(value = RunState.Cancelled.class, name = "cancelled")
})
public sealed interface RunState {

    /** Not ended. */
    sealed interface Open extends RunState {
        /** The step in progress, from 0. */
        int step();
    }

    /** Ended, once and for all. */
    sealed interface Ended extends RunState {}

    /** The model is asked, or about to be. */
    record Thinking(int step) implements Open {}

    /** The model is asked again at {@code dueAt}, epoch milliseconds. */
    record Waiting(int step, long dueAt) implements Open {}

    /** The model asked for tools, and they are at work. */
    record Acting(int step, List<Call> calls) implements Open {
        public Acting {
            calls = List.copyOf(calls);
        }

        /** The state with that call answered. */
        Acting answered(String callId, Answer answer) {
            List<Call> next = new ArrayList<>(calls.size());
            for (Call call : calls) {
                next.add(call.id().equals(callId) ? new Call(call.id(), call.tool(), call.input(), answer) : call);
            }
            return new Acting(step, next);
        }

        @JsonIgnore
        boolean isAnswered() {
            return calls.stream().allMatch(call -> call.answer() != null);
        }
    }

    /** The answer was given. */
    record Finished(String stopReason) implements Ended {}

    record Failed(ErrorCode code, String message) implements Ended {}

    record Cancelled(String reason) implements Ended {}

    /**
     * A tool call of a step.
     *
     * @param input JSON text
     * @param answer null while it is open
     */
    record Call(
            String id, String tool, String input, @Nullable Answer answer) {}

    /** What a tool answered. */
    record Answer(String text, boolean isError, boolean endsRun) {}
}
