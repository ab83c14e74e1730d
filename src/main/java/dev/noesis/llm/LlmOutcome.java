package dev.noesis.llm;

import dev.noesis.model.Content;
import dev.noesis.model.Usage;
import java.util.List;

/** How a call ended. Usage is what is known to be charged so far, also where the call failed. */
public sealed interface LlmOutcome {
    Usage usage();

    /**
     * The model finished its answer.
     *
     * @param content the answer's blocks in order, gathered whole
     * @param stopReason the provider's word: {@code end_turn}, {@code tool_use}, {@code max_tokens}, {@code stop_sequence},
     *     {@code refusal}, {@code pause_turn}, {@code model_context_window_exceeded} or one of later date
     * @param model who answered, in the provider's words
     */
    record Completed(List<Content> content, String stopReason, Usage usage, String model) implements LlmOutcome {
        public Completed {
            content = List.copyOf(content);
        }
    }

    /** The call failed; {@code partial} where some of the answer had been heard before. */
    record Failed(LlmFailure failure, Usage usage, boolean partial) implements LlmOutcome {}

    /** The caller cancelled it. */
    record Cancelled(Usage usage) implements LlmOutcome {}
}
