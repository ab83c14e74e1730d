package dev.noesis.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noesis.model.Lane;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigLoaderTest {
    private static final String SECRET = "s3cr3t-that-must-not-show";

    @TempDir
    Path dir;

    @Test
    void everyKeyHasADefaultThatMakesAConfiguration() {
        NoesisConfig config = ConfigLoader.load(Map.of());

        assertThat(config.kafka()).containsExactly(Map.entry("bootstrap.servers", "localhost:9092"));
        assertThat(config.lanes()).containsExactlyInAnyOrder(Lane.CHAT, Lane.HEARTBEAT);
        assertThat(config.run().maxSteps()).isEqualTo(10);
        assertThat(config.run().deadline()).isEqualTo(Duration.ofMinutes(10));
        assertThat(config.run().remember()).isEqualTo(Duration.ofDays(7));
        assertThat(config.run().systemPrompt()).isEqualTo(RunConfig.DEFAULT_SYSTEM_PROMPT);
        assertThat(config.chat().maxInFlight()).isEqualTo(256);
        assertThat(config.heartbeat().maxInFlight()).isEqualTo(16);
        assertThat(config.chat().llm().apiKey()).isNull();
        assertThat(config.chat().llm().callTimeout()).isNull();
        assertThat(config.beat().isolation()).isEqualTo(HeartbeatConfig.Isolation.DEDICATED);
    }

    @Test
    void connectionsAreAsManyAsTheLanesCallsWhereNothingIsSaid() {
        NoesisConfig config = ConfigLoader.load(Map.of("chat.max.in.flight", "7"));

        assertThat(config.chat().llm().connections()).isEqualTo(7);
        assertThat(config.heartbeat().llm().connections()).isEqualTo(16);
    }

    @Test
    void theFileStandsOverTheDefault() throws IOException {
        assertThat(steps(file("run.max.steps=2"), Map.of(), List.of())).isEqualTo(2);
    }

    @Test
    void theEnvironmentStandsOverTheFile() throws IOException {
        assertThat(steps(file("run.max.steps=2"), Map.of("NOESIS_RUN_MAX_STEPS", "3"), List.of()))
                .isEqualTo(3);
    }

    @Test
    void theCommandLineStandsOverAll() throws IOException {
        assertThat(steps(
                        file("run.max.steps=2"),
                        Map.of("NOESIS_RUN_MAX_STEPS", "3"),
                        List.of("run.max.steps=4", "run.max.steps=5")))
                .isEqualTo(5);
    }

    @Test
    void anEmptyVariableIsNoSetting() throws IOException {
        assertThat(steps(file("run.max.steps=2"), Map.of("NOESIS_RUN_MAX_STEPS", ""), List.of()))
                .isEqualTo(2);
    }

    @Test
    void aLanesOwnKeyStandsOverThatOfBoth() {
        NoesisConfig config = ConfigLoader.load(
                Map.of("llm.model", "large", "heartbeat.llm.model", "small", "llm.base.url", "http://gateway:8080/x"));

        assertThat(config.chat().llm().model()).isEqualTo("large");
        assertThat(config.heartbeat().llm().model()).isEqualTo("small");
        assertThat(config.heartbeat().llm().baseUrl()).hasToString("http://gateway:8080/x");
    }

    @Test
    void kafkaPropertiesPassThrough() {
        NoesisConfig config = ConfigLoader.load(new ConfigSources(
                null,
                Map.of("NOESIS_KAFKA_SECURITY_PROTOCOL", "SASL_SSL", "NOESIS_BOOTSTRAP_SERVERS", "a:1,b:2"),
                List.of("kafka.producer.linger.ms=5")));

        assertThat(config.kafka())
                .containsOnly(
                        Map.entry("bootstrap.servers", "a:1,b:2"),
                        Map.entry("security.protocol", "SASL_SSL"),
                        Map.entry("producer.linger.ms", "5"));
        assertThat(KafkaProperties.forProducer(config.kafka()))
                .containsEntry("linger.ms", "5")
                .containsEntry("security.protocol", "SASL_SSL");
        assertThat(KafkaProperties.forConsumer(config.kafka())).doesNotContainKeys("linger.ms", "producer.linger.ms");
    }

    @Test
    void anUnknownKeyIsNamedWithItsSourceAndTheNearest() throws IOException {
        Path file = file("chat.max.in.fligth=3");

        assertThatThrownBy(() -> load(file, Map.of(), List.of()))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("chat.max.in.fligth (file " + file + ") is not a key; did you mean chat.max.in.flight?");
    }

    @Test
    void anUnknownVariableIsNamedWithTheNearest() {
        assertProblem(
                () -> load(null, Map.of("NOESIS_LLM_BASEURL", "http://x"), List.of()),
                "the environment variable NOESIS_LLM_BASEURL names no key; did you mean NOESIS_LLM_BASE_URL?");
    }

    @Test
    void aKeyLikeNoOtherIsReferredToTheReference() {
        assertProblem(
                () -> load(null, Map.of(), List.of("colour=red")),
                "colour (--set) is not a key; `noesis config` lists the keys");
    }

    @ParameterizedTest
    @CsvSource({
        "NOESIS_HOME, /opt/noesis",
        "NOESIS_LOG_LEVEL, INFO",
        "NOESIS_SERVICE_HOST, 10.0.0.1",
        "NOESIS_SERVICE_PORT_HTTP, 8081",
        "NOESIS_PORT, tcp://10.0.0.1:8081",
        "NOESIS_HTTP_PORT, tcp://10.0.0.1:8081",
        "NOESIS_PORT_8080_TCP_ADDR, 10.0.0.1",
        "NOESIS_KAFKA_SERVICE_HOST, 10.0.0.1",
        "OTHER, x"
    })
    void variablesOfTheStartScriptAndOfKubernetesAreNoKeys(String variable, String value) {
        assertThat(load(null, Map.of(variable, value), List.of())).isEqualTo(ConfigLoader.load(Map.of()));
    }

    @Test
    void aPortThatIsNoUrlIsOfNoServiceAndSoAKey() {
        assertProblem(
                () -> load(null, Map.of("NOESIS_METRICS_PORT", "8081"), List.of()),
                "the environment variable NOESIS_METRICS_PORT names no key; `noesis config` lists the keys");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    chat.max.in.flight=0         | chat.max.in.flight (--set) is '0', and must be 1 to 100000
                    chat.max.queued=0            | chat.max.queued (--set) is '0', and must be 1 to 10000000
                    chat.max.queued.per.agent=0  | chat.max.queued.per.agent (--set) is '0', and must be 1 to 10000000
                    chat.max.in.flight=many      | chat.max.in.flight (--set) is 'many', and must be 1 to 100000
                    llm.max.tokens=99999999999   | llm.max.tokens (--set) is '99999999999', and must be 1 to 1000000
                    heartbeat.llm.event.loops=-1 | heartbeat.llm.event.loops (--set) is '-1', and must be 1 to 256
                    llm.auth=basic               | llm.auth (--set) is 'basic', and must be x-api-key or bearer
                    lanes=chat,dream             | lanes (--set) is 'chat,dream', and must be one or more of chat, heartbeat
                    lanes=                       | lanes (--set) is '', and must be one or more of chat, heartbeat
                    bootstrap.servers=here       | bootstrap.servers (--set) is 'here', and must be host:port, one or more, with commas between
                    deployment=a/b               | deployment (--set) is 'a/b', and must be nothing, or 1 to 64 letters, digits, '.', '_' or '-', the first a letter or digit
                    llm.base.url=ftp://x         | llm.base.url (--set) must be an http or https URL without user, query or fragment
                    """)
    void anIllegalValueIsNamedWithItsSourceAndWhatIsLegal(String override, String message) {
        assertProblem(() -> load(null, Map.of(), List.of(override)), message);
    }

    @Test
    void allProblemsAreToldAtOnce() {
        assertThatThrownBy(() -> load(null, Map.of("NOESIS_DRAIN_MS", "soon"), List.of("lane=chat", "run.max.steps=0")))
                .isInstanceOfSatisfying(
                        ConfigurationException.class,
                        e -> assertThat(e.problems())
                                .containsExactlyInAnyOrder(
                                        "lane (--set) is not a key; did you mean lanes?",
                                        "drain.ms (environment variable NOESIS_DRAIN_MS) is 'soon', and must be 0 to 3600000",
                                        "run.max.steps (--set) is '0', and must be 1 to 1000"));
    }

    @Test
    void callsThatNoConnectionAndNoPlaceInTheQueueIsForAreRefused() {
        assertThatThrownBy(() -> ConfigLoader.load(
                        Map.of("chat.llm.connections", "5", "llm.max.waiters", "0", "chat.max.in.flight", "256")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContainingAll(
                        "chat.max.in.flight is 256", "chat.llm.connections (5)", "chat.llm.max.waiters (0)");
    }

    @Test
    void aBorrowedClientTakesNoSettingsAndNeedsItsOwner() {
        assertThatThrownBy(() -> ConfigLoader.load(
                        Map.of("heartbeat.llm.isolation", "shared", "heartbeat.llm.idle.timeout.ms", "5")))
                .hasMessageContaining("heartbeat.llm.idle.timeout.ms (program) would do nothing");
        assertThatThrownBy(() -> ConfigLoader.load(Map.of("heartbeat.llm.isolation", "shared", "lanes", "heartbeat")))
                .hasMessageContaining("lanes must name both");
        assertThat(ConfigLoader.load(Map.of("heartbeat.llm.isolation", "shared", "heartbeat.llm.model", "small"))
                        .heartbeat()
                        .llm()
                        .model())
                .isEqualTo("small");
    }

    @Test
    void theSystemPromptIsTheFilesText() throws IOException {
        Path prompt = Files.writeString(dir.resolve("prompt.txt"), "You are Ada.");

        assertThat(ConfigLoader.load(Map.of("prompt.system", prompt.toString()))
                        .run()
                        .systemPrompt())
                .isEqualTo("You are Ada.");
    }

    @Test
    void filesThatAreNotThereAreNamedWithTheirKey() {
        assertThatThrownBy(() -> ConfigLoader.load(Map.of(
                        "prompt.system", "no/prompt", "llm.api.key.file", "no/key", "llm.trust.store", "no/pem")))
                .isInstanceOfSatisfying(
                        ConfigurationException.class,
                        e -> assertThat(e.problems())
                                .containsExactly(
                                        "prompt.system (program) names the file no/prompt, which cannot be read as UTF-8",
                                        "llm.api.key.file (program) names the file no/key, which cannot be read as UTF-8",
                                        "llm.trust.store (program) names the file no/pem, which cannot be read"));
        assertProblem(
                () -> load(dir.resolve("none.properties"), Map.of(), List.of()),
                "the configuration file " + dir.resolve("none.properties") + " does not exist");
    }

    @Test
    void aKeyComesFromTheEnvironmentOrAFileOrTheProvidersOwnVariable() throws IOException {
        Path key = Files.writeString(dir.resolve("key"), "in-file\n");

        assertThat(chatKey(null, Map.of("NOESIS_LLM_API_KEY", "own", "ANTHROPIC_API_KEY", "theirs")))
                .isEqualTo("own");
        assertThat(chatKey(null, Map.of("ANTHROPIC_API_KEY", "theirs"))).isEqualTo("theirs");
        assertThat(chatKey(file("llm.api.key.file=" + key), Map.of("ANTHROPIC_API_KEY", "theirs")))
                .isEqualTo("in-file");
        assertThat(chatKey(file("llm.api.key.file=" + key), Map.of("NOESIS_LLM_API_KEY", "own")))
                .isEqualTo("own");
        assertThat(chatKey(file("llm.api.key=own"), Map.of("NOESIS_LLM_API_KEY_FILE", key.toString())))
                .isEqualTo("in-file");
        assertThat(chatKey(file("llm.api.key=both"), Map.of("NOESIS_CHAT_LLM_API_KEY_FILE", key.toString())))
                .isEqualTo("in-file");
    }

    @Test
    void aKeyAndItsFileFromOneSourceContradictEachOther() {
        assertProblem(
                () -> ConfigLoader.load(Map.of("llm.api.key", SECRET, "llm.api.key.file", "key")),
                "llm.api.key and llm.api.key.file are both set (program); one of them is enough");
    }

    @Test
    void secretsAreRefusedOnTheCommandLine() {
        for (String key :
                List.of("llm.api.key", "heartbeat.llm.api.key", "kafka.sasl.jaas.config", "kafka.ssl.key.password")) {
            assertThatThrownBy(() -> load(null, Map.of(), List.of(key + "=" + SECRET)))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining(key + " is a secret")
                    .hasMessageNotContaining(SECRET);
        }
    }

    @Test
    void noSecretIsEverShown() throws IOException {
        NoesisConfig config = load(
                file("kafka.sasl.jaas.config=" + SECRET),
                Map.of("NOESIS_LLM_API_KEY", SECRET, "NOESIS_HEARTBEAT_LLM_API_KEY", SECRET),
                List.of());
        assertThat(config.chat().llm().apiKey()).isEqualTo(new Secret(SECRET));
        assertThat(config.toString()
                        + config.chat()
                        + config.heartbeat()
                        + config.chat().llm().apiKey())
                .doesNotContain(SECRET);

        Path broken = file("llm.api.key=" + SECRET + "\\u00zz");
        Path blank = Files.writeString(dir.resolve("blank"), " \n");
        Path twoLines = Files.writeString(dir.resolve("lines"), SECRET + "\nmore");
        List<ThrowingCallable> failures = List.of(
                () -> load(null, Map.of("NOESIS_LLM_APIKEY", SECRET), List.of()),
                () -> load(null, Map.of("NOESIS_LLM_API_KEY", SECRET + "\n" + SECRET), List.of()),
                () -> load(null, Map.of("NOESIS_LLM_BASE_URL", "https://user:" + SECRET + "@host"), List.of()),
                () -> load(null, Map.of(), List.of(SECRET)),
                () -> load(null, Map.of(), List.of("=" + SECRET)),
                () -> load(broken, Map.of(), List.of()),
                () -> ConfigLoader.load(Map.of("llm.api.key.file", blank.toString())),
                () -> ConfigLoader.load(Map.of("llm.api.key.file", twoLines.toString())));
        for (ThrowingCallable failure : failures) {
            assertThatThrownBy(failure)
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageNotContaining(SECRET);
        }
    }

    private String chatKey(Path file, Map<String, String> environment) {
        return load(file, environment, List.of()).chat().llm().apiKey().reveal();
    }

    private int steps(Path file, Map<String, String> environment, List<String> overrides) {
        return load(file, environment, overrides).run().maxSteps();
    }

    private Path file(String content) throws IOException {
        return Files.writeString(dir.resolve("noesis.properties"), content);
    }

    private static NoesisConfig load(Path file, Map<String, String> environment, List<String> overrides) {
        return ConfigLoader.load(new ConfigSources(file, environment, overrides));
    }

    private static void assertProblem(ThrowingCallable loading, String message) {
        assertThatThrownBy(loading).isInstanceOf(ConfigurationException.class).hasMessage(message);
    }
}
