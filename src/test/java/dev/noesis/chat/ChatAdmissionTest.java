package dev.noesis.chat;

import static dev.noesis.chat.ChatRequests.REPLIES;
import static dev.noesis.chat.ChatRequests.REQUESTS;
import static dev.noesis.chat.ChatRequests.notes;
import static dev.noesis.chat.ChatRequests.replies;
import static dev.noesis.chat.ChatRequests.request;
import static dev.noesis.chat.ChatRequests.with;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.model.Content;
import dev.noesis.model.Lane;
import dev.noesis.model.MindEvent.RunOpened;
import dev.noesis.testing.TestLane;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which runs may begin, in which order, and what those are told that may not. */
class ChatAdmissionTest {
    @TempDir
    private Path stateDir;

    @Test
    void theRunsOfAThreadAreAnsweredInOrder() {
        try (TestLane lane = TestLane.chat(stateDir)) {
            lane.read(REQUESTS, request("r1"));
            lane.read(REQUESTS, request("r2"));
            lane.read(REQUESTS, request("r3"));

            for (String run : new String[] {"r1", "r2", "r3"}) {
                assertThat(lane.thinking()).containsExactly(run);
                lane.answer("end_turn", new Content.Text("answer to " + run));
            }

            assertThat(replies(lane)).containsExactly("r1 success", "r2 success", "r3 success");
        }
    }

    @Test
    void aLaterRunOfAThreadIsShownTheEarlier() {
        try (TestLane lane = TestLane.chat(stateDir)) {
            lane.read(REQUESTS, request("r1"));
            lane.read(REQUESTS, request("r2"));
            lane.answer("end_turn", new Content.Text("the first answer"));

            assertThat(lane.effects.modelCalls.getFirst().call().request().messages())
                    .extracting(message -> message.text())
                    .containsExactly("hello from r1", "the first answer", "hello from r2");
        }
    }

    @Test
    void threadsDoNotWaitForEachOther() {
        try (TestLane lane = TestLane.chat(stateDir)) {
            lane.read(REQUESTS, request("t1", "r1"));
            lane.read(REQUESTS, request("t2", "r2"));
            assertThat(lane.thinking()).containsExactly("r1", "r2");

            lane.answer(lane.effects.modelCalls.getLast(), "end_turn", new Content.Text("me first"));

            assertThat(replies(lane)).containsExactly("r2 success");
        }
    }

    @Test
    void agentsMayHaveThreadsOfOneName() {
        try (TestLane lane = TestLane.chat(stateDir)) {
            lane.read(REQUESTS, "ada", request("t1", "r1"));
            lane.read(REQUESTS, "grace", request("t1", "r1"));

            assertThat(lane.effects.modelCalls)
                    .extracting(asked -> asked.call().agentId())
                    .containsExactly("ada", "grace");
        }
    }

    @Test
    void anAgentWithTenThousandThreadsDoesNotKeepTheOnlyOneOfAnotherWaiting() {
        try (TestLane lane = TestLane.chat(
                stateDir, "chat.max.in.flight=16", "chat.max.queued.per.agent=20000", "chat.max.queued=20000")) {
            for (int i = 0; i < 10_000; i++) {
                lane.take(REQUESTS, "flood", request("t" + i, "r" + i));
            }
            lane.settle();
            assertThat(lane.thinking()).as("32 is an agent's limit, by default").hasSize(32);
            lane.read(REQUESTS, "grace", request("t1", "only one"));

            lane.answer("end_turn", new Content.Text("done"));

            assertThat(lane.thinking()).hasSize(32).last().isEqualTo("only one");
        }
    }

    @Test
    void anAgentBeginsNoMoreRunsThanItMayHaveInFlight() {
        try (TestLane lane = TestLane.chat(stateDir, "chat.max.in.flight.per.agent=2")) {
            lane.read(REQUESTS, request("t1", "r1"));
            lane.read(REQUESTS, request("t2", "r2"));
            lane.read(REQUESTS, request("t3", "r3"));
            lane.read(REQUESTS, "grace", request("t1", "g1"));
            assertThat(lane.thinking()).containsExactly("r1", "r2", "g1");

            lane.answer("end_turn", new Content.Text("done"));

            assertThat(lane.thinking()).containsExactly("r2", "g1", "r3");
        }
    }

    @Test
    void aRequestThatWillNotWaitIsRejectedWhileItsThreadHasARun() {
        try (TestLane lane = TestLane.chat(stateDir)) {
            lane.read(REQUESTS, request("r1"));
            lane.read(REQUESTS, with(request("r2"), "multitask", "reject"));
            assertThat(replies(lane)).containsExactly("r2 rejected_busy");

            lane.answer("end_turn", new Content.Text("done"));
            lane.read(REQUESTS, with(request("r2"), "multitask", "reject"));

            assertThat(replies(lane)).containsExactly("r1 success");
            assertThat(lane.thinking()).containsExactly("r2");
            assertThat(notes(lane)).isEmpty();
        }
    }

    @Test
    void aRequestThatInterruptsCancelsWhatIsBeforeIt() {
        try (TestLane lane = TestLane.chat(stateDir)) {
            lane.read(REQUESTS, request("r1"));
            lane.read(REQUESTS, request("r2"));
            lane.read(REQUESTS, request("t2", "other"));

            lane.read(REQUESTS, with(request("r3"), "multitask", "interrupt"));

            assertThat(replies(lane)).containsExactlyInAnyOrder("r1 cancelled", "r2 cancelled");
            assertThat(lane.thinking()).containsExactly("other", "r3");
        }
    }

    @Test
    void aRequestThatInterruptsAnOpeningRunCancelsItOnce() {
        try (TestLane lane = TestLane.chat(stateDir)) {
            lane.take(REQUESTS, request("r1"));
            lane.take(REQUESTS, with(request("r2"), "multitask", "interrupt"));
            lane.take(REQUESTS, with(request("r3"), "multitask", "interrupt"));
            lane.settle();

            assertThat(replies(lane)).containsExactly("r1 cancelled", "r2 cancelled");
            assertThat(lane.thinking()).containsExactly("r3");
        }
    }

    @Test
    void anAgentWithTooManyWaitingRunsIsOverloadedAndItsRunIdIsFree() {
        try (TestLane lane = TestLane.chat(stateDir, "chat.max.queued.per.agent=1")) {
            lane.read(REQUESTS, request("r1"));
            lane.read(REQUESTS, request("r2"));
            lane.read(REQUESTS, request("r3"));
            lane.read(REQUESTS, "grace", request("g1"));

            assertThat(lane.written(REPLIES)).singleElement().satisfies(reply -> {
                assertThat(reply.path("runId").asString()).isEqualTo("r3");
                assertThat(reply.path("code").asString()).isEqualTo("overloaded");
                assertThat(reply.at("/metadata/noesis/retryAfterMs").asLong()).isPositive();
            });
            assertThat(lane.thinking()).containsExactly("r1", "g1");

            lane.answer("end_turn", new Content.Text("done"));
            lane.read(REQUESTS, request("r3"));
            lane.answer(lane.effects.modelCalls.getLast(), "end_turn", new Content.Text("done"));

            assertThat(replies(lane)).containsExactly("r1 success", "r2 success");
            assertThat(lane.thinking()).contains("r3");
        }
    }

    @Test
    void aPartitionWithTooManyWaitingRunsIsOverloadedForAllItsAgents() {
        try (TestLane lane = TestLane.chat(stateDir, "chat.max.queued=2")) {
            lane.read(REQUESTS, "ada", request("a1"));
            lane.read(REQUESTS, "ada", request("a2"));
            lane.read(REQUESTS, "grace", request("g1"));
            lane.read(REQUESTS, "grace", request("g2"));
            lane.read(REQUESTS, "edith", request("e1"));
            assertThat(replies(lane)).containsExactly("e1 overloaded");

            lane.answer("end_turn", new Content.Text("done"));
            lane.read(REQUESTS, "edith", request("e1"));

            assertThat(replies(lane)).containsExactly("a1 success");
            assertThat(lane.thinking()).containsExactly("g1", "a2", "e1");
        }
    }

    @Test
    void aRunIsOpenedUnderTheTermsOfItsRequest() {
        try (TestLane lane = TestLane.chat(stateDir)) {
            lane.read(REQUESTS, with(with(request("r1"), "deadlineMs", 5_000), "maxTokens", 77));

            assertThat(lane.log().bodies(RunOpened.class)).singleElement().satisfies(opened -> {
                assertThat(opened.spec().requestedAt()).isEqualTo(TestLane.NOW);
                assertThat(opened.spec().deadlineAt()).isEqualTo(TestLane.NOW + 5_000);
                assertThat(opened.requestOffset()).isZero();
            });
            assertThat(lane.effects.modelCalls.getFirst().call().request().maxTokens())
                    .isEqualTo(77);
        }
    }

    @Test
    void aDeadlineEndsTheRunThatGoesOnAndTheOneThatWaits() {
        try (TestLane lane = TestLane.chat(stateDir)) {
            lane.read(REQUESTS, request("r1"));
            lane.read(REQUESTS, with(request("r2"), "deadlineMs", 5_000));
            lane.read(REQUESTS, with(request("t2", "r3"), "deadlineMs", 5_000));
            assertThat(lane.thinking()).containsExactly("r1", "r3");

            lane.advance(Duration.ofSeconds(5));

            assertThat(replies(lane)).containsExactlyInAnyOrder("r2 deadline_exceeded", "r3 deadline_exceeded");
            assertThat(lane.thinking()).containsExactly("r1");
            lane.answer("end_turn", new Content.Text("done"));
            assertThat(lane.thinking()).isEmpty();
            assertThat(lane.outbox()).isEmpty();
        }
    }

    @Test
    void aRequestThatIsPastItsDeadlineWhenItIsReadIsAnsweredSo() {
        try (TestLane lane = TestLane.started(TestLane.Setup.of(Lane.CHAT), stateDir)) {
            lane.take(REQUESTS, with(request("r1"), "deadlineMs", 1_000));
            lane.advance(Duration.ofSeconds(2));

            assertThat(replies(lane)).containsExactly("r1 deadline_exceeded");
            assertThat(lane.thinking()).isEmpty();
            assertThat(lane.outbox()).isEmpty();
        }
    }

    @Test
    void aBacklogThatCameBeforeTheBarrierIsDecidedInOrderAndWithoutFurtherRecords() {
        int backlog = 200;
        try (TestLane lane =
                TestLane.started(TestLane.Setup.of(Lane.CHAT, "chat.max.queued.per.agent=1000"), stateDir)) {
            for (int i = 0; i < backlog; i++) {
                lane.take(REQUESTS, request("r" + i));
            }
            lane.settle();
            lane.take(REQUESTS, request("r" + backlog));
            for (int i = 0; i < backlog; i += 64) {
                lane.advance(Duration.ofSeconds(1));
            }
            for (int i = 0; i <= backlog; i++) {
                lane.answer("end_turn", new Content.Text("done"));
            }

            assertThat(replies(lane))
                    .hasSize(backlog + 1)
                    .startsWith("r0 success", "r1 success")
                    .endsWith("r199 success", "r200 success");
        }
    }
}
