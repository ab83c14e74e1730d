package dev.noesis.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.model.Content;
import dev.noesis.model.ErrorCode;
import dev.noesis.serde.Json;
import dev.noesis.testing.TestLane;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What a lane's task says that it has, while runs go through it. */
class LaneGaugesTest {
    private static final String REQUESTS = "chat.requests";

    @TempDir
    private Path dir;

    @Test
    void aRunIsCountedWhereItStands() throws InterruptedException {
        try (TestLane lane = TestLane.chat(dir)) {
            lane.read(REQUESTS, request("t", "r1"));
            lane.read(REQUESTS, request("t", "r2"));
            assertRuns(lane, 1, 1, 0, 0);
            // the first run's call, and the expiries of both
            assertThat(effects(lane, "call_model")).isEqualTo(1);
            assertThat(effects(lane, "append")).isEqualTo(2);

            lane.answer("tool_use", recall("c1"), recall("c2"));
            assertRuns(lane, 1, 0, 1, 0);
            assertThat(effects(lane, "call_tool")).isEqualTo(2);
            lane.callTool();
            assertRuns(lane, 1, 0, 1, 0);
            assertThat(effects(lane, "call_tool")).isEqualTo(1);
            lane.callTool();
            assertRuns(lane, 1, 1, 0, 0);

            lane.failUntil(lane.now() + 60_000);
            assertRuns(lane, 1, 0, 0, 1);

            lane.advance(Duration.ofSeconds(60));
            lane.answer("end_turn", new Content.Text("done"));
            assertRuns(lane, 0, 1, 0, 0);
            lane.answer("end_turn", new Content.Text("done, too"));
            assertRuns(lane, 0, 0, 0, 0);
            assertThat(effects(lane, "append")).isZero();
            assertThat(lane.outbox()).isEmpty();
        }
    }

    @Test
    void aTaskThatStartsCountsWhatItFindsAndOneThatIsClosedCountsNothing() {
        TestLane lane = TestLane.chat(dir);
        lane.read(REQUESTS, request("t", "r1"));
        lane.read(REQUESTS, request("t", "r2"));

        TestLane next = lane.crash();
        assertThat(lane.measured(Metric.TASKS_ASSIGNED)).isZero();
        assertRuns(lane, 0, 0, 0, 0);
        assertThat(effects(lane, "append")).isZero();
        try (next) {
            assertRuns(next, 1, 1, 0, 0);
            assertThat(effects(next, "append")).isEqualTo(2);
        }
    }

    @Test
    void anEffectGrowsOldFromWhenItIsDue() {
        try (TestLane lane = TestLane.chat(dir)) {
            assertThat(lane.measured(Metric.OUTBOX_OLDEST_AGE)).isZero();
            lane.read(REQUESTS, request("t", "r1"));
            lane.advance(Duration.ofSeconds(7));
            assertThat(lane.measured(Metric.OUTBOX_OLDEST_AGE)).isEqualTo(7);

            // what is left is the expiry, which is due later
            lane.failUntil(lane.now() + 60_000);
            lane.advance(Duration.ofSeconds(30));
            assertThat(lane.measured(Metric.OUTBOX_OLDEST_AGE)).isZero();
            lane.advance(Duration.ofSeconds(35));
            assertThat(lane.measured(Metric.OUTBOX_OLDEST_AGE)).isEqualTo(5);

            lane.answer("end_turn", new Content.Text("done"));
            assertThat(lane.measured(Metric.OUTBOX_OLDEST_AGE)).isZero();
        }
    }

    @Test
    void aReplyIsTimedFromItsRequestsAppend() {
        try (TestLane lane = TestLane.chat(dir)) {
            lane.read(REQUESTS, request("t", "r1"));
            lane.advance(Duration.ofSeconds(3));
            lane.answer("end_turn", new Content.Text("done"));

            assertThat(lane.measured(Metric.RUN_REPLY)).isEqualTo(1);
            assertThat(lane.longest(Metric.RUN_REPLY)).isEqualTo(3);
            assertThat(lane.measured(Metric.RUNS_ENDED, "outcome", "success")).isEqualTo(1);
        }
    }

    @Test
    void aRunThatIsCancelledIsNoReplyTime() {
        try (TestLane lane = TestLane.chat(dir)) {
            lane.read(REQUESTS, request("t", "r1"));
            lane.read(REQUESTS, request("t", "r2"));
            lane.read(REQUESTS, cancel("t", "r1"));
            lane.read(REQUESTS, cancel("t", "r2"));

            assertThat(lane.measured(Metric.RUN_REPLY)).isZero();
            assertThat(lane.measured(Metric.RUNS_ENDED, "outcome", "cancelled")).isEqualTo(2);
            assertRuns(lane, 0, 0, 0, 0);
        }
    }

    @Test
    void aHeartbeatsRunEndsWithItsErrorCode() {
        try (TestLane lane = TestLane.heartbeat(dir)) {
            lane.read("agent.signals", signal("s1"));
            lane.read("heartbeat.ticks", tick("k1"));
            assertRuns(lane, 0, 1, 0, 0);
            lane.fail(ErrorCode.MODEL_UNAVAILABLE);

            assertThat(lane.measured(Metric.RUNS_ENDED, "outcome", "model_unavailable"))
                    .isEqualTo(1);
            assertThat(lane.measured(Metric.RUN_REPLY)).isEqualTo(1);
            assertRuns(lane, 0, 0, 0, 0);
        }
    }

    private static void assertRuns(TestLane lane, int queued, int thinking, int acting, int waiting) {
        assertThat(runs(lane, "queued")).as("queued").isEqualTo(queued);
        assertThat(runs(lane, "thinking")).as("thinking").isEqualTo(thinking);
        assertThat(runs(lane, "acting")).as("acting").isEqualTo(acting);
        assertThat(runs(lane, "waiting")).as("waiting").isEqualTo(waiting);
    }

    private static double runs(TestLane lane, String state) {
        return lane.measured(Metric.RUNS, "state", state);
    }

    private static double effects(TestLane lane, String kind) {
        return lane.measured(Metric.OUTBOX_EFFECTS, "kind", kind);
    }

    private static Content recall(String callId) {
        return new Content.ToolUse(callId, "recall", "{\"query\":\"tea\"}");
    }

    private static JsonNode request(String threadId, String runId) {
        ObjectNode request = Json.object().put("threadId", threadId).put("runId", runId);
        request.putArray("messages").addObject().put("role", "user").put("content", "hello");
        return request;
    }

    private static JsonNode cancel(String threadId, String runId) {
        return Json.object().put("type", "cancel").put("threadId", threadId).put("runId", runId);
    }

    private static JsonNode signal(String id) {
        return Json.object()
                .put("signalId", id)
                .put("source", "tap")
                .put("summary", "the tap drips")
                .put("urgency", "high");
    }

    private static JsonNode tick(String id) {
        return Json.object()
                .put("tickId", id)
                .put("scheduledAt", Instant.ofEpochMilli(TestLane.NOW).toString());
    }
}
