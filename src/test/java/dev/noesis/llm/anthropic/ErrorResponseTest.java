package dev.noesis.llm.anthropic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.llm.LlmFailure;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErrorResponseTest {
    private static final long NOW = Instant.parse("2026-11-06T08:49:00Z").toEpochMilli();

    @Test
    void theProvidersWordsAreKept() {
        LlmFailure failure = of(
                429,
                Map.of("request-id", "req_1"),
                "{\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\",\"message\":\"Slow\\ndown\"},\"request_id\":\"req_2\"}");

        assertThat(failure)
                .isEqualTo(new LlmFailure(
                        LlmFailure.Kind.HTTP_STATUS,
                        "HTTP 429: rate_limit_error: Slow down",
                        429,
                        null,
                        null,
                        "req_1"));
    }

    @Test
    void theBodysRequestIdServesWhereTheHeadersIsMissing() {
        String body =
                "{\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"x\"},\"request_id\":\"req_2\"}";

        assertThat(of(500, Map.of(), body).requestId()).isEqualTo("req_2");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"<html>Bad gateway</html>", "{}", "[]", "{\"error\":\"text\"}", "{\"error\":", "''", "null", "7"})
    void aBodyThatIsNotTheProvidersIsQuotedAndDoesNoHarm(String body) {
        LlmFailure failure = of(502, Map.of(), body);

        assertThat(failure.status()).isEqualTo(502);
        assertThat(failure.message()).startsWith("HTTP 502: ").contains(body);
    }

    @Test
    void aLongBodyIsCutAndBinaryIsTamed() {
        assertThat(of(500, Map.of(), "x".repeat(10_000)).message()).hasSizeLessThan(400);
        assertThat(of(500, Map.of(), "a\u0000\u001b[31mb\r\nc").message()).endsWith("a [31mb c");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "retry-after-ms | 1500 | 1500",
                "retry-after-ms | 0.4 | 1",
                "retry-after-ms | -5 | -",
                "retry-after-ms | soon | -",
                "retry-after | 0 | 0",
                "retry-after | 3 | 3000",
                "retry-after | 1.5 | 1500",
                "retry-after | .5 | 500",
                "retry-after | ' 2 ' | 2000",
                "retry-after | -3 | -",
                "retry-after | NaN | -",
                "retry-after | 1e3 | -",
                "retry-after | '' | -",
                "retry-after | 99999999999999999999999999 | 31536000000",
                "retry-after | Fri, 06 Nov 2026 08:49:37 GMT | 37000",
                "retry-after | Fri, 06 Nov 2026 08:48:00 GMT | 0",
                "retry-after | Wed, 06 Nov 2926 08:48:00 GMT | 31536000000",
                "retry-after | Someday, 06 Nov 2026 08:48:00 GMT | -",
            })
    void theServersWaitIsReadAsItIsWritten(String header, String value, Long waitMs) {
        assertThat(of(429, Map.of(header, value), "").retryAfterMs()).isEqualTo(waitMs);
    }

    @Test
    void millisecondsComeBeforeSecondsAndNonsenseBeforeNeither() {
        assertThat(of(429, Map.of("retry-after-ms", "20", "retry-after", "3"), "")
                        .retryAfterMs())
                .isEqualTo(20);
        assertThat(of(429, Map.of("retry-after-ms", "-1", "retry-after", "3"), "")
                        .retryAfterMs())
                .isEqualTo(3_000);
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {"true,true", "false,false", "True,true", "1,-", "'',-"})
    void theServersOpinionIsReadAsItIsWritten(String value, Boolean shouldRetry) {
        assertThat(of(400, Map.of("x-should-retry", value), "").shouldRetry()).isEqualTo(shouldRetry);
    }

    private static LlmFailure of(int status, Map<String, String> headers, String body) {
        return ErrorResponse.of(status, headers::get, body.getBytes(StandardCharsets.UTF_8), NOW);
    }
}
