package dev.noesis.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noesis.config.LlmConfig.Auth;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProviderConfigTest {
    /** What is said to the provider of the keys of both lanes, Anthropic, in its words. */
    private static final Map<String, String> WORDS_OF_THE_FIRST = Map.of(
            "llm.headers", "x-gateway-key: first",
            "llm.beta", "b",
            "llm.effort", "high",
            "llm.service.tier", "fast");

    @TempDir
    private Path dir;

    @Test
    void eachProviderHasItsAddressAndItsWayToSendTheKey() {
        LlmConfig anthropic = ConfigLoader.load(Map.of()).chat().llm();
        LlmConfig openai = ConfigLoader.load(Map.of("llm.provider", "openai", "llm.model", "m"))
                .chat()
                .llm();

        assertThat(anthropic.baseUrl()).isEqualTo(URI.create("https://api.anthropic.com"));
        assertThat(anthropic.auth()).isEqualTo(Auth.X_API_KEY);
        assertThat(anthropic.request()).isEqualTo(RequestConfig.of(RequestConfig.Provider.ANTHROPIC));
        assertThat(openai.baseUrl()).isEqualTo(URI.create("https://api.openai.com"));
        assertThat(openai.auth()).isEqualTo(Auth.BEARER);
        assertThat(openai.request()).isEqualTo(RequestConfig.of(RequestConfig.Provider.OPENAI));
    }

    @Test
    void aProviderWithoutAModelThatAllKnowWantsOne() {
        assertThatThrownBy(() -> ConfigLoader.load(Map.of("llm.provider", "openai")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("llm.model must be set");
    }

    @Test
    void aLaneOfAnotherProviderGetsNothingThatIsMeantForTheFirst() {
        NoesisConfig config = ConfigLoader.load(Map.of(
                "llm.base.url", "http://gateway",
                "llm.path", "/x",
                "llm.api.key", "first",
                "llm.auth", "x-api-key",
                "llm.model", "large",
                "llm.models", "a,b",
                "llm.max.tokens", "77",
                "heartbeat.llm.provider", "openai",
                "heartbeat.llm.model", "small"));
        LlmConfig beat = config.heartbeat().llm();

        assertThat(beat.baseUrl()).isEqualTo(URI.create("https://api.openai.com"));
        assertThat(beat.request().path()).isNull();
        assertThat(beat.apiKey()).isNull();
        assertThat(beat.auth()).isEqualTo(Auth.BEARER);
        assertThat(beat.allowedModels()).containsExactly("small");
        assertThat(beat.maxTokens()).isEqualTo(77);
        assertThat(config.chat().llm().apiKey()).isEqualTo(new Secret("first"));
        assertThat(config.chat().llm().models()).isEqualTo(List.of("a", "b"));
    }

    @Test
    void norDoesItGetTheFirstOnesHeadersAndWords() {
        NoesisConfig config = ConfigLoader.load(
                with(WORDS_OF_THE_FIRST, Map.of("heartbeat.llm.provider", "openai", "heartbeat.llm.model", "small")));
        LlmConfig beat = config.heartbeat().llm();

        assertThat(beat.transport().headers()).isEmpty();
        assertThat(beat.request()).isEqualTo(RequestConfig.of(RequestConfig.Provider.OPENAI));
        assertThat(config.chat().llm().transport().headers()).containsEntry("x-gateway-key", new Secret("first"));
        assertThat(config.chat().llm().request().betas()).containsExactly("b");
    }

    @Test
    void aLaneThatNamesTheSameProviderGetsThem() {
        LlmConfig beat = ConfigLoader.load(with(WORDS_OF_THE_FIRST, Map.of("heartbeat.llm.provider", "anthropic")))
                .heartbeat()
                .llm();

        assertThat(beat.transport().headers()).containsKey("x-gateway-key");
        assertThat(beat.request().betas()).containsExactly("b");
        assertThat(beat.request().effort()).isEqualTo("high");
        assertThat(beat.request().serviceTier()).isEqualTo("fast");
    }

    @Test
    void itsOwnHeadersAndWordsAreItsOwnAndGoToItsFallback() {
        NoesisConfig config = ConfigLoader.load(with(
                WORDS_OF_THE_FIRST,
                Map.of(
                        "heartbeat.llm.provider", "openai",
                        "heartbeat.llm.model", "small",
                        "heartbeat.llm.headers", "x-team: harbour",
                        "heartbeat.llm.service.tier", "flex",
                        "heartbeat.llm.fallbacks", "spare",
                        "llm.fallback.spare.model", "tiny")));

        assertThat(config.heartbeat().targets()).hasSize(2).allSatisfy(target -> {
            assertThat(target.llm().transport().headers()).isEqualTo(Map.of("x-team", new Secret("harbour")));
            assertThat(target.llm().request().serviceTier()).isEqualTo("flex");
            assertThat(target.llm().request().effort()).isNull();
        });
    }

    @Test
    void aFallbackTakesNothingFromBeyondALaneOfAnotherProvider() {
        NoesisConfig config = ConfigLoader.load(with(
                WORDS_OF_THE_FIRST,
                Map.of(
                        "heartbeat.llm.provider", "openai",
                        "heartbeat.llm.model", "small",
                        "heartbeat.llm.fallbacks", "spare",
                        "llm.fallback.spare.provider", "anthropic",
                        "llm.fallback.spare.model", "tiny")));
        LlmConfig spare = config.heartbeat().targets().getLast().llm();

        assertThat(spare.transport().headers()).isEmpty();
        assertThat(spare.request()).isEqualTo(RequestConfig.of(RequestConfig.Provider.ANTHROPIC));
    }

    @Test
    void eachProvidersVariableGivesTheKeyToItsOwnLanesOnly() {
        Map<String, String> variables = Map.of("ANTHROPIC_API_KEY", "theirs", "OPENAI_API_KEY", "others");

        assertThat(key(variables, "llm.provider=anthropic")).isEqualTo("theirs,theirs");
        assertThat(key(variables, "llm.provider=openai", "llm.model=m")).isEqualTo("others,others");
        assertThat(key(variables, "heartbeat.llm.provider=openai", "heartbeat.llm.model=m"))
                .isEqualTo("theirs,others");
        assertThat(key(Map.of("ANTHROPIC_API_KEY", "theirs"), "llm.provider=openai", "llm.model=m"))
                .isEqualTo("none,none");
        assertThat(key(Map.of("ANTHROPIC_API_KEY", "theirs"), "heartbeat.llm.provider=openai", "heartbeat.llm.model=m"))
                .isEqualTo("theirs,none");
    }

    @Test
    void aSchemaThatIsNoJsonObjectIsRefused() throws IOException {
        Path file = Files.writeString(dir.resolve("schema"), "[]");

        assertThatThrownBy(() -> ConfigLoader.load(Map.of("llm.output.schema", file.toString())))
                .hasMessageContaining("llm.output.schema")
                .hasMessageContaining("holds no JSON object");
    }

    @Test
    void illegalValuesNameTheirKey() {
        for (Map.Entry<String, String> illegal : Map.of(
                        "llm.provider", "other",
                        "llm.temperature", "2.5",
                        "llm.top.p", "x",
                        "llm.top.k", "0",
                        "llm.thinking", "yes",
                        "llm.thinking.budget.tokens", "1000",
                        "llm.cache", "2h",
                        "llm.path", "v1",
                        "llm.beta", "a b",
                        "llm.max.tokens.field", "tokens")
                .entrySet()) {
            assertThatThrownBy(() -> ConfigLoader.load(Map.of(illegal.getKey(), illegal.getValue())))
                    .as(illegal.getKey())
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining(illegal.getKey());
        }
    }

    private static Map<String, String> with(Map<String, String> settings, Map<String, String> more) {
        Map<String, String> all = new HashMap<>(settings);
        all.putAll(more);
        return all;
    }

    private static String key(Map<String, String> environment, String... overrides) {
        NoesisConfig config = ConfigLoader.load(new ConfigSources(null, environment, List.of(overrides)));
        return reveal(config.chat().llm()) + "," + reveal(config.heartbeat().llm());
    }

    private static String reveal(LlmConfig llm) {
        Secret key = llm.apiKey();
        return key == null ? "none" : key.reveal();
    }
}
