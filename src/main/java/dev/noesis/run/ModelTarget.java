package dev.noesis.run;

import dev.noesis.config.LlmTarget;
import dev.noesis.config.RequestConfig;
import dev.noesis.llm.LlmClient;
import dev.noesis.llm.LlmRequest;
import org.jspecify.annotations.Nullable;

/**
 * A model that a lane may ask, and the client that reaches it.
 *
 * @param name {@link LlmTarget#PRIMARY}, or a fallback's
 * @param provider whose wire format the client speaks
 * @param model what is asked for, whatever the request names; null on the lane's own
 * @param maxTokens the longest answer it is asked for
 */
public record ModelTarget(
        String name,
        RequestConfig.Provider provider,
        @Nullable String model,
        int maxTokens,
        LlmClient client) {

    public static ModelTarget of(LlmTarget target, LlmClient client) {
        RequestConfig.Provider provider = target.llm().request().provider();
        return target.isPrimary()
                ? primary(provider, client)
                : new ModelTarget(
                        target.name(),
                        provider,
                        target.llm().model(),
                        target.llm().maxTokens(),
                        client);
    }

    /** A lane's own model: it is asked for what the request says. */
    public static ModelTarget primary(RequestConfig.Provider provider, LlmClient client) {
        return new ModelTarget(LlmTarget.PRIMARY, provider, null, Integer.MAX_VALUE, client);
    }

    /** What it is asked instead of the lane's own model. */
    LlmRequest asked(LlmRequest ofPrimary) {
        return model == null ? ofPrimary : ofPrimary.to(model, Math.min(maxTokens, ofPrimary.maxTokens()));
    }
}
