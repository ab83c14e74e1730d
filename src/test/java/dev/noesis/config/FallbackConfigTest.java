package dev.noesis.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import dev.noesis.config.LlmConfig.Auth;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FallbackConfigTest {
    /** All that is about one server, of a lane whose server it is. */
    private static final Map<String, String> LANE = Map.of(
            "llm.base.url", "http://gateway",
            "llm.path", "/x",
            "llm.api.key", "secret",
            "llm.auth", "bearer",
            "llm.headers", "x-team: secret",
            "llm.proxy", "proxy:3128",
            "llm.beta", "b",
            "llm.effort", "high",
            "llm.service.tier", "fast",
            "llm.idle.timeout.ms", "777");

    @Test
    void aLaneHasNoneUnlessOneIsNamed() {
        LaneConfig chat = ConfigLoader.load(Map.of()).chat();

        assertThat(chat.targets()).containsExactly(new LlmTarget("primary", chat.llm()));
    }

    @Test
    void theyAreAskedInTheOrderInWhichTheyAreNamed() {
        NoesisConfig config = ConfigLoader.load(Map.of(
                "llm.model", "large",
                "llm.fallbacks", "spare, local",
                "llm.fallback.local.model", "tiny",
                "llm.fallback.spare.model", "small",
                "heartbeat.llm.fallbacks", "local"));

        assertThat(config.chat().targets())
                .extracting(LlmTarget::name, target -> target.llm().model())
                .containsExactly(tuple("primary", "large"), tuple("spare", "small"), tuple("local", "tiny"));
        assertThat(config.heartbeat().targets()).extracting(LlmTarget::name).containsExactly("primary", "local");
    }

    @Test
    void aLaneMayHaveNoneOfThoseOfBoth() {
        NoesisConfig config = ConfigLoader.load(
                Map.of("llm.fallbacks", "spare", "llm.fallback.spare.model", "small", "heartbeat.llm.fallbacks", ""));

        assertThat(config.chat().targets()).hasSize(2);
        assertThat(config.heartbeat().targets()).hasSize(1);
    }

    @Test
    void anotherModelOfTheSameServerTakesAllElseFromItsLane() {
        LlmConfig spare = spare(Map.of("llm.max.tokens", "500", "llm.models", "a,b"));

        assertThat(spare.model()).isEqualTo("small");
        assertThat(spare.models()).isEmpty();
        assertThat(spare.baseUrl()).isEqualTo(URI.create("http://gateway"));
        assertThat(spare.apiKey()).isEqualTo(new Secret("secret"));
        assertThat(spare.auth()).isEqualTo(Auth.BEARER);
        assertThat(spare.request().path()).isEqualTo("/x");
        assertThat(spare.request().effort()).isEqualTo("high");
        assertThat(spare.transport().headers()).containsKey("x-team");
        assertThat(spare.transport().proxy()).isNotNull();
        assertThat(spare.idleTimeout()).isEqualTo(Duration.ofMillis(777));
        assertThat(spare.maxTokens()).as("no limit of its own").isEqualTo(1_000_000);
    }

    @ParameterizedTest
    @CsvSource({
        "llm.fallback.spare.provider, openai, https://api.openai.com, OPENAI, BEARER",
        "llm.fallback.spare.base.url, http://other, http://other, ANTHROPIC, X_API_KEY"
    })
    void oneOfAnotherServerTakesNothingThatIsMeantForItsLanes(
            String key, String value, URI baseUrl, RequestConfig.Provider provider, Auth auth) {
        LlmConfig spare = spare(Map.of(key, value, "llm.fallback.spare.max.tokens", "99"));

        assertThat(spare.baseUrl()).isEqualTo(baseUrl);
        assertThat(spare.request().provider()).isEqualTo(provider);
        assertThat(spare.auth()).isEqualTo(auth);
        assertThat(spare.apiKey()).isNull();
        assertThat(spare.transport().headers()).isEmpty();
        assertThat(spare.transport().proxy()).isNull();
        assertThat(spare.request().path()).isNull();
        assertThat(spare.request().betas()).isEmpty();
        assertThat(spare.request().effort()).isNull();
        assertThat(spare.request().serviceTier()).isNull();
        assertThat(spare.idleTimeout()).isEqualTo(Duration.ofMillis(777));
        assertThat(spare.maxTokens()).isEqualTo(99);
    }

    @Test
    void itsOwnKeyIsItsOwn() {
        LlmConfig spare =
                spare(Map.of("llm.fallback.spare.base.url", "http://other", "llm.fallback.spare.api.key", "its own"));

        assertThat(spare.apiKey()).isEqualTo(new Secret("its own"));
    }

    @Test
    void aProvidersVariableGoesToThatProvidersOwnAddressOnly() {
        Map<String, String> variables = Map.of("ANTHROPIC_API_KEY", "theirs", "OPENAI_API_KEY", "others");
        List<String> named = List.of("llm.fallbacks=spare", "llm.fallback.spare.model=m");

        assertThat(keyOfSpare(variables, named)).as("the lane's").isEqualTo("theirs");
        assertThat(keyOfSpare(variables, with(named, "llm.fallback.spare.provider=openai")))
                .isEqualTo("others");
        assertThat(keyOfSpare(
                        variables,
                        with(
                                named,
                                "llm.fallback.spare.provider=openai",
                                "llm.fallback.spare.base.url=http://localhost:11434")))
                .isEqualTo("none");
        assertThat(keyOfSpare(variables, with(named, "llm.fallback.spare.base.url=http://localhost:8080")))
                .isEqualTo("none");
        assertThat(keyOfSpare(Map.of("ANTHROPIC_API_KEY", "theirs"), with(named, "llm.fallback.spare.provider=openai")))
                .isEqualTo("none");
    }

    @Test
    void itIsDescribedByVariablesAsByKeys() {
        Map<String, String> variables = Map.of(
                "NOESIS_LLM_FALLBACKS", "spare",
                "NOESIS_LLM_FALLBACK_SPARE_MODEL", "small",
                "NOESIS_LLM_FALLBACK_SPARE_API_KEY", "k");

        assertThat(keyOfSpare(variables, List.of())).isEqualTo("k");
    }

    @Test
    void eachWantsAModel() {
        assertThatThrownBy(() -> ConfigLoader.load(Map.of("llm.fallbacks", "spare")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("llm.fallback.spare.model must be set: llm.fallbacks names spare");
    }

    @Test
    void oneThatIsDescribedAndNotNamedIsRefused() {
        assertThatThrownBy(() -> ConfigLoader.load(Map.of(
                        "llm.fallbacks", "spare", "llm.fallback.spare.model", "m", "llm.fallback.other.model", "m")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("llm.fallback.other.model (program) describes a fallback that llm.fallbacks does not name");
        assertThatThrownBy(() -> ConfigLoader.load(
                        new ConfigSources(null, Map.of("NOESIS_LLM_FALLBACK_OTHER_MODEL", "m"), List.of())))
                .hasMessageContaining("NOESIS_LLM_FALLBACK_OTHER_MODEL describes a fallback");
    }

    @ParameterizedTest
    @ValueSource(strings = {"llm.fallback.spare.modle", "llm.fallback.spare.models", "llm.fallback.spare.fallbacks"})
    void aKeyThatNoFallbackHasIsRefused(String key) {
        assertThatThrownBy(() ->
                        ConfigLoader.load(Map.of("llm.fallbacks", "spare", "llm.fallback.spare.model", "m", key, "x")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(key + " (program) is not a key");
    }

    @ParameterizedTest
    @ValueSource(strings = {"primary", "a,a", "a,,b", "A", "1a", "a-b", "a.b", "a_b"})
    void namesThatCannotBeToldApartOrWrittenAreRefused(String names) {
        assertThatThrownBy(() -> ConfigLoader.load(Map.of("llm.fallbacks", names)))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("llm.fallbacks (program) is '" + names + "', and must be nothing, or names");
    }

    @Test
    void whatIsWrongWithOneNamesIt() {
        assertThatThrownBy(() -> spare(Map.of("llm.fallback.spare.connections", "0")))
                .hasMessageContaining("llm.fallback.spare.connections");
        assertThatThrownBy(() -> spare(Map.of("llm.fallback.spare.temperature", "1.5")))
                .hasMessageContaining("of the fallback spare: llm.temperature must be");
        assertThatThrownBy(() ->
                        spare(Map.of("llm.fallback.spare.connections", "1", "llm.fallback.spare.max.waiters", "1")))
                .hasMessageContaining("llm.fallback.spare.connections (1)");
        assertThatThrownBy(() -> ConfigLoader.load(new ConfigSources(
                        null,
                        Map.of(),
                        List.of("llm.fallbacks=spare", "llm.fallback.spare.model=m", "llm.fallback.spare.api.key=k"))))
                .hasMessageContaining("llm.fallback.spare.api.key is a secret");
    }

    // ---- who borrows

    @Test
    void whoBorrowsAsksForWhatTheLendersServerHas() {
        NoesisConfig config = ConfigLoader.load(Map.of(
                        "llm.fallbacks", "spare",
                        "llm.fallback.spare.model", "small",
                        "chat.llm.model", "large",
                        "heartbeat.llm.provider", "openai",
                        "heartbeat.llm.model", "local",
                        "heartbeat.llm.fallbacks", "",
                        "heartbeat.llm.isolation", "preferred"))
                .withBorrowedClients();

        assertThat(config.heartbeat().llm().model()).isEqualTo("large");
        assertThat(config.heartbeat().targets().get(1))
                .isEqualTo(config.chat().targets().get(1));
        assertThat(config.heartbeat().maxInFlight()).isEqualTo(16);
    }

    @Test
    void whoBorrowsFromItsOwnServerGoesOnAskingForItsOwnModel() {
        NoesisConfig config = ConfigLoader.load(Map.of(
                        "llm.model", "large",
                        "heartbeat.llm.model", "small",
                        "heartbeat.llm.max.tokens", "7",
                        "heartbeat.llm.isolation", "preferred"))
                .withBorrowedClients();

        assertThat(config.heartbeat().llm().model()).isEqualTo("small");
        assertThat(config.heartbeat().llm().maxTokens()).isEqualTo(7);
    }

    @Test
    void withASharedClientWhatIsNotSetIsTheChatLanes() {
        Map<String, String> settings = Map.of(
                "chat.llm.provider", "openai",
                "chat.llm.base.url", "http://local",
                "chat.llm.model", "large",
                "heartbeat.llm.isolation", "shared");

        assertThat(borrowing(settings).model()).isEqualTo("large");
        assertThat(borrowing(settings).request().provider()).isEqualTo(RequestConfig.Provider.OPENAI);

        Map<String, String> withOwn = new HashMap<>(settings);
        withOwn.put("heartbeat.llm.model", "small");
        assertThat(borrowing(withOwn).model()).isEqualTo("small");
    }

    @Test
    void fallbacksOfAClientThatIsNotMadeAreRefused() {
        assertThatThrownBy(() -> ConfigLoader.load(
                        Map.of("heartbeat.llm.isolation", "shared", "heartbeat.llm.fallbacks", "spare")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("heartbeat.llm.fallbacks (program) would do nothing");
    }

    private static LlmConfig borrowing(Map<String, String> settings) {
        return ConfigLoader.load(settings).withBorrowedClients().heartbeat().llm();
    }

    /** The fallback of {@link #LANE}. */
    private static LlmConfig spare(Map<String, String> more) {
        Map<String, String> settings = new HashMap<>(LANE);
        settings.put("llm.fallbacks", "spare");
        settings.put("llm.fallback.spare.model", "small");
        settings.putAll(more);
        return ConfigLoader.load(settings).chat().targets().getLast().llm();
    }

    private static String keyOfSpare(Map<String, String> environment, List<String> overrides) {
        LlmTarget spare = ConfigLoader.load(new ConfigSources(null, environment, overrides))
                .chat()
                .targets()
                .getLast();
        assertThat(spare.name()).isEqualTo("spare");
        Secret key = spare.llm().apiKey();
        return key == null ? "none" : key.reveal();
    }

    private static List<String> with(List<String> some, String... more) {
        return Stream.concat(some.stream(), Stream.of(more)).toList();
    }
}
