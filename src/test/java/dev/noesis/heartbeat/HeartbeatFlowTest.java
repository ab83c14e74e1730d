package dev.noesis.heartbeat;

import static dev.noesis.heartbeat.HeartbeatLane.SIGNALS;
import static dev.noesis.heartbeat.HeartbeatLane.TICKS;
import static dev.noesis.heartbeat.HeartbeatLane.signal;
import static dev.noesis.heartbeat.HeartbeatLane.tick;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.llm.LlmRequest;
import dev.noesis.mind.Memory.FindingEntry;
import dev.noesis.mind.Memory.FindingState;
import dev.noesis.mind.Writer;
import dev.noesis.model.Finding;
import dev.noesis.model.Lane;
import dev.noesis.model.MemoryWrite;
import dev.noesis.model.MemoryWrite.Action;
import dev.noesis.run.LaneTask;
import dev.noesis.tool.HeartbeatRespond;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** From a signal over a tick to an outcome. */
class HeartbeatFlowTest {
    private final LaneTask lane = HeartbeatLane.task().startAndOwn();

    // ---- the plain way

    @Test
    void whatASignalSaysIsFoundByATickDecidedByARunAndToldAsTheOutcome() {
        lane.input(SIGNALS, "ada", signal("s1", "a mail from bob"));
        lane.input(SIGNALS, "ada", signal("s2", "a mail from cyd"));
        lane.run();
        assertThat(lane.effects().appended).as("no signal reaches the log by itself").isEmpty();

        lane.input(TICKS, "ada", tick("k1"));
        lane.run();

        assertThat(lane.calls()).containsExactly("heartbeat-k1/0");
        LlmRequest request = lane.effects().called.getFirst().call().request();
        assertThat(request.messages().getFirst().text())
                .contains("a mail from bob", "a mail from cyd", "high, needs action", "{\"from\":\"bob\"}");
        assertThat(request.toolChoice()).isEqualTo(new LlmRequest.ToolChoice.Any());
        assertThat(outcomes()).isEmpty();
        List<String> found = fingerprints();

        decide("k1", decision(found.get(0), Action.NOTIFY, "Bob wrote"), decision(found.get(1), Action.DEFER, null));

        assertThat(outcomes()).singleElement().satisfies(outcome -> {
            assertThat(outcome.path("tickId").asString()).isEqualTo("k1");
            assertThat(outcome.path("status").asString()).isEqualTo("notified");
            assertThat(outcome.path("runId").asString()).isEqualTo("heartbeat-k1");
            assertThat(outcome.path("usage").path("totalTokens").asInt()).isEqualTo(15);
            assertThat(outcome.path("checks").get(0).path("findings").asInt()).isEqualTo(2);
            assertThat(outcome.path("findings")).extracting(f -> f.path("decision").asString())
                    .containsExactlyInAnyOrder("notify", "defer");
        });
        assertThat(lane.outputs(HeartbeatTopology.ATTENTION_SINK)).singleElement().satisfies(attention -> {
            JsonNode json = attention.json();
            assertThat(attention.agent()).isEqualTo("ada");
            assertThat(json.path("attentionId").asString()).isEqualTo("k1/" + found.get(0));
            assertThat(json.path("severity").asString()).isEqualTo("high");
            assertThat(json.path("text").asString()).isEqualTo("Bob wrote");
            assertThat(json.path("origin").asString()).isEqualTo("heartbeat");
            assertThat(Instant.parse(json.path("expiresAt").asString()).toEpochMilli())
                    .isGreaterThan(lane.clock());
        });
        assertThat(state(found.get(0))).isEqualTo(FindingState.ACKNOWLEDGED);
        assertThat(state(found.get(1))).isEqualTo(FindingState.NEW);
        assertThat(lane.keys("outbox")).isEmpty();
        assertThat(lane.keys("signals")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"ACKNOWLEDGE, ok", "DEFER, ok", "NOTIFY, notified", "ACT, acted"})
    void theOutcomeSaysWhatWasDone(Action action, String status) {
        lane.input(SIGNALS, "ada", signal("s1", "a mail"));
        lane.input(TICKS, "ada", tick("k1"));
        lane.run();

        decide("k1", decision(fingerprints().getFirst(), action, null));

        assertThat(outcomes().getFirst().path("status").asString()).isEqualTo(status);
        assertThat(lane.outputs(HeartbeatTopology.ATTENTION_SINK)).hasSize(action == Action.NOTIFY ? 1 : 0);
    }

    @Test
    void eachAgentHasItsOwnSignalsAndTicks() {
        lane.input(SIGNALS, "ada", signal("s1", "for ada"));
        lane.run();
        lane.input(TICKS, "bob", tick("k1"));
        lane.input(TICKS, "ada", tick("k1"));
        lane.run();

        assertThat(skips()).containsExactly("no_findings");
        assertThat(lane.effects().called).singleElement().satisfies(called -> assertThat(called.call().agentId())
                .isEqualTo("ada"));
    }

    /** Two systems may give their signals the same names. */
    @Test
    void signalsOfTwoSourcesAreTwoSignals() {
        lane.input(SIGNALS, "ada", signal("1", "a mail"));
        lane.input(SIGNALS, "ada", signal("1", "a failed job").replace("\"mail\"", "\"build\""));
        lane.input(TICKS, "ada", tick("k1"));
        lane.run();

        assertThat(lane.effects().called.getFirst().call().request().messages().getFirst().text())
                .contains("a mail", "a failed job");
    }

    @Test
    void aSignalSentAgainIsOneSignal() {
        lane.input(SIGNALS, "ada", signal("s1", "a mail"));
        lane.input(SIGNALS, "ada", signal("s1", "a mail, corrected"));
        lane.run();

        assertThat(lane.keys("signals")).hasSize(1);
    }

    // ---- the gate

    @Test
    void aQuietTickHasNoEffectButItsOutcome() {
        lane.input(TICKS, "ada", tick("k1"));
        lane.run();

        assertThat(skips()).containsExactly("no_findings");
        assertThat(lane.effects().appended).isEmpty();
        assertThat(lane.effects().called).isEmpty();
        assertThat(lane.keys("outbox")).isEmpty();
        JsonNode outcome = outcomes().getFirst();
        assertThat(outcome.path("status").asString()).isEqualTo("skipped");
        assertThat(outcome.path("checks").isArray()).isTrue();
        assertThat(outcome.path("findings").isArray()).isTrue();
    }

    @Test
    void aTickSentAgainIsADuplicateWhateverBecameOfIt() {
        lane.input(TICKS, "ada", tick("k1"));
        lane.input(TICKS, "ada", tick("k1"));
        lane.run();
        lane.input(SIGNALS, "ada", signal("s1", "a mail"));
        lane.run();
        lane.input(TICKS, "ada", tick("k2"));
        lane.input(TICKS, "ada", tick("k2"));
        lane.run();
        lane.input(TICKS, "ada", tick("k1"));
        lane.run();

        assertThat(skips()).containsExactly("no_findings", "duplicate", "duplicate", "duplicate");
        assertThat(lane.count("noesis.inputs.duplicate")).isEqualTo(3);
        assertThat(lane.effects().called).hasSize(1);
    }

    @Test
    void aTickOfLongAgoIsStale() {
        lane.input(SIGNALS, "ada", signal("s1", "a mail"));
        lane.run();
        LaneTask soon = HeartbeatLane.task(Map.of("heartbeat.stale.ms", "60000")).startAndOwn();
        soon.input(SIGNALS, "ada", signal("s1", "a mail"));
        soon.run();
        soon.input(TICKS, "ada", tick("old", soon.clock() - 60_001));
        soon.input(TICKS, "ada", tick("young", soon.clock() - 60_000));
        soon.run();

        assertThat(soon.outputs(HeartbeatTopology.OUTCOMES_SINK)).singleElement().satisfies(outcome -> {
            assertThat(outcome.json().path("tickId").asString()).isEqualTo("old");
            assertThat(outcome.json().path("skipReason").asString()).isEqualTo("stale");
        });
        assertThat(soon.calls()).containsExactly("heartbeat-young/0");
    }

    @Test
    void aTickWhileAnotherIsUnderWayIsSkippedAsBusy() {
        lane.input(SIGNALS, "ada", signal("s1", "a mail"));
        lane.run();
        lane.input(TICKS, "ada", tick("k1"));
        lane.processNext();
        lane.input(TICKS, "ada", tick("k2"));
        lane.processNext();
        assertThat(skips()).as("its findings are not in the log yet").containsExactly("busy");

        lane.run();
        lane.input(TICKS, "ada", tick("k3"));
        lane.run();
        assertThat(skips()).containsExactly("busy", "busy");

        decide("k1");
        lane.input(SIGNALS, "ada", signal("s2", "another"));
        lane.run();
        lane.input(TICKS, "ada", tick("k4"));
        lane.run();
        assertThat(lane.calls()).containsExactly("heartbeat-k4/0");
    }

    // ---- failures

    @Test
    void findingsOfARunThatFailedAreRaisedAgainByTheNextTick() {
        lane.input(SIGNALS, "ada", signal("s1", "a mail"));
        lane.input(TICKS, "ada", tick("k1"));
        lane.run();
        String fingerprint = fingerprints().getFirst();

        lane.fail("ada", "heartbeat-k1", null);

        JsonNode outcome = outcomes().getFirst();
        assertThat(outcome.path("status").asString()).isEqualTo("failed");
        assertThat(outcome.path("code").asString()).isEqualTo("model_unavailable");
        assertThat(outcome.path("findings").get(0).path("decision").asString()).isEqualTo("none");
        assertThat(state(fingerprint)).isEqualTo(FindingState.NEW);

        lane.input(TICKS, "ada", tick("k2"));
        lane.run();
        decide("k2", decision(fingerprint, Action.ACKNOWLEDGE, null));
        assertThat(state(fingerprint)).isEqualTo(FindingState.ACKNOWLEDGED);
        lane.input(TICKS, "ada", tick("k3"));
        lane.run();
        assertThat(skips()).containsExactly("no_findings");
    }

    @Test
    void aRunThatAnswersWithoutItsToolHasFailed() {
        lane.input(SIGNALS, "ada", signal("s1", "a mail"));
        lane.input(TICKS, "ada", tick("k1"));
        lane.run();

        lane.answer("ada", "heartbeat-k1", "all is well");

        assertThat(outcomes().getFirst().path("code").asString()).isEqualTo("tool_failed");
    }

    @Test
    void aRunThatTakesTooLongIsEndedAndToldSo() {
        lane.input(SIGNALS, "ada", signal("s1", "a mail"));
        lane.input(TICKS, "ada", "{\"tickId\":\"k1\",\"deadlineMs\":5000}");
        lane.run();

        lane.pass(5_000);

        assertThat(outcomes().getFirst().path("code").asString()).isEqualTo("deadline_exceeded");
        assertThat(lane.calls()).isEmpty();
        assertThat(lane.keys("outbox")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"9223372036854775807", "9223372036854775", "31536000000000"})
    void aDeadlineBeyondAllMeasureIsRefusedOrKept(String deadlineMs) {
        lane.input(SIGNALS, "ada", signal("s1", "a mail"));
        lane.input(TICKS, "ada", "{\"tickId\":\"k1\",\"deadlineMs\":" + deadlineMs + "}");
        lane.run();

        boolean refused = lane.outputs(HeartbeatTopology.DLQ_SINK).size() == 1;
        boolean kept = !lane.calls().isEmpty()
                && lane.effects().called.getFirst().call().deadlineAt() > lane.clock();
        assertThat(refused || kept).isTrue();
    }

    @Test
    void aDeletedAgentsTickHasFailedAndItsSignalsAreGone() {
        lane.input(SIGNALS, "ada", signal("s1", "a mail"));
        lane.input(TICKS, "ada", tick("k1"));
        lane.run();
        lane.input(SIGNALS, "ada", signal("s2", "another"));
        lane.run();

        Writer chat = Writer.chat("c1");
        lane.append("~chat", chat.barrier());
        lane.append("ada", chat.deleted());
        lane.run();

        assertThat(outcomes()).singleElement().satisfies(outcome -> assertThat(outcome.path("message").asString())
                .contains("deleted"));
        assertThat(lane.calls()).isEmpty();
        assertThat(lane.keys("signals")).isEmpty();
        assertThat(lane.keys("outbox")).isEmpty();
        lane.input(TICKS, "ada", tick("k2"));
        lane.run();
        assertThat(skips()).containsExactly("no_findings");
    }

    // ---- inputs

    @Test
    void moreSignalsThanMayWaitGoToTheDeadLetters() {
        LaneTask small = HeartbeatLane.task(Map.of("heartbeat.max.signals", "2")).startAndOwn();
        for (int i = 0; i < 4; i++) {
            small.input(SIGNALS, "ada", signal("s" + i, "a mail"));
        }
        small.input(SIGNALS, "ada", signal("s0", "corrected"));
        small.input(SIGNALS, "bob", signal("s0", "for bob"));
        small.run();

        assertThat(small.outputs(HeartbeatTopology.DLQ_SINK)).hasSize(2).allSatisfy(dead -> {
            assertThat(dead.header("noesis_error")).contains("2 signals");
            assertThat(dead.header("noesis_topic")).isEqualTo(SIGNALS);
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "heartbeat.ticks | no json                                | not JSON",
                "heartbeat.ticks | {}                                     | tickId is required",
                "heartbeat.ticks | {'tickId':7}                           | tickId is required",
                "heartbeat.ticks | {'tickId':'k','scheduledAt':'monday'}  | scheduledAt is",
                "heartbeat.ticks | {'tickId':'k','deadlineMs':0}          | deadlineMs is",
                "heartbeat.ticks | {'tickId':'k','deadlineMs':'5'}        | deadlineMs is",
                "agent.signals   | []                                     | not a JSON object",
                "agent.signals   | {'signalId':'s'}                       | summary is required",
                "agent.signals   | {'signalId':'s','summary':' '}         | summary is required",
                "agent.signals   | {'summary':'x'}                        | signalId is required",
                "agent.signals   | {'signalId':'s','summary':'x','urgency':'now'} | urgency is low, normal or high",
                "agent.signals   | {'signalId':'s','summary':'x','urgency':3}     | urgency is low, normal or high"
            })
    void whatBreaksTheContractGoesToTheDeadLetters(String topic, String value, String named) {
        lane.input(topic, "ada", value.replace('\'', '"'));
        lane.run();

        assertThat(lane.outputs(HeartbeatTopology.DLQ_SINK)).singleElement().satisfies(dead -> assertThat(
                        dead.header("noesis_error"))
                .contains(named));
        assertThat(outcomes()).isEmpty();
    }

    /** All findings of a tick stand in one record, and again in the message that their run begins with. */
    @ParameterizedTest
    @ValueSource(strings = {"€", "\\\"", "\\\\", "\\u0000", "x"})
    void theFindingsOfATickFitARecordWhateverItsSignalsHold(String piece) {
        for (int i = 0; i < 60; i++) {
            lane.input(
                    SIGNALS,
                    "ada",
                    "{\"signalId\":\"s" + i + "\",\"source\":\"" + piece.repeat(i % 2 == 0 ? 100 : 100_000)
                            + "\",\"summary\":\"" + piece.repeat(3_000) + "\",\"data\":\""
                            + piece.repeat(64_000 / piece.length() / (piece.equals("€") && i % 4 == 0 ? 1 : 3)) + "\"}");
        }
        lane.run();
        lane.input(TICKS, "ada", tick("k1"));
        lane.run();

        assertThat(lane.calls()).hasSize(1);
        assertThat(lane.largestEntry()).isLessThan(8 << 20);
        assertThat(lane.log()).allSatisfy(entry -> assertThat(entry.value().length).isLessThan(8 << 20));
    }

    // ---- crashes

    @Test
    void aTickReadAgainAfterItsRunBeganIsTheSameTick() {
        lane.commit();
        lane.input(SIGNALS, "ada", signal("s1", "a mail"));
        lane.run().commit();
        lane.input(TICKS, "ada", tick("k1"));
        lane.run().crash();

        lane.startAndOwn();
        assertThat(lane.calls()).containsExactly("heartbeat-k1/0");
        decide("k1", decision(fingerprints().getFirst(), Action.NOTIFY, "Bob wrote"));

        assertThat(outcomes()).singleElement().satisfies(outcome -> assertThat(outcome.path("status").asString())
                .isEqualTo("notified"));
        assertThat(lane.outputs(HeartbeatTopology.ATTENTION_SINK)).hasSize(1);
        aLaterTickBeats();
    }

    @Test
    void aTickReadAgainAfterItsRunEndedIsTheSameTick() {
        lane.commit();
        lane.input(SIGNALS, "ada", signal("s1", "a mail"));
        lane.run().commit();
        lane.input(TICKS, "ada", tick("k1"));
        lane.run();
        decide("k1", decision(fingerprints().getFirst(), Action.NOTIFY, "Bob wrote"));
        lane.crash();

        lane.startAndOwn();

        assertThat(outcomes()).singleElement().satisfies(outcome -> assertThat(outcome.path("status").asString())
                .isEqualTo("notified"));
        assertThat(lane.outputs(HeartbeatTopology.ATTENTION_SINK)).hasSize(1);
        assertThat(lane.effects().called).isEmpty();
        aLaterTickBeats();
    }

    @Test
    void aTickReadAgainAfterItsFindingsWereRaisedGoesOn() {
        lane.commit();
        lane.input(SIGNALS, "ada", signal("s1", "a mail"));
        lane.run().commit();
        lane.input(TICKS, "ada", tick("k1"));
        lane.processNext();
        lane.flush();
        lane.crash();

        lane.startAndOwn();
        assertThat(lane.calls()).containsExactly("heartbeat-k1/0");
        decide("k1", decision(fingerprints().getFirst(), Action.ACKNOWLEDGE, null));

        assertThat(outcomes()).hasSize(1);
        assertThat(lane.keys("signals")).isEmpty();
        aLaterTickBeats();
    }

    @Test
    void nothingIsDecidedBeforeTheBarrierIsFolded() {
        LaneTask early = HeartbeatLane.task().start();
        early.input(SIGNALS, "ada", signal("s1", "a mail"));
        early.input(TICKS, "ada", tick("k1"));
        early.input(TICKS, "ada", "no json");
        while (early.processNext()) {
            // the barrier is not in the log yet
        }
        assertThat(early.effects().appended).isEmpty();
        assertThat(early.outputs(HeartbeatTopology.DLQ_SINK)).isEmpty();
        assertThat(early.outputs(HeartbeatTopology.OUTCOMES_SINK)).isEmpty();

        early.run();
        assertThat(early.outputs(HeartbeatTopology.DLQ_SINK)).hasSize(1);
    }

    @Test
    void runsOfTheOtherLaneAreNoneOfItsBusiness() {
        Writer chat = Writer.chat("c1");
        lane.append("~chat", chat.barrier());
        lane.append("ada", chat.opened("r1", "t1", "hello"));
        lane.run();

        assertThat(lane.run("ada", "r1").lane()).isEqualTo(Lane.CHAT);
        assertThat(lane.effects().called).isEmpty();
        assertThat(lane.effects().published).isEmpty();
        assertThat(lane.keys("outbox")).isEmpty();
    }

    private void aLaterTickBeats() {
        int before = outcomes().size();
        lane.input(TICKS, "ada", tick("later"));
        lane.run();
        assertThat(outcomes()).hasSize(before + 1);
        assertThat(outcomes().getLast().path("skipReason").asString()).isEqualTo("no_findings");
    }

    private void decide(String tick, MemoryWrite... decisions) {
        String run = "heartbeat-" + tick;
        lane.ask("ada", run, "call", HeartbeatRespond.NAME, "{}");
        lane.toolAnswers("ada", run, "call", "Noted.", true, decisions);
    }

    private static MemoryWrite decision(String fingerprint, Action action, String text) {
        return new MemoryWrite.DecideFinding(fingerprint, action, text);
    }

    private List<JsonNode> outcomes() {
        return lane.outputs(HeartbeatTopology.OUTCOMES_SINK).stream()
                .map(LaneTask.Output::json)
                .toList();
    }

    private List<String> skips() {
        List<String> skips = new ArrayList<>();
        outcomes().forEach(outcome -> {
            if (outcome.has("skipReason")) {
                skips.add(outcome.path("skipReason").asString());
            }
        });
        return skips;
    }

    private List<String> fingerprints() {
        return lane.processor().cognition().findings("ada").stream()
                .map(FindingEntry::finding)
                .map(Finding::fingerprint)
                .toList();
    }

    private FindingState state(String fingerprint) {
        return lane.processor().cognition().findings("ada").stream()
                .filter(entry -> entry.finding().fingerprint().equals(fingerprint))
                .findFirst()
                .orElseThrow()
                .state();
    }
}
