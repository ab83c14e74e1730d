package dev.noesis.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noesis.config.CheckConfig.BuiltIn;
import dev.noesis.config.CheckConfig.Header;
import dev.noesis.config.CheckConfig.Http;
import dev.noesis.config.CheckConfig.OfClass;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CheckConfigTest {
    private static final String SECRET = "s3cr3t-that-must-not-show";

    @Test
    void signalsAndFailuresAreLookedAtUnlessSomethingElseIsSaid() {
        assertThat(load(Map.of()))
                .containsExactly(new BuiltIn("signals", null, null), new BuiltIn("failures", null, null));
        assertThat(load(Map.of("heartbeat.checks", ""))).isEmpty();
    }

    @Test
    void checksComeInTheOrderInWhichTheyAreNamed() {
        List<CheckConfig> checks = load(Map.of(
                "heartbeat.checks", "self, org.example.Disk,signals",
                "heartbeat.check.self.every.ms", "1000",
                "heartbeat.check.org.example.Disk.timeout.ms", "5"));

        assertThat(checks)
                .containsExactly(
                        new BuiltIn("self", Duration.ofSeconds(1), null),
                        new OfClass("org.example.Disk", null, Duration.ofMillis(5)),
                        new BuiltIn("signals", null, null));
    }

    @Test
    void anHttpCheckIsDescribedByItsKeys() {
        Http http = http(Map.of(
                "url", "https://example.org/of/{agent}?open=true",
                "header", "X-Token:  " + SECRET,
                "items", "/data",
                "id", "/key",
                "summary", "/title",
                "source", "/host",
                "urgency", "/level",
                "needs.action", "/todo",
                "every.ms", "60000"));

        assertThat(http)
                .isEqualTo(new Http(
                        "invoices",
                        Duration.ofMinutes(1),
                        null,
                        "https://example.org/of/{agent}?open=true",
                        new Header("X-Token", new Secret(SECRET)),
                        "/data",
                        "/key",
                        "/title",
                        "/host",
                        "/level",
                        "/todo"));
        assertThat(http.toString()).doesNotContain("example.org").doesNotContain(SECRET);
    }

    @Test
    void anHttpCheckWantsNothingButAUrl() {
        assertThat(http(Map.of("url", "http://example.org")))
                .isEqualTo(new Http(
                        "invoices",
                        null,
                        null,
                        "http://example.org",
                        null,
                        "",
                        "/id",
                        "/summary",
                        null,
                        "normal",
                        "true"));
    }

    @Test
    void variablesDescribeItAsKeysDo() {
        NoesisConfig config = ConfigLoader.load(new ConfigSources(
                null,
                Map.of(
                        "NOESIS_HEARTBEAT_CHECKS", "invoices",
                        "NOESIS_HEARTBEAT_CHECK_INVOICES_URL", "http://example.org",
                        "NOESIS_HEARTBEAT_CHECK_INVOICES_NEEDS_ACTION", "false",
                        "NOESIS_HEARTBEAT_CHECK_INVOICES_HEADER", "A: b"),
                List.of()));

        assertThat(config.beat().checks()).singleElement().isInstanceOfSatisfying(Http.class, http -> {
            assertThat(http.needsAction()).isEqualTo("false");
            assertThat(http.header()).isEqualTo(new Header("A", new Secret("b")));
        });
    }

    // ---- what is refused

    @Test
    void aNameThatNobodyKnowsIsTakenForAnHttpCheckWithoutAUrl() {
        assertThatThrownBy(() -> load(Map.of("heartbeat.checks", "signals,failurs")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage(
                        "heartbeat.check.failurs.url must be set: heartbeat.checks names failurs, which is no built-in"
                                + " check; did you mean failures?");
        assertThatThrownBy(() -> load(Map.of("heartbeat.checks", "invoices")))
                .hasMessage(
                        "heartbeat.check.invoices.url must be set: heartbeat.checks names invoices, which is no built-in check");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a,a", "a,,b", "A", "1a", "a-b", "a_b", "a.", ".a", "org.example.1", "org..example"})
    void namesThatCannotBeToldApartOrWrittenAreRefused(String names) {
        assertThatThrownBy(() -> load(Map.of("heartbeat.checks", names)))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(
                        "heartbeat.checks (program) is '" + names + "', and must be nothing, or with commas");
    }

    @Test
    void oneThatIsDescribedAndNotNamedIsRefused() {
        assertThatThrownBy(() -> load(Map.of("heartbeat.check.health.every.ms", "5000")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage(
                        "heartbeat.check.health.every.ms (program) describes a check that heartbeat.checks does not name");
        assertThatThrownBy(() -> ConfigLoader.load(
                        new ConfigSources(null, Map.of("NOESIS_HEARTBEAT_CHECK_OTHER_URL", "http://x"), List.of())))
                .hasMessage("the environment variable NOESIS_HEARTBEAT_CHECK_OTHER_URL describes a check that"
                        + " heartbeat.checks does not name");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "heartbeat.check.signals.every.ms",
                "heartbeat.check.failures.url",
                "heartbeat.check.failures.evry.ms"
            })
    void aKeyThatTheCheckHasNotIsRefused(String key) {
        assertThatThrownBy(() -> load(Map.of(key, "1000")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(key + " (program) is not a key");
    }

    @ParameterizedTest
    @CsvSource({
        "every.ms, 999, 1000 to 2592000000",
        "timeout.ms, 0, 1 to 600000",
        "items, data, a JSON pointer",
        "id, /a~2, a JSON pointer",
        "urgency, urgent, 'low, normal, high or a JSON pointer'",
        "needs.action, yes, 'true, false or a JSON pointer'"
    })
    void aValueThatIsNotLegalIsNamedWithItsKey(String suffix, String value, String legal) {
        assertThatThrownBy(() -> http(Map.of("url", "http://example.org", suffix, value)))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(
                        "heartbeat.check.invoices." + suffix + " (program) is '" + value + "', and must be " + legal);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ftp://example.org/" + SECRET,
                "example.org/" + SECRET,
                "http://user:" + SECRET + "@example.org",
                "http://{agent}.example.org/" + SECRET,
                "http://example.org:{agent}/" + SECRET,
                "http://{agent}@example.org/" + SECRET,
                "http://example.org/#" + SECRET,
                "http://exa mple.org/" + SECRET
            })
    void aUrlThatCannotBeUsedIsNotShown(String url) {
        assertThatThrownBy(() -> http(Map.of("url", url)))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("heartbeat.check.invoices.url (program) must be an http or https URL")
                .hasMessageNotContaining(SECRET);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "no colon s3cr3t-that-must-not-show | is not 'Name: value'",
                ": s3cr3t-that-must-not-show | is not 'Name: value'",
                "a b: s3cr3t-that-must-not-show | has a name that no header can have",
                "Host: s3cr3t-that-must-not-show | must not set Host, which is the check's own",
                "A: s3cr3t-that-must-not-show-ä | has characters that cannot stand in a header",
                "A: | a secret must be text"
            })
    void aHeaderThatCannotBeSentIsNotShown(String header, String why) {
        assertThatThrownBy(() -> http(Map.of("url", "http://example.org", "header", header)))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("heartbeat.check.invoices.header (program)")
                .hasMessageContaining(why)
                .hasMessageNotContaining(SECRET);
    }

    @Test
    void aHeaderIsNotGivenOnTheCommandLine() {
        assertThatThrownBy(() -> ConfigLoader.load(new ConfigSources(
                        null,
                        Map.of(),
                        List.of(
                                "heartbeat.checks=invoices",
                                "heartbeat.check.invoices.url=http://example.org",
                                "heartbeat.check.invoices.header=A: " + SECRET))))
                .hasMessageContaining("heartbeat.check.invoices.header is a secret")
                .hasMessageNotContaining(SECRET);
    }

    private static List<CheckConfig> load(Map<String, String> settings) {
        return ConfigLoader.load(settings).beat().checks();
    }

    private static Http http(Map<String, String> its) {
        Map<String, String> settings = new HashMap<>();
        settings.put("heartbeat.checks", "invoices");
        its.forEach((suffix, value) -> settings.put("heartbeat.check.invoices." + suffix, value));
        return (Http) load(settings).getFirst();
    }
}
