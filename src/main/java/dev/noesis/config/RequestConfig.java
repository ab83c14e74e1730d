package dev.noesis.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a lane's model client says in each request beside the conversation, and in whose words.
 *
 * @param path instead of the provider's own; null for that
 * @param betas the {@code anthropic-beta} header's values
 * @param parallelTools whether the model may ask for several tools at once
 * @param stopSequences at which the model stops
 * @param thinking null to leave it to the provider
 * @param thinkingBudget most tokens of {@link Thinking#ENABLED}
 * @param effort the provider's word for how hard the model tries; null to leave it to the provider
 * @param outputSchema a JSON Schema as JSON text, which answers are to follow; null for none
 * @param serviceTier the provider's word; null to leave it to the provider
 * @param userId names the end user, or the deployment, to the provider; null to name none
 * @param temperature null to leave it to the provider, as for the next two
 * @param cache how long the provider keeps the marked beginnings of a prompt
 * @param cacheMinTokens the shortest beginning that is marked, by estimate: four characters a token
 * @param maxTokensField which of two names the limit of an answer has; OpenAI only
 * @param returnReasoning whether {@code reasoning_content} goes back to the model; OpenAI only
 */
public record RequestConfig(
        Provider provider,
        @Nullable String path,
        List<String> betas,
        boolean parallelTools,
        List<String> stopSequences,
        @Nullable Thinking thinking,
        int thinkingBudget,
        @Nullable String effort,
        @Nullable String outputSchema,
        @Nullable String serviceTier,
        @Nullable String userId,
        @Nullable Double temperature,
        @Nullable Double topP,
        @Nullable Integer topK,
        Cache cache,
        int cacheMinTokens,
        MaxTokensField maxTokensField,
        boolean returnReasoning) {

    /** Whose wire format is spoken. */
    public enum Provider implements Named {
        /** The Anthropic Messages API. */
        ANTHROPIC("anthropic", "https://api.anthropic.com", "ANTHROPIC_API_KEY", LlmConfig.Auth.X_API_KEY),
        /** OpenAI's chat completions, which vLLM, Ollama, llama.cpp and most gateways speak as well. */
        OPENAI("openai", "https://api.openai.com", "OPENAI_API_KEY", LlmConfig.Auth.BEARER);

        private final String id;
        private final String baseUrl;
        private final String keyVariable;
        private final LlmConfig.Auth auth;

        Provider(String id, String baseUrl, String keyVariable, LlmConfig.Auth auth) {
            this.id = id;
            this.baseUrl = baseUrl;
            this.keyVariable = keyVariable;
            this.auth = auth;
        }

        @Override
        public String id() {
            return id;
        }

        /** The provider's own address. */
        public String baseUrl() {
            return baseUrl;
        }

        /** The environment variable in which users of the provider keep their key. */
        public String keyVariable() {
            return keyVariable;
        }

        /** How the provider wants the key. */
        public LlmConfig.Auth auth() {
            return auth;
        }
    }

    /** Whether the model reasons before it answers. */
    public enum Thinking implements Named {
        /** As much as the model finds fit. */
        ADAPTIVE("adaptive"),
        /** Up to a budget. */
        ENABLED("enabled"),
        DISABLED("disabled");

        private final String id;

        Thinking(String id) {
            this.id = id;
        }

        @Override
        public String id() {
            return id;
        }
    }

    /** Whether and how long the provider keeps beginnings of prompts. */
    public enum Cache implements Named {
        OFF("off"),
        FIVE_MINUTES("5m"),
        ONE_HOUR("1h");

        private final String id;

        Cache(String id) {
            this.id = id;
        }

        @Override
        public String id() {
            return id;
        }
    }

    /** What the limit of an answer is called. */
    public enum MaxTokensField implements Named {
        MAX_COMPLETION_TOKENS("max_completion_tokens"),
        /** The older name, the only one that some servers know. */
        MAX_TOKENS("max_tokens");

        private final String id;

        MaxTokensField(String id) {
            this.id = id;
        }

        @Override
        public String id() {
            return id;
        }
    }

    static final Range THINKING_BUDGET = new Range(1_024, 1_000_000);
    static final Range TOP_K = new Range(1, 1_000_000);
    static final Range CACHE_MIN_TOKENS = new Range(0, 1_000_000);

    /** @throws IllegalArgumentException that names the first key whose value is not legal, and what is */
    public RequestConfig {
        if (path != null) {
            Legal.PATH.check(Keys.llm(Keys.PATH), path);
        }
        betas = List.copyOf(betas);
        betas.forEach(beta -> Legal.TOKEN.check(Keys.llm(Keys.BETA), beta));
        stopSequences = List.copyOf(stopSequences);
        stopSequences.forEach(stop -> Legal.NOT_BLANK.check(Keys.llm(Keys.STOP_SEQUENCES), stop));
        THINKING_BUDGET.check(Keys.llm(Keys.THINKING_BUDGET), thinkingBudget);
        if (provider == Provider.ANTHROPIC && temperature != null && temperature > 1) {
            throw new IllegalArgumentException(
                    Keys.llm(Keys.TEMPERATURE) + " must be a number from 0 to 1 with " + provider.id());
        }
        if (topK != null) {
            TOP_K.check(Keys.llm(Keys.TOP_K), topK);
        }
        CACHE_MIN_TOKENS.check(Keys.llm(Keys.CACHE_MIN_TOKENS), cacheMinTokens);
    }

    /** What the defaults of the configuration say, for that provider. */
    public static RequestConfig of(Provider provider) {
        return new RequestConfig(
                provider,
                null,
                List.of(),
                true,
                List.of(),
                null,
                16_384,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                Cache.FIVE_MINUTES,
                1_024,
                MaxTokensField.MAX_COMPLETION_TOKENS,
                false);
    }
}
