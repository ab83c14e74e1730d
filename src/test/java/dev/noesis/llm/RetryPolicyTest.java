package dev.noesis.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.noesis.llm.LlmFailure.Kind;
import java.time.Duration;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RetryPolicyTest {
    private static final long NOW = 1_700_000_000_000L;
    private static final long FAR = NOW + Duration.ofHours(2).toMillis();
    private static final RandomGenerator HIGHEST = new Random() {
        @Override
        public long nextLong(long bound) {
            return bound - 1;
        }
    };

    private final RetryPolicy policy = new RetryPolicy(20);

    @Test
    void whatIsHeldBackWaitsInPlaceForAShortWhileAndElseIsScheduledAnew() {
        assertThat(policy.hold(NOW + 10_000, NOW, FAR)).isEqualTo(new Retry.After(10_000));
        assertThat(policy.hold(NOW + 10_001, NOW, FAR)).isEqualTo(new Retry.At(NOW + 10_001));
        assertThat(policy.hold(FAR - 1, NOW, FAR)).isEqualTo(new Retry.At(FAR - 1));
        assertThat(policy.hold(FAR, NOW, FAR)).isEqualTo(new Retry.GiveUp());
        assertThat(policy.hold(NOW - 1, NOW, FAR)).isEqualTo(new Retry.After(0));
    }

    @ParameterizedTest
    @EnumSource(
            names = {
                "CONNECT_TIMEOUT",
                "CONNECT_FAILED",
                "TLS_TIMEOUT",
                "ACQUIRE_TIMEOUT",
                "ACQUIRE_QUEUE_FULL",
                "FIRST_BYTE_TIMEOUT",
                "IDLE_TIMEOUT",
                "PROGRESS_TIMEOUT",
                "CALL_TIMEOUT",
                "CONNECTION_LOST",
                "STREAM_CUT"
            })
    void whatMayHavePassedIsTriedAgain(Kind kind) {
        assertThat(decide(LlmFailure.of(kind, ""), 1)).isInstanceOf(Retry.After.class);
        assertThat(decide(LlmFailure.of(kind, ""), 19)).isInstanceOf(Retry.After.class);
    }

    @ParameterizedTest
    @EnumSource(names = {"CLIENT_CLOSED", "REQUEST_TOO_LARGE", "ANSWER_TOO_LARGE", "TLS_FAILED", "INTERNAL"})
    void whatCannotPassIsNotTriedAgainWhateverTheServerSays(Kind kind) {
        assertThat(decide(new LlmFailure(kind, "", 0, 1L, true, null), 1)).isEqualTo(new Retry.GiveUp());
    }

    @Test
    void anAnswerThatBreaksTheProtocolIsTriedOnceMore() {
        LlmFailure failure = LlmFailure.of(Kind.PROTOCOL, "");

        assertThat(decide(failure, 1)).isInstanceOf(Retry.After.class);
        assertThat(decide(failure, 2)).isEqualTo(new Retry.GiveUp());
    }

    @ParameterizedTest
    @ValueSource(ints = {408, 409, 429, 500, 502, 503, 504, 529, 599})
    void theseStatusesAreTriedAgain(int status) {
        assertThat(decide(status(Kind.HTTP_STATUS, status, null, null), 1)).isInstanceOf(Retry.After.class);
        assertThat(decide(status(Kind.STREAM_ERROR, status, null, null), 1)).isInstanceOf(Retry.After.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 400, 401, 402, 403, 404, 405, 413, 418, 422})
    void theseStatusesAreNotTriedAgain(int status) {
        assertThat(decide(status(Kind.HTTP_STATUS, status, null, null), 1)).isEqualTo(new Retry.GiveUp());
        assertThat(decide(status(Kind.STREAM_ERROR, status, null, null), 1)).isEqualTo(new Retry.GiveUp());
    }

    @Test
    void anErrorOfUnknownTypeInTheStreamIsTriedAgain() {
        assertThat(decide(status(Kind.STREAM_ERROR, 0, null, null), 1)).isInstanceOf(Retry.After.class);
    }

    @ParameterizedTest
    @CsvSource({"400,true,true", "401,true,true", "429,false,false", "500,false,false", "529,true,true"})
    void theServersWordOverridesOurLists(int status, boolean shouldRetry, boolean retried) {
        Retry retry = decide(status(Kind.HTTP_STATUS, status, null, shouldRetry), 1);

        assertThat(retry instanceof Retry.After).isEqualTo(retried);
    }

    @ParameterizedTest
    @CsvSource({"1,500", "2,1000", "3,2000", "4,4000", "5,8000", "6,8000", "19,8000"})
    void ourOwnWaitIsDrawnBelowABoundThatDoublesUpToACap(int attempts, long bound) {
        LlmFailure failure = LlmFailure.of(Kind.CONNECTION_LOST, "");
        assertThat(policy.decide(failure, attempts, NOW, FAR, HIGHEST)).isEqualTo(new Retry.After(bound));

        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 1_000; i++) {
            assertThat(policy.decide(failure, attempts, NOW, FAR, random))
                    .as("seed %d", seed)
                    .isInstanceOfSatisfying(
                            Retry.After.class, a -> assertThat(a.delayMs()).isBetween(0L, bound));
        }
    }

    @Test
    void theBoundDoesNotOverflow() {
        RetryPolicy patient = new RetryPolicy(
                Integer.MAX_VALUE, Duration.ofMillis(3), Duration.ofMillis(1_000_000), Duration.ofDays(1));

        for (int attempts = 1; attempts < 200; attempts++) {
            long bound = (long) Math.min(1_000_000, 3 * Math.pow(2, attempts - 1));
            assertThat(patient.decide(LlmFailure.of(Kind.STREAM_CUT, ""), attempts, NOW, FAR, HIGHEST))
                    .isEqualTo(new Retry.After(bound));
        }
    }

    @ParameterizedTest
    @CsvSource({"1", "1500", "9999", "10000"})
    void aShortWaitThatTheServerAskedForIsHonouredInPlace(long asked) {
        assertThat(decide(status(Kind.HTTP_STATUS, 429, asked, null), 1)).isEqualTo(new Retry.After(asked));
    }

    @ParameterizedTest
    @CsvSource({"10001", "60000", "7199999"})
    void aLongerWaitGivesThePermitBack(long asked) {
        assertThat(decide(status(Kind.HTTP_STATUS, 429, asked, null), 1)).isEqualTo(new Retry.At(NOW + asked));
    }

    @Test
    void aWaitOfZeroLeavesTheChoiceToUs() {
        assertThat(policy.decide(status(Kind.HTTP_STATUS, 529, 0L, null), 1, NOW, FAR, HIGHEST))
                .isEqualTo(new Retry.After(500));
    }

    @Test
    void aWaitThatReachesTheDeadlineIsNotWorthIt() {
        LlmFailure asked = status(Kind.HTTP_STATUS, 429, 2_000L, null);

        assertThat(policy.decide(asked, 1, NOW, NOW + 2_001, HIGHEST)).isEqualTo(new Retry.After(2_000));
        assertThat(policy.decide(asked, 1, NOW, NOW + 2_000, HIGHEST)).isEqualTo(new Retry.GiveUp());
        assertThat(policy.decide(asked, 1, NOW, NOW - 1, HIGHEST)).isEqualTo(new Retry.GiveUp());
        assertThat(policy.decide(status(Kind.HTTP_STATUS, 429, Long.MAX_VALUE, null), 1, NOW, FAR, HIGHEST))
                .isEqualTo(new Retry.GiveUp());
        assertThat(policy.decide(LlmFailure.of(Kind.STREAM_CUT, ""), 1, NOW, NOW + 500, HIGHEST))
                .isEqualTo(new Retry.GiveUp());
    }

    @Test
    void theLastAttemptIsTheLast() {
        RetryPolicy three = new RetryPolicy(3);
        LlmFailure failure = status(Kind.HTTP_STATUS, 529, null, true);

        assertThat(three.decide(failure, 2, NOW, FAR, HIGHEST)).isInstanceOf(Retry.After.class);
        assertThat(three.decide(failure, 3, NOW, FAR, HIGHEST)).isEqualTo(new Retry.GiveUp());
        assertThat(new RetryPolicy(1).decide(failure, 1, NOW, FAR, HIGHEST)).isEqualTo(new Retry.GiveUp());
    }

    @Test
    void impossibleSettingsAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RetryPolicy(0))
                .withMessageContaining("maxAttempts");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RetryPolicy(1, Duration.ZERO, Duration.ZERO, Duration.ZERO));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> decide(LlmFailure.of(Kind.STREAM_CUT, ""), 0))
                .withMessageContaining("attempts");
    }

    private Retry decide(LlmFailure failure, int attempts) {
        return policy.decide(failure, attempts, NOW, FAR, HIGHEST);
    }

    private static LlmFailure status(
            Kind kind, int status, @Nullable Long retryAfterMs, @Nullable Boolean shouldRetry) {
        return new LlmFailure(kind, "", status, retryAfterMs, shouldRetry, null);
    }
}
