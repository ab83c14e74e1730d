package dev.noesis.llm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.llm.RateGate.Admission;
import dev.noesis.llm.RateGate.Admission.Admitted;
import dev.noesis.llm.RateGate.Admission.NotBefore;
import dev.noesis.llm.RateLimits.Limit;
import dev.noesis.llm.RateLimits.Resource;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RateGateTest {
    private static final long NOW = 1_800_000_000_000L;

    private final RateGate gate = new RateGate();

    private static RateLimits announced(Resource resource, long remaining, long resetAt) {
        return new RateLimits(Map.of(resource, new Limit(remaining, resetAt)));
    }

    private long launched() {
        Admission admission = gate.admit(NOW);
        assertThat(admission).isInstanceOf(Admitted.class);
        return ((Admitted) admission).launch();
    }

    @Test
    void withoutAnnouncementEveryCallIsAdmitted() {
        for (int i = 0; i < 100; i++) {
            launched();
        }
    }

    @Test
    void whatIsUsedUpHoldsCallsBackUntilItsReset() {
        gate.heard(launched(), announced(Resource.REQUESTS, 0, NOW + 1_000), NOW);

        assertThat(gate.admit(NOW)).isEqualTo(new NotBefore(Resource.REQUESTS, NOW + 1_000));
        assertThat(gate.admit(NOW + 999)).isInstanceOf(NotBefore.class);
        assertThat(gate.admit(NOW + 1_000)).isInstanceOf(Admitted.class);
    }

    @Test
    void aClockThatIsSetBackHoldsNothingBackForLongerThanALimitIsBelieved() {
        gate.heard(launched(), announced(Resource.REQUESTS, 0, NOW + 1_000), NOW);

        assertThat(gate.admit(NOW - Duration.ofMinutes(5).toMillis())).isInstanceOf(NotBefore.class);
        assertThat(gate.admit(NOW - Duration.ofHours(1).toMillis())).isInstanceOf(Admitted.class);
    }

    @Test
    void asManyCallsAreAdmittedAsRequestsRemain() {
        gate.heard(launched(), announced(Resource.REQUESTS, 2, NOW + 1_000), NOW);

        launched();
        launched();
        assertThat(gate.admit(NOW)).isInstanceOf(NotBefore.class);
    }

    @Test
    void callsThatWereLaunchedAfterTheOneThatIsHeardAreNotInItsCount() {
        long first = launched();
        launched();
        launched();

        gate.heard(first, announced(Resource.REQUESTS, 3, NOW + 1_000), NOW);

        launched();
        assertThat(gate.admit(NOW)).isInstanceOf(NotBefore.class);
    }

    @Test
    void whatAnEarlierCallTellsLaterIsOutOfDate() {
        long first = launched();
        long second = launched();
        gate.heard(second, announced(Resource.REQUESTS, 0, NOW + 1_000), NOW);

        gate.heard(first, announced(Resource.REQUESTS, 1, NOW + 1_000), NOW);

        assertThat(gate.admit(NOW)).isInstanceOf(NotBefore.class);
    }

    @Test
    void tokensHoldCallsBackOnlyOnceNoneRemain() {
        gate.heard(launched(), announced(Resource.INPUT_TOKENS, 1, NOW + 1_000), NOW);
        launched();
        gate.heard(launched(), announced(Resource.INPUT_TOKENS, 0, NOW + 1_000), NOW);

        assertThat(gate.admit(NOW)).isEqualTo(new NotBefore(Resource.INPUT_TOKENS, NOW + 1_000));
    }

    @Test
    void ofSeveralThatAreUsedUpTheLastToBeResetCounts() {
        gate.heard(
                launched(),
                new RateLimits(Map.of(
                        Resource.REQUESTS, new Limit(0, NOW + 1_000),
                        Resource.OUTPUT_TOKENS, new Limit(0, NOW + 3_000),
                        Resource.TOKENS, new Limit(5, NOW + 9_000))),
                NOW);

        assertThat(gate.admit(NOW)).isEqualTo(new NotBefore(Resource.OUTPUT_TOKENS, NOW + 3_000));
    }

    @Test
    void aResetThatIsAbsurdlyFarOffIsNotBelieved() {
        gate.heard(launched(), announced(Resource.REQUESTS, 0, Long.MAX_VALUE), NOW);

        assertThat(gate.admit(NOW))
                .isEqualTo(new NotBefore(
                        Resource.REQUESTS, NOW + Duration.ofMinutes(10).toMillis()));
    }
}
