package dev.noesis.llm.anthropic;

import dev.noesis.config.RequestConfig;
import dev.noesis.config.RequestConfig.Thinking;
import dev.noesis.llm.LlmRequest;
import dev.noesis.llm.LlmRequest.ToolChoice;
import dev.noesis.model.Content;
import dev.noesis.model.Message;
import dev.noesis.model.Message.Role;
import org.jspecify.annotations.Nullable;

/**
 * What a request says about thinking: what the configuration asks for, where the API takes it.
 *
 * @param type null to say nothing
 * @param budget tokens; 0 but with {@link Thinking#ENABLED}
 */
record ThinkingRule(@Nullable Thinking type, int budget) {
    /** The least that the API takes. */
    private static final int LEAST_BUDGET = 1_024;

    private static final ThinkingRule UNSAID = new ThinkingRule(null, 0);

    static ThinkingRule of(LlmRequest request, RequestConfig config) {
        return switch (config.thinking()) {
            case null -> UNSAID;
            case DISABLED -> new ThinkingRule(Thinking.DISABLED, 0);
            case ADAPTIVE -> isToolForced(request) ? UNSAID : new ThinkingRule(Thinking.ADAPTIVE, 0);
            case ENABLED -> {
                int budget = Math.min(config.thinkingBudget(), request.maxTokens() - 1);
                boolean fits = budget >= LEAST_BUDGET && !isToolForced(request) && !isTurnBegunWithout(request);
                yield fits ? new ThinkingRule(Thinking.ENABLED, budget) : UNSAID;
            }
        };
    }

    /** Whether the model thinks because we asked it to. */
    boolean thinks() {
        return type == Thinking.ADAPTIVE || type == Thinking.ENABLED;
    }

    private static boolean isToolForced(LlmRequest request) {
        return !request.tools().isEmpty()
                && switch (request.toolChoice()) {
                    case ToolChoice.Any() -> true;
                    case ToolChoice.Named _ -> true;
                    case ToolChoice.Auto() -> false;
                    case ToolChoice.None() -> false;
                };
    }

    /** Within a turn the API takes a budget only if each of the turn's answers that called a tool began with thinking. */
    private static boolean isTurnBegunWithout(LlmRequest request) {
        for (Message message : request.messages().reversed()) {
            boolean words = message.content().stream().anyMatch(Content.Text.class::isInstance);
            if (message.role() == Role.USER && words) {
                return false;
            }
            boolean calls = message.content().stream().anyMatch(Content.ToolUse.class::isInstance);
            if (message.role() == Role.ASSISTANT
                    && calls
                    && !isThought(message.content().getFirst())) {
                return true;
            }
        }
        return false;
    }

    private static boolean isThought(Content block) {
        return block instanceof Content.RedactedThinking
                || (block instanceof Content.Thinking(String _, String signature) && !signature.isEmpty());
    }
}
