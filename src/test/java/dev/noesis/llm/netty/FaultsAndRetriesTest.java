package dev.noesis.llm.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.noesis.demo.Script;
import dev.noesis.demo.ScriptedModelServer;
import dev.noesis.llm.LlmFailure;
import dev.noesis.llm.LlmOutcome;
import dev.noesis.llm.Retry;
import dev.noesis.llm.RetryPolicy;
import java.time.Duration;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every fault of the scripted server, what the client makes of it, and what each rule about retrying then says. */
class FaultsAndRetriesTest extends ClientFixture {
    private static final int MOST = 4;
    private static final long NOW = 1_700_000_000_000L;
    private static final long FAR = NOW + Duration.ofHours(1).toMillis();
    private static final RandomGenerator HIGHEST = new Random() {
        @Override
        public long nextLong(long bound) {
            return bound - 1;
        }
    };

    private final RetryPolicy policy = new RetryPolicy(MOST);

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            # the rule of the script                               | cause              | first time | second time
            {fault: hang_before_headers}                           | first_byte_timeout | 500        | 1000
            {answer: one two three, fault: {hang_mid_stream: 3}}                          | idle_timeout       | 500        | 1000
            {answer: one two three, pings: 20ms, fault: {hang_mid_stream: 3}}             | progress_timeout   | 500        | 1000
            {fault: reset}                                         | connection_lost    | 500        | 1000
            {answer: one two three, fault: {reset: 3}}                                    | stream_cut         | 500        | 1000
            {answer: one two three, fault: {cut: 3}}                                      | stream_cut         | 500        | 1000
            {answer: one two three, fault: {cut: 3, clean: true}}                         | stream_cut         | 500        | 1000
            {fault: stream_error}                                  | http_529           | 500        | 1000
            {fault: {stream_error: rate_limit_error}}              | http_429           | 500        | 1000
            {fault: {stream_error: api_error}}                     | http_500           | 500        | 1000
            {fault: {stream_error: timeout_error}}                 | http_504           | 500        | 1000
            {fault: {stream_error: invalid_request_error}}         | http_400           | never      | never
            {answer: one two three, fault: {malformed_event: 3}}                          | protocol           | 500        | never
            {fault: {huge: 20000}}                                 | answer_too_large   | never      | never
            {fault: split_characters}                              | completed          |            |
            {fault: {status: 400}}                                 | http_400           | never      | never
            {fault: {status: 401}}                                 | http_401           | never      | never
            {fault: {status: 402}}                                 | http_402           | never      | never
            {fault: {status: 403}}                                 | http_403           | never      | never
            {fault: {status: 404}}                                 | http_404           | never      | never
            {fault: {status: 408}}                                 | http_408           | 500        | 1000
            {fault: {status: 409}}                                 | http_409           | 500        | 1000
            {fault: {status: 413}}                                 | http_413           | never      | never
            {fault: {status: 422}}                                 | http_422           | never      | never
            {fault: {status: 429}}                                 | http_429           | 500        | 1000
            {fault: {status: 500}}                                 | http_500           | 500        | 1000
            {fault: {status: 504}}                                 | http_504           | 500        | 1000
            {fault: {status: 529}}                                 | http_529           | 500        | 1000
            {fault: {status: 400, should_retry: true}}             | http_400           | 500        | 1000
            {fault: {status: 529, should_retry: false}}            | http_529           | never      | never
            {fault: {status: 429, retry_after: "3"}}               | http_429           | 3000       | 3000
            {fault: {status: 429, retry_after: "0.25"}}            | http_429           | 250        | 250
            {fault: {status: 429, retry_after_ms: 1500}}           | http_429           | 1500       | 1500
            {fault: {status: 429, retry_after: "60"}}              | http_429           | at 60000   | at 60000
            {fault: {status: 429, retry_after: "-5"}}              | http_429           | 500        | 1000
            {fault: {status: 429, retry_after: "soon"}}            | http_429           | 500        | 1000
            {fault: {status: 429, retry_after: "99999999999"}}     | http_429           | never      | never
            '{fault: {status: 529, retry_after: "Mon, 01 Jan 2024 00:00:00 GMT"}}' | http_529 | 500   | 1000
            '{fault: {status: 529, retry_after: "Tue, 01 Jan 2999 00:00:00 GMT"}}' | http_529 | never | never
            """)
    void aFaultIsToldAndTriedAgainAsTheTableSays(String rule, String cause, String first, String second) {
        ScriptedModelServer server = closedLater(ScriptedModelServer.start(
                ScriptedModelServer.Options.defaults().instant().withScript(Script.parse("- " + rule, "test"))));
        NettyLlmClient client = client(new TestConfig(server.baseUrl())
                .firstByte(Duration.ofSeconds(1))
                .idle(Duration.ofSeconds(1))
                .progress(Duration.ofMillis(1_500))
                .maxAnswerBytes(2_000));
        LlmOutcome outcome = call(client).outcome();
        await().until(() -> client.stats().connections() == client.stats().idle());

        if (cause.equals("completed")) {
            assertThat(outcome).isInstanceOf(LlmOutcome.Completed.class);
            return;
        }
        LlmFailure failure = ((LlmOutcome.Failed) outcome).failure();
        assertThat(failure.cause()).as(failure.message()).isEqualTo(cause);
        assertThat(decide(failure, 1, FAR)).as("the first time").isEqualTo(first);
        assertThat(decide(failure, 2, FAR)).as("the second time").isEqualTo(second);
        assertThat(decide(failure, MOST, FAR)).as("the last time").isEqualTo("never");
        assertThat(decide(failure, 1, NOW + 100))
                .as("shortly before the deadline")
                .isEqualTo("never");
        // the clock of the worker was set: back by a year, and forward beyond the deadline
        assertThat(decide(failure, 1, FAR + Duration.ofDays(365).toMillis()))
                .as("a clock set back leaves time for what was refused as too late, and changes nothing else")
                .isIn(first, "at " + Duration.ofDays(365).toMillis());
        assertThat(decide(failure, 1, NOW - Duration.ofDays(365).toMillis()))
                .as("a deadline that has passed by a clock set forward")
                .isEqualTo("never");
    }

    private String decide(LlmFailure failure, int attempts, long deadline) {
        return switch (policy.decide(failure, attempts, NOW, deadline, HIGHEST)) {
            case Retry.GiveUp() -> "never";
            case Retry.After(long delayMs) -> String.valueOf(delayMs);
            case Retry.At(long epochMs) -> "at " + (epochMs - NOW);
        };
    }
}
