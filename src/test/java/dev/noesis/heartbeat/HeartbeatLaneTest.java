package dev.noesis.heartbeat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.llm.LlmRequest.ToolChoice;
import dev.noesis.model.Content;
import dev.noesis.model.ErrorCode;
import dev.noesis.model.Lane;
import dev.noesis.model.MindEvent;
import dev.noesis.model.MindEvent.AgentDeleted;
import dev.noesis.model.MindEvent.FindingReacted;
import dev.noesis.model.MindEvent.FindingsRaised;
import dev.noesis.model.MindEvent.RunOpened;
import dev.noesis.model.Origin;
import dev.noesis.model.Reaction;
import dev.noesis.serde.Json;
import dev.noesis.testing.HeldEffects;
import dev.noesis.testing.TestLane;
import dev.noesis.topics.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** From a signal and a tick to an outcome, and what is left to the next tick when there is none. */
class HeartbeatLaneTest {
    private static final Topics TOPICS = new Topics("");
    private static final String TICKS = TOPICS.heartbeatTicks();
    private static final String SIGNALS = TOPICS.agentSignals();
    private static final String OUTCOMES = TOPICS.heartbeatOutcomes();
    private static final String ATTENTION = TOPICS.agentAttention();
    private static final String DLQ = TOPICS.heartbeatDlq();

    @TempDir
    private Path stateDir;

    @Test
    void aTickThatFindsNothingLeavesOnlyAnOutcome() {
        try (TestLane lane = TestLane.heartbeat(stateDir)) {
            int logged = lane.log().records().size();
            lane.read(TICKS, tick("k1"));

            assertThat(outcomes(lane)).containsExactly("k1 skipped no_findings");
            assertThat(lane.log().records()).hasSize(logged);
            assertThat(lane.outbox()).isEmpty();
            assertThat(lane.effects.modelCalls).isEmpty();
            assertThat(lane.effects.delayed).isEmpty();
            assertThat(lane.effects.published).isEmpty();
        }
    }

    @Test
    void aSignalReachesTheLogOnlyWhenATickRaisesIt() {
        try (TestLane lane = TestLane.heartbeat(stateDir)) {
            int logged = lane.log().records().size();
            lane.read(SIGNALS, signal("s1"));
            assertThat(lane.log().records()).hasSize(logged);
            assertThat(lane.outbox()).isEmpty();

            lane.read(TICKS, tick("k1"));

            assertThat(lane.log().bodies(FindingsRaised.class)).singleElement().satisfies(raised -> {
                assertThat(raised.tickId()).isEqualTo("k1");
                assertThat(raised.findings()).singleElement().satisfies(finding -> {
                    assertThat(finding.source()).isEqualTo("backup");
                    assertThat(finding.summary()).isEqualTo("The nightly backup failed");
                });
            });
            assertThat(lane.log().bodies(RunOpened.class)).singleElement().satisfies(opened -> {
                assertThat(opened.spec().tickId()).isEqualTo("k1");
                assertThat(opened.spec().requiredTool()).isEqualTo("heartbeat_respond");
            });
            assertThat(lane.effects.modelCalls).singleElement().satisfies(asked -> {
                assertThat(asked.call().request().messages().getFirst().text()).contains("The nightly backup failed");
                assertThat(asked.call().request().toolChoice()).isInstanceOf(ToolChoice.Any.class);
            });
            assertThat(outcomes(lane)).isEmpty();
        }
    }

    @Test
    void aFindingThatAHumanShouldKnowReachesThem() throws InterruptedException {
        try (TestLane lane = TestLane.heartbeat(stateDir)) {
            lane.read(SIGNALS, signal("s1"));
            lane.read(TICKS, tick("k1"));
            respond(lane, "notify");

            assertThat(lane.written(OUTCOMES)).singleElement().satisfies(outcome -> {
                assertThat(outcome.path("tickId").asString()).isEqualTo("k1");
                assertThat(outcome.path("status").asString()).isEqualTo("notified");
                assertThat(outcome.path("runId").asString()).isEqualTo("heartbeat-k1");
                assertThat(outcome.path("model").asString()).isEqualTo(TestLane.MODEL);
                assertThat(outcome.path("provider").asString()).isEqualTo("anthropic");
                assertThat(outcome.path("target").asString()).isEqualTo("primary");
                assertThat(outcome.at("/findings/0/decision").asString()).isEqualTo("notify");
                assertThat(outcome.at("/checks/0/findings").asInt()).isEqualTo(1);
                assertThat(outcome.at("/usage/inputTokens").asLong()).isEqualTo(TestLane.USAGE.inputTokens());
            });
            assertThat(lane.written(ATTENTION)).singleElement().satisfies(attention -> {
                assertThat(attention.path("title").asString()).isEqualTo("The nightly backup failed");
                assertThat(attention.path("text").asString()).isEqualTo("Look at this.");
                assertThat(attention.path("severity").asString()).isEqualTo("normal");
                assertThat(attention.path("tickId").asString()).isEqualTo("k1");
            });
            assertThat(lane.outbox()).isEmpty();
            assertThat(lane.effects.delayed).isEmpty();
        }
    }

    @Test
    void whatPressesIsToldBeforeAnyModelIsAsked() throws InterruptedException {
        try (TestLane lane = TestLane.heartbeat(stateDir)) {
            lane.read(SIGNALS, signal("s1").put("urgency", "high"));
            lane.read(TICKS, tick("k1"));

            assertThat(lane.written(ATTENTION)).singleElement().satisfies(attention -> {
                assertThat(attention.path("attentionId").asString())
                        .startsWith("k1/")
                        .endsWith("/raised");
                assertThat(attention.path("severity").asString()).isEqualTo("high");
            });
            assertThat(lane.thinking()).containsExactly("heartbeat-k1");

            respond(lane, "acknowledge");
            assertThat(lane.written(ATTENTION)).isEmpty();
        }
    }

    @Test
    void whatNeedsNoActionAsksNoModel() {
        try (TestLane lane = TestLane.heartbeat(stateDir)) {
            lane.read(SIGNALS, signal("s1").put("needsAction", false));
            lane.read(TICKS, tick("k1"));

            assertThat(lane.thinking()).isEmpty();
            assertThat(lane.written(OUTCOMES)).singleElement().satisfies(outcome -> {
                assertThat(outcome.path("status").asString()).isEqualTo("ok");
                assertThat(outcome.has("runId")).isFalse();
                assertThat(outcome.has("usage")).isFalse();
                assertThat(outcome.at("/findings/0/decision").asString()).isEqualTo("none");
            });
            assertThat(lane.outbox()).isEmpty();
        }
    }

    @Test
    void theDigestTellsOnceADayOfWhatNeedsNoAction() {
        try (TestLane lane = TestLane.heartbeat(stateDir, "heartbeat.digest.hour=12")) {
            lane.read(SIGNALS, signal("s1").put("needsAction", false));
            lane.read(TICKS, tick("k1"));
            assertThat(lane.written(ATTENTION))
                    .as("it is told with the next tick")
                    .isEmpty();
            lane.read(TICKS, tick("k2"));
            assertThat(lane.written(ATTENTION)).as("of the last noon").hasSize(1);
            lane.read(SIGNALS, signal("s2").put("needsAction", false).put("summary", "A backup took long"));
            lane.read(TICKS, tick("k3"));
            assertThat(lane.written(ATTENTION)).isEmpty();

            lane.advance(Duration.ofHours(3));
            lane.read(TICKS, Json.object().put("tickId", "k4"));

            assertThat(lane.written(ATTENTION)).singleElement().satisfies(digest -> {
                assertThat(digest.path("attentionId").asString()).isEqualTo("k4/digest");
                assertThat(digest.path("title").asString()).isEqualTo("Digest: one finding");
                assertThat(digest.path("text").asString()).isEqualTo("signals:\n- backup: A backup took long");
            });
            lane.read(TICKS, Json.object().put("tickId", "k5"));
            assertThat(lane.written(ATTENTION)).isEmpty();
        }
    }

    @Test
    void aHumanSettlesAFinding() throws InterruptedException {
        try (TestLane lane = TestLane.heartbeat(stateDir)) {
            lane.read(SIGNALS, signal("s1"));
            lane.read(TICKS, tick("k1"));
            String fingerprint = lane.log()
                    .bodies(FindingsRaised.class)
                    .getFirst()
                    .findings()
                    .getFirst()
                    .fingerprint();
            respond(lane, "defer");
            assertThat(outcomes(lane)).containsExactly("k1 ok ");

            lane.read(
                    SIGNALS,
                    Json.object()
                            .put("type", "reaction")
                            .put("fingerprint", fingerprint)
                            .put("action", "resolve"));
            lane.read(TICKS, tick("k2"));

            assertThat(outcomes(lane)).containsExactly("k2 skipped no_findings");
        }
    }

    @Test
    void aStormOfTicksPutsOnlySoMuchIntoTheLogEachSecondAndLosesNothing() {
        try (TestLane lane = TestLane.heartbeat(stateDir, "heartbeat.max.beats.per.second=2")) {
            for (int i = 0; i < 5; i++) {
                lane.read(SIGNALS, "agent" + i, signal("s1"));
                lane.read(TICKS, "agent" + i, tick("k" + i));
            }
            assertThat(lane.log().bodies(FindingsRaised.class)).hasSize(2);
            assertThat(outcomes(lane))
                    .containsExactly("k2 skipped cooldown", "k3 skipped cooldown", "k4 skipped cooldown");

            lane.advance(Duration.ofSeconds(1));
            lane.read(TICKS, "agent4", tick("k5"));

            assertThat(lane.log().bodies(FindingsRaised.class))
                    .hasSize(3)
                    .last()
                    .satisfies(raised -> assertThat(raised.findings()).hasSize(1));
        }
    }

    @Test
    void whatIsHandledIsNotRaisedAgain() throws InterruptedException {
        try (TestLane lane = TestLane.heartbeat(stateDir)) {
            lane.read(SIGNALS, signal("s1"));
            lane.read(TICKS, tick("k1"));
            respond(lane, "acknowledge");
            assertThat(outcomes(lane)).containsExactly("k1 ok ");
            assertThat(lane.written(ATTENTION)).isEmpty();

            lane.read(TICKS, tick("k2"));

            assertThat(outcomes(lane)).containsExactly("k2 skipped no_findings");
        }
    }

    @Test
    void whatIsDeferredIsFoundByTheNextTick() throws InterruptedException {
        try (TestLane lane = TestLane.heartbeat(stateDir)) {
            lane.read(SIGNALS, signal("s1"));
            lane.read(TICKS, tick("k1"));
            respond(lane, "defer");
            assertThat(outcomes(lane)).containsExactly("k1 ok ");

            lane.read(TICKS, tick("k2"));

            assertThat(lane.thinking()).containsExactly("heartbeat-k2");
            assertThat(prompt(lane)).contains("The nightly backup failed");
        }
    }

    @Test
    void whatARunThatFailedWasShownIsFoundByTheNextTick() throws InterruptedException {
        try (TestLane lane = TestLane.heartbeat(stateDir)) {
            lane.read(SIGNALS, signal("s1"));
            lane.read(TICKS, tick("k1"));
            lane.fail(ErrorCode.MODEL_UNAVAILABLE);
            assertThat(lane.written(OUTCOMES)).singleElement().satisfies(outcome -> {
                assertThat(outcome.path("status").asString()).isEqualTo("failed");
                assertThat(outcome.path("code").asString()).isEqualTo("model_unavailable");
                assertThat(outcome.at("/findings/0/decision").asString()).isEqualTo("none");
            });
            assertThat(lane.written(ATTENTION)).isEmpty();

            lane.read(TICKS, tick("k2"));
            assertThat(prompt(lane)).contains("The nightly backup failed");
            respond(lane, "act");

            assertThat(outcomes(lane)).containsExactly("k2 acted ");
        }
    }

    @Test
    void aRunThatEndsWithoutItsDecisionsHasFailed() {
        try (TestLane lane = TestLane.heartbeat(stateDir)) {
            lane.read(SIGNALS, signal("s1"));
            lane.read(TICKS, tick("k1"));
            lane.answer("end_turn", new Content.Text("All is well."));

            assertThat(lane.written(OUTCOMES)).singleElement().satisfies(outcome -> {
                assertThat(outcome.path("status").asString()).isEqualTo("failed");
                assertThat(outcome.path("code").asString()).isEqualTo("tool_failed");
            });
            lane.read(TICKS, tick("k2"));
            assertThat(lane.thinking()).containsExactly("heartbeat-k2");
        }
    }

    @Test
    void aRunThatOutlivesItsDeadlineHasFailedAndTheNextTickMayGoOn() {
        try (TestLane lane = TestLane.heartbeat(stateDir)) {
            lane.read(SIGNALS, signal("s1"));
            lane.read(TICKS, tick("k1").put("deadlineMs", 5_000));
            lane.advance(Duration.ofSeconds(5));

            assertThat(outcomes(lane)).containsExactly("k1 failed ");
            assertThat(lane.effects.modelCalls).isEmpty();
            lane.read(TICKS, tick("k2"));
            assertThat(lane.thinking()).containsExactly("heartbeat-k2");
        }
    }

    @Test
    void oneRunOfAnAgentAtATime() {
        try (TestLane lane = TestLane.heartbeat(stateDir)) {
            lane.read(SIGNALS, signal("s1"));
            lane.take(TICKS, tick("k1"));
            lane.take(TICKS, tick("k2"));
            lane.settle();
            lane.read(TICKS, tick("k3"));
            lane.read(SIGNALS, "grace", signal("s1"));
            lane.read(TICKS, "grace", tick("k1"));

            assertThat(outcomes(lane)).containsExactly("k2 skipped busy", "k3 skipped busy");
            assertThat(lane.effects.modelCalls)
                    .extracting(asked -> asked.call().agentId())
                    .containsExactly("ada", "grace");
        }
    }

    @Test
    void aTickThatIsRepeatedOrTooOldBeginsNothing() {
        try (TestLane lane = TestLane.heartbeat(stateDir)) {
            lane.read(SIGNALS, signal("s1"));
            lane.read(TICKS, tick("old").put("scheduledAt", TestLane.NOW - 3_600_001));
            lane.read(TICKS, tick("k1"));
            lane.read(TICKS, tick("k1"));
            lane.read(TICKS, tick("old"));

            assertThat(outcomes(lane))
                    .containsExactly("old skipped stale", "k1 skipped duplicate", "old skipped duplicate");
            assertThat(lane.thinking()).containsExactly("heartbeat-k1");
            assertThat(lane.counted("noesis.inputs.duplicate")).isEqualTo(2);
        }
    }

    @Test
    void signalsBeyondTheLimitGoOnAsTheyCame() {
        try (TestLane lane = TestLane.heartbeat(stateDir, "heartbeat.max.signals=2")) {
            lane.read(SIGNALS, signal("s1"));
            lane.read(SIGNALS, signal("s2"));
            lane.read(SIGNALS, signal("s2"));
            lane.read(SIGNALS, "grace", signal("s1"));
            assertThat(lane.records(DLQ)).isEmpty();

            lane.read(SIGNALS, signal("s3"));

            assertThat(lane.records(DLQ)).singleElement().satisfies(record -> {
                assertThat(record.value()).isEqualTo(Json.write(signal("s3")));
                assertThat(TestLane.headers(record).path("noesis_topic").asString())
                        .isEqualTo(SIGNALS);
                assertThat(TestLane.headers(record).path("noesis_error").asString())
                        .contains("2 signals");
            });
        }
    }

    @Test
    void aSignalThatComesAgainWhileItWaitsIsOneFinding() {
        try (TestLane lane = TestLane.heartbeat(stateDir)) {
            lane.read(SIGNALS, signal("s1"));
            lane.read(SIGNALS, signal("s1").put("summary", "The backup failed twice"));
            lane.read(TICKS, tick("k1"));

            assertThat(lane.log().bodies(FindingsRaised.class))
                    .singleElement()
                    .satisfies(raised -> assertThat(raised.findings())
                            .extracting(finding -> finding.summary())
                            .containsExactly("The backup failed twice"));
        }
    }

    @Test
    void aSignalThatComesWhileARunGoesOnWaitsForTheNextTick() throws InterruptedException {
        try (TestLane lane = TestLane.heartbeat(stateDir)) {
            lane.read(SIGNALS, signal("s1"));
            lane.read(TICKS, tick("k1"));
            lane.read(SIGNALS, signal("s2").put("summary", "The disk is full"));
            respond(lane, "acknowledge");
            lane.read(TICKS, tick("k2"));

            assertThat(prompt(lane)).contains("The disk is full").doesNotContain("backup failed");
        }
    }

    @Test
    void theDeletionOfAnAgentEndsItsTickAndDropsItsSignals() {
        try (TestLane lane = TestLane.heartbeat(stateDir);
                TestLane chat = TestLane.owner(TestLane.Setup.of(Lane.CHAT).on(lane.log()), stateDir)) {
            lane.read(SIGNALS, signal("s1"));
            lane.read(TICKS, tick("k1"));
            lane.read(SIGNALS, signal("s2"));
            chat.append("ada", deletion(chat));
            lane.catchUp();

            assertThat(outcomes(lane)).containsExactly("k1 failed ");
            assertThat(lane.effects.modelCalls).isEmpty();
            assertThat(lane.outbox()).isEmpty();
            lane.read(TICKS, tick("k2"));
            assertThat(outcomes(lane)).containsExactly("k2 skipped no_findings");
        }
    }

    @Test
    void aTickThatIsReadBehindADeletionIsDecidedAsAnyOther() {
        try (TestLane lane = TestLane.heartbeat(stateDir);
                TestLane chat = TestLane.owner(TestLane.Setup.of(Lane.CHAT).on(lane.log()), stateDir)) {
            chat.append("ada", deletion(chat));
            lane.catchUp();

            lane.read(SIGNALS, signal("s1"));
            lane.read(TICKS, tick("k1"));

            assertThat(lane.thinking()).containsExactly("heartbeat-k1");
        }
    }

    @Test
    void whatATickFoundBeforeADeletionDoesNotComeBackBehindIt() {
        TestLane first = TestLane.heartbeat(stateDir);
        first.read(SIGNALS, signal("s1"));
        first.take(TICKS, tick("k1"));
        try (TestLane chat = TestLane.owner(TestLane.Setup.of(Lane.CHAT).on(first.log()), stateDir);
                TestLane second = first.crash()) {
            chat.append("ada", deletion(chat));
            second.settle();

            assertThat(second.log().bodies(FindingsRaised.class)).isEmpty();
            assertThat(outcomes(second)).containsExactly("k1 failed ");
            assertThat(second.outbox()).isEmpty();
            second.read(TICKS, tick("k2"));
            assertThat(outcomes(second)).containsExactly("k2 skipped no_findings");
        }
    }

    @Test
    void aTickIdThatComesAgainWhileItsRunIsKnownIsADuplicate() throws InterruptedException {
        try (TestLane lane = TestLane.heartbeat(
                stateDir, "run.remember.ms=" + Duration.ofDays(30).toMillis())) {
            lane.read(SIGNALS, signal("s1"));
            lane.read(TICKS, tick("k1"));
            respond(lane, "acknowledge");
            assertThat(outcomes(lane)).containsExactly("k1 ok ");
            lane.advance(Duration.ofDays(8));
            lane.read(TICKS, Json.object().put("tickId", "k2"));
            assertThat(outcomes(lane)).containsExactly("k2 skipped no_findings");

            lane.read(SIGNALS, signal("s2"));
            lane.read(TICKS, Json.object().put("tickId", "k1"));

            assertThat(outcomes(lane)).containsExactly("k1 skipped duplicate");
            assertThat(lane.counted("noesis.inputs.duplicate")).isEqualTo(1);
        }
    }

    @Test
    void whatWaitsLongestIsFoundFirstAndWhatIsDeferredKeepsNothingNewWaiting() throws InterruptedException {
        try (TestLane lane = TestLane.heartbeat(stateDir)) {
            for (int i = 0; i < 120; i++) {
                lane.read(SIGNALS, signal("s" + i).put("summary", "signal " + i + "."));
                lane.advance(Duration.ofMillis(1));
            }
            lane.read(TICKS, tick("k1"));
            assertThat(prompt(lane)).contains("signal 0.", "signal 49.").doesNotContain("signal 50.");
            respond(lane, "defer");
            lane.read(TICKS, tick("k2"));
            assertThat(prompt(lane)).contains("signal 50.", "signal 99.").doesNotContain("signal 49.");
            lane.fail(ErrorCode.MODEL_UNAVAILABLE);
            lane.advance(Duration.ofMillis(1));
            lane.read(TICKS, tick("k3"));

            assertThat(prompt(lane)).contains("signal 50.", "signal 99.").doesNotContain("signal 100.");
            respond(lane, "acknowledge");
            lane.read(TICKS, tick("k4"));

            assertThat(prompt(lane)).contains("signal 100.", "signal 119.");
            assertThat(prompt(lane).lines().filter(line -> line.startsWith("- [")))
                    .hasSize(50);
        }
    }

    @Test
    void anOutcomeListsTheFindingsThatItsRunWasShown() throws InterruptedException {
        try (TestLane lane = TestLane.heartbeat(stateDir)) {
            for (String tick : new String[] {"k1", "k2"}) {
                for (int i = 0; i < 50; i++) {
                    lane.read(SIGNALS, signal(tick + "/" + i));
                }
                lane.read(TICKS, tick(tick));
                int shown = (int) prompt(lane)
                        .lines()
                        .filter(line -> line.startsWith("- ["))
                        .count();
                lane.fail(ErrorCode.MODEL_UNAVAILABLE);
                assertThat(lane.written(OUTCOMES))
                        .singleElement()
                        .satisfies(
                                outcome -> assertThat(outcome.path("findings")).hasSize(shown));
            }
        }
    }

    @Test
    void inputsThatNobodyCanReadAreDeadLetters() {
        try (TestLane lane = TestLane.heartbeat(stateDir)) {
            lane.take(TICKS, "ada".getBytes(UTF_8), "{".getBytes(UTF_8), new RecordHeaders());
            lane.read(SIGNALS, Json.object().put("signalId", "s1"));

            assertThat(lane.deadLetters(DLQ)).hasSize(2);
            assertThat(outcomes(lane)).isEmpty();
        }
    }

    @Test
    void whatAHumanSaysOfAFindingStandsInTheLogAndTheNextTickLeavesItAlone() {
        try (TestLane lane = TestLane.heartbeat(stateDir)) {
            lane.read(SIGNALS, signal("s1"));
            lane.read(TICKS, tick("k1"));
            lane.fail(ErrorCode.MODEL_UNAVAILABLE);
            assertThat(outcomes(lane)).containsExactly("k1 failed ");
            String fingerprint = lane.log()
                    .bodies(FindingsRaised.class)
                    .getFirst()
                    .findings()
                    .getFirst()
                    .fingerprint();

            lane.read(
                    SIGNALS,
                    Json.object()
                            .put("type", "reaction")
                            .put("fingerprint", fingerprint)
                            .put("action", "dismiss")
                            .put("until", TestLane.NOW + 1)
                            .put("note", "on Monday"));

            assertThat(lane.log().bodies(FindingReacted.class)).singleElement().satisfies(reacted -> {
                assertThat(reacted.fingerprint()).isEqualTo(fingerprint);
                assertThat(reacted.action()).isEqualTo(Reaction.DISMISS);
                assertThat(reacted.until()).isEqualTo(TestLane.NOW + 1);
                assertThat(reacted.note()).isEqualTo("on Monday");
            });
            assertThat(lane.outbox()).isEmpty();
            lane.read(TICKS, tick("k2"));
            assertThat(outcomes(lane)).containsExactly("k2 skipped no_findings");
        }
    }

    // ---- after a crash

    @Test
    void aTickWhoseTaskDiedIsFinishedByTheNext() throws InterruptedException {
        TestLane first = TestLane.heartbeat(stateDir);
        first.read(SIGNALS, signal("s1"));
        first.take(TICKS, tick("k1"));
        try (TestLane second = first.crash()) {
            second.settle();
            assertThat(second.thinking()).containsExactly("heartbeat-k1");
            respond(second, "notify");

            assertThat(outcomes(second)).containsExactly("k1 notified ");
            assertThat(second.written(ATTENTION)).hasSize(1);
            assertThat(second.outbox()).isEmpty();
        }
    }

    @Test
    void whatPressesIsToldWhateverTheTickComesToAfterACrash() {
        TestLane first = TestLane.heartbeat(stateDir);
        first.read(SIGNALS, signal("s1").put("urgency", "high"));
        TestLane.Snapshot before = first.snapshot();
        first.take(TICKS, tick("k1"));
        HeldEffects.Append raised = first.effects.appends.remove();
        first.log().append(raised.key(), raised.event(), first.now());
        try (TestLane second = first.crashBackTo(before)) {
            second.settle();
            second.advance(Duration.ofHours(2));
            second.takeAgain();

            assertThat(second.written(OUTCOMES))
                    .singleElement()
                    .satisfies(outcome ->
                            assertThat(outcome.path("skipReason").asString()).isEqualTo("stale"));
            assertThat(second.written(ATTENTION))
                    .extracting(attention -> attention.path("attentionId").asString())
                    .singleElement()
                    .asString()
                    .endsWith("/raised");
        }
    }

    @Test
    void aTickIsADuplicateAlsoForTheNextTask() {
        TestLane first = TestLane.heartbeat(stateDir);
        first.read(TICKS, tick("k1"));
        assertThat(outcomes(first)).containsExactly("k1 skipped no_findings");
        try (TestLane second = first.crash()) {
            second.settle();
            second.read(TICKS, tick("k1"));

            assertThat(outcomes(second)).containsExactly("k1 skipped duplicate");
        }
    }

    @Test
    void aTickThatIsReadAgainWhileItsRunGoesOnHasThatRunsOutcome() throws InterruptedException {
        TestLane first = TestLane.heartbeat(stateDir);
        first.read(SIGNALS, signal("s1"));
        TestLane.Snapshot before = first.snapshot();
        first.read(TICKS, tick("k1"));
        assertThat(first.thinking()).containsExactly("heartbeat-k1");
        try (TestLane second = first.crashBackTo(before)) {
            second.settle();
            second.takeAgain();
            respond(second, "notify");

            assertThat(outcomes(second)).containsExactly("k1 notified ");
            assertThat(second.written(ATTENTION)).hasSize(1);
        }
    }

    @Test
    void aTickThatIsReadAgainAfterItsRunEndedDoesNotBlockTheNext() throws InterruptedException {
        TestLane first = TestLane.heartbeat(stateDir);
        first.read(SIGNALS, signal("s1"));
        TestLane.Snapshot before = first.snapshot();
        first.read(TICKS, tick("k1"));
        respond(first, "acknowledge");
        try (TestLane second = first.crashBackTo(before)) {
            second.settle();
            second.takeAgain();
            assertThat(outcomes(second)).containsExactly("k1 ok ");

            second.read(SIGNALS, signal("s2"));
            second.read(TICKS, tick("k2"));

            assertThat(second.thinking()).containsExactly("heartbeat-k2");
        }
    }

    private static MindEvent deletion(TestLane chat) {
        return new MindEvent(
                MindEvent.VERSION,
                "deleted/0/0",
                chat.now(),
                Lane.CHAT,
                null,
                null,
                Origin.USER,
                chat.incarnation(),
                new AgentDeleted("deleted by request", 1L));
    }

    /** The run that waits decides so about all that it was shown. */
    private static void respond(TestLane lane, String action) throws InterruptedException {
        ObjectNode arguments = Json.object();
        ArrayNode decisions = arguments.putArray("decisions");
        prompt(lane)
                .lines()
                .filter(line -> line.startsWith("- ["))
                .map(line -> line.substring(3, line.indexOf(']')))
                .forEach(fingerprint -> decisions
                        .addObject()
                        .put("fingerprint", fingerprint)
                        .put("action", action)
                        .put("text", "Look at this."));
        lane.answer("tool_use", new Content.ToolUse("c1", "heartbeat_respond", arguments.toString()));
        lane.callTool();
    }

    private static String prompt(TestLane lane) {
        HeldEffects.Asked asked = lane.effects.modelCalls.getFirst();
        return asked.call().request().messages().getFirst().text();
    }

    /** The outcomes since the last look: each with its tick, status and reason. */
    private static List<String> outcomes(TestLane lane) {
        return lane.written(OUTCOMES).stream()
                .map(outcome ->
                        text(outcome, "tickId") + " " + text(outcome, "status") + " " + text(outcome, "skipReason"))
                .toList();
    }

    private static String text(JsonNode node, String field) {
        return node.path(field).asString("");
    }

    private static ObjectNode tick(String tickId) {
        return Json.object()
                .put("tickId", tickId)
                .put("scheduledAt", Instant.ofEpochMilli(TestLane.NOW).toString());
    }

    private static ObjectNode signal(String signalId) {
        return Json.object()
                .put("signalId", signalId)
                .put("source", "backup")
                .put("summary", "The nightly backup failed")
                .put("urgency", "normal");
    }
}
