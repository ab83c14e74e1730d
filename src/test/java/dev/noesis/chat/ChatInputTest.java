package dev.noesis.chat;

import static dev.noesis.chat.ChatLane.REQUESTS;
import static dev.noesis.chat.ChatLane.json;
import static dev.noesis.chat.ChatLane.start;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.config.NoesisConfig;
import dev.noesis.model.MindEvent;
import dev.noesis.run.Effect;
import dev.noesis.run.LaneTask;
import dev.noesis.run.RecordingEffects.Appended;
import dev.noesis.topics.Topics;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that cannot be taken, cannot be answered, are too many, or are in the wrong place. */
class ChatInputTest {
    private final LaneTask lane = ChatLane.task().startAndOwn();

    // ---- what breaks the contract

    @Test
    void aRequestThatBreaksTheContractIsAnsweredAndItsIdIsNotUsedUp() {
        lane.input(REQUESTS, "ada", json("{'threadId':'t1','runId':'r1','messages':[]}"));
        lane.run();

        assertThat(replies()).singleElement().satisfies(reply -> {
            assertThat(reply.json().path("type").asString()).isEqualTo("RUN_ERROR");
            assertThat(reply.json().path("code").asString()).isEqualTo("invalid_request");
            assertThat(reply.json().path("message").asString()).contains("messages");
            assertThat(reply.json().path("runId").asString()).isEqualTo("r1");
            assertThat(reply.json().path("threadId").asString()).isEqualTo("t1");
        });

        lane.input(REQUESTS, "ada", start("t1", "r1", "hello"));
        lane.run();
        assertThat(lane.calls()).containsExactly("r1/0");
    }

    @Test
    void aRequestWithoutAThreadIsAnsweredWithoutOne() {
        lane.input(REQUESTS, "ada", json("{'runId':'r1','messages':[]}"));
        lane.run();

        assertThat(replies().getFirst().json().has("threadId")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"no json", "[]", "{}", "{\"threadId\":\"t1\"}", "\0\1\2"})
    void whatNobodyCanBeAnsweredForGoesToTheDeadLettersAsItCame(String value) {
        byte[] bytes = value.getBytes(UTF_8);
        long offset = lane.input(
                REQUESTS, "ada".getBytes(UTF_8), bytes, new RecordHeader("ce_id", "mine".getBytes(UTF_8)));
        lane.run();

        assertThat(lane.outputs(ChatTopology.DLQ_SINK)).singleElement().satisfies(dead -> {
            assertThat(dead.agent()).isEqualTo("ada");
            assertThat(dead.value()).isEqualTo(bytes);
            assertThat(dead.header("ce_id")).isEqualTo("mine");
            assertThat(dead.header("noesis_error")).isNotBlank();
            assertThat(dead.header("noesis_topic")).isEqualTo(REQUESTS);
            assertThat(dead.header("noesis_partition")).isEqualTo("0");
            assertThat(dead.header("noesis_offset")).isEqualTo(Long.toString(offset));
            assertThat(dead.header("noesis_time")).endsWith("Z");
        });
        assertThat(replies()).isEmpty();
        assertThat(lane.count("noesis.inputs.dead")).isEqualTo(1);
    }

    static Stream<byte[]> keys() {
        return Stream.of(null, new byte[0], "no spaces".getBytes(UTF_8), new byte[] {(byte) 0xFF});
    }

    @ParameterizedTest
    @MethodSource("keys")
    void aRecordWhoseKeyIsNoAgentGoesToTheDeadLetters(byte[] key) {
        lane.input(REQUESTS, key, start("t1", "r1", "hello").getBytes(UTF_8));
        lane.run();

        assertThat(lane.outputs(ChatTopology.DLQ_SINK)).hasSize(1);
        assertThat(lane.calls()).isEmpty();
    }

    @Test
    void aRecordWithoutAValueGoesToTheDeadLetters() {
        lane.input(REQUESTS, "ada", null);
        lane.run();

        assertThat(lane.outputs(ChatTopology.DLQ_SINK)).singleElement().satisfies(dead -> assertThat(dead.value())
                .isNull());
    }

    @Test
    void badInputHoldsUpNothing() {
        lane.input(REQUESTS, "ada", "no json");
        lane.input(REQUESTS, "ada", json("{'runId':'x'}"));
        lane.input(REQUESTS, "ada", start("t1", "r1", "half a pair: \\ud83d"));
        lane.run();

        assertThat(lane.calls()).containsExactly("r1/0");
        lane.answer("ada", "r1", "half a pair: \ud83d");
        assertThat(replies()).hasSize(2);
    }

    // ---- size

    @Test
    void aDeadLetterThatNoRecordCanHoldIsCut() {
        lane.input(REQUESTS, "ada", "x".repeat(9 << 20));
        lane.run();

        assertThat(lane.outputs(ChatTopology.DLQ_SINK)).singleElement().satisfies(dead -> {
            assertThat(dead.value()).hasSize(64 << 10);
            assertThat(dead.header("noesis_cut_from")).isEqualTo(Integer.toString(9 << 20));
        });
    }

    /** A changelog takes 8 MiB a record, and so does the topic that the request came from. */
    @Test
    void aLargeRequestThatWaitsForTheBarrierFitsTheStores() {
        LaneTask early = ChatLane.task();
        early.input(REQUESTS, "ada", start("t1", "r1", "x".repeat(7 << 20)));
        early.start();
        while (early.processNext()) {
            // the barrier is not in the log yet
        }

        assertThat(early.largestEntry()).isLessThan(8 << 20);
        early.run();
        assertThat(early.outputs(ChatTopology.REPLIES_SINK))
                .singleElement()
                .satisfies(reply -> assertThat(reply.json().path("code").asString())
                        .isEqualTo("invalid_request"));
    }

    @Test
    void aLargeRequestInTheWrongPartitionFitsTheStores() {
        LaneTask second = ChatLane.task(ChatLane.config(Map.of("topics.partitions", "4")), wrongPartition("ada"))
                .startAndOwn();
        second.input(REQUESTS, "ada", start("t1", "r1", "x".repeat(7 << 20)));
        second.run();

        assertThat(second.largestEntry()).isLessThan(8 << 20);
    }

    // ---- overload

    @Test
    void aRequestBeyondTheAgentsQueueIsRefusedAndItsIdIsNotUsedUp() {
        LaneTask small = ChatLane.task(Map.of("chat.max.queued.per.agent", "2", "chat.max.in.flight.per.agent", "1"))
                .startAndOwn();
        for (int i = 0; i < 5; i++) {
            small.input(REQUESTS, "ada", start("t" + i, "r" + i, "hello"));
            small.run();
        }
        small.input(REQUESTS, "bob", start("t1", "b1", "hello"));
        small.run();

        assertThat(small.outputs(ChatTopology.REPLIES_SINK)).hasSize(2).allSatisfy(reply -> {
            assertThat(reply.json().path("code").asString()).isEqualTo("overloaded");
            assertThat(reply.json().path("message").asString()).contains("of this agent");
            assertThat(reply.json()
                            .path("metadata")
                            .path("noesis")
                            .path("retryAfterMs")
                            .asInt())
                    .isPositive();
        });
        assertThat(small.calls()).containsExactly("r0/0", "b1/0");

        small.answer("ada", "r0", "hi");
        small.input(REQUESTS, "ada", start("t4", "r4", "hello"));
        small.run();
        small.answer("ada", "r1", "hi");
        small.answer("ada", "r2", "hi");
        assertThat(small.calls()).contains("r4/0");
    }

    @Test
    void aRequestBeyondThePartitionsQueueIsRefused() {
        LaneTask small =
                ChatLane.task(Map.of("chat.max.queued", "2", "chat.max.in.flight.per.agent", "1")).startAndOwn();
        small.input(REQUESTS, "ada", start("t1", "r1", "hello"));
        small.run();
        small.input(REQUESTS, "ada", start("t2", "r2", "hello"));
        small.input(REQUESTS, "ada", start("t3", "r3", "hello"));
        small.input(REQUESTS, "bob", start("t1", "b1", "hello"));
        small.run();

        assertThat(small.outputs(ChatTopology.REPLIES_SINK)).singleElement().satisfies(reply -> {
            assertThat(reply.json().path("runId").asString()).isEqualTo("b1");
            assertThat(reply.json().path("message").asString()).contains("in this partition");
        });
    }

    @Test
    void anAgentHasAsManyRunsAsItMayAndAnothersBeginBesideThem() {
        LaneTask small =
                ChatLane.task(Map.of("chat.max.in.flight.per.agent", "2")).startAndOwn();
        for (int i = 0; i < 4; i++) {
            small.input(REQUESTS, "ada", start("t" + i, "r" + i, "hello"));
        }
        small.input(REQUESTS, "bob", start("t1", "b1", "hello"));
        small.run();
        assertThat(small.calls()).containsExactlyInAnyOrder("r0/0", "r1/0", "b1/0");

        small.answer("ada", "r1", "hi");

        assertThat(small.calls()).containsExactlyInAnyOrder("r0/0", "b1/0", "r2/0");
    }

    // ---- faults

    @Test
    void aFaultedAgentsRunsAreAnsweredAndSoAreItsLaterRequestsAndOthersGoOn() {
        lane.input(REQUESTS, "ada", start("t1", "r1", "one"));
        lane.input(REQUESTS, "ada", start("t1", "r2", "waits"));
        lane.input(REQUESTS, "bob", start("t1", "b1", "hello"));
        lane.run();

        unfoldable("ada");
        lane.run();
        lane.input(REQUESTS, "ada", start("t2", "r3", "later"));
        lane.run();

        assertThat(replies()).extracting(reply -> reply.json().path("runId").asString())
                .containsExactly("r1", "r2", "r3");
        assertThat(replies()).extracting(reply -> reply.json().path("code").asString())
                .containsOnly("internal");
        lane.answer("bob", "b1", "hi");
        assertThat(replies()).hasSize(4);
    }

    @Test
    void aFaultedAgentsCallsAreEndedAndNotMadeAgainByTheNextTask() {
        lane.input(REQUESTS, "ada", start("t1", "r1", "one"));
        lane.input(REQUESTS, "ada", start("t2", "r2", "two"));
        lane.run();
        lane.ask("ada", "r2", "a", "recall", "{}");

        unfoldable("ada");
        lane.run();

        assertThat(lane.effects().inFlight).isEmpty();
        assertThat(lane.effects().acting).isEmpty();
        assertThat(lane.keys("outbox")).isEmpty();
        lane.stop().startAndOwn();
        assertThat(lane.effects().called).isEmpty();
        assertThat(replies()).hasSize(2);
    }

    /** A thread is required, and this opening has none: its fold throws. */
    private void unfoldable(String agent) {
        Appended any = lane.effects().appended.getFirst();
        MindEvent opened = any.event();
        lane.append(
                agent,
                new MindEvent(
                        MindEvent.VERSION,
                        "bad",
                        0,
                        opened.lane(),
                        "bad",
                        null,
                        opened.origin(),
                        any.tenure().incarnation(),
                        lane.effects().appended.stream()
                                .map(appended -> appended.event().body())
                                .filter(MindEvent.RunOpened.class::isInstance)
                                .findFirst()
                                .orElseThrow()));
    }

    // ---- the wrong partition

    @Test
    void aRequestInTheWrongPartitionIsPublishedToTheRightOne() {
        NoesisConfig four = ChatLane.config(Map.of("topics.partitions", "4"));
        int home = Topics.partitionOf("ada", 4);
        LaneTask wrong = ChatLane.task(four, wrongPartition("ada")).startAndOwn();
        byte[] value = start("t1", "r1", "hello").getBytes(UTF_8);
        long offset = wrong.input(
                REQUESTS, "ada".getBytes(UTF_8), value, new RecordHeader("traceparent", "x".getBytes(UTF_8)));
        wrong.run();

        assertThat(wrong.effects().republished).singleElement().satisfies(again -> {
            assertThat(again.topic()).isEqualTo(REQUESTS);
            assertThat(again.offset()).isEqualTo(offset);
            assertThat(again.partition()).isEqualTo(home);
            assertThat(again.value()).isEqualTo(value);
            assertThat(again.headers()).extracting(Effect.Header::name).containsExactly("traceparent");
        });
        assertThat(wrong.count("noesis.inputs.republished")).isEqualTo(1);
        assertThat(wrong.effects().called).isEmpty();

        wrong.append("~chat", republished(wrong, offset));
        wrong.run();
        assertThat(wrong.keys("outbox")).isEmpty();
    }

    @Test
    void whatIsLeftToBePublishedAgainKeepsItsOrder() {
        NoesisConfig four = ChatLane.config(Map.of("topics.partitions", "4"));
        LaneTask wrong = ChatLane.task(four, wrongPartition("ada")).startAndOwn();
        for (int i = 0; i < 12; i++) {
            wrong.input(REQUESTS, "ada", start("t1", "r" + i, "hello"));
        }
        wrong.run().commit().crash().startAndOwn();

        assertThat(wrong.effects().republished)
                .extracting(Effect.Republish::offset)
                .containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L, 11L);
    }

    private static MindEvent republished(LaneTask task, long offset) {
        MindEvent barrier = task.effects().announced.getFirst();
        return new MindEvent(
                MindEvent.VERSION,
                "republished",
                0,
                barrier.lane(),
                null,
                null,
                barrier.origin(),
                null,
                new MindEvent.Republished(REQUESTS, offset));
    }

    private static int wrongPartition(String agent) {
        return (Topics.partitionOf(agent, 4) + 1) % 4;
    }

    private List<LaneTask.Output> replies() {
        return lane.outputs(ChatTopology.REPLIES_SINK);
    }
}
