package dev.noesis.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.noesis.mind.Memory.FindingState;
import dev.noesis.model.Content;
import dev.noesis.model.ErrorCode;
import dev.noesis.model.Lane;
import dev.noesis.model.MindEvent.FindingsRaised;
import dev.noesis.serde.Json;
import dev.noesis.testing.TestLane;
import dev.noesis.topics.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What went wrong in heartbeats before, in the words of what is so instead. Those that want processes and sockets have their
 * tests elsewhere; the architecture page lists all fourteen.
 */
class FourteenFailuresTest {
    private static final Topics TOPICS = new Topics("");
    private static final String TICKS = TOPICS.heartbeatTicks();
    private static final String SIGNALS = TOPICS.agentSignals();
    private static final String SCHEDULES = TOPICS.heartbeatSchedules();
    private static final String OUTCOMES = TOPICS.heartbeatOutcomes();

    @TempDir
    private Path stateDir;

    /** 3: findings were acknowledged before triage. */
    @Test
    void findingsAreAcknowledgedByAFinishedRunOnly() throws InterruptedException {
        try (TestLane lane = TestLane.heartbeat(stateDir)) {
            lane.read(SIGNALS, signal("s1"));
            lane.read(TICKS, tick("k1"));
            lane.fail(ErrorCode.MODEL_UNAVAILABLE);
            assertThat(states(lane)).containsExactly(FindingState.NEW);

            lane.read(TICKS, tick("k2"));
            decide(lane);

            assertThat(states(lane)).containsExactly(FindingState.ACKNOWLEDGED);
        }
    }

    /** 4: a restart forgot findings, budgets, seen ids, breakers. */
    @Test
    void aRestartForgetsNothing() throws InterruptedException {
        DoorCheck.next(() -> {
            throw new IllegalStateException("no answer");
        });
        TestLane first = TestLane.heartbeat(stateDir, "heartbeat.checks=signals,dev.noesis.heartbeat.DoorCheck");
        first.read(SCHEDULES, budget(10_000));
        first.read(SIGNALS, signal("s1"));
        first.read(TICKS, tick("k1"));
        await().until(() -> {
            first.advance(Duration.ofMillis(100));
            return !first.thinking().isEmpty();
        });
        first.answer("end_turn", new Content.Text("All is well."));
        long spent = spent(first);
        try (TestLane second = first.crash()) {
            second.settle();

            assertThat(states(second)).containsExactly(FindingState.NEW);
            assertThat(spent(second)).isEqualTo(spent).isPositive();
            assertThat(second.log().memory().check(TestLane.AGENT, "door").failures())
                    .isEqualTo(1);
            second.read(TICKS, tick("k1"));
            assertThat(outcomes(second)).containsExactly("k1 skipped duplicate");
        }
    }

    /** 5: a manual trigger raced the loop. */
    @Test
    void twoTicksOfAnAgentNeverRunAtOnce() throws InterruptedException {
        try (TestLane lane = TestLane.heartbeat(stateDir)) {
            lane.read(
                    SCHEDULES,
                    Json.object().put("enabled", true).put("every", "PT30M").put("jitter", "PT0S"));
            lane.read(SIGNALS, signal("s1"));
            lane.advance(Duration.ofMinutes(30));
            assertThat(lane.thinking()).hasSize(1);

            lane.read(TICKS, tick("by-hand"));

            assertThat(outcomes(lane)).containsExactly("by-hand skipped busy");
            decide(lane);
            assertThat(lane.written(OUTCOMES)).hasSize(1);
        }
    }

    /** 6: the budget was held against before the call only, and failed calls cost nothing. */
    @Test
    void failedCallsAreChargedAndABudgetThatIsSpentEndsTheRun() {
        try (TestLane lane = TestLane.heartbeat(stateDir)) {
            lane.read(SCHEDULES, budget(TestLane.USAGE.total()));
            lane.read(SIGNALS, signal("s1"));
            lane.read(TICKS, tick("k1"));
            // the model answers with something else than a decision: another step would be needed
            lane.answer("end_turn", new Content.Text("All is well."));

            assertThat(outcomes(lane)).containsExactly("k1 failed ");
            assertThat(spent(lane)).isEqualTo(TestLane.USAGE.total());
            lane.read(TICKS, tick("k2"));
            assertThat(outcomes(lane)).containsExactly("k2 skipped budget");
        }
    }

    /** 8: the event bus dropped events when its queue was full. */
    @Test
    void aSignalThatFindsNoRoomIsADeadLetter() {
        try (TestLane lane = TestLane.heartbeat(stateDir, "heartbeat.max.signals=2")) {
            for (String id : List.of("s1", "s2", "s3")) {
                lane.read(SIGNALS, signal(id));
            }

            assertThat(lane.deadLetters(TOPICS.heartbeatDlq())).hasSize(1);
        }
    }

    /** 10: working memory of background threads was never ended. */
    @Test
    void aHeartbeatsThreadEndsWithItsRun() throws InterruptedException {
        try (TestLane lane = TestLane.heartbeat(stateDir)) {
            lane.read(SIGNALS, signal("s1"));
            lane.read(TICKS, tick("k1"));
            assertThat(lane.log().memory().threads(TestLane.AGENT)).containsExactly("heartbeat-k1");
            decide(lane);

            assertThat(lane.log().memory().threads(TestLane.AGENT)).isEmpty();
        }
    }

    /** 12: an "all is well" leaked into chats, and a guess was taken for the user's consent. */
    @Test
    void whatAHeartbeatSaysIsNeverAMessageOfTheUser() throws InterruptedException {
        try (TestLane lane = TestLane.heartbeat(stateDir);
                TestLane chat = TestLane.owner(TestLane.Setup.of(Lane.CHAT).on(lane.log()), stateDir)) {
            lane.read(SIGNALS, signal("s1"));
            lane.read(TICKS, tick("k1"));
            lane.answer("tool_use", new Content.Text("All is well."), respond(lane, "notify"));
            lane.callTool();
            chat.settle();
            ObjectNode request = Json.object().put("threadId", "t1").put("runId", "r1");
            request.putArray("messages")
                    .addObject()
                    .put("id", "m1")
                    .put("role", "user")
                    .put("content", "hello");
            chat.read(TOPICS.chatRequests(), request);

            var asked = chat.effects.modelCalls.getFirst().call().request();
            assertThat(asked.messages()).hasSize(1);
            assertThat(asked.messages().getFirst().text()).isEqualTo("hello");
            assertThat(asked.system())
                    .contains("from your heartbeat and not from the user")
                    .doesNotContain("All is well");
        }
    }

    /** 13: quiet systems emitted no ticks, and were taken for dead. */
    @Test
    void aQuietTickHasAnOutcomeAndCostsNoModelCall() {
        try (TestLane lane = TestLane.heartbeat(stateDir)) {
            lane.read(TICKS, tick("k1"));

            assertThat(outcomes(lane)).containsExactly("k1 skipped no_findings");
            assertThat(lane.thinking()).isEmpty();
            assertThat(lane.log().bodies(FindingsRaised.class)).isEmpty();
        }
    }

    private static List<FindingState> states(TestLane lane) {
        return lane.log().memory().findings(TestLane.AGENT).stream()
                .map(entry -> entry.state())
                .toList();
    }

    private static long spent(TestLane lane) {
        return lane.log().memory().spentSince(TestLane.AGENT, 0);
    }

    private static void decide(TestLane lane) throws InterruptedException {
        lane.answer("tool_use", respond(lane, "acknowledge"));
        lane.callTool();
    }

    private static Content.ToolUse respond(TestLane lane, String action) {
        ObjectNode decisions = Json.object();
        decisions
                .putArray("decisions")
                .addObject()
                .put(
                        "fingerprint",
                        lane.log()
                                .bodies(FindingsRaised.class)
                                .getFirst()
                                .findings()
                                .getFirst()
                                .fingerprint())
                .put("action", action);
        return new Content.ToolUse("c1", "heartbeat_respond", decisions.toString());
    }

    private static List<String> outcomes(TestLane lane) {
        return lane.written(OUTCOMES).stream()
                .map(outcome -> outcome.path("tickId").asString("") + " "
                        + outcome.path("status").asString("") + " "
                        + outcome.path("skipReason").asString(""))
                .toList();
    }

    private static JsonNode tick(String tickId) {
        return Json.object().put("tickId", tickId);
    }

    private static ObjectNode signal(String signalId) {
        return Json.object().put("signalId", signalId).put("source", "mail").put("summary", "a mail");
    }

    private static ObjectNode budget(long tokens) {
        ObjectNode schedule = Json.object().put("enabled", true);
        schedule.putObject("budget").put("tokensPerDay", tokens);
        return schedule;
    }
}
