package dev.noesis.chat;

import static dev.noesis.chat.ChatLane.REQUESTS;
import static dev.noesis.chat.ChatLane.cancel;
import static dev.noesis.chat.ChatLane.start;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noesis.mind.Fold;
import dev.noesis.mind.MapEntries;
import dev.noesis.mind.Writer;
import dev.noesis.model.Attempt;
import dev.noesis.model.Lane;
import dev.noesis.model.MindEvent;
import dev.noesis.model.MindEvent.Barrier;
import dev.noesis.model.MindEvent.CallRef;
import dev.noesis.model.MindEvent.Checkpoint;
import dev.noesis.model.MindEvent.Handover;
import dev.noesis.model.Origin;
import dev.noesis.run.LaneTask;
import dev.noesis.run.RecordingEffects;
import dev.noesis.run.RecordingEffects.Called;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Barriers, fences, handovers and crashes, as one task sees them. */
class ChatRecoveryTest {
    private final LaneTask lane = ChatLane.task();

    // ---- the barrier as a gate

    @Test
    void aTaskAnnouncesItsBarrierWhenItStarts() {
        lane.start();

        assertThat(lane.effects().announced).singleElement().satisfies(barrier -> {
            assertThat(barrier.body()).isInstanceOfSatisfying(Barrier.class, b -> {
                assertThat(b.incarnation()).isNotBlank();
                assertThat(b.partitions()).isEqualTo(1);
            });
            assertThat(barrier.stamp()).isNull();
        });
    }

    @Test
    void nothingIsDecidedOrLaunchedBeforeTheBarrierIsFolded() {
        lane.start();
        lane.input(REQUESTS, "ada", start("t1", "r1", "hello"));
        lane.input(REQUESTS, "ada", "no json");
        lane.input(REQUESTS, "ada", start("t1", "r2", "hello", "'multitask':'reject'"));
        lane.input(REQUESTS, "ada", cancel("t1", "r1"));
        process();

        assertThat(lane.effects().appended).isEmpty();
        assertThat(lane.effects().called).isEmpty();
        assertThat(lane.effects().published).isEmpty();
        assertThat(lane.outputs(ChatTopology.REPLIES_SINK)).isEmpty();
        assertThat(lane.outputs(ChatTopology.DLQ_SINK)).isEmpty();
        assertThat(lane.keys("queue")).isEmpty();
    }

    @Test
    void whatCameBeforeTheBarrierIsDecidedInOrderBehindIt() {
        lane.start();
        for (int i = 0; i < 100; i++) {
            lane.input(REQUESTS, "ada", start("t1", "r" + i, "hello"));
        }
        lane.input(REQUESTS, "ada", cancel("t1", "r98"));
        process();
        lane.flush();
        lane.processNext();
        // the barrier's record takes a part of it, later records the rest
        lane.input(REQUESTS, "ada", start("t1", "last", "hello"));
        lane.run();

        assertThat(lane.outputs(ChatTopology.REPLIES_SINK))
                .extracting(reply -> reply.json().path("runId").asString())
                .containsExactly("r98");
        for (int i = 0; i < 98; i++) {
            assertThat(lane.calls()).containsExactly("r" + i + "/0");
            lane.answer("ada", "r" + i, "hi");
        }
        lane.answer("ada", "r99", "hi");
        assertThat(lane.calls()).containsExactly("last/0");
    }

    @Test
    void theRestOfWhatCameBeforeTheBarrierIsTakenByTheFallback() {
        lane.start();
        for (int i = 0; i < 100; i++) {
            lane.input(REQUESTS, "agent" + i, start("t1", "r1", "hello"));
        }
        process();
        lane.flush();
        process();
        int decided = lane.effects().appended.size();
        assertThat(lane.fallsBack()).isTrue();

        lane.fallBack();

        assertThat(lane.effects().appended).hasSizeGreaterThan(decided);
        assertThat(lane.effects().called).hasSize(100);
        lane.fallBack();
        assertThat(lane.fallsBack()).as("recovery is over").isFalse();
    }

    @Test
    void aReplayedOpeningStartsNoCallBeforeTheBarrier() {
        lane.startAndOwn();
        lane.input(REQUESTS, "ada", start("t1", "r1", "hello"));
        lane.run().crash().start();
        process();

        assertThat(lane.effects().called).isEmpty();
        assertThat(lane.run("ada", "r1")).isNotNull();

        lane.run();
        assertThat(lane.calls()).containsExactly("r1/0");
    }

    // ---- crashes

    @Test
    void effectsLeftInTheOutboxAreLaunchedAgain() {
        lane.startAndOwn();
        lane.input(REQUESTS, "ada", start("t1", "thinks", "hello"));
        lane.input(REQUESTS, "ada", start("t2", "acts", "hello"));
        lane.input(REQUESTS, "ada", start("t3", "waits", "hello"));
        lane.input(REQUESTS, "ada", start("t3", "queued", "hello"));
        lane.run();
        lane.ask("ada", "acts", "a", "recall", "{}");
        lane.fail("ada", "waits", lane.clock() + 60_000);
        lane.commit().crash();

        lane.startAndOwn();

        assertThat(lane.calls()).containsExactlyInAnyOrder("thinks/0", "waits/0");
        assertThat(lane.effects().called)
                .filteredOn(called -> called.call().runId().equals("waits"))
                .singleElement()
                .satisfies(called -> assertThat(called.delayMs()).isEqualTo(60_000));
        assertThat(lane.effects().acting).hasSize(1);
        assertThat(lane.effects().delayed).as("the deadlines").hasSize(4);
        assertThat(lane.outputs(ChatTopology.REPLIES_SINK)).isEmpty();
        lane.answer("ada", "waits", "hi");
        assertThat(lane.calls()).contains("queued/0");
    }

    @Test
    void anOpeningThatWasNotAppendedIsAppendedByTheNextTask() {
        lane.startAndOwn();
        lane.input(REQUESTS, "ada", start("t1", "r1", "hello"));
        lane.input(REQUESTS, "ada", start("t1", "r2", "hello"));
        process();
        lane.commit().crash();

        lane.startAndOwn();

        assertThat(lane.calls()).containsExactly("r1/0");
        lane.answer("ada", "r1", "hi");
        assertThat(lane.calls()).containsExactly("r2/0");
    }

    @Test
    void aRequestReadAgainAfterItsEffectWasFoldedChangesNothing() {
        lane.startAndOwn();
        lane.commit();
        lane.input(REQUESTS, "ada", start("t1", "r1", "hello"));
        lane.run().crash();

        lane.startAndOwn();

        assertThat(lane.calls()).containsExactly("r1/0");
        assertThat(lane.effects().published).as("it is no duplicate").isEmpty();
        lane.answer("ada", "r1", "hi");
        assertThat(replied()).containsExactly("r1");
        assertThat(lane.keys("queue")).isEmpty();
        assertThat(lane.keys("outbox")).isEmpty();
    }

    @Test
    void anAnswerThatReachedTheLogIsNotPaidAgain() {
        lane.startAndOwn();
        lane.input(REQUESTS, "ada", start("t1", "r1", "hello"));
        lane.run().commit();
        lane.answer("ada", "r1", "hi").crash();

        lane.startAndOwn();

        assertThat(lane.effects().called).isEmpty();
        assertThat(replied()).containsExactly("r1");
    }

    @Test
    void aRunThatEndedBeforeItBeganIsRepliedToOnceAcrossACrash() {
        lane.startAndOwn();
        lane.input(REQUESTS, "ada", start("t1", "r1", "hello"));
        lane.run().commit();
        lane.input(REQUESTS, "ada", start("t1", "r2", "hello"));
        lane.input(REQUESTS, "ada", cancel("t1", "r2"));
        lane.run().crash();

        lane.startAndOwn();

        assertThat(replied()).containsExactly("r2");
        lane.answer("ada", "r1", "hi");
        assertThat(replied()).containsExactly("r2", "r1");
        assertThat(lane.keys("queue")).isEmpty();
    }

    @Test
    void anotherAttemptIsAboveAllThatWereMadeBefore() {
        lane.startAndOwn();
        lane.input(REQUESTS, "ada", start("t1", "r1", "hello"));
        lane.run().commit();
        Attempt before = RecordingEffects.attempt(call().tenure());
        lane.crash().startAndOwn();

        assertThat(RecordingEffects.attempt(call().tenure())).isGreaterThan(before);
    }

    // ---- the barrier as a fence

    @Test
    void aNewerBarrierOfItsLaneEndsATasksDecisions() {
        lane.startAndOwn();
        lane.input(REQUESTS, "ada", start("t1", "r1", "hello"));
        lane.run();

        lane.append("~chat", Writer.chat("another").barrier());
        lane.run();
        int appended = lane.effects().appended.size();
        lane.input(REQUESTS, "ada", start("t1", "r2", "hello"));
        lane.input(REQUESTS, "ada", cancel("t1", "r1"));
        lane.run();

        assertThat(lane.effects().abandoned).hasSize(1);
        assertThat(lane.effects().appended).hasSize(appended);
        assertThat(lane.effects().called).hasSize(1);
    }

    @Test
    void aBarrierOfTheOtherLaneEndsNothing() {
        lane.startAndOwn();
        lane.append("~heartbeat", Writer.heartbeat("another").barrier());
        lane.input(REQUESTS, "ada", start("t1", "r1", "hello"));
        lane.run();

        assertThat(lane.effects().abandoned).isEmpty();
        assertThat(lane.calls()).containsExactly("r1/0");
    }

    @Test
    void whatAZombieDecidesDoesNotClearTheOwnersOutbox() {
        lane.startAndOwn();
        lane.input(REQUESTS, "ada", start("t1", "r1", "hello"));
        process();
        lane.commit().crash();
        // the next task's barrier is first, then what its predecessor still had in hand
        lane.start();
        lane.flush();
        lane.append("ada", Writer.chat("the predecessor").opened("r1", "t1", "hello"));
        process();
        assertThat(lane.count("noesis.events.stale")).isEqualTo(1);
        assertThat(lane.keys("outbox")).contains("a/ada/r1/opened");

        lane.run();
        assertThat(lane.calls()).containsExactly("r1/0");
    }

    @Test
    void whoeverPaidForAnAnswerItCountsAndOursIsCut() {
        lane.startAndOwn();
        lane.input(REQUESTS, "ada", start("t1", "r1", "hello"));
        lane.run();

        lane.append("ada", Writer.chat("the predecessor").answered("r1", 0, new Attempt(0, 99), "from before"));
        lane.run();

        assertThat(replied()).containsExactly("r1");
        assertThat(lane.calls()).isEmpty();
        assertThat(lane.effects().cancelled).contains(call().call().effectKey());
    }

    // ---- handover

    @Test
    void aTaskThatIsClosedHandsOverAndSaysHowFarItWas() {
        lane.startAndOwn();
        lane.input(REQUESTS, "ada", start("t1", "r1", "hello"));
        lane.run();
        Fold.Position position = lane.position();

        lane.processor().close();

        assertThat(lane.effects().handedOver).containsExactly(call().tenure());
        assertThat(lane.effects().announced.getLast().body())
                .isEqualTo(new Checkpoint(
                        position.offset(), position.logHash().hex(), position.storeHash().hex(), 1));
    }

    @Test
    void aTaskThatNeverOwnedItsPartitionHandsNothingOver() {
        lane.start();
        lane.processor().close();

        assertThat(lane.effects().handedOver).isEmpty();
        assertThat(lane.effects().announced).hasSize(1);
    }

    @Test
    void callsThatWereHandedOverAreMadeAgainOnlyAfterTheirTimeAndOthersAtOnce() {
        lane.startAndOwn();
        lane.input(REQUESTS, "ada", start("t1", "left", "hello"));
        lane.input(REQUESTS, "ada", start("t2", "waited", "hello"));
        lane.run();
        String incarnation = call().tenure().incarnation();
        lane.append("~chat", handover(incarnation, 30_000, new CallRef("ada", "left", 0)));
        lane.run().commit().crash();

        lane.startAndOwn();

        assertThat(delayOf("left")).isEqualTo(30_000);
        assertThat(delayOf("waited")).isZero();

        lane.append("ada", Writer.chat(incarnation).answered("left", 0, new Attempt(0, 50), "finished over there"));
        lane.run();
        assertThat(replied()).containsExactly("left");
        assertThat(lane.calls()).containsExactly("waited/0");
    }

    @Test
    void whatWasHandedOverLongAgoIsMadeAgainAtOnce() {
        lane.startAndOwn();
        lane.input(REQUESTS, "ada", start("t1", "left", "hello"));
        lane.run();
        lane.append("~chat", handover(call().tenure().incarnation(), 30_000, new CallRef("ada", "left", 0)));
        lane.run().commit();
        lane.pass(31_000).commit().crash();

        lane.startAndOwn();

        assertThat(delayOf("left")).isZero();
    }

    // ---- offsets

    @Test
    void inputsThatWereTakenAreSkippedWhenTheyAreReadAgain() {
        lane.startAndOwn();
        lane.input(REQUESTS, "ada", start("t1", "r1", "hello"));
        lane.input(REQUESTS, "ada", start("t1", "r2", "hello"));
        lane.run().commit();
        lane.rewind(REQUESTS, 0);
        lane.rewind(LaneTask.LOG, 0);

        lane.crash().startAndOwn();

        assertThat(lane.count("noesis.inputs.skipped")).isEqualTo(2);
        assertThat(lane.count("noesis.log.skipped")).isGreaterThan(1);
        assertThat(lane.calls()).containsExactly("r1/0");
        assertThat(lane.effects().published).isEmpty();
    }

    /** Else its barrier would be passed over like all that was folded, and the lane would wait for ever. */
    @Test
    void aLogThatEndsBeforeWhatWasFoldedStopsTheTaskAndBothAreNamed() {
        lane.startAndOwn();
        lane.input(REQUESTS, "ada", start("t1", "r1", "hello"));
        lane.run().commit().crash();
        lane.forgetLog();
        lane.start();

        assertThatThrownBy(lane::run)
                .isInstanceOf(Fold.StoppedException.class)
                .hasMessageContaining("offset 0")
                .hasMessageContaining("offset 1");
    }

    // ---- checkpoints

    @Test
    void aCheckpointIsAnnouncedEveryThousandOffsetsAndHolds() {
        lane.startAndOwn();
        for (int i = 0; i < 2_200; i++) {
            lane.append("ada", Writer.chat("nobody").cancelled("r" + i, "t1"));
        }
        lane.run();

        List<MindEvent> checkpoints = lane.effects().announced.stream()
                .filter(event -> event.body() instanceof Checkpoint)
                .toList();
        assertThat(checkpoints).hasSize(2);
        Fold anew = new Fold(new MapEntries(), Fold.Position.START);
        lane.log().stream().limit(1_001).forEach(entry -> entry.foldInto(anew));
        assertThat(checkpoints.getFirst().body())
                .isEqualTo(new Checkpoint(
                        1_000,
                        anew.position().logHash().hex(),
                        anew.position().storeHash().hex(),
                        1));
    }

    private void process() {
        while (lane.processNext()) {
            // nothing is appended meanwhile
        }
    }

    private Called call() {
        return lane.effects().called.getLast();
    }

    private long delayOf(String run) {
        return lane.effects().called.stream()
                .filter(called -> called.call().runId().equals(run))
                .findFirst()
                .orElseThrow()
                .delayMs();
    }

    private List<String> replied() {
        return lane.outputs(ChatTopology.REPLIES_SINK).stream()
                .map(reply -> reply.json().path("runId").asString())
                .toList();
    }

    private MindEvent handover(String incarnation, long forMs, CallRef... calls) {
        return new MindEvent(
                MindEvent.VERSION,
                "handover",
                lane.clock(),
                Lane.CHAT,
                null,
                null,
                Origin.OPERATOR,
                incarnation,
                new Handover(List.of(calls), forMs));
    }
}
