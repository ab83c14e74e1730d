package dev.noesis.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.model.Content;
import dev.noesis.model.ErrorCode;
import dev.noesis.serde.Json;
import dev.noesis.testing.TestLane;
import dev.noesis.topics.Topics;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The chat lane takes what its schemas allow, refuses what they don't, and writes what they describe. */
class ChatRecordsTest {
    private static final Topics TOPICS = new Topics("");
    private static final String REQUESTS = TOPICS.chatRequests();
    private static final String REPLIES = TOPICS.chatReplies();

    @TempDir
    private Path stateDir;

    static Stream<Example> requests() {
        return Example.of(REQUESTS);
    }

    @ParameterizedTest
    @MethodSource("requests")
    void anExampleIsTakenOrRefusedAsItSays(Example example) {
        try (TestLane lane = TestLane.chat(stateDir)) {
            lane.read(REQUESTS, example.value());

            List<String> codes = lane.written(REPLIES).stream()
                    .map(reply -> reply.path("code").asString(""))
                    .toList();
            List<String> dead = lane.deadLetters(TOPICS.chatDlq());
            if (example.valid()) {
                assertThat(codes).isEmpty();
                assertThat(dead).isEmpty();
            } else if (dead.isEmpty()) {
                assertThat(codes).containsExactly("invalid_request");
            } else {
                assertThat(codes).isEmpty();
                assertThat(dead).hasSize(1);
            }
        }
    }

    @Test
    void aRunWithAToolCall() throws InterruptedException {
        try (TestLane lane = TestLane.chat(stateDir)) {
            lane.read(REQUESTS, request("r1"));
            lane.answer(
                    "tool_use",
                    new Content.Text("I will keep that."),
                    new Content.ToolUse("c1", "learn_fact", "{\"subject\":\"tea\",\"statement\":\"green\"}"),
                    new Content.ToolUse("c2", "recall", "{}"));
            lane.callTool();
            lane.callTool();
            lane.answer("end_turn", new Content.Text("Noted."));

            assertThat(types(lane.streamed()))
                    .containsExactly(
                            "TOOL_CALL_RESULT", "TOOL_CALL_RESULT", "STEP_FINISHED", "STEP_FINISHED", "RUN_FINISHED");
            assertThat(lane.written(REPLIES)).singleElement().satisfies(reply -> {
                assertThat(reply.at("/outcome/type").asString()).isEqualTo("success");
                assertThat(reply.at("/result/messages")).hasSize(4);
                assertThat(reply.at("/result/messages/2/error").isString()).isTrue();
            });
        }
    }

    @Test
    void runsThatAreCancelledBeforeAndAfterTheyBegan() {
        try (TestLane lane = TestLane.chat(stateDir)) {
            lane.read(REQUESTS, request("r1"));
            lane.read(REQUESTS, request("r2"));
            lane.read(REQUESTS, cancel("r2"));
            lane.read(REQUESTS, cancel("r1"));

            assertThat(lane.written(REPLIES))
                    .extracting(reply -> reply.path("runId").asString())
                    .containsExactly("r2", "r1");
            assertThat(types(lane.streamed())).containsExactly("RUN_FINISHED", "RUN_FINISHED");
        }
    }

    @Test
    void runsWhoseDeadlinePassedBeforeAndAfterTheyBegan() {
        try (TestLane lane = TestLane.chat(stateDir)) {
            lane.read(REQUESTS, request("r1"));
            lane.read(REQUESTS, request("r2"));
            lane.passTime();

            assertThat(codes(lane)).containsExactly("deadline_exceeded", "deadline_exceeded");
            assertThat(types(lane.streamed())).containsExactly("RUN_ERROR", "RUN_ERROR");
        }
    }

    @Test
    void aRunThatTheModelDidNotAnswer() {
        try (TestLane lane = TestLane.chat(stateDir)) {
            lane.read(REQUESTS, request("r1"));
            lane.fail(ErrorCode.MODEL_UNAVAILABLE);

            assertThat(codes(lane)).containsExactly("model_unavailable");
            assertThat(types(lane.streamed())).containsExactly("RUN_ERROR");
        }
    }

    @Test
    void requestsThatAreNotAccepted() {
        try (TestLane lane = TestLane.chat(stateDir, "chat.max.queued.per.agent=1")) {
            lane.read(REQUESTS, request("r1"));
            ObjectNode impatient = request("r2");
            impatient.putObject("forwardedProps").putObject("noesis").put("multitask", "reject");
            lane.read(REQUESTS, impatient);
            lane.read(REQUESTS, request("r3"));
            lane.read(REQUESTS, request("r4"));

            assertThat(codes(lane)).containsExactly("rejected_busy", "overloaded");
        }
    }

    @Test
    void notesToThoseWhoAskedTwiceOrInVain() {
        try (TestLane lane = TestLane.chat(stateDir)) {
            lane.read(REQUESTS, request("r1"));
            lane.read(REQUESTS, request("r1"));
            lane.read(REQUESTS, request("r2"));
            lane.read(REQUESTS, request("r2"));
            lane.answer("end_turn", new Content.Text("Hello."));
            lane.read(REQUESTS, request("r1"));
            lane.read(REQUESTS, cancel("r1"));
            lane.read(REQUESTS, cancel("r9"));

            assertThat(lane.streamed().stream()
                            .filter(event -> event.path("type").asString().equals("CUSTOM"))
                            .map(event -> event.path("value").path("state").asString()))
                    .containsExactly("thinking", "queued", "ended", "ended", "unknown");
        }
    }

    @Test
    void theRunsOfAnAgentThatIsDeleted() {
        try (TestLane lane = TestLane.chat(stateDir)) {
            lane.read(REQUESTS, request("r1"));
            lane.read(REQUESTS, request("r2"));
            lane.read(REQUESTS, Json.object().put("type", "delete"));

            assertThat(lane.written(REPLIES))
                    .extracting(reply -> reply.at("/outcome/type").asString())
                    .containsExactly("cancelled", "cancelled");
        }
    }

    private static ObjectNode request(String runId) {
        ObjectNode request = Json.object().put("threadId", "t1").put("runId", runId);
        request.putArray("messages").addObject().put("role", "user").put("content", "hello");
        return request;
    }

    private static ObjectNode cancel(String runId) {
        return Json.object().put("type", "cancel").put("threadId", "t1").put("runId", runId);
    }

    private static List<String> codes(TestLane lane) {
        return lane.written(REPLIES).stream()
                .map(reply -> reply.path("code").asString(""))
                .toList();
    }

    private static List<String> types(List<JsonNode> events) {
        return events.stream().map(event -> event.path("type").asString()).toList();
    }
}
