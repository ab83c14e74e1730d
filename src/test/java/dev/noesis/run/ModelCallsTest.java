package dev.noesis.run;

import static dev.noesis.run.ModelCallsFixture.NOW;
import static dev.noesis.run.ModelCallsFixture.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.noesis.llm.LlmFailure;
import dev.noesis.llm.LlmFailure.Kind;
import dev.noesis.llm.LlmOutcome;
import dev.noesis.llm.RateLimits;
import dev.noesis.llm.RateLimits.Resource;
import dev.noesis.llm.RetryPolicy;
import dev.noesis.model.Attempt;
import dev.noesis.model.Content;
import dev.noesis.model.ErrorCode;
import dev.noesis.model.MindEvent;
import dev.noesis.model.MindEvent.CallRef;
import dev.noesis.model.MindEvent.StepCompleted;
import dev.noesis.model.MindEvent.StepFailed;
import dev.noesis.model.Usage;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelCallsTest {
    private static final String KEY = Effect.CallModel.key("ada", "r1", 0);
    private static final LlmFailure OVERLOADED = new LlmFailure(Kind.HTTP_STATUS, "529", 529, null, null, null);
    private static final LlmFailure WRONG_KEY = new LlmFailure(Kind.HTTP_STATUS, "401", 401, null, null, null);
    private static final LlmFailure LATER = new LlmFailure(Kind.HTTP_STATUS, "429", 429, 10_000L, null, null);

    /** Long enough for the test to come between, in milliseconds; what is due by it can be waited for. */
    private static final long SOON = 700;

    private final ModelCallsFixture two = new ModelCallsFixture(2);

    @AfterEach
    void close() {
        two.close();
    }

    // ---- what is told

    @Test
    void anAnswerIsToldAsTheStepsCompletion() {
        two.submit("ada", "r1", 0);
        two.llm.call(0).answer("hi");

        MindEvent report = two.reports().getFirst();
        assertThat(report.eventId()).isEqualTo("r1/0/completed/40.0");
        assertThat(report.stamp()).isNull();
        assertThat(report.body())
                .isEqualTo(new StepCompleted(
                        0,
                        new Attempt(40, 0),
                        1,
                        List.of(new Content.Text("hi")),
                        "end_turn",
                        FakeLlm.COST,
                        "model",
                        5,
                        "anthropic",
                        "primary"));
        assertThat(Producers.stream(two.eventsProducer).subList(0, 5))
                .containsExactly(
                        "0 RUN_STARTED",
                        "1 STEP_STARTED",
                        "2 TEXT_MESSAGE_START",
                        "3 TEXT_MESSAGE_CONTENT hi",
                        "4 TEXT_MESSAGE_END");
    }

    @Test
    void anAnswerThatNoRecordCanHoldIsToldAsAFailure() {
        two.submit("ada", "r1", 0);
        two.llm
                .call(0)
                .end(new LlmOutcome.Completed(
                        List.of(new Content.Text("é".repeat(4_300_000))), "end_turn", FakeLlm.COST, "model"));

        assertThat(two.reports().getFirst().body()).isInstanceOfSatisfying(StepFailed.class, failed -> {
            assertThat(failed.code()).isEqualTo(ErrorCode.ANSWER_TOO_LARGE);
            assertThat(failed.retryAt()).isNull();
            assertThat(failed.usage()).isEqualTo(FakeLlm.COST);
        });
    }

    @Test
    void aFailureInPlaceIsTriedAgainAsANewAttemptWithAStreamOfItsOwn() {
        two.submit("ada", "r1", 0);
        two.llm.call(0).listener.onText("half an ans");
        two.llm.call(0).fail(OVERLOADED);
        awaitCalls(two, 2);
        two.llm.call(1).answer("hi");

        assertThat(two.reports()).hasSize(1);
        assertThat(two.reports().getFirst().body()).isInstanceOfSatisfying(StepCompleted.class, completed -> {
            assertThat(completed.attempt()).isEqualTo(new Attempt(40, 1));
            assertThat(completed.attempts()).isEqualTo(2);
            assertThat(completed.usage()).isEqualTo(FakeLlm.COST.plus(FakeLlm.COST));
            assertThat(completed.nextSeq()).isEqualTo(5);
        });
        assertThat(Producers.stream(two.eventsProducer))
                .filteredOn(event -> !event.startsWith("-"))
                .containsExactly(
                        "0 RUN_STARTED",
                        "1 STEP_STARTED",
                        "2 TEXT_MESSAGE_START",
                        "3 TEXT_MESSAGE_CONTENT half an ans",
                        "0 RUN_STARTED",
                        "1 STEP_STARTED",
                        "2 TEXT_MESSAGE_START",
                        "3 TEXT_MESSAGE_CONTENT hi",
                        "4 TEXT_MESSAGE_END");
        assertThat(two.allPermitsAreFree(2)).isTrue();
    }

    @Test
    void attemptsEndWithTheRetryBudget() {
        two.submit("ada", "r1", 0);
        for (int i = 0; i < 4; i++) {
            awaitCalls(two, i + 1);
            two.llm.call(i).fail(OVERLOADED);
        }

        assertThat(two.reports().getFirst().body()).isInstanceOfSatisfying(StepFailed.class, failed -> {
            assertThat(failed.code()).isEqualTo(ErrorCode.MODEL_UNAVAILABLE);
            assertThat(failed.attempts()).isEqualTo(4);
            assertThat(failed.attempt()).isEqualTo(new Attempt(40, 3));
            assertThat(failed.usage().total()).isEqualTo(4 * FakeLlm.COST.total());
            assertThat(failed.retryAt()).isNull();
        });
        assertThat(two.reports().getFirst().stamp()).isEqualTo("c1");
        assertThat(two.allPermitsAreFree(2)).isTrue();
    }

    @Test
    void aLongWaitThatTheServerAskedForIsToldAndGivesThePermitBack() {
        two.submit("ada", "r1", 0);
        two.llm.call(0).fail(LATER);

        assertThat(two.reports().getFirst().body())
                .isInstanceOfSatisfying(
                        StepFailed.class, failed -> assertThat(failed.retryAt()).isEqualTo(NOW + 10_000));
        assertThat(two.calls.inFlight()).isZero();
        assertThat(two.allPermitsAreFree(2)).isTrue();
    }

    @Test
    void whatWillNotPassIsNotTriedAgain() {
        two.submit("ada", "r1", 0);
        two.llm.call(0).fail(WRONG_KEY);

        assertThat(two.reports().getFirst().body())
                .isInstanceOfSatisfying(
                        StepFailed.class, failed -> assertThat(failed.code()).isEqualTo(ErrorCode.MODEL_REJECTED));
        assertThat(two.llm.calls()).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void everyFailureHasACode(Kind kind) {
        ErrorCode code = StepReport.code(LlmFailure.of(kind, ""));

        assertThat(code)
                .isIn(
                        ErrorCode.ANSWER_TOO_LARGE,
                        ErrorCode.MODEL_REJECTED,
                        ErrorCode.MODEL_UNAVAILABLE,
                        ErrorCode.INTERNAL);
    }

    // ---- permits

    @Test
    void aCallWithoutAPermitWaitsForOne() {
        two.submit("ada", "r1", 0);
        two.submit("ada", "r2", 0);
        two.submit("ada", "r3", 0);
        assertThat(two.llm.calls()).hasSize(2);
        assertThat(two.calls.waiting()).isEqualTo(1);
        assertThat(two.calls.inFlight()).isEqualTo(2);

        two.llm.call(0).answer("hi");

        awaitCalls(two, 3);
        assertThat(two.calls.waiting()).isZero();
    }

    @Test
    void permitsGoRoundTheAgentsAndLaterStepsFirst() {
        two.submit("x", "x1", 0);
        two.submit("x", "x2", 0);
        two.submit("ada", "a1", 0);
        two.submit("ada", "a2", 0);
        two.submit("ada", "a3", 0);
        two.submit("bob", "b1", 0);
        two.submit("cyd", "c1", 3);

        for (int i = 0; i < 7; i++) {
            awaitCalls(two, Math.min(7, i + 2));
            two.llm.call(i).answer("hi");
            two.settle();
        }

        assertThat(two.llm.labels())
                .containsExactly("x/x1/0", "x/x2/0", "cyd/c1/3", "ada/a1/0", "bob/b1/0", "ada/a2/0", "ada/a3/0");
    }

    @Test
    void aDelayedCallTakesNoPermitBeforeItsTime() {
        two.calls.submit(two.tenure, call("ada", "r1", 0), SOON);
        assertThat(two.llm.calls()).isEmpty();
        assertThat(two.calls.inFlight()).isZero();

        awaitCalls(two, 1);
    }

    @Test
    void aCallWhoseDeadlineHasPassedIsNotMade() {
        two.calls.submit(two.tenure, call("ada", "late", 0, NOW), 0);
        two.submit("ada", "r1", 0);

        assertThat(two.llm.labels()).containsExactly("ada/r1/0");
        assertThat(two.reports()).isEmpty();
    }

    @Test
    void aCallHasTheTimeThatItsRunHasLeft() {
        two.clock.addAndGet(59_000);
        two.submit("ada", "r1", 0);

        assertThat(two.llm.call(0).request.timeoutMs()).isEqualTo(1_000);
    }

    @Test
    void aPermitThatADeadlineFreesGoesToTheNext() {
        try (ModelCallsFixture slow = slow()) {
            slow.calls.submit(slow.tenure, call("ada", "r1", 0, NOW + 1_000), 0);
            slow.submit("ada", "waits", 0);
            slow.llm.call(0).fail(retryIn(100));
            slow.settle();

            // when the time of its next attempt comes, the run's is over
            slow.clock.addAndGet(2_000);

            awaitCalls(slow, 2);
            assertThat(slow.llm.labels()).containsExactly("ada/r1/0", "ada/waits/0");
        }
    }

    // ---- the wall clock is set

    @ParameterizedTest
    @ValueSource(longs = {-3_600_000, -1, 1, 50_000})
    void aWaitBetweenTwoAttemptsIsAsLongAsItIsWhereverTheWallClockIsSetMeanwhile(long jump) {
        try (ModelCallsFixture slow = slow()) {
            slow.submit("ada", "r1", 0);
            slow.llm.call(0).fail(retryIn(200));
            slow.settle();
            long before = System.nanoTime();

            slow.clock.addAndGet(jump);

            awaitCalls(slow, 2);
            assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(5));
            slow.llm.call(1).answer("hi");
            assertThat(slow.reports().getFirst().body()).isInstanceOf(StepCompleted.class);
        }
    }

    // ---- limits that the provider announced

    private static RateLimits usedUpUntil(long resetAt) {
        return new RateLimits(Map.of(Resource.REQUESTS, new RateLimits.Limit(0, resetAt)));
    }

    @Test
    void noCallIsMadeIntoALimitBeforeItsReset() {
        two.submit("ada", "r1", 0);
        two.llm.call(0).listener.onRateLimits(usedUpUntil(NOW + 20));

        two.submit("bob", "r2", 0);
        two.settle();
        assertThat(two.llm.labels()).containsExactly("ada/r1/0");

        two.clock.set(NOW + 20);
        awaitCalls(two, 2);
        assertThat(two.llm.labels()).containsExactly("ada/r1/0", "bob/r2/0");
    }

    @Test
    void aLimitThatIsFarFromItsResetIsToldAndGivesThePermitBack() {
        two.submit("ada", "r1", 0);
        two.llm.call(0).listener.onRateLimits(usedUpUntil(NOW + 10_000));

        two.submit("bob", "r2", 0);

        assertThat(two.reports().getFirst().body()).isInstanceOfSatisfying(StepFailed.class, failed -> {
            assertThat(failed.retryAt()).isEqualTo(NOW + 10_000);
            assertThat(failed.attempts()).isZero();
            assertThat(failed.usage()).isEqualTo(Usage.NONE);
            assertThat(failed.message()).contains("requests");
        });
        assertThat(two.calls.inFlight()).isOne();
        two.llm.call(0).answer("hi");
        two.clock.set(NOW + 10_000);
        assertThat(two.allPermitsAreFree(2)).isTrue();
    }

    @Test
    void aLimitWhoseResetIsBeyondTheRunsDeadlineEndsIt() {
        two.submit("ada", "r1", 0);
        two.llm.call(0).listener.onRateLimits(usedUpUntil(NOW + 60_000));

        two.submit("bob", "r2", 0);

        assertThat(two.reports().getFirst().body()).isInstanceOfSatisfying(StepFailed.class, failed -> {
            assertThat(failed.retryAt()).isNull();
            assertThat(failed.code()).isEqualTo(ErrorCode.MODEL_UNAVAILABLE);
        });
    }

    @Test
    void anotherAttemptIsNotMadeIntoALimitEitherAndItsCostIsTold() {
        two.submit("ada", "r1", 0);
        two.llm.call(0).listener.onRateLimits(usedUpUntil(NOW + 10_000));
        two.llm.call(0).fail(OVERLOADED);

        await().pollInterval(Duration.ofMillis(1)).until(() -> !two.reports().isEmpty());
        assertThat(two.reports().getFirst().body()).isInstanceOfSatisfying(StepFailed.class, failed -> {
            assertThat(failed.retryAt()).isEqualTo(NOW + 10_000);
            assertThat(failed.attempts()).isOne();
            assertThat(failed.usage()).isEqualTo(FakeLlm.COST);
        });
        assertThat(two.llm.calls()).hasSize(1);
    }

    @Test
    void aCallThatALimitHoldsBackCanBeCancelledAndGivesItsPermitBack() {
        two.submit("ada", "r1", 0);
        two.llm.call(0).listener.onRateLimits(usedUpUntil(NOW + 20));
        two.submit("bob", "r2", 0);

        two.calls.cancel(Effect.CallModel.key("bob", "r2", 0));
        two.llm.call(0).answer("hi");
        two.clock.set(NOW + 20);

        assertThat(two.allPermitsAreFree(2)).isTrue();
        assertThat(two.llm.labels()).doesNotContain("bob/r2/0");
    }

    // ---- cancel

    @Test
    void aCancelledCallThatWaitsIsNeverMade() {
        two.submit("ada", "r2", 0);
        two.submit("ada", "r3", 0);
        two.submit("ada", "r1", 0);

        two.calls.cancel(KEY);
        two.llm.call(0).answer("hi");
        two.settle();

        assertThat(two.llm.labels()).containsExactly("ada/r2/0", "ada/r3/0");
        assertThat(two.calls.waiting()).isZero();
    }

    @Test
    void aCancelledCallThatIsDelayedIsNeverMade() {
        two.calls.submit(two.tenure, call("ada", "r1", 0), SOON);
        two.calls.cancel(KEY);
        two.calls.submit(two.tenure, call("ada", "r2", 0), SOON);

        awaitCalls(two, 1);
        assertThat(two.llm.labels()).containsExactly("ada/r2/0");
    }

    @Test
    void aCancelledCallIsCutAndSaysNothingIfItCostNothing() {
        two.submit("ada", "r1", 0);

        two.calls.cancel(KEY);

        assertThat(two.llm.call(0).isCancelled()).isTrue();
        assertThat(two.reports()).isEmpty();
        assertThat(two.calls.inFlight()).isZero();
        assertThat(two.allPermitsAreFree(2)).isTrue();
    }

    @Test
    void aCancelledCallIsToldForWhatItHadUsed() {
        two.submit("ada", "r1", 0);
        two.llm.call(0).fail(OVERLOADED);
        awaitCalls(two, 2);

        two.calls.cancel(KEY);

        assertThat(two.reports())
                .singleElement()
                .satisfies(report -> assertThat(report.body()).isInstanceOfSatisfying(StepFailed.class, failed -> {
                    assertThat(failed.usage()).isEqualTo(FakeLlm.COST);
                    assertThat(failed.attempts()).isEqualTo(2);
                }));
    }

    @Test
    void aCallCancelledBetweenTwoAttemptsIsToldForWhatItHadUsed() {
        try (ModelCallsFixture slow = slow()) {
            slow.submit("ada", "r1", 0);
            slow.llm.call(0).fail(retryIn(5_000));
            slow.settle();

            slow.calls.cancel(KEY);

            assertThat(slow.reports())
                    .singleElement()
                    .satisfies(report -> assertThat(report.body())
                            .isInstanceOfSatisfying(
                                    StepFailed.class,
                                    failed -> assertThat(failed.usage()).isEqualTo(FakeLlm.COST)));
        }
    }

    @Test
    void aCallCancelledBetweenTwoAttemptsGivesItsPermitBack() {
        try (ModelCallsFixture slow = slow()) {
            slow.submit("ada", "r1", 0);
            slow.llm.call(0).fail(retryIn(5_000));
            slow.settle();
            assertThat(slow.calls.inFlight()).isEqualTo(1);

            slow.calls.cancel(KEY);

            assertThat(slow.calls.inFlight()).isZero();
            assertThat(slow.allPermitsAreFree(1)).isTrue();
        }
    }

    /** The client may end a call before it has returned it: a refused connection, a full queue. */
    @Test
    void aCallThatFailedBeforeItWasReturnedCanBeCancelledAndGivesItsPermitBack() {
        try (ModelCallsFixture slow = slow()) {
            slow.llm.atOnce(call -> {
                call.fail(retryIn(5_000));
                slow.settle();
            });
            slow.submit("ada", "r1", 0);
            slow.llm.atOnce(_ -> {});

            slow.calls.cancel(KEY);

            assertThat(slow.calls.inFlight()).isZero();
            assertThat(slow.allPermitsAreFree(1)).isTrue();
        }
    }

    // ---- handover

    @Test
    void aTenureThatEndsNamesWhatIsInFlightAndDropsWhatWaits() {
        two.submit("ada", "r1", 0);
        two.submit("bob", "r2", 3);
        two.submit("ada", "waits", 0);
        two.calls.submit(two.tenure, call("ada", "delayed", 0), 60_000);

        assertThat(two.calls.release(two.tenure))
                .containsExactlyInAnyOrder(new CallRef("ada", "r1", 0, null), new CallRef("bob", "r2", 3, null));

        two.llm.call(0).answer("hi");
        two.llm.call(1).answer("hi");
        assertThat(two.reports())
                .hasSize(2)
                .allSatisfy(report -> assertThat(report.body()).isInstanceOf(StepCompleted.class));
        assertThat(two.llm.calls()).hasSize(2);
        assertThat(two.allPermitsAreFree(2)).isTrue();
        assertThat(two.llm.labels()).doesNotContain("ada/waits/0", "ada/delayed/0");
    }

    @Test
    void aTenureKeepsItsHandsOffAnothers() {
        Tenure other = new Tenure(1, "c2", 50);
        two.calls.submit(other, call("ada", "r1", 0), 0);

        assertThat(two.calls.release(two.tenure)).isEmpty();

        two.llm.call(0).fail(OVERLOADED);
        awaitCalls(two, 2);
    }

    @Test
    void aCallThatWasHandedOverTellsOnlySuccess() {
        two.submit("ada", "r1", 0);
        two.submit("ada", "r2", 0);
        two.calls.release(two.tenure);

        two.llm.call(0).fail(OVERLOADED);
        two.llm.call(1).fail(WRONG_KEY);

        assertThat(two.reports()).as("the next owner makes the calls again").isEmpty();
        assertThat(two.llm.calls()).hasSize(2);
        assertThat(two.calls.inFlight()).isZero();
        assertThat(two.allPermitsAreFree(2)).isTrue();
    }

    @Test
    void whatOutlivesItsDrainIsCut() {
        two.submit("ada", "r1", 0);
        two.calls.release(two.tenure);
        Tenure next = new Tenure(0, "c2", 50);
        two.calls.submit(next, call("bob", "r2", 0), 0);

        two.calls.cancelHandedOver(two.tenure);

        assertThat(two.llm.call(0).isCancelled()).isTrue();
        assertThat(two.llm.call(1).isCancelled()).isFalse();
        assertThat(two.reports()).isEmpty();
    }

    /** A failure that is told by the owner ends its run, and these runs have not ended. */
    @Test
    void whatIsCutAtTheEndOfALaneTellsNothing() {
        two.submit("ada", "r1", 0);
        two.llm.call(0).fail(OVERLOADED);
        awaitCalls(two, 2);
        two.submit("ada", "r2", 0);
        two.submit("ada", "r3", 0);

        two.calls.close();

        assertThat(two.llm.inFlight()).isEmpty();
        assertThat(two.reports()).isEmpty();
        assertThat(two.calls.inFlight() + two.calls.waiting()).isZero();
    }

    /** A task that is closed and started again in one process: the old call goes on while the new one waits for it. */
    @Test
    void theSameCallUnderTwoTenuresIsCancelledUnderBoth() {
        two.submit("ada", "r1", 0);
        two.calls.release(two.tenure);
        two.calls.submit(new Tenure(0, "c2", 50), call("ada", "r1", 0), 30_000);
        assertThat(two.calls.inFlight()).isEqualTo(1);

        two.calls.cancel(KEY);

        assertThat(two.llm.call(0).isCancelled()).isTrue();
        two.settle();
        assertThat(two.calls.inFlight()).isZero();
        assertThat(two.allPermitsAreFree(2)).isTrue();
    }

    @Test
    void aCallThatWasHandedOverIsStillCutWhenAnotherOfItsNameIsDelayed() {
        two.submit("ada", "r1", 0);
        two.calls.release(two.tenure);
        two.calls.submit(new Tenure(0, "c2", 50), call("ada", "r1", 0), 30_000);

        two.calls.cancelHandedOver(two.tenure);

        assertThat(two.llm.call(0).isCancelled()).isTrue();
    }

    private static ModelCallsFixture slow() {
        return new ModelCallsFixture(
                1, new RetryPolicy(4, Duration.ofMillis(1), Duration.ofMillis(1), Duration.ofSeconds(30)));
    }

    private static LlmFailure retryIn(long ms) {
        return new LlmFailure(Kind.HTTP_STATUS, "429", 429, ms, null, null);
    }

    private static void awaitCalls(ModelCallsFixture fixture, int calls) {
        await().pollInterval(Duration.ofMillis(1))
                .until(() -> fixture.llm.calls().size() >= calls);
    }
}
