package dev.noesis.chat;

import static dev.noesis.chat.ChatRequests.REQUESTS;
import static dev.noesis.chat.ChatRequests.cancel;
import static dev.noesis.chat.ChatRequests.notes;
import static dev.noesis.chat.ChatRequests.replies;
import static dev.noesis.chat.ChatRequests.request;
import static dev.noesis.chat.ChatRequests.with;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.model.Content;
import dev.noesis.model.ErrorCode;
import dev.noesis.model.Lane;
import dev.noesis.model.MindEvent.Checkpoint;
import dev.noesis.testing.HeldEffects;
import dev.noesis.testing.TestLane;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a task finds that comes after another: one that died, one that left, or one that does not know that it is over. */
class ChatRecoveryTest {
    @TempDir
    private Path stateDir;

    @Test
    void aModelCallThatDiedWithItsTaskIsMadeAgainAndAnsweredOnce() {
        TestLane first = TestLane.chat(stateDir);
        first.read(REQUESTS, request("r1"));
        HeldEffects.Asked lost = first.effects.modelCalls.getFirst();
        try (TestLane second = first.crash()) {
            assertThat(second.effects.modelCalls).isEmpty();

            second.settle();

            assertThat(second.effects.modelCalls).singleElement().satisfies(asked -> {
                assertThat(asked.call()).isEqualTo(lost.call());
                assertThat(asked.delayMs()).isZero();
                assertThat(asked.tenure().incarnation()).isEqualTo(second.incarnation());
                assertThat(second.attempt(asked.tenure())).isGreaterThan(second.attempt(lost.tenure()));
            });
            second.answer("end_turn", new Content.Text("done"));
            assertThat(replies(second)).containsExactly("r1 success");
            assertThat(second.outbox()).isEmpty();
        }
    }

    @Test
    void anAnswerThatReachedTheLogBeforeTheBarrierIsNotPaidForAgain() {
        TestLane first = TestLane.chat(stateDir);
        first.read(REQUESTS, request("r1"));
        HeldEffects.Asked asked = first.effects.modelCalls.getFirst();
        TestLane.Snapshot before = first.snapshot();
        first.answer(asked, "end_turn", new Content.Text("paid for"));
        try (TestLane second = first.crashBackTo(before)) {
            second.settle();

            assertThat(second.effects.modelCalls).isEmpty();
            assertThat(replies(second)).containsExactly("r1 success");
        }
    }

    @Test
    void anAnswerOfAFormerOwnerCountsAndEndsTheSecondCall() {
        TestLane first = TestLane.chat(stateDir);
        first.read(REQUESTS, request("r1"));
        HeldEffects.Asked asked = first.effects.modelCalls.getFirst();
        try (TestLane second = first.crash()) {
            second.settle();
            assertThat(second.thinking()).containsExactly("r1");

            second.answer(asked, "end_turn", new Content.Text("late but paid for"));

            assertThat(replies(second)).containsExactly("r1 success");
            assertThat(second.effects.modelCalls).isEmpty();
            assertThat(second.outbox()).isEmpty();
        }
    }

    @Test
    void aFailureThatAFormerOwnerDecidedDoesNotCountNorClearTheOutbox() {
        TestLane first = TestLane.chat(stateDir);
        first.read(REQUESTS, request("r1"));
        HeldEffects.Asked asked = first.effects.modelCalls.getFirst();
        try (TestLane second = first.crash()) {
            second.settle();
            List<String> outbox = second.outbox();

            second.fail(asked, second.attempt(asked.tenure()), ErrorCode.MODEL_UNAVAILABLE, null);

            assertThat(replies(second)).isEmpty();
            assertThat(second.outbox()).isEqualTo(outbox);
            assertThat(second.thinking()).containsExactly("r1");
            assertThat(second.counted("noesis.events.stale")).isEqualTo(1);
        }
    }

    @Test
    void anOpeningThatAZombieDecidesDoesNotClearTheOutbox() {
        TestLane first = TestLane.chat(stateDir);
        first.take(REQUESTS, request("r1"));
        HeldEffects.Append opened = first.effects.appends.getFirst();
        try (TestLane second = first.crash()) {
            HeldEffects.Append barrier = second.effects.appends.remove();
            second.append(barrier.key(), barrier.event());
            int runs = second.effects.modelCalls.size();
            assertThat(runs).isEqualTo(1);
            second.append(opened.key(), opened.event());

            assertThat(second.counted("noesis.events.stale")).isEqualTo(1);
            assertThat(second.thinking()).containsExactly("r1");
            second.answer("end_turn", new Content.Text("done"));
            assertThat(replies(second)).containsExactly("r1 success");
        }
    }

    @Test
    void aZombiesDecisionBehindTheBarrierLeavesTheEffectToTheOwner() {
        TestLane first = TestLane.chat(stateDir);
        first.take(REQUESTS, request("r1"));
        HeldEffects.Append opened = first.effects.appends.getFirst();
        try (TestLane second = first.crash()) {
            HeldEffects.Append barrier = second.effects.appends.remove();
            second.log().append(barrier.key(), barrier.event(), second.now());
            second.log().append(opened.key(), opened.event(), second.now());
            second.catchUp();
            assertThat(second.counted("noesis.events.stale")).isEqualTo(1);
            assertThat(second.outbox()).anyMatch(key -> key.endsWith("r1/opened"));
            assertThat(second.thinking()).isEmpty();

            second.settle();

            assertThat(second.thinking()).containsExactly("r1");
        }
    }

    @Test
    void callsThatWereHandedOverAreMadeAgainOnlyWhenTheirTimeIsUp() {
        TestLane first = TestLane.chat(stateDir);
        first.read(REQUESTS, request("r1"));
        try (TestLane second = first.stop(5_000)) {
            second.advance(Duration.ofMillis(1_200));
            assertThat(second.effects.modelCalls).isEmpty();
            second.advance(Duration.ofSeconds(2));

            assertThat(second.effects.modelCalls)
                    .singleElement()
                    .satisfies(asked -> assertThat(asked.delayMs()).isEqualTo(1_800));
            assertThat(second.log().bodies(Checkpoint.class)).hasSize(1);
        }
    }

    @Test
    void callsThatWereHandedOverAreLeftAloneByTheNextButOneToo() {
        TestLane first = TestLane.chat(stateDir);
        first.read(REQUESTS, request("r1"));
        TestLane second = first.stop(5_000);
        second.settle();
        try (TestLane third = second.crash()) {
            third.advance(Duration.ofMillis(1_200));
            assertThat(third.effects.modelCalls).isEmpty();
            third.advance(Duration.ofSeconds(2));

            assertThat(third.effects.modelCalls)
                    .singleElement()
                    .satisfies(asked -> assertThat(asked.delayMs()).isPositive());
        }
    }

    @Test
    void aCallThatTheLeavingOwnerFinishesIsNotMadeAgain() {
        TestLane first = TestLane.chat(stateDir);
        first.read(REQUESTS, request("r1"));
        HeldEffects.Asked asked = first.effects.modelCalls.getFirst();
        try (TestLane second = first.stop(5_000)) {
            second.settle();
            second.answer(asked, "end_turn", new Content.Text("finished on the way out"));

            assertThat(replies(second)).containsExactly("r1 success");
            assertThat(second.effects.modelCalls).isEmpty();
            assertThat(second.outbox()).isEmpty();
        }
    }

    @Test
    void aTaskIsAnnouncedAnewEachTimeAndItsCloseHandsOver() {
        TestLane lane = TestLane.chat(stateDir);
        lane.read(REQUESTS, request("r1"));
        lane.close();

        assertThat(lane.effects.handedOver)
                .singleElement()
                .satisfies(tenure -> assertThat(tenure.incarnation()).isEqualTo(lane.incarnation()));
        assertThat(lane.effects.appends)
                .singleElement()
                .satisfies(append -> assertThat(append.event().body()).isInstanceOf(Checkpoint.class));
    }

    @Test
    void aTaskThatNeverOwnedItsPartitionHasNothingToHandOver() {
        TestLane lane = TestLane.started(TestLane.Setup.of(Lane.CHAT), stateDir);
        lane.effects.appends.clear();
        lane.close();

        assertThat(lane.effects.handedOver).isEmpty();
        assertThat(lane.effects.appends).isEmpty();
    }

    @Test
    void aTaskThatSeesAnothersBarrierDecidesAndLaunchesNothingAnyMore() {
        TestLane.Setup setup = TestLane.Setup.of(Lane.CHAT);
        try (TestLane zombie = TestLane.owner(setup, stateDir)) {
            zombie.read(REQUESTS, request("r1"));
            HeldEffects.Asked asked = zombie.effects.modelCalls.getFirst();
            try (TestLane owner = TestLane.owner(setup, stateDir)) {
                zombie.catchUp();
                assertThat(zombie.effects.abandoned).hasSize(1);
                assertThat(zombie.effects.modelCalls).isEmpty();

                zombie.take(REQUESTS, request("t2", "r2"));
                zombie.answer(asked, "tool_use", new Content.ToolUse("c1", "recall", "{\"query\":\"tea\"}"));
                zombie.advance(Duration.ofMinutes(20));

                assertThat(zombie.effects.modelCalls).isEmpty();
                assertThat(zombie.effects.toolCalls).isEmpty();
                assertThat(zombie.effects.appends).isEmpty();
                owner.settle();
                assertThat(owner.effects.toolCalls).hasSize(1);
            }
        }
    }

    @Test
    void aBarrierThatAProducerWroteTwiceEndsNothing() {
        try (TestLane lane = TestLane.started(TestLane.Setup.of(Lane.CHAT), stateDir)) {
            HeldEffects.Append barrier = lane.effects.appends.remove();
            lane.append(barrier.key(), barrier.event());
            lane.read(REQUESTS, request("r1"));
            lane.append(barrier.key(), barrier.event());

            assertThat(lane.effects.abandoned).isEmpty();
            assertThat(lane.thinking()).containsExactly("r1");
        }
    }

    @Test
    void theOtherLanesBarrierEndsNothing() {
        try (TestLane chat = TestLane.chat(stateDir);
                TestLane heartbeat =
                        TestLane.owner(TestLane.Setup.of(Lane.HEARTBEAT).on(chat.log()), stateDir)) {
            chat.read(REQUESTS, request("r1"));
            heartbeat.catchUp();

            assertThat(chat.effects.abandoned).isEmpty();
            assertThat(chat.thinking()).containsExactly("r1");
            assertThat(heartbeat.effects.modelCalls).isEmpty();
        }
    }

    @Test
    void aRequestThatIsReadAgainAfterItsRunReachedTheLogChangesNothing() {
        TestLane first = TestLane.chat(stateDir);
        TestLane.Snapshot before = first.snapshot();
        first.read(REQUESTS, request("r1"));
        first.answer("end_turn", new Content.Text("done"));
        try (TestLane second = first.crashBackTo(before)) {
            second.settle();
            second.takeAgain();

            assertThat(replies(second)).containsExactly("r1 success");
            assertThat(notes(second)).isEmpty();
            assertThat(second.thinking()).isEmpty();
            assertThat(second.outbox()).isEmpty();
        }
    }

    @Test
    void aRequestThatIsReadAgainWhileItsRunGoesOnChangesNothing() {
        TestLane first = TestLane.chat(stateDir);
        TestLane.Snapshot before = first.snapshot();
        first.read(REQUESTS, request("r1"));
        first.take(REQUESTS, request("r2"));
        try (TestLane second = first.crashBackTo(before)) {
            second.takeAgain();
            assertThat(second.thinking()).containsExactly("r1");
            assertThat(notes(second)).isEmpty();

            second.answer("end_turn", new Content.Text("done"));
            second.answer("end_turn", new Content.Text("done"));

            assertThat(replies(second)).containsExactly("r1 success", "r2 success");
        }
    }

    @Test
    void aCancelOfAWaitingRunThatReachedTheLogBeforeACrashIsAnsweredOnce() {
        TestLane first = TestLane.chat(stateDir);
        first.read(REQUESTS, request("r1"));
        TestLane.Snapshot before = first.snapshot();
        first.read(REQUESTS, request("r2"));
        first.read(REQUESTS, cancel("r2"));
        try (TestLane second = first.crashBackTo(before)) {
            second.settle();
            second.takeAgain();

            assertThat(replies(second)).containsExactly("r2 cancelled");
            second.answer("end_turn", new Content.Text("done"));
            assertThat(replies(second)).containsExactly("r1 success");
            assertThat(second.thinking()).isEmpty();
            assertThat(second.outbox()).isEmpty();
        }
    }

    @Test
    void inputsThatTheStoresHaveSeenAreSkippedAndCounted() {
        TestLane first = TestLane.chat(stateDir);
        first.read(REQUESTS, request("r1"));
        first.read(REQUESTS, request("r2"));
        try (TestLane second = first.crash()) {
            second.settle();

            assertThat(second.counted("noesis.inputs.skipped")).isEqualTo(2);
            assertThat(second.counted("noesis.log.skipped")).isPositive();
            assertThat(second.thinking()).containsExactly("r1");
        }
    }

    @Test
    void whatWaitedStillWaitsAndKeepsItsOrderAndItsDeadline() {
        TestLane first = TestLane.chat(stateDir);
        first.read(REQUESTS, request("r1"));
        first.read(REQUESTS, with(request("r2"), "deadlineMs", 60_000));
        first.read(REQUESTS, request("r3"));
        try (TestLane second = first.crash()) {
            second.settle();
            second.answer("end_turn", new Content.Text("done"));
            assertThat(second.thinking()).containsExactly("r2");
            second.read(REQUESTS, request("r3"));
            assertThat(notes(second)).containsExactly("noesis.duplicate r3 queued");

            second.advance(Duration.ofMinutes(1));

            assertThat(replies(second)).containsExactly("r1 success", "r2 deadline_exceeded");
            assertThat(second.thinking()).containsExactly("r3");
        }
    }

    @Test
    void requestsThatCameBeforeABarrierSurviveACrash() {
        TestLane first = TestLane.started(TestLane.Setup.of(Lane.CHAT), stateDir);
        first.take(REQUESTS, request("r1"));
        first.take(REQUESTS, request("r2"));
        try (TestLane second = first.crash()) {
            second.settle();
            second.answer("end_turn", new Content.Text("done"));

            assertThat(replies(second)).containsExactly("r1 success");
            assertThat(second.thinking()).containsExactly("r2");
        }
    }

    @Test
    void aToolCallThatDiedWithItsTaskIsMadeAgainUnderTheSameKey() throws InterruptedException {
        TestLane first = TestLane.chat(stateDir);
        first.read(REQUESTS, request("r1"));
        first.answer(
                "tool_use",
                new Content.ToolUse("c1", "recall", "{\"query\":\"tea\"}"),
                new Content.ToolUse("c2", "recall", "{\"query\":\"tea\"}"));
        first.callTool();
        try (TestLane second = first.crash()) {
            second.settle();
            assertThat(second.effects.toolCalls)
                    .singleElement()
                    .satisfies(call ->
                            assertThat(call.invocation().idempotencyKey()).isEqualTo("r1/0/c2"));

            second.callTool();
            second.answer("end_turn", new Content.Text("done"));

            assertThat(replies(second)).containsExactly("r1 success");
        }
    }

    @Test
    void aStepThatWaitsToBeTriedAgainStillDoes() {
        TestLane first = TestLane.chat(stateDir);
        first.read(REQUESTS, request("r1"));
        first.failUntil(TestLane.NOW + 30_000);
        first.advance(Duration.ofSeconds(10));
        try (TestLane second = first.crash()) {
            second.settle();
            second.advance(Duration.ofSeconds(19));

            assertThat(second.effects.modelCalls)
                    .singleElement()
                    .satisfies(asked -> assertThat(asked.delayMs()).isEqualTo(1_000));
        }
    }
}
