package dev.noesis.chat;

import static dev.noesis.chat.ChatRequests.REQUESTS;
import static dev.noesis.chat.ChatRequests.TOPICS;
import static dev.noesis.chat.ChatRequests.cancel;
import static dev.noesis.chat.ChatRequests.delete;
import static dev.noesis.chat.ChatRequests.notes;
import static dev.noesis.chat.ChatRequests.replies;
import static dev.noesis.chat.ChatRequests.request;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.model.Content;
import dev.noesis.model.Lane;
import dev.noesis.model.MindEvent;
import dev.noesis.model.MindEvent.Republished;
import dev.noesis.model.MindEvent.RunOpened;
import dev.noesis.model.Origin;
import dev.noesis.serde.Json;
import dev.noesis.testing.TestLane;
import dev.noesis.topics.Topics;
import java.nio.file.Path;
import java.util.List;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Requests that are no new work: repeated, unreadable, misplaced, or for an agent that is out of service. */
class ChatInputTest {
    private static final String DLQ = TOPICS.chatDlq();

    @TempDir
    private Path stateDir;

    @Test
    void aRepeatedRequestIsToldHowItsRunStands() throws InterruptedException {
        try (TestLane lane = TestLane.chat(stateDir)) {
            lane.read(REQUESTS, request("r1"));
            lane.read(REQUESTS, request("r2"));
            lane.read(REQUESTS, request("r1"));
            lane.read(REQUESTS, request("r2"));
            lane.failUntil(TestLane.NOW + 1_000);
            lane.read(REQUESTS, request("r1"));
            lane.answer("tool_use", new Content.ToolUse("c1", "recall", "{\"query\":\"tea\"}"));
            lane.read(REQUESTS, request("r1"));
            lane.callTool();
            lane.answer("end_turn", new Content.Text("done"));
            lane.read(REQUESTS, request("r1"));

            assertThat(notes(lane))
                    .containsExactly(
                            "noesis.duplicate r1 thinking",
                            "noesis.duplicate r2 queued",
                            "noesis.duplicate r1 waiting",
                            "noesis.duplicate r1 acting",
                            "noesis.duplicate r1 ended");
            assertThat(replies(lane)).containsExactly("r1 success");
            assertThat(lane.log().bodies(RunOpened.class)).hasSize(2);
        }
    }

    @Test
    void aRepeatOfAnEndedRunIsToldItsOutcome() {
        try (TestLane lane = TestLane.chat(stateDir)) {
            lane.read(REQUESTS, request("r1"));
            lane.answer("end_turn", new Content.Text("done"));
            lane.read(REQUESTS, request("r1"));

            assertThat(lane.streamed())
                    .filteredOn(event -> event.path("type").asString().equals("CUSTOM"))
                    .singleElement()
                    .satisfies(event ->
                            assertThat(event.at("/value/outcome").asString()).isEqualTo("success"));
            assertThat(lane.thinking()).isEmpty();
        }
    }

    @Test
    void aRequestThatNobodyCanBeAnsweredForGoesOnAsItCame() {
        try (TestLane lane = TestLane.chat(stateDir)) {
            byte[] value = "{\"runId\":".getBytes(UTF_8);
            RecordHeaders headers = new RecordHeaders();
            headers.add("x-client", "kcat".getBytes(UTF_8));
            lane.read(REQUESTS, request("r1"));
            lane.take(REQUESTS, "ada".getBytes(UTF_8), value, headers);

            assertThat(lane.records(DLQ)).singleElement().satisfies(record -> {
                assertThat(record.key()).isEqualTo("ada".getBytes(UTF_8));
                assertThat(record.value()).isEqualTo(value);
                JsonNode told = TestLane.headers(record);
                assertThat(told.path("x-client").asString()).isEqualTo("kcat");
                assertThat(told.path("noesis_error").asString()).contains("JSON");
                assertThat(told.path("noesis_topic").asString()).isEqualTo(REQUESTS);
                assertThat(told.path("noesis_partition").asString()).isEqualTo("0");
                assertThat(told.path("noesis_offset").asString()).isEqualTo("1");
                assertThat(told.path("noesis_time").asString()).startsWith("2026-11-22T09:30:00");
            });
            assertThat(lane.counted("noesis.inputs.dead")).isEqualTo(1);
        }
    }

    @Test
    void aRequestWithoutKeyOrValueIsADeadLetterAlsoIfItCameBeforeTheBarrier() {
        try (TestLane lane = TestLane.started(TestLane.Setup.of(Lane.CHAT), stateDir)) {
            lane.take(REQUESTS, null, Json.write(request("r1")), new RecordHeaders());
            lane.take(REQUESTS, "ada".getBytes(UTF_8), null, new RecordHeaders());
            lane.take(REQUESTS, "not an id!".getBytes(UTF_8), Json.write(request("r1")), new RecordHeaders());
            lane.settle();

            assertThat(lane.records(DLQ)).hasSize(3).extracting(TestRecord::key).startsWith((byte[]) null);
            assertThat(replies(lane)).isEmpty();
        }
    }

    @Test
    void aRequestThatBreaksTheContractIsAnsweredAndItsRunIdIsFree() {
        try (TestLane lane = TestLane.chat(stateDir)) {
            var wrong = request("r1");
            wrong.putArray("tools").addObject().put("name", "mine");
            lane.read(REQUESTS, wrong);
            assertThat(replies(lane)).containsExactly("r1 invalid_request");

            lane.read(REQUESTS, request("r1"));

            assertThat(lane.thinking()).containsExactly("r1");
        }
    }

    @Test
    void aRequestInAPartitionThatIsNotItsKeysIsPublishedAgainAndNotTaken() {
        // the driver has partition 0 only
        String stranger = keyOfPartition(1);
        String local = keyOfPartition(0);
        try (TestLane lane = TestLane.owner(TestLane.Setup.of(Lane.CHAT).partitions(2), stateDir)) {
            RecordHeaders headers = new RecordHeaders();
            headers.add("traceparent", "00-1-2-00".getBytes(UTF_8));
            lane.take(REQUESTS, stranger.getBytes(UTF_8), Json.write(request("r1")), headers);
            lane.read(REQUESTS, local, request("r2"));

            assertThat(lane.thinking()).containsExactly("r2");
            assertThat(replies(lane)).isEmpty();
            assertThat(lane.effects.republished).singleElement().satisfies(again -> {
                assertThat(again.topic()).isEqualTo(REQUESTS);
                assertThat(again.partition()).isEqualTo(1);
                assertThat(again.recordKey()).isEqualTo(stranger.getBytes(UTF_8));
                assertThat(again.value()).isEqualTo(Json.write(request("r1")));
                assertThat(again.headers())
                        .singleElement()
                        .satisfies(header -> assertThat(header.name()).isEqualTo("traceparent"));
            });
            assertThat(lane.outbox()).anyMatch(key -> key.startsWith("p/"));

            lane.append("~chat", republished(lane, 0));

            assertThat(lane.outbox()).noneMatch(key -> key.startsWith("p/"));
            assertThat(lane.counted("noesis.inputs.republished")).isEqualTo(1);
        }
    }

    private static String keyOfPartition(int partition) {
        for (int i = 0; ; i++) {
            if (Topics.partitionOf("agent" + i, 2) == partition) {
                return "agent" + i;
            }
        }
    }

    private static MindEvent republished(TestLane lane, long offset) {
        return new MindEvent(
                MindEvent.VERSION,
                "republished/" + REQUESTS + "/" + offset,
                lane.now(),
                Lane.CHAT,
                null,
                null,
                Origin.OPERATOR,
                null,
                new Republished(REQUESTS, offset));
    }

    @Test
    void anAgentThatIsOutOfServiceIsAnsweredInternalAndOthersGoOn() {
        try (TestLane lane = TestLane.chat(stateDir)) {
            lane.read(REQUESTS, request("r1"));
            lane.read(REQUESTS, request("r2"));
            lane.read(REQUESTS, "grace", request("g1"));
            fault(lane);
            assertThat(replies(lane)).containsExactly("r1 internal", "r2 internal");

            lane.read(REQUESTS, request("r3"));
            lane.read(REQUESTS, "grace", request("g2"));
            lane.answer(lane.effects.modelCalls.getLast(), "end_turn", new Content.Text("done"));

            assertThat(replies(lane)).containsExactly("r3 internal", "g1 success");
        }
    }

    @Test
    void aRunThatEndedWithItsAgentsServiceIsADuplicateThatHasEnded() {
        try (TestLane lane = TestLane.chat(stateDir)) {
            lane.read(REQUESTS, request("r1"));
            fault(lane);
            assertThat(replies(lane)).containsExactly("r1 internal");

            lane.read(REQUESTS, request("r1"));
            lane.read(REQUESTS, cancel("r1"));

            assertThat(notes(lane)).containsExactly("noesis.duplicate r1 ended", "noesis.cancel_ignored r1 ended");
            assertThat(replies(lane)).isEmpty();
            assertThat(lane.outbox()).isEmpty();
        }
    }

    @Test
    void aRequestThatBreaksTheContractDoesNotLookLikeTheEndOfARunOfThatId() {
        try (TestLane lane = TestLane.chat(stateDir)) {
            lane.read(REQUESTS, request("r1"));
            lane.read(REQUESTS, request("r2"));
            for (String run : new String[] {"r1", "r2"}) {
                lane.read(REQUESTS, Json.object().put("threadId", "t1").put("runId", run));
                lane.read(REQUESTS, cancel(run).put("threadId", 7));
            }
            assertThat(replies(lane)).isEmpty();
            assertThat(notes(lane)).containsExactly("noesis.duplicate r1 thinking", "noesis.duplicate r2 queued");
            assertThat(lane.deadLetters(DLQ)).hasSize(2).allMatch(reason -> reason.contains("threadId"));

            lane.answer("end_turn", new Content.Text("done"));

            assertThat(replies(lane)).containsExactly("r1 success");
        }
    }

    @Test
    void aDeletionThatNamesAnotherAgentDeletesNobody() {
        try (TestLane lane = TestLane.chat(stateDir)) {
            lane.read(REQUESTS, request("r1"));
            lane.read(REQUESTS, delete().put("agentId", "grace"));

            assertThat(lane.deadLetters(DLQ)).singleElement().asString().contains("agentId");
            assertThat(lane.thinking()).containsExactly("r1");
        }
    }

    @Test
    void nothingIsLeftToDoForAnAgentThatIsOutOfService() {
        try (TestLane lane = TestLane.chat(stateDir)) {
            lane.read(REQUESTS, request("r1"));
            lane.read(REQUESTS, request("r2"));
            fault(lane);

            assertThat(lane.effects.modelCalls).isEmpty();
            assertThat(lane.outbox()).isEmpty();
        }
    }

    @Test
    void anAgentThatIsOutOfServiceAnswersNoRunTwiceWhenItIsDeleted() {
        try (TestLane lane = TestLane.chat(stateDir)) {
            lane.read(REQUESTS, request("r1"));
            fault(lane);
            assertThat(replies(lane)).containsExactly("r1 internal");

            lane.read(REQUESTS, delete());
            lane.read(REQUESTS, request("r2"));

            assertThat(replies(lane)).isEmpty();
            assertThat(lane.thinking()).contains("r2");
        }
    }

    @Test
    void anOpeningRunOfAnAgentThatFailsGivesItsPlaceBack() {
        try (TestLane lane = TestLane.chat(stateDir, "chat.max.in.flight=1")) {
            lane.take(REQUESTS, "ada", request("a1"));
            lane.take(REQUESTS, "grace", request("g1"));
            var opening = List.copyOf(lane.effects.appends);
            lane.effects.appends.clear();
            fault(lane, "ada");
            fault(lane, "grace");
            opening.forEach(append -> lane.append(append.key(), append.event()));
            assertThat(replies(lane)).containsExactly("a1 internal", "g1 internal");

            lane.read(REQUESTS, "edith", request("e1"));

            assertThat(lane.thinking()).containsExactly("e1");
        }
    }

    @Test
    void poisonInTheLogIsPassedOver() {
        try (TestLane lane = TestLane.chat(stateDir)) {
            lane.log().appendRaw("ada", "no JSON".getBytes(UTF_8), lane.now());
            lane.read(REQUESTS, request("r1"));

            assertThat(lane.thinking()).containsExactly("r1");
            assertThat(lane.counted("noesis.log.poison")).isEqualTo(1);
        }
    }

    private static void fault(TestLane lane) {
        fault(lane, TestLane.AGENT);
    }

    /** An event that no fold can take: a run without a thread. */
    private static void fault(TestLane lane, String agent) {
        MindEvent opened = lane.log().records().stream()
                .map(entry -> entry.event())
                .filter(event -> event.body() instanceof RunOpened)
                .findFirst()
                .orElseGet(() -> new MindEvent(
                        MindEvent.VERSION,
                        "x",
                        0,
                        Lane.CHAT,
                        null,
                        null,
                        Origin.USER,
                        null,
                        new MindEvent.RunCancelled("x")));
        MindEvent wrong = new MindEvent(
                MindEvent.VERSION,
                "bad/opened",
                lane.now(),
                Lane.CHAT,
                "bad",
                null,
                Origin.USER,
                lane.incarnation(),
                opened.body());
        lane.log().appendRaw(agent, Json.write(wrong), lane.now());
        lane.settle();
    }
}
