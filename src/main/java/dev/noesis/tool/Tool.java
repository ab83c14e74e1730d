package dev.noesis.tool;

import dev.noesis.mind.Memory.Decision;
import dev.noesis.mind.Memory.Fact;
import dev.noesis.model.Lane;
import dev.noesis.model.MemoryWrite;
import dev.noesis.model.ToolSpec;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Something a model may call.
 *
 * <p><b>Threading.</b> {@link #call} runs on a virtual thread of its own and may block; several calls may run at once. It is
 * made at least once: after a crash it is made again with the same idempotency key.
 */
public interface Tool {
    /** A part of the agent's memory that a call may be shown. */
    enum View {
        /** {@link Invocation#facts()} */
        FACTS,
        /** {@link Invocation#decisions()} */
        DECISIONS
    }

    ToolSpec spec();

    /**
     * What its calls are shown of the agent's memory. Each view is read from the store for each call, by the thread that all of
     * the partition waits for: a tool asks for what it uses, and by default for nothing.
     *
     * <p>Asked once, when the worker starts.
     */
    default Set<View> views() {
        return Set.of();
    }

    /**
     * Does the work.
     *
     * @param arguments what the model gave: any JSON, not necessarily what the schema asks for
     * @throws IllegalArgumentException if the arguments are wrong; the model is told the message
     */
    Result call(JsonNode arguments, Invocation invocation) throws Exception;

    /**
     * The call's surroundings, as they were when it was launched.
     *
     * @param idempotencyKey the same for every attempt of this call, and for no other call
     * @param facts the agent's newest facts, 1,000 at most, newest first; none where the tool does not ask for {@link View#FACTS}
     * @param decisions all of the agent's that are kept, newest first; none where the tool does not ask for
     *     {@link View#DECISIONS}
     */
    record Invocation(
            String agentId,
            String threadId,
            String runId,
            Lane lane,
            String idempotencyKey,
            List<Fact> facts,
            List<Decision> decisions) {}

    /**
     * What came of it.
     *
     * @param text what the model is told
     * @param writes to memory; they count when the result does. Where the other lane's build is too old to know one, it is left
     *     out, and the model is told
     * @param endsRun no further step is needed
     */
    record Result(String text, boolean isError, List<MemoryWrite> writes, boolean endsRun) {
        public static Result of(String text) {
            return new Result(text, false, List.of(), false);
        }

        public static Result error(String text) {
            return new Result(text, true, List.of(), false);
        }
    }
}
