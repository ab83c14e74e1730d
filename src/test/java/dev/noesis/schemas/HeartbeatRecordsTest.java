package dev.noesis.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.model.Content;
import dev.noesis.model.ErrorCode;
import dev.noesis.serde.Json;
import dev.noesis.testing.TestLane;
import dev.noesis.topics.Topics;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The heartbeat lane takes what its schemas allow, refuses what they don't, and writes what they describe. */
class HeartbeatRecordsTest {
    private static final Topics TOPICS = new Topics("");
    private static final String TICKS = TOPICS.heartbeatTicks();
    private static final String SIGNALS = TOPICS.agentSignals();
    private static final String SCHEDULES = TOPICS.heartbeatSchedules();
    private static final String OUTCOMES = TOPICS.heartbeatOutcomes();
    private static final String ATTENTION = TOPICS.agentAttention();
    private static final String DLQ = TOPICS.heartbeatDlq();

    @TempDir
    private Path stateDir;

    static Stream<Example> inputs() {
        return Stream.of(TICKS, SIGNALS, SCHEDULES).flatMap(Example::of);
    }

    @ParameterizedTest
    @MethodSource("inputs")
    void anExampleIsTakenOrRefusedAsItSays(Example example) {
        try (TestLane lane = TestLane.heartbeat(stateDir)) {
            lane.read(example.topic(), example.value());

            assertThat(lane.deadLetters(DLQ)).hasSize(example.valid() ? 0 : 1);
            assertThat(lane.written(OUTCOMES))
                    .hasSize(example.valid() && example.topic().equals(TICKS) ? 1 : 0);
        }
    }

    @Test
    void aTickThatFindsSomethingAHumanShouldKnow() throws InterruptedException {
        try (TestLane lane = TestLane.heartbeat(stateDir)) {
            lane.read(SIGNALS, signal("s1"));
            lane.read(SIGNALS, signal("s2"));
            lane.read(TICKS, tick("k1"));
            lane.answer("tool_use", new Content.ToolUse("c1", "heartbeat_respond", notifyOfAll(lane)));
            lane.callTool();

            assertThat(lane.written(OUTCOMES)).singleElement().satisfies(outcome -> {
                assertThat(outcome.path("status").asString()).isEqualTo("notified");
                assertThat(outcome.path("findings")).hasSize(2);
            });
            assertThat(lane.written(ATTENTION))
                    .as("two that press, and what was decided of them")
                    .hasSize(4);
            assertThat(lane.streamed())
                    .extracting(event -> event.path("type").asString())
                    .containsExactly("TOOL_CALL_RESULT", "STEP_FINISHED", "RUN_FINISHED");
        }
    }

    @Test
    void aTickWhoseRunFailed() {
        try (TestLane lane = TestLane.heartbeat(stateDir)) {
            lane.read(SIGNALS, signal("s1"));
            lane.read(TICKS, tick("k1"));
            lane.fail(ErrorCode.MODEL_UNAVAILABLE);

            assertThat(lane.written(OUTCOMES)).singleElement().satisfies(outcome -> {
                assertThat(outcome.path("code").asString()).isEqualTo("model_unavailable");
                assertThat(outcome.has("model")).as("nobody answered").isFalse();
                assertThat(outcome.at("/findings/0/decision").asString()).isEqualTo("none");
            });
        }
    }

    @Test
    void ticksThatAreSkipped() {
        try (TestLane lane = TestLane.heartbeat(stateDir)) {
            lane.read(TICKS, tick("k1"));
            lane.read(TICKS, tick("k1"));
            lane.read(TICKS, tick("k2").put("scheduledAt", "2026-11-21T09:30:00Z"));
            lane.read(SIGNALS, signal("s1"));
            lane.read(TICKS, tick("k3"));
            lane.read(TICKS, tick("k4"));

            assertThat(lane.written(OUTCOMES))
                    .extracting(outcome -> outcome.path("skipReason").asString())
                    .containsExactly("no_findings", "duplicate", "stale", "busy");
        }
    }

    @Test
    void signalsTooMany() {
        try (TestLane lane = TestLane.heartbeat(stateDir, "heartbeat.max.signals=1")) {
            lane.read(SIGNALS, signal("s1"));
            lane.read(SIGNALS, signal("s2"));

            assertThat(lane.deadLetters(DLQ)).singleElement().asString().contains("1 signals");
        }
    }

    /** What the model answers that reads its prompt: a decision for each fingerprint in it. */
    private static String notifyOfAll(TestLane lane) {
        List<String> fingerprints = lane.effects
                .modelCalls
                .getFirst()
                .call()
                .request()
                .messages()
                .getFirst()
                .text()
                .lines()
                .filter(line -> line.startsWith("- ["))
                .map(line -> line.substring(3, line.indexOf(']')))
                .toList();
        ObjectNode arguments = Json.object();
        var decisions = arguments.putArray("decisions");
        fingerprints.forEach(fingerprint -> decisions
                .addObject()
                .put("fingerprint", fingerprint)
                .put("action", "notify")
                .put("text", "Look at this."));
        return arguments.toString();
    }

    private static ObjectNode tick(String tickId) {
        return Json.object()
                .put("tickId", tickId)
                .put("scheduledAt", Instant.ofEpochMilli(TestLane.NOW).toString());
    }

    private static JsonNode signal(String signalId) {
        return Json.object()
                .put("signalId", signalId)
                .put("source", "backup")
                .put("summary", "The nightly backup failed")
                .put("urgency", "high");
    }
}
