package dev.noesis.run;

import static dev.noesis.run.ModelCallsFixture.NOW;
import static dev.noesis.run.ModelCallsFixture.call;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.llm.LlmFailure;
import dev.noesis.llm.LlmFailure.Kind;
import dev.noesis.llm.LlmOutcome;
import dev.noesis.llm.RateLimits;
import dev.noesis.llm.RateLimits.Resource;
import dev.noesis.model.Attempt;
import dev.noesis.model.Content;
import dev.noesis.model.ErrorCode;
import dev.noesis.model.MindEvent.StepCompleted;
import dev.noesis.model.MindEvent.StepFailed;
import dev.noesis.model.Usage;
import io.micrometer.core.instrument.search.RequiredSearch;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A lane with models to fall back on; four attempts each. */
class ModelFallbackTest {
    private static final String KEY = Effect.CallModel.key("ada", "r1", 0);
    private static final LlmFailure OVERLOADED = status(529);
    private static final LlmFailure WRONG_KEY = status(401);

    private final FakeLlm spare = new FakeLlm();
    private final FakeLlm last = new FakeLlm();
    private final ModelCallsFixture lane = new ModelCallsFixture(1, spare, last);

    @AfterEach
    void close() {
        lane.close();
    }

    // ---- when

    @Test
    void theNextModelIsAskedOnceTheAttemptsOnTheOneBeforeAreUsedUp() {
        lane.llm.atOnce(call -> call.fail(OVERLOADED));
        lane.submit("ada", "r1", 0);
        await(spare);
        spare.call(0).answer("hi");

        assertThat(lane.llm.calls()).hasSize(4);
        completed(answer -> {
            assertThat(answer.attempt()).isEqualTo(new Attempt(40, 4));
            assertThat(answer.attempts()).isEqualTo(5);
            assertThat(answer.usage().total()).isEqualTo(5 * FakeLlm.COST.total());
            assertThat(answer.target()).isEqualTo("spare1");
            assertThat(answer.provider()).isEqualTo("openai");
        });
        assertThat(fallbacks("spare1", "http_529")).isEqualTo(1);
        lane.llm.atOnce(_ -> {});
        assertThat(lane.allPermitsAreFree(1)).isTrue();
    }

    @Test
    void theBudgetOfAttemptsCountsForEachModel() {
        for (FakeLlm llm : List.of(lane.llm, spare, last)) {
            llm.atOnce(call -> call.fail(OVERLOADED));
        }
        lane.submit("ada", "r1", 0);

        failed(failure -> {
            assertThat(failure.attempts()).isEqualTo(12);
            assertThat(failure.usage().total()).isEqualTo(12 * FakeLlm.COST.total());
            assertThat(failure.retryAt()).isNull();
        });
        assertThat(List.of(lane.llm, spare, last))
                .allSatisfy(llm -> assertThat(llm.calls()).hasSize(4));
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 402, 403, 404, 405, 451})
    void aModelThatWillNotDoIsLeftAtOnce(int status) {
        lane.submit("ada", "r1", 0);
        lane.llm.call(0).fail(status(status));
        await(spare);

        assertThat(lane.llm.calls()).hasSize(1);
        assertThat(lane.calls.inFlight()).as("the permit is kept").isOne();
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 413, 422})
    void whatIsTheRequestsOwnFaultIsAskedOfNobodyElse(int status) {
        lane.submit("ada", "r1", 0);
        lane.llm.call(0).fail(status(status));

        failed(failure -> assertThat(failure.code()).isEqualTo(ErrorCode.MODEL_REJECTED));
        assertThat(spare.calls()).isEmpty();
        assertThat(lane.allPermitsAreFree(1)).isTrue();
    }

    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            names = {"ANSWER_TOO_LARGE", "REQUEST_TOO_LARGE", "INTERNAL", "CLIENT_CLOSED"})
    void norIsWhatIsOursToMend(Kind kind) {
        lane.submit("ada", "r1", 0);
        lane.llm.call(0).failFree(kind);

        failed(failure -> assertThat(failure.retryAt()).isNull());
        assertThat(spare.calls()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            names = {"TLS_FAILED", "PROXY_REFUSED"})
    void aWayThatIsBarredLeadsToTheNextModel(Kind kind) {
        lane.submit("ada", "r1", 0);
        lane.llm.call(0).failFree(kind);

        await(spare);
    }

    @Test
    void aLongWaitThatTheServerAskedForIsNotWaitedForWhereAnotherModelIsLeft() {
        lane.submit("ada", "r1", 0);
        lane.llm.call(0).fail(later(10_000));
        await(spare);
        spare.call(0).answer("hi");

        completed(answer -> assertThat(answer.target()).isEqualTo("spare1"));
        assertThat(fallbacks("spare1", "http_429")).isEqualTo(1);
    }

    @Test
    void aShortWaitIsSpentWhereItWasAskedFor() {
        lane.submit("ada", "r1", 0);
        lane.llm.call(0).fail(later(20));

        await(lane.llm, 2);
        assertThat(spare.calls()).isEmpty();
    }

    @Test
    void aLimitThatWasAnnouncedForLongSendsTheCallToTheNextModelAndThatOnesLimitsAreItsOwn() {
        lane.submit("ada", "r1", 0);
        lane.llm.call(0).listener.onRateLimits(usedUpUntil(NOW + 10_000));
        lane.llm.call(0).answer("hi");
        lane.settle();

        lane.submit("bob", "r2", 0);
        await(spare);
        spare.call(0).listener.onRateLimits(usedUpUntil(NOW + 20_000));
        spare.call(0).answer("hi");
        lane.settle();
        lane.submit("cyd", "r3", 0);
        await(last);

        assertThat(lane.llm.calls()).hasSize(1);
        assertThat(spare.calls()).hasSize(1);
        assertThat(fallbacks("spare1", "announced_limit")).isEqualTo(2);
        assertThat(fallbacks("spare2", "announced_limit")).isEqualTo(1);
    }

    @Test
    void theNextCallBeginsWithTheLanesOwnModelAgain() {
        lane.submit("ada", "r1", 0);
        lane.llm.call(0).fail(WRONG_KEY);
        await(spare);
        spare.call(0).answer("hi");
        lane.settle();

        lane.submit("ada", "r1", 1);

        await(lane.llm, 2);
    }

    @Test
    void retriesAndTokensAreCountedForEachModel() {
        lane.llm.atOnce(call -> call.fail(OVERLOADED));
        lane.submit("ada", "r1", 0);
        await(spare);
        spare.call(0).answer("hi");
        lane.settle();

        assertThat(retries("primary", "http_529")).isEqualTo(3);
        assertThat(lane.metrics
                        .find("noesis.model.retries")
                        .tag("target", "spare1")
                        .counters())
                .isEmpty();
        assertThat(outputTokens("primary")).isEqualTo(4 * FakeLlm.COST.outputTokens());
        assertThat(outputTokens("spare1")).isEqualTo(FakeLlm.COST.outputTokens());
        assertThat(outputTokens("spare2")).isZero();
        assertThat(calls("primary", "failed")).isEqualTo(4);
        assertThat(calls("spare1", "completed")).isEqualTo(1);
        assertThat(firstTokens("primary")).isZero();
        assertThat(firstTokens("spare1")).isEqualTo(1);
    }

    // ---- what is asked, and what is told

    @Test
    void aFallbackIsAskedForItsOwnModelAndNoLongerAnswerThanItGives() {
        lane.submit("ada", "r1", 0);
        lane.llm.call(0).fail(WRONG_KEY);
        await(spare);

        assertThat(lane.llm.call(0).request.model()).isEqualTo("model");
        assertThat(lane.llm.call(0).request.maxTokens()).isEqualTo(100);
        assertThat(spare.call(0).request.model()).isEqualTo("model1");
        assertThat(spare.call(0).request.maxTokens()).isEqualTo(50);
        assertThat(spare.call(0).request.messages())
                .isEqualTo(lane.llm.call(0).request.messages());
    }

    @Test
    void theLanesOwnModelIsNamedWhereItAnswers() {
        lane.submit("ada", "r1", 0);
        lane.llm.call(0).answer("hi");

        completed(answer -> {
            assertThat(answer.target()).isEqualTo("primary");
            assertThat(answer.provider()).isEqualTo("anthropic");
        });
    }

    @Test
    void aFallbacksAnswerIsStreamedAsAnAttemptOfItsOwn() {
        lane.submit("ada", "r1", 0);
        lane.llm.call(0).listener.onText("half an ans");
        lane.llm.call(0).fail(WRONG_KEY);
        await(spare);
        spare.call(0).answer("hi");
        lane.settle();

        assertThat(Producers.stream(lane.eventsProducer))
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
    }

    // ---- when all have been asked

    @Test
    void theStepFailsAsTheLanesOwnModelDidAndTheMessageHasTheWordsOfAll() {
        lane.submit("ada", "r1", 0);
        lane.llm.call(0).fail(WRONG_KEY);
        await(spare);
        spare.atOnce(call -> call.fail(OVERLOADED));
        spare.call(0).fail(OVERLOADED);
        await(last);
        last.call(0).fail(status(404));

        failed(failure -> {
            assertThat(failure.code()).isEqualTo(ErrorCode.MODEL_REJECTED);
            assertThat(failure.message()).isEqualTo("primary: HTTP 401; spare1: HTTP 529; spare2: HTTP 404");
            assertThat(failure.retryAt()).isNull();
            assertThat(failure.attempts()).isEqualTo(6);
        });
        assertThat(lane.allPermitsAreFree(1)).isTrue();
    }

    @Test
    void theStepWaitsForTheModelThatMayBeAskedFirst() {
        lane.submit("ada", "r1", 0);
        lane.llm.call(0).fail(later(30_000));
        await(spare);
        spare.call(0).fail(later(10_000));
        await(last);
        last.call(0).fail(WRONG_KEY);

        failed(failure -> {
            assertThat(failure.retryAt()).isEqualTo(NOW + 10_000);
            assertThat(failure.code()).isEqualTo(ErrorCode.MODEL_UNAVAILABLE);
        });
        assertThat(lane.calls.inFlight()).isZero();
    }

    /** Without a fallback it would have waited. */
    @Test
    void aFallbackThatRefusesTheRequestDoesNotEndARunThatItsOwnModelCanBeWaitedFor() {
        lane.submit("ada", "r1", 0);
        lane.llm.call(0).fail(later(30_000));
        await(spare);
        spare.call(0).fail(status(400));

        failed(failure -> assertThat(failure.retryAt()).isEqualTo(NOW + 30_000));
        assertThat(last.calls()).isEmpty();
    }

    @Test
    void limitsOfAllModelsAreToldAndGiveThePermitBack() {
        try (ModelCallsFixture two = new ModelCallsFixture(1, spare)) {
            two.submit("ada", "r1", 0);
            two.llm.call(0).listener.onRateLimits(usedUpUntil(NOW + 20_000));
            two.llm.call(0).fail(later(30_000));
            await(spare);
            spare.call(0).listener.onRateLimits(usedUpUntil(NOW + 10_000));
            spare.call(0).answer("hi");
            two.settle();

            two.submit("bob", "r2", 0);

            assertThat(two.reports().getLast().body()).isInstanceOfSatisfying(StepFailed.class, failure -> {
                assertThat(failure.retryAt()).isEqualTo(NOW + 10_000);
                assertThat(failure.attempts()).isZero();
                assertThat(failure.usage()).isEqualTo(Usage.NONE);
                assertThat(failure.message()).contains("primary: ", "spare1: ", "requests");
            });
            assertThat(two.calls.inFlight()).isZero();
        }
    }

    // ---- cancel, handover, deadline

    @Test
    void aCallThatIsCancelledFallsBackOnNobodyAndIsToldForWhatAllHadUsed() {
        lane.submit("ada", "r1", 0);
        lane.llm.call(0).fail(WRONG_KEY);
        await(spare);

        lane.calls.cancel(KEY);

        assertThat(spare.call(0).isCancelled()).isTrue();
        failed(failure -> {
            assertThat(failure.usage()).isEqualTo(FakeLlm.COST);
            assertThat(failure.attempts()).isEqualTo(2);
        });
        assertThat(last.calls()).isEmpty();
        assertThat(lane.allPermitsAreFree(1)).isTrue();
    }

    /** The next owner begins with the lane's own model. */
    @Test
    void aCallThatWasHandedOverFallsBackOnNobody() {
        lane.submit("ada", "r1", 0);
        lane.calls.release(lane.tenure);

        lane.llm.call(0).fail(WRONG_KEY);

        assertThat(lane.reports()).isEmpty();
        assertThat(spare.calls()).isEmpty();
        assertThat(lane.calls.inFlight()).isZero();
    }

    @Test
    void aFallbacksAnswerCountsAlsoAfterAHandover() {
        lane.submit("ada", "r1", 0);
        lane.llm.call(0).fail(WRONG_KEY);
        await(spare);
        lane.calls.release(lane.tenure);

        spare.call(0).answer("hi");

        completed(answer -> assertThat(answer.target()).isEqualTo("spare1"));
    }

    @Test
    void aFallbackHasTheTimeThatTheRunHasLeftAndIsNotAskedWhereThereIsNone() {
        lane.calls.submit(lane.tenure, call("ada", "r1", 0, NOW + 60_000), 0);
        lane.clock.addAndGet(59_000);
        lane.llm.call(0).fail(WRONG_KEY);
        await(spare);
        assertThat(spare.call(0).request.timeoutMs()).isEqualTo(1_000);

        lane.clock.addAndGet(1_000);
        spare.call(0).fail(WRONG_KEY);

        await(() -> lane.calls.inFlight() == 0);
        assertThat(last.calls()).isEmpty();
    }

    @Test
    void anAnswerThatEndsInARefusalIsAnAnswer() {
        lane.submit("ada", "r1", 0);
        lane.llm
                .call(0)
                .end(new LlmOutcome.Completed(List.of(new Content.Text("no")), "refusal", FakeLlm.COST, "model"));

        completed(answer -> assertThat(answer.stopReason()).isEqualTo("refusal"));
        assertThat(spare.calls()).isEmpty();
    }

    private void completed(Consumer<StepCompleted> holds) {
        await(() -> !lane.reports().isEmpty());
        assertThat(lane.reports().getFirst().body()).isInstanceOfSatisfying(StepCompleted.class, holds);
    }

    private void failed(Consumer<StepFailed> holds) {
        await(() -> !lane.reports().isEmpty());
        assertThat(lane.reports())
                .singleElement()
                .satisfies(report -> assertThat(report.body()).isInstanceOfSatisfying(StepFailed.class, holds));
    }

    private double fallbacks(String target, String cause) {
        return of("noesis.model.fallbacks", target, "cause", cause).counter().count();
    }

    private double retries(String target, String cause) {
        return of("noesis.model.retries", target, "cause", cause).counter().count();
    }

    private long outputTokens(String target) {
        return (long)
                of("noesis.model.tokens", target, "kind", "output").counter().count();
    }

    private long calls(String target, String outcome) {
        return of("noesis.model.call", target, "outcome", outcome).timer().count();
    }

    private long firstTokens(String target) {
        return of("noesis.run.first.token", target).timer().count();
    }

    private RequiredSearch of(String metric, String target, String... tags) {
        return lane.metrics.get(metric).tags("lane", "chat", "target", target).tags(tags);
    }

    private static LlmFailure status(int status) {
        return new LlmFailure(Kind.HTTP_STATUS, "HTTP " + status, status, null, null, null);
    }

    private static LlmFailure later(long ms) {
        return new LlmFailure(Kind.HTTP_STATUS, "HTTP 429", 429, ms, null, null);
    }

    private static RateLimits usedUpUntil(long resetAt) {
        return new RateLimits(Map.of(Resource.REQUESTS, new RateLimits.Limit(0, resetAt)));
    }

    private static void await(FakeLlm llm) {
        await(llm, 1);
    }

    private static void await(FakeLlm llm, int calls) {
        await(() -> llm.calls().size() >= calls);
    }

    private static void await(Callable<Boolean> holds) {
        Awaitility.await().pollInterval(Duration.ofMillis(1)).until(holds);
    }
}
