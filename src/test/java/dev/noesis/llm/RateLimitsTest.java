package dev.noesis.llm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.llm.RateLimits.Limit;
import dev.noesis.llm.RateLimits.Resource;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RateLimitsTest {
    private static final long NOW = 1_800_000_000_000L;

    private static RateLimits read(Map<String, String> headers) {
        return RateLimits.read(headers::get, NOW);
    }

    @Test
    void theLimitsOfAMessagesResponseAreRead() {
        assertThat(read(Map.of(
                                "anthropic-ratelimit-requests-limit", "50",
                                "anthropic-ratelimit-requests-remaining", "0",
                                "anthropic-ratelimit-requests-reset", "2027-01-15T08:00:30Z",
                                "anthropic-ratelimit-output-tokens-remaining", "7000",
                                "anthropic-ratelimit-output-tokens-reset", "2027-01-15T08:01:00.5Z"))
                        .limits())
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        Resource.REQUESTS, new Limit(0, NOW + 30_000),
                        Resource.OUTPUT_TOKENS, new Limit(7_000, NOW + 60_500)));
    }

    @ParameterizedTest
    @CsvSource({"1s, 1000", "6m0s, 360000", "250ms, 250", "1.5s, 1500", "1h2m3.5s, 3723500", "1d, 86400000", "0s, 0"})
    void theLimitsOfACompletionsResponseAreRead(String reset, long afterMs) {
        assertThat(read(Map.of("x-ratelimit-remaining-requests", "3", "x-ratelimit-reset-requests", reset))
                        .limits())
                .containsExactly(Map.entry(Resource.REQUESTS, new Limit(3, NOW + afterMs)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "soon", "s", "1", "1s?", "?1s", "1 s", "-1s", "2027-99-15T08:00:30Z", "99999999999s"})
    void aResetThatMakesNoSenseIsPassedOver(String reset) {
        assertThat(read(Map.of("x-ratelimit-remaining-tokens", "3", "x-ratelimit-reset-tokens", reset)))
                .isSameAs(RateLimits.NONE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "1.5", "many", "9999999999999999999"})
    void aCountThatMakesNoSenseIsPassedOver(String remaining) {
        assertThat(read(Map.of(
                        "anthropic-ratelimit-tokens-remaining",
                        remaining,
                        "anthropic-ratelimit-tokens-reset",
                        "2027-01-15T08:00:30Z")))
                .isSameAs(RateLimits.NONE);
    }

    @Test
    void halfALimitIsNone() {
        assertThat(read(Map.of("anthropic-ratelimit-tokens-remaining", "0"))).isSameAs(RateLimits.NONE);
        assertThat(read(Map.of("x-ratelimit-reset-tokens", "1s"))).isSameAs(RateLimits.NONE);
    }
}
