package dev.noesis.chat;

import static dev.noesis.chat.ChatRequests.REPLIES;
import static dev.noesis.chat.ChatRequests.REQUESTS;
import static dev.noesis.chat.ChatRequests.replies;
import static dev.noesis.chat.ChatRequests.request;
import static dev.noesis.chat.ChatRequests.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import dev.noesis.llm.LlmRequest.ToolChoice;
import dev.noesis.mind.Memory.Decision;
import dev.noesis.model.Content;
import dev.noesis.model.ErrorCode;
import dev.noesis.model.Lane;
import dev.noesis.model.MemoryWrite.Verdict;
import dev.noesis.model.MindEvent;
import dev.noesis.model.MindEvent.RunOpened;
import dev.noesis.model.Origin;
import dev.noesis.testing.HeldEffects;
import dev.noesis.testing.TestLane;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a request becomes a run, and a run becomes one reply. */
class ChatRunTest {
    @TempDir
    private Path stateDir;

    @Test
    void nothingIsDecidedBeforeTheBarrierIsFolded() {
        try (TestLane lane = TestLane.started(TestLane.Setup.of(Lane.CHAT), stateDir)) {
            HeldEffects.Append barrier = lane.effects.appends.remove();
            lane.take(REQUESTS, request("t1", "r1"));
            lane.take(REQUESTS, request("t2", "r2"));
            lane.take(REQUESTS, request("t3", "r3"));

            assertThat(lane.effects.appends).isEmpty();
            assertThat(lane.effects.delayed).isEmpty();
            assertThat(lane.outbox()).isEmpty();

            lane.append(barrier.key(), barrier.event());

            assertThat(lane.thinking()).containsExactly("r1", "r2", "r3");
            assertThat(replies(lane)).isEmpty();
        }
    }

    @Test
    void aRequestIsAnsweredOnceWithTextUsageStepsAndAttempts() {
        try (TestLane lane = TestLane.chat(stateDir)) {
            lane.read(REQUESTS, request("r1"));
            assertThat(lane.log().bodies(RunOpened.class)).hasSize(1);
            assertThat(lane.effects.modelCalls).singleElement().satisfies(asked -> {
                assertThat(asked.delayMs()).isZero();
                assertThat(asked.call().step()).isZero();
                assertThat(asked.call().request().messages())
                        .singleElement()
                        .satisfies(message -> assertThat(message.text()).isEqualTo("hello from r1"));
                assertThat(asked.call().request().toolChoice()).isInstanceOf(ToolChoice.Auto.class);
            });
            assertThat(lane.written(REPLIES)).isEmpty();

            lane.answer("end_turn", new Content.Text("Hello."));

            assertThat(lane.written(REPLIES)).singleElement().satisfies(reply -> {
                assertThat(reply.path("type").asString()).isEqualTo("RUN_FINISHED");
                assertThat(reply.path("runId").asString()).isEqualTo("r1");
                assertThat(reply.path("threadId").asString()).isEqualTo("t1");
                assertThat(reply.at("/outcome/type").asString()).isEqualTo("success");
                assertThat(reply.at("/result/messages")).hasSize(1);
                assertThat(reply.at("/result/messages/0/content").asString()).isEqualTo("Hello.");
                assertThat(reply.at("/result/stopReason").asString()).isEqualTo("end_turn");
                assertThat(reply.at("/result/steps").asInt()).isEqualTo(1);
                assertThat(reply.at("/result/attempts").asInt()).isEqualTo(1);
                assertThat(reply.at("/result/model").asString()).isEqualTo(TestLane.MODEL);
                assertThat(reply.at("/result/provider").asString()).isEqualTo("anthropic");
                assertThat(reply.at("/result/target").asString()).isEqualTo("primary");
                assertThat(reply.at("/usage/inputTokens").asLong()).isEqualTo(TestLane.USAGE.inputTokens());
                assertThat(reply.at("/usage/outputTokens").asLong()).isEqualTo(TestLane.USAGE.outputTokens());
            });
            assertThat(lane.outbox()).isEmpty();
            assertThat(lane.effects.delayed).isEmpty();
        }
    }

    @Test
    void theSecondOfTwoAnswersToAStepIsNotASecondReply() {
        try (TestLane lane = TestLane.chat(stateDir)) {
            lane.read(REQUESTS, request("r1"));
            HeldEffects.Asked asked = lane.effects.modelCalls.getFirst();

            lane.answer(asked, "end_turn", new Content.Text("first"));
            lane.answer(asked, "end_turn", new Content.Text("second"));

            assertThat(lane.written(REPLIES))
                    .singleElement()
                    .satisfies(reply -> assertThat(
                                    reply.at("/result/messages/0/content").asString())
                            .isEqualTo("first"));
        }
    }

    @Test
    void aDecisionThatARunRecordedCanBeReviewedInALaterOne() throws InterruptedException {
        try (TestLane lane = TestLane.chat(stateDir)) {
            lane.read(REQUESTS, request("r1"));
            lane.answer("tool_use", decision("c1"));
            lane.callTool();
            lane.answer("end_turn", new Content.Text("Noted."));

            lane.read(REQUESTS, request("r2"));
            lane.answer("tool_use", review("c1", "which?"));
            Decision made = decisionToldToTheTool(lane);
            assertThat(made.what()).isEqualTo("move");
            assertThat(made.review()).isNull();
            lane.callTool();
            lane.answer("tool_use", review("c1", made.decisionId()));
            lane.callTool();

            lane.answer("tool_use", review("c1", made.decisionId()));
            assertThat(decisionToldToTheTool(lane).review().verdict()).isEqualTo(Verdict.SUCCESS);
        }
    }

    @Test
    void aToolIsShownTheMemoryThatItAsksForAndNoOther() throws InterruptedException {
        try (TestLane lane = TestLane.chat(stateDir)) {
            Content learn = new Content.ToolUse("c1", "learn_fact", "{\"subject\":\"tea\",\"statement\":\"green\"}");
            lane.read(REQUESTS, request("r1"));
            lane.answer("tool_use", learn, decision("c2"));
            lane.callTool();
            lane.callTool();

            lane.answer(
                    "tool_use",
                    learn,
                    new Content.ToolUse("c2", "recall", "{\"query\":\"tea\"}"),
                    review("c3", "which?"));

            assertThat(lane.effects.toolCalls)
                    .extracting(
                            call -> call.call().tool(),
                            call -> call.invocation().facts().size(),
                            call -> call.invocation().decisions().size())
                    .containsExactly(tuple("learn_fact", 0, 0), tuple("recall", 1, 0), tuple("review_decision", 0, 1));
        }
    }

    private static Content decision(String callId) {
        return new Content.ToolUse(
                callId,
                "record_decision",
                "{\"what\":\"move\",\"why\":\"rent\",\"confidence\":0.6,\"stakes\":\"high\",\"category\":\"home\"}");
    }

    private static Content review(String callId, String decisionId) {
        return new Content.ToolUse(
                callId,
                "review_decision",
                "{\"decision_id\":\"" + decisionId + "\",\"outcome\":\"success\",\"text\":\"cheaper\"}");
    }

    private static Decision decisionToldToTheTool(TestLane lane) {
        return lane.effects.toolCalls.element().invocation().decisions().getFirst();
    }

    @Test
    void theNextStepBeginsWhenAllToolsHaveAnswered() throws InterruptedException {
        try (TestLane lane = TestLane.chat(stateDir)) {
            lane.read(REQUESTS, request("r1"));
            lane.answer(
                    "tool_use",
                    new Content.ToolUse("c1", "learn_fact", "{\"subject\":\"tea\",\"statement\":\"green\"}"),
                    new Content.ToolUse("c2", "recall", "{\"query\":\"tea\"}"));
            assertThat(lane.effects.toolCalls)
                    .extracting(call -> call.invocation().idempotencyKey())
                    .containsExactly("r1/0/c1", "r1/0/c2");

            lane.callTool();
            assertThat(lane.effects.modelCalls).isEmpty();
            lane.callTool();

            assertThat(lane.effects.modelCalls).singleElement().satisfies(asked -> {
                assertThat(asked.call().step()).isEqualTo(1);
                assertThat(asked.call().request().messages()).hasSize(3);
                assertThat(asked.call().request().messages().getLast().content())
                        .extracting(block -> ((Content.ToolResult) block).toolUseId())
                        .containsExactly("c1", "c2");
            });
            lane.answer("end_turn", new Content.Text("Noted."));

            assertThat(lane.written(REPLIES)).singleElement().satisfies(reply -> {
                assertThat(reply.at("/result/steps").asInt()).isEqualTo(2);
                assertThat(reply.at("/result/attempts").asInt()).isEqualTo(2);
                assertThat(reply.at("/usage/inputTokens").asLong()).isEqualTo(2 * TestLane.USAGE.inputTokens());
            });
            assertThat(lane.outbox()).isEmpty();
        }
    }

    @Test
    void toolResultsMayComeInAnyOrderAndTwice() throws InterruptedException {
        try (TestLane lane = TestLane.chat(stateDir)) {
            lane.read(REQUESTS, request("r1"));
            lane.answer(
                    "tool_use",
                    new Content.ToolUse("c1", "recall", "{\"query\":\"tea\"}"),
                    new Content.ToolUse("c2", "recall", "{\"query\":\"milk\"}"));
            var first = lane.effects.toolCalls.getFirst();
            var second = lane.effects.toolCalls.getLast();

            lane.callTool(second);
            lane.callTool(second);
            assertThat(lane.effects.modelCalls).isEmpty();
            lane.callTool(first);

            assertThat(lane.effects.modelCalls).hasSize(1);
            assertThat(lane.effects.toolCalls).isEmpty();
        }
    }

    @Test
    void theLastStepThatARunMayTakeMayCallNoTool() throws InterruptedException {
        try (TestLane lane = TestLane.chat(stateDir, "run.max.steps=2")) {
            lane.read(REQUESTS, request("r1"));
            lane.answer("tool_use", new Content.ToolUse("c1", "recall", "{\"query\":\"tea\"}"));
            lane.callTool();
            assertThat(lane.effects.modelCalls.getFirst().call().request().toolChoice())
                    .isInstanceOf(ToolChoice.None.class);

            lane.answer("tool_use", new Content.ToolUse("c2", "recall", "{\"query\":\"tea\"}"));

            assertThat(replies(lane)).containsExactly("r1 step_limit");
            assertThat(lane.effects.toolCalls).isEmpty();
        }
    }

    @Test
    void aRunEndsWhenItsBudgetIsUsedUp() throws InterruptedException {
        try (TestLane lane = TestLane.chat(stateDir)) {
            lane.read(REQUESTS, with(request("r1"), "budget", Map.of("tokens", 220)));
            lane.answer("tool_use", new Content.ToolUse("c1", "recall", "{\"query\":\"tea\"}"));
            lane.callTool();

            assertThat(replies(lane)).containsExactly("r1 budget_exhausted");
            assertThat(lane.effects.modelCalls).isEmpty();
        }
    }

    @Test
    void anAnswerThatAnOlderBuildReportedIsToldWithoutWhatItDidNotSay() {
        try (TestLane lane = TestLane.chat(stateDir)) {
            lane.read(REQUESTS, request("r1"));
            HeldEffects.Asked asked = lane.effects.modelCalls.remove();
            lane.append(
                    TestLane.AGENT,
                    new MindEvent(
                            "r1/0/completed",
                            TestLane.NOW,
                            Lane.CHAT,
                            "r1",
                            asked.call().threadId(),
                            Origin.MODEL,
                            null,
                            new MindEvent.StepCompleted(
                                    0,
                                    lane.attempt(asked.tenure()),
                                    1,
                                    List.of(new Content.Text("Hello.")),
                                    "end_turn",
                                    TestLane.USAGE,
                                    TestLane.MODEL,
                                    7,
                                    null,
                                    null)));

            assertThat(lane.written(REPLIES)).singleElement().satisfies(reply -> {
                assertThat(reply.at("/result/model").asString()).isEqualTo(TestLane.MODEL);
                assertThat(reply.path("result").has("provider")).isFalse();
                assertThat(reply.path("result").has("target")).isFalse();
            });
        }
    }

    @Test
    void aStepThatIsToBeTriedAgainWaitsForThat() {
        try (TestLane lane = TestLane.chat(stateDir)) {
            lane.read(REQUESTS, request("r1"));
            lane.failUntil(TestLane.NOW + 30_000);

            assertThat(lane.effects.modelCalls)
                    .as("its request is not built yet")
                    .isEmpty();
            lane.advance(Duration.ofMillis(28_500));

            assertThat(lane.effects.modelCalls)
                    .singleElement()
                    .satisfies(asked -> assertThat(asked.delayMs()).isEqualTo(1_500));
            lane.answer("end_turn", new Content.Text("Here I am."));
            assertThat(lane.written(REPLIES))
                    .singleElement()
                    .satisfies(reply ->
                            assertThat(reply.at("/result/attempts").asInt()).isEqualTo(2));
        }
    }

    @Test
    void aFailureOfAnOldAttemptChangesNothing() {
        try (TestLane lane = TestLane.chat(stateDir)) {
            lane.read(REQUESTS, request("r1"));
            HeldEffects.Asked asked = lane.effects.modelCalls.remove();
            var old = lane.attempt(asked.tenure());
            var current = lane.attempt(asked.tenure());
            lane.fail(asked, current, ErrorCode.MODEL_UNAVAILABLE, TestLane.NOW + 1_000);
            lane.fail(asked, old, ErrorCode.MODEL_REJECTED, null);

            assertThat(replies(lane)).isEmpty();
            assertThat(lane.thinking()).containsExactly("r1");
        }
    }

    @Test
    void aRunThatFailsIsAnsweredWithItsCode() {
        try (TestLane lane = TestLane.chat(stateDir)) {
            lane.read(REQUESTS, request("r1"));
            lane.fail(ErrorCode.MODEL_REJECTED);

            assertThat(replies(lane)).containsExactly("r1 model_rejected");
            assertThat(lane.outbox()).isEmpty();
        }
    }

    @Test
    void anAnswerThatTheModelDeclinesToGive() {
        try (TestLane lane = TestLane.chat(stateDir)) {
            lane.read(REQUESTS, request("r1"));
            lane.answer("refusal");

            assertThat(replies(lane)).containsExactly("r1 model_refused");
        }
    }
}
