package dev.noesis.chat;

import dev.noesis.model.Message;
import dev.noesis.model.RunSpec.ContextItem;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a record of {@code chat.requests} asks for, once it has been read. */
sealed interface ChatRequest {

    /** What to do when the thread already has a run. */
    enum Multitask {
        /** Wait for it. */
        ENQUEUE,
        /** Answer {@code rejected_busy}. */
        REJECT,
        /** Cancel it, and what waits before this one. */
        INTERRUPT
    }

    /**
     * A run, as AG-UI's {@code RunAgentInput} asks for it.
     *
     * @param deadlineMs from the request's append time; null for the default
     */
    record Start(
            String threadId,
            String runId,
            List<Message> messages,
            List<String> instructions,
            List<ContextItem> context,
            @Nullable String parentRunId,
            Multitask multitask,
            @Nullable Long deadlineMs,
            @Nullable String model,
            @Nullable Integer maxTokens,
            @Nullable Long budgetTokens)
            implements ChatRequest {}

    record Cancel(String threadId, String runId, String reason) implements ChatRequest {}

    /** Empty the agent's memory. */
    record Delete(String reason) implements ChatRequest {}

    /** It can be answered: it names its run, and breaks the contract. */
    record Invalid(@Nullable String threadId, String runId, String message) implements ChatRequest {}

    /** It cannot be answered: nobody knows to whom. */
    record Unreadable(String reason) implements ChatRequest {}
}
