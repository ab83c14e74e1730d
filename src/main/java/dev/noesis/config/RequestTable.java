package dev.noesis.config;

import org.apache.kafka.common.config.ConfigDef;
import org.jspecify.annotations.Nullable;

/** The keys of {@link RequestConfig}: the part of {@link ConfigTable} that says what each request to a model says. */
final class RequestTable {
    private final Definer key;

    private RequestTable(Definer key) {
        this.key = key;
    }

    /** Defines a key for both lanes, and for each alone. */
    interface Definer {
        void define(
                String suffix,
                ConfigDef.Type type,
                @Nullable Object preset,
                ConfigDef.@Nullable Validator legal,
                String sentence);
    }

    static void define(Definer key) {
        new RequestTable(key).keys();
    }

    private void keys() {
        key.define(
                Keys.THINKING,
                ConfigDef.Type.STRING,
                null,
                ConfigTable.oneOf(RequestConfig.Thinking.class),
                "Whether the model reasons first (Anthropic); where it is not set, nothing is said. Left out where a tool is"
                        + " forced, which the API does not take together.");
        key.define(
                Keys.THINKING_BUDGET,
                ConfigDef.Type.INT,
                16_384,
                RequestConfig.THINKING_BUDGET,
                "Most tokens of `llm.thinking=enabled`; less where an answer may not be as long.");
        word(Keys.EFFORT, "How hard the model tries, in the provider's words, such as `low` or `high`.");
        key.define(
                Keys.PARALLEL_TOOLS,
                ConfigDef.Type.BOOLEAN,
                true,
                null,
                "Whether the model may ask for several tools at once; where false, the provider is told that it may not.");
        key.define(
                Keys.STOP_SEQUENCES,
                ConfigDef.Type.LIST,
                "",
                null,
                "At which texts the model stops, with commas between.");
        key.define(
                Keys.OUTPUT_SCHEMA,
                ConfigDef.Type.STRING,
                null,
                Legal.FILE,
                "File of a JSON Schema that answers are to follow.");
        key.define(
                Keys.TEMPERATURE,
                ConfigDef.Type.STRING,
                null,
                Legal.TEMPERATURE,
                "Sampling, with `anthropic` up to 1; not sent where it is not set, nor with thinking, nor to a version that refuses it.");
        key.define(Keys.TOP_P, ConfigDef.Type.STRING, null, Legal.SHARE, "As `llm.temperature`.");
        key.define(Keys.TOP_K, ConfigDef.Type.INT, null, RequestConfig.TOP_K, "As `llm.temperature`.");
        key.define(
                Keys.CACHE,
                ConfigDef.Type.STRING,
                RequestConfig.Cache.FIVE_MINUTES.id(),
                ConfigTable.oneOf(RequestConfig.Cache.class),
                "How long Anthropic keeps what stands before the marks that are set behind tools, system prompt and last"
                        + " message; `off` sets none. Written tokens cost more, those read again a tenth.");
        key.define(
                Keys.CACHE_MIN_TOKENS,
                ConfigDef.Type.INT,
                1_024,
                RequestConfig.CACHE_MIN_TOKENS,
                "A mark is set behind no fewer tokens than these, by estimate; below their own limit providers ignore it.");
        word(Keys.SERVICE_TIER, "The provider's service tier, in its words.");
        word(Keys.USER_ID, "Names an end user, or this deployment, to the provider; no personal data.");
        key.define(Keys.BETA, ConfigDef.Type.LIST, "", null, "The header `anthropic-beta`: names with commas between.");
        key.define(
                Keys.MAX_TOKENS_FIELD,
                ConfigDef.Type.STRING,
                RequestConfig.MaxTokensField.MAX_COMPLETION_TOKENS.id(),
                ConfigTable.oneOf(RequestConfig.MaxTokensField.class),
                "What `openai` calls the limit of an answer; older servers know only `max_tokens`.");
        key.define(
                Keys.RETURN_REASONING,
                ConfigDef.Type.BOOLEAN,
                false,
                null,
                "Whether the model's `reasoning_content` goes back to it in later steps (`openai`); some servers ask for it,"
                        + " others refuse it.");
    }

    private void word(String suffix, String sentence) {
        key.define(suffix, ConfigDef.Type.STRING, null, Legal.NOT_BLANK, sentence);
    }
}
