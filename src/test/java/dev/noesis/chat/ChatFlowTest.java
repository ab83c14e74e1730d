package dev.noesis.chat;

import static dev.noesis.chat.ChatLane.REQUESTS;
import static dev.noesis.chat.ChatLane.cancel;
import static dev.noesis.chat.ChatLane.start;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.mind.RunState;
import dev.noesis.mind.Specs;
import dev.noesis.model.MemoryWrite;
import dev.noesis.run.Effects;
import dev.noesis.run.LaneTask;
import dev.noesis.run.RecordingEffects.Appended;
import dev.noesis.run.StreamEvent;
import dev.noesis.serde.Json;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** From a request to its one reply, and every way there that a client can ask for. */
class ChatFlowTest {
    private final LaneTask lane = ChatLane.task().startAndOwn();

    // ---- the plain way

    @Test
    void aRequestIsOpenedCalledAnsweredAndRepliedToOnce() {
        lane.input(REQUESTS, "ada", start("t1", "r1", "hello"));
        lane.run();

        assertThat(lane.calls()).containsExactly("r1/0");
        assertThat(replies()).isEmpty();
        Effects.ModelCall call = lane.effects().called.getFirst().call();
        assertThat(call.request().messages().getFirst().text()).isEqualTo("hello");
        assertThat(call.deadlineAt()).isGreaterThan(lane.clock());

        lane.answer("ada", "r1", "hi ada");

        assertThat(replies()).singleElement().satisfies(reply -> {
            assertThat(reply.agent()).isEqualTo("ada");
            assertThat(reply.json()).isEqualTo(Json.tree("""
                    {"type":"RUN_FINISHED","timestamp":%d,"threadId":"t1","runId":"r1",\
                    "metadata":{"noesis":{"runId":"r1"}},"outcome":{"type":"success"},\
                    "result":{"messages":[{"id":"r1/0","role":"assistant","content":"hi ada"}],\
                    "stopReason":"end_turn","steps":1,"attempts":1},\
                    "usage":{"inputTokens":10,"outputTokens":5,"totalTokens":15,"cacheReadTokens":0,"cacheWriteTokens":0}}"""
                    .formatted(lane.clock())));
            assertThat(reply.header("ce_id")).isEqualTo("r1");
            assertThat(reply.header("ce_type")).isEqualTo("dev.noesis.RUN_FINISHED");
            assertThat(reply.header("ce_source")).isEqualTo("noesis/chat");
            assertThat(reply.header("ce_subject")).isEqualTo("ada");
            assertThat(reply.header("content-type")).isEqualTo("application/json");
            assertThat(reply.header("traceparent")).matches("00-[0-9a-f]{32}-[0-9a-f]{16}-00");
        });
        assertThat(published()).containsExactly("STEP_FINISHED", "RUN_FINISHED");
        assertThat(lane.calls()).isEmpty();
        nothingIsLeft();
    }

    @Test
    void aToolLoopGoesRoundUntilTheModelAnswers() {
        lane.input(REQUESTS, "ada", start("t1", "r1", "remember that I like tea"));
        lane.run();

        lane.ask("ada", "r1", "a", "learn_fact", "{}");
        assertThat(lane.run("ada", "r1").state()).isInstanceOf(RunState.Acting.class);
        assertThat(lane.effects().tooled).singleElement().satisfies(tooled -> {
            assertThat(tooled.call().allowed()).isEqualTo(ChatLane.TOOLS);
            assertThat(tooled.call().invocation().idempotencyKey()).isEqualTo("r1/0/a");
        });
        lane.toolAnswers("ada", "r1", "a", "ok", false, new MemoryWrite.LearnFact("tea", "Ada likes tea", 1));
        assertThat(lane.calls()).containsExactly("r1/1");
        lane.answer("ada", "r1", "noted");

        JsonNode result = replies().getFirst().json().path("result");
        assertThat(result.path("steps").asInt()).isEqualTo(2);
        assertThat(result.path("attempts").asInt()).isEqualTo(2);
        assertThat(result.path("messages")).extracting(m -> m.path("role").asString())
                .containsExactly("assistant", "tool", "assistant");
        assertThat(result.path("messages").get(0).path("toolCalls").get(0)).isEqualTo(Json.tree("""
                {"id":"a","type":"function","function":{"name":"learn_fact","arguments":"{}"}}"""));
        nothingIsLeft();

        lane.input(REQUESTS, "ada", start("t2", "r2", "what about tea?"));
        lane.run();
        assertThat(lane.effects().called.getLast().call().request().system()).contains("Ada likes tea");
    }

    @Test
    void aStepThatIsTriedLaterIsCalledThen() {
        lane.input(REQUESTS, "ada", start("t1", "r1", "hello"));
        lane.run();

        lane.fail("ada", "r1", lane.clock() + 4_000);

        assertThat(lane.effects().called.getLast().delayMs()).isEqualTo(4_000);
        assertThat(replies()).isEmpty();
        lane.answer("ada", "r1", "hi");
        assertThat(types()).containsExactly("RUN_FINISHED");
    }

    @Test
    void aFailureIsRepliedToWithItsCode() {
        lane.input(REQUESTS, "ada", start("t1", "r1", "hello"));
        lane.run();

        lane.fail("ada", "r1", null);

        assertThat(replies()).singleElement().satisfies(reply -> {
            assertThat(reply.json().path("type").asString()).isEqualTo("RUN_ERROR");
            assertThat(reply.json().path("code").asString()).isEqualTo("model_unavailable");
            assertThat(reply.json().path("message").asString()).isEqualTo("529");
            assertThat(reply.json().path("usage").path("totalTokens").asInt()).isEqualTo(15);
        });
        nothingIsLeft();
    }

    @Test
    void runsOfAThreadGoOneAfterAnotherAndThreadsBesideEachOther() {
        lane.input(REQUESTS, "ada", start("t1", "r1", "one"));
        lane.input(REQUESTS, "ada", start("t1", "r2", "two"));
        lane.input(REQUESTS, "ada", start("t1", "r3", "three"));
        lane.input(REQUESTS, "ada", start("t2", "other", "elsewhere"));
        lane.input(REQUESTS, "bob", start("t1", "r1", "I am bob"));
        lane.run();
        assertThat(lane.calls()).containsExactlyInAnyOrder("r1/0", "other/0", "r1/0");

        lane.answer("ada", "r1", "uno");
        assertThat(lane.calls()).containsExactlyInAnyOrder("other/0", "r1/0", "r2/0");
        lane.answer("ada", "r2", "due");
        lane.answer("ada", "r3", "tre");

        assertThat(runIds()).containsExactly("r1", "r2", "r3");
        assertThat(lane.effects().called.getLast().call().request().messages()).hasSize(5);
    }

    @Test
    void theTraceContextOfARequestIsItsRepliesAndEvents() {
        String trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        lane.input(
                REQUESTS,
                "ada".getBytes(),
                start("t1", "r1", "hello").getBytes(),
                new RecordHeader("traceparent", trace.getBytes()));
        lane.run();
        lane.answer("ada", "r1", "hi");

        assertThat(replies().getFirst().header("traceparent")).isEqualTo(trace);
        assertThat(lane.effects().published).allSatisfy(event -> assertThat(event.traceparent()).isEqualTo(trace));
        assertThat(lane.effects().called.getFirst().call().traceparent()).isEqualTo(trace);
    }

    // ---- multitask

    @Test
    void aRequestThatAskedNotToWaitIsRefusedWhileTheThreadIsBusyAndItsIdIsNotUsedUp() {
        lane.input(REQUESTS, "ada", start("t1", "r1", "one"));
        lane.input(REQUESTS, "ada", start("t1", "r2", "two", "'multitask':'reject'"));
        lane.input(REQUESTS, "ada", start("t2", "r3", "elsewhere", "'multitask':'reject'"));
        lane.run();

        assertThat(codes()).containsExactly("rejected_busy");
        assertThat(lane.calls()).containsExactly("r1/0", "r3/0");

        lane.answer("ada", "r1", "uno");
        lane.input(REQUESTS, "ada", start("t1", "r2", "two", "'multitask':'reject'"));
        lane.run();
        lane.answer("ada", "r2", "due");
        assertThat(runIds()).containsExactly("r2", "r1", "r2");
    }

    @Test
    void aRequestIsRefusedAlsoWhileAnotherOnlyWaits() {
        LaneTask busy = ChatLane.task(Map.of("chat.max.in.flight.per.agent", "1")).startAndOwn();
        busy.input(REQUESTS, "ada", start("t1", "r1", "one"));
        busy.input(REQUESTS, "ada", start("t2", "waits", "two"));
        busy.input(REQUESTS, "ada", start("t2", "r2", "two", "'multitask':'reject'"));
        busy.run();

        assertThat(busy.outputs(ChatTopology.REPLIES_SINK).getFirst().json().path("code").asString())
                .isEqualTo("rejected_busy");
    }

    @Test
    void aRequestThatInterruptsEndsWhatTheThreadHasAndWhatWaitsBeforeIt() {
        lane.input(REQUESTS, "ada", start("t1", "r1", "one"));
        lane.input(REQUESTS, "ada", start("t1", "r2", "two"));
        lane.input(REQUESTS, "ada", start("t2", "elsewhere", "three"));
        lane.run();

        lane.input(REQUESTS, "ada", start("t1", "r3", "stop that", "'multitask':'interrupt'"));
        lane.run();

        assertThat(outcomes()).containsExactlyInAnyOrder("r1 cancelled", "r2 cancelled");
        assertThat(replies().getFirst().json().path("outcome").path("reason").asString())
                .isEqualTo("interrupted by run r3");
        assertThat(lane.calls()).containsExactlyInAnyOrder("elsewhere/0", "r3/0");
    }

    // ---- cancel

    @ParameterizedTest
    @ValueSource(strings = {"thinking", "waiting", "acting"})
    void anOpenRunIsCancelledInEveryState(String state) {
        lane.input(REQUESTS, "ada", start("t1", "r1", "hello"));
        lane.input(REQUESTS, "ada", start("t1", "next", "and then?"));
        lane.run();
        switch (state) {
            case "waiting" -> lane.fail("ada", "r1", lane.clock() + 60_000);
            case "acting" -> lane.ask("ada", "r1", "a", "recall", "{}");
            default -> {
                // its model call goes on
            }
        }

        lane.input(REQUESTS, "ada", cancel("t1", "r1"));
        lane.run();

        assertThat(outcomes()).containsExactly("r1 cancelled");
        assertThat(replies().getFirst().json().path("outcome").path("reason").asString()).isEqualTo("no need");
        assertThat(lane.calls()).as("the old call is ended, the next run begins").containsExactly("next/0");
        assertThat(lane.effects().acting).isEmpty();
    }

    @Test
    void aRunIsCancelledWhileItIsBeingOpened() {
        lane.input(REQUESTS, "ada", start("t1", "r1", "hello"));
        lane.input(REQUESTS, "ada", start("t1", "r2", "hello"));
        lane.input(REQUESTS, "ada", cancel("t1", "r1"));
        while (lane.processNext()) {
            // decides, and nothing of it is in the log yet
        }
        assertThat(lane.effects().appended).extracting(a -> a.event().eventId())
                .contains("r1/opened", "r1/cancelled");

        lane.run();

        assertThat(outcomes()).containsExactly("r1 cancelled");
        assertThat(lane.calls()).containsExactly("r2/0");
    }

    @Test
    void aRunThatWaitsIsCancelledAtOnce() {
        lane.input(REQUESTS, "ada", start("t1", "r1", "hello"));
        lane.input(REQUESTS, "ada", start("t1", "r2", "hello"));
        lane.input(REQUESTS, "ada", cancel("t1", "r2"));
        lane.run();

        assertThat(outcomes()).containsExactly("r2 cancelled");
        lane.answer("ada", "r1", "hi");
        assertThat(lane.calls()).isEmpty();
        nothingIsLeft();
    }

    @Test
    void aCancelUnderAnotherThreadsNameCancelsAndHoldsNothingUp() {
        LaneTask narrow =
                ChatLane.task(Map.of("chat.max.in.flight.per.agent", "1")).startAndOwn();
        narrow.input(REQUESTS, "ada", start("t0", "busy", "hello"));
        narrow.input(REQUESTS, "ada", start("t1", "r1", "hello"));
        narrow.input(REQUESTS, "ada", start("t1", "r2", "hello"));
        narrow.input(REQUESTS, "ada", cancel("no such thread", "r1"));
        narrow.run();

        JsonNode reply = narrow.outputs(ChatTopology.REPLIES_SINK).getFirst().json();
        assertThat(reply.path("runId").asString()).isEqualTo("r1");
        assertThat(reply.path("threadId").asString()).isEqualTo("t1");
        narrow.answer("ada", "busy", "done");
        assertThat(narrow.calls()).containsExactly("r2/0");
    }

    @Test
    void aCancelOfARunThatIsNotThereSaysSo() {
        lane.input(REQUESTS, "ada", cancel("t1", "nobody"));
        lane.input(REQUESTS, "ada", start("t1", "r1", "hello"));
        lane.run();
        lane.answer("ada", "r1", "hi");
        lane.input(REQUESTS, "ada", cancel("t1", "r1"));
        lane.run();

        assertThat(customs()).containsExactly(
                "noesis.cancel_ignored {\"state\":\"unknown\"}", "noesis.cancel_ignored {\"state\":\"ended\"}");
        assertThat(replies()).hasSize(1);
    }

    @Test
    void aRunCancelledTwiceEndsOnce() {
        lane.input(REQUESTS, "ada", start("t1", "r1", "hello"));
        lane.input(REQUESTS, "ada", cancel("t1", "r1"));
        lane.input(REQUESTS, "ada", cancel("t1", "r1"));
        lane.run();
        lane.input(REQUESTS, "ada", cancel("t1", "r1"));
        lane.run();

        assertThat(outcomes()).containsExactly("r1 cancelled");
    }

    // ---- deadline

    @Test
    void aRunThatTakesTooLongIsEnded() {
        lane.input(REQUESTS, "ada", start("t1", "r1", "hello", "'deadlineMs':5000"));
        lane.run();
        lane.pass(4_999);
        assertThat(replies()).isEmpty();

        lane.pass(1);

        assertThat(codes()).containsExactly("deadline_exceeded");
        assertThat(replies().getFirst().json().path("message").asString()).contains("5000 ms");
        assertThat(lane.calls()).isEmpty();
        nothingIsLeft();
    }

    @Test
    void aRunThatWaitsTooLongForItsThreadIsEndedBeforeItBegan() {
        lane.input(REQUESTS, "ada", start("t1", "r1", "hello"));
        lane.input(REQUESTS, "ada", start("t1", "r2", "hello", "'deadlineMs':5000"));
        lane.run();

        lane.pass(5_000);

        assertThat(codes()).containsExactly("deadline_exceeded");
        assertThat(runIds()).containsExactly("r2");
        assertThat(lane.calls()).containsExactly("r1/0");
        lane.answer("ada", "r1", "hi");
        nothingIsLeft();
    }

    @Test
    void theDeadlineCountsFromTheRequestsAppendTime() {
        LaneTask late = ChatLane.task();
        late.input(REQUESTS, "ada", start("t1", "r1", "hello", "'deadlineMs':5000"));
        late.start();
        late.pass(3_000);

        Appended expiry = late.effects().appended.stream()
                .filter(a -> a.event().eventId().equals("r1/expired"))
                .findFirst()
                .orElseThrow();
        assertThat(expiry.delayMs()).isEqualTo(2_000);
        assertThat(late.effects().called.getFirst().call().deadlineAt()).isEqualTo(Specs.T0 + 5_000);
    }

    // ---- duplicates

    @Test
    void aRequestSentAgainIsToldWhereItsRunStands() {
        lane.input(REQUESTS, "ada", start("t1", "r1", "hello"));
        lane.input(REQUESTS, "ada", start("t1", "r2", "hello"));
        lane.run();
        lane.input(REQUESTS, "ada", start("t1", "r1", "hello"));
        lane.input(REQUESTS, "ada", start("t1", "r1", "another text", "'multitask':'interrupt'"));
        lane.input(REQUESTS, "ada", start("t1", "r2", "hello"));
        lane.run();
        lane.answer("ada", "r1", "hi");
        lane.input(REQUESTS, "ada", start("t1", "r1", "hello"));
        lane.run();

        assertThat(customs())
                .containsExactly(
                        "noesis.duplicate {\"state\":\"thinking\"}",
                        "noesis.duplicate {\"state\":\"thinking\"}",
                        "noesis.duplicate {\"state\":\"queued\"}",
                        "noesis.duplicate {\"state\":\"ended\",\"outcome\":\"success\"}");
        assertThat(runIds()).containsExactly("r1");
        assertThat(lane.count("noesis.inputs.duplicate")).isEqualTo(4);
    }

    @Test
    void aDuplicateSaysHowItsRunEnded() {
        lane.input(REQUESTS, "ada", start("t1", "r1", "hello"));
        lane.input(REQUESTS, "ada", cancel("t1", "r1"));
        lane.input(REQUESTS, "ada", start("t1", "r2", "hello"));
        lane.run();
        lane.fail("ada", "r2", null);
        lane.input(REQUESTS, "ada", start("t1", "r1", "hello"));
        lane.input(REQUESTS, "ada", start("t1", "r2", "hello"));
        lane.run();

        assertThat(customs())
                .containsExactly(
                        "noesis.duplicate {\"state\":\"ended\",\"outcome\":\"cancelled\"}",
                        "noesis.duplicate {\"state\":\"ended\",\"outcome\":\"model_unavailable\"}");
    }

    // ---- deletion

    @Test
    void aDeletedAgentsRunsEndOnceAndItsThreadsGoOn() {
        lane.input(REQUESTS, "ada", start("t1", "r1", "one"));
        lane.input(REQUESTS, "ada", start("t1", "r2", "two"));
        lane.run();
        lane.input(REQUESTS, "ada", ChatLane.json("{'type':'delete','reason':'forget me'}"));
        // behind the deletion, while the run is still known
        lane.input(REQUESTS, "ada", cancel("t1", "r1"));
        lane.input(REQUESTS, "ada", start("t1", "r3", "three"));
        lane.run();

        assertThat(outcomes()).containsExactlyInAnyOrder("r1 cancelled", "r2 cancelled");
        assertThat(lane.calls()).containsExactly("r3/0");
        lane.answer("ada", "r3", "hi");
        assertThat(lane.effects().called.getLast().call().request().messages()).hasSize(1);
        nothingIsLeft();
    }

    private List<LaneTask.Output> replies() {
        return lane.outputs(ChatTopology.REPLIES_SINK);
    }

    private List<String> types() {
        return replies().stream().map(reply -> reply.json().path("type").asString()).toList();
    }

    private List<String> runIds() {
        return replies().stream().map(reply -> reply.json().path("runId").asString()).toList();
    }

    private List<String> codes() {
        return replies().stream().map(reply -> reply.json().path("code").asString()).toList();
    }

    private List<String> outcomes() {
        return replies().stream()
                .map(reply -> reply.json().path("runId").asString() + " "
                        + reply.json().path("outcome").path("type").asString("error"))
                .toList();
    }

    private List<String> published() {
        return lane.effects().published.stream().map(StreamEvent::type).toList();
    }

    private List<String> customs() {
        return lane.effects().published.stream()
                .filter(event -> event.type().equals("CUSTOM"))
                .map(event -> event.body().path("name").asString() + " " + event.body().path("value"))
                .toList();
    }

    /** Neither effects nor waiting runs. */
    private void nothingIsLeft() {
        assertThat(lane.keys("outbox")).isEmpty();
        assertThat(lane.keys("queue")).isEmpty();
        assertThat(lane.effects().inFlight).isEmpty();
        assertThat(lane.effects().acting).isEmpty();
        assertThat(lane.effects().delayed).isEmpty();
    }
}
