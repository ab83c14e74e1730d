package dev.noesis.chat;

import static dev.noesis.chat.ChatRequests.REPLIES;
import static dev.noesis.chat.ChatRequests.REQUESTS;
import static dev.noesis.chat.ChatRequests.cancel;
import static dev.noesis.chat.ChatRequests.delete;
import static dev.noesis.chat.ChatRequests.notes;
import static dev.noesis.chat.ChatRequests.replies;
import static dev.noesis.chat.ChatRequests.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.model.Content;
import dev.noesis.testing.HeldEffects;
import dev.noesis.testing.TestLane;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a cancel, and the deletion of an agent, do to a run in each of its states. */
class ChatCancelTest {
    @TempDir
    private Path stateDir;

    @Test
    void aRunThatWaitsIsAnsweredAtOnceAndNeverBegins() {
        try (TestLane lane = TestLane.chat(stateDir)) {
            lane.read(REQUESTS, request("r1"));
            lane.read(REQUESTS, request("r2"));
            lane.read(REQUESTS, cancel("r2"));
            assertThat(replies(lane)).containsExactly("r2 cancelled");

            lane.answer("end_turn", new Content.Text("done"));

            assertThat(replies(lane)).containsExactly("r1 success");
            assertThat(lane.thinking()).isEmpty();
            assertThat(lane.outbox()).isEmpty();
        }
    }

    @Test
    void aRunThatIsOpeningIsAnsweredOnce() {
        try (TestLane lane = TestLane.chat(stateDir)) {
            lane.take(REQUESTS, request("r1"));
            lane.take(REQUESTS, cancel("r1"));
            lane.take(REQUESTS, cancel("r1"));
            lane.settle();

            assertThat(replies(lane)).containsExactly("r1 cancelled");
            assertThat(lane.thinking()).isEmpty();
            assertThat(lane.outbox()).isEmpty();
        }
    }

    @Test
    void aCancelThatOvertakesTheOpeningKeepsItsThreadUsable() {
        try (TestLane lane = TestLane.chat(stateDir)) {
            lane.take(REQUESTS, request("r1"));
            lane.take(REQUESTS, cancel("r1"));
            HeldEffects.Append opened = lane.effects.appends.remove();
            lane.settle();
            lane.append(opened.key(), opened.event());
            assertThat(replies(lane)).containsExactly("r1 cancelled");

            lane.read(REQUESTS, request("r2"));

            assertThat(lane.thinking()).containsExactly("r2");
        }
    }

    @Test
    void aThinkingRunIsCutAndItsLateAnswerIsNoReply() {
        try (TestLane lane = TestLane.chat(stateDir)) {
            lane.read(REQUESTS, request("r1"));
            HeldEffects.Asked asked = lane.effects.modelCalls.getFirst();
            lane.read(REQUESTS, cancel("r1").put("reason", "changed my mind"));

            assertThat(lane.effects.modelCalls).isEmpty();
            assertThat(lane.written(REPLIES)).singleElement().satisfies(reply -> {
                assertThat(reply.at("/outcome/type").asString()).isEqualTo("cancelled");
                assertThat(reply.at("/outcome/reason").asString()).isEqualTo("changed my mind");
            });
            lane.answer(asked, "end_turn", new Content.Text("too late"));
            assertThat(replies(lane)).isEmpty();
            assertThat(lane.outbox()).isEmpty();
        }
    }

    @Test
    void anActingRunIsCutAndItsLateToolResultsBeginNoStep() throws InterruptedException {
        try (TestLane lane = TestLane.chat(stateDir)) {
            lane.read(REQUESTS, request("r1"));
            lane.answer(
                    "tool_use",
                    new Content.ToolUse("c1", "recall", "{\"query\":\"tea\"}"),
                    new Content.ToolUse("c2", "recall", "{\"query\":\"tea\"}"));
            var late = lane.effects.toolCalls.getLast();
            lane.callTool();
            lane.read(REQUESTS, cancel("r1"));

            assertThat(lane.effects.toolCalls).isEmpty();
            lane.callTool(late);
            assertThat(replies(lane)).containsExactly("r1 cancelled");
            assertThat(lane.thinking()).isEmpty();
            assertThat(lane.outbox()).isEmpty();
        }
    }

    @Test
    void aRunThatWaitsToTryAgainIsCut() {
        try (TestLane lane = TestLane.chat(stateDir)) {
            lane.read(REQUESTS, request("r1"));
            lane.failUntil(TestLane.NOW + 30_000);
            lane.read(REQUESTS, cancel("r1"));

            assertThat(replies(lane)).containsExactly("r1 cancelled");
            assertThat(lane.effects.modelCalls).isEmpty();
            assertThat(lane.outbox()).isEmpty();
        }
    }

    @Test
    void aCancelThatComesTooLateOrForNothingIsToldSo() {
        try (TestLane lane = TestLane.chat(stateDir)) {
            lane.read(REQUESTS, request("r1"));
            lane.answer("end_turn", new Content.Text("done"));
            assertThat(replies(lane)).containsExactly("r1 success");

            lane.read(REQUESTS, cancel("r1"));
            lane.read(REQUESTS, cancel("r9"));

            assertThat(replies(lane)).isEmpty();
            assertThat(notes(lane))
                    .containsExactly("noesis.cancel_ignored r1 ended", "noesis.cancel_ignored r9 unknown");
        }
    }

    @Test
    void aCancelledRunLeavesItsThreadToTheNext() {
        try (TestLane lane = TestLane.chat(stateDir)) {
            lane.read(REQUESTS, request("r1"));
            lane.read(REQUESTS, request("r2"));
            lane.read(REQUESTS, cancel("r1"));

            assertThat(lane.thinking()).containsExactly("r2");
        }
    }

    @Test
    void aCancelThatNamesAnotherThreadCancelsTheRunInItsOwn() {
        try (TestLane lane = TestLane.chat(stateDir, "chat.max.in.flight.per.agent=1")) {
            lane.read(REQUESTS, request("t0", "r0"));
            lane.read(REQUESTS, request("t1", "r1"));
            lane.read(REQUESTS, request("t1", "r2"));
            lane.read(REQUESTS, cancel("r1").put("threadId", "t9"));

            assertThat(lane.written(REPLIES)).singleElement().satisfies(reply -> {
                assertThat(reply.path("runId").asString()).isEqualTo("r1");
                assertThat(reply.path("threadId").asString()).isEqualTo("t1");
            });
            lane.answer("end_turn", new Content.Text("done"));
            assertThat(lane.thinking()).containsExactly("r2");
        }
    }

    @Test
    void theRunsOfADeletedAgentAreCancelledAndItsMemoryIsEmpty() {
        try (TestLane lane = TestLane.chat(stateDir)) {
            lane.read(REQUESTS, request("r1"));
            lane.answer("end_turn", new Content.Text("done"));
            lane.read(REQUESTS, request("r2"));
            lane.read(REQUESTS, request("r3"));
            lane.read(REQUESTS, "grace", request("g1"));
            assertThat(replies(lane)).containsExactly("r1 success");

            lane.read(REQUESTS, delete());

            assertThat(replies(lane)).containsExactlyInAnyOrder("r2 cancelled", "r3 cancelled");
            assertThat(lane.thinking()).containsExactly("g1");
            lane.read(REQUESTS, request("r4"));
            assertThat(lane.effects.modelCalls.getLast().call().request().messages())
                    .extracting(message -> message.text())
                    .containsExactly("hello from r4");
        }
    }

    @Test
    void aDeletionThatCrossesACancelDoesNotAnswerTwice() {
        try (TestLane lane = TestLane.chat(stateDir)) {
            lane.read(REQUESTS, request("r1"));
            lane.take(REQUESTS, cancel("r1"));
            lane.take(REQUESTS, delete());
            lane.settle();

            assertThat(replies(lane)).containsExactly("r1 cancelled");
        }
    }

    @Test
    void aDeadlineThatCrossesADeletionDoesNotAnswerTwice() {
        try (TestLane lane = TestLane.chat(stateDir)) {
            lane.read(REQUESTS, request("r1"));
            lane.take(REQUESTS, delete());
            lane.passTime();

            assertThat(replies(lane)).containsExactly("r1 cancelled");
        }
    }

    @Test
    void aCancelThatCrossesADeletionDoesNotAnswerTwice() {
        try (TestLane lane = TestLane.chat(stateDir)) {
            lane.read(REQUESTS, request("r1"));
            lane.take(REQUESTS, delete());
            lane.take(REQUESTS, cancel("r1"));
            lane.settle();

            assertThat(replies(lane)).containsExactly("r1 cancelled");
        }
    }
}
