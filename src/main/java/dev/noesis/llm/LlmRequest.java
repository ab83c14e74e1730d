package dev.noesis.llm;

import dev.noesis.model.Message;
import dev.noesis.model.ToolSpec;
import java.util.List;

/**
 * What the model is asked.
 *
 * @param label names the call in log lines, e.g. {@code chat/ada/run-1/0}; never sent
 * @param maxTokens most tokens of the answer, ≥ 1
 * @param system the system prompt; empty for none
 * @param messages the conversation, oldest first, at least one; the first is the user's
 * @param tools what the model may call; empty for none
 * @param timeoutMs the whole call's limit in milliseconds from its start, &gt; 0; the client's own limit holds as well
 */
public record LlmRequest(
        String label,
        String model,
        int maxTokens,
        String system,
        List<Message> messages,
        List<ToolSpec> tools,
        ToolChoice toolChoice,
        long timeoutMs) {

    public LlmRequest {
        messages = List.copyOf(messages);
        tools = List.copyOf(tools);
        if (messages.isEmpty()) {
            throw new IllegalArgumentException("a request has at least one message");
        }
        if (maxTokens < 1 || timeoutMs < 1) {
            throw new IllegalArgumentException("maxTokens and timeoutMs are at least 1");
        }
    }

    /** The same of another model, with that limit of its answer. */
    public LlmRequest to(String otherModel, int mostTokens) {
        return new LlmRequest(label, otherModel, mostTokens, system, messages, tools, toolChoice, timeoutMs);
    }

    /** The same, with that limit of the whole call. */
    public LlmRequest within(long limitMs) {
        return new LlmRequest(label, model, maxTokens, system, messages, tools, toolChoice, limitMs);
    }

    /** Whether the model may, must or must not call a tool. */
    public sealed interface ToolChoice {
        /** The model decides. */
        record Auto() implements ToolChoice {}

        /** Some tool must be called. */
        record Any() implements ToolChoice {}

        /** This tool must be called. */
        record Named(String name) implements ToolChoice {}

        /**
         * No tool may be called. The tools are still described: a provider refuses a conversation that holds tool calls
         * where no tool is.
         */
        record None() implements ToolChoice {}
    }
}
