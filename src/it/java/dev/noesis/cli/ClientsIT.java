package dev.noesis.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.noesis.demo.EmbeddedBroker;
import dev.noesis.model.Usage;
import dev.noesis.serde.Json;
import dev.noesis.topics.TopicAdmin;
import dev.noesis.topics.TopicException;
import dev.noesis.topics.Topics;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** The clients against a broker, where the test plays the lanes. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
class ClientsIT {
    private static final Duration LIMIT = Duration.ofSeconds(15);
    private static final Topics TOPICS = new Topics("");
    private static final int PARTITIONS = 4;

    private EmbeddedBroker broker;
    private Map<String, String> kafka;

    @BeforeAll
    void start() {
        broker = EmbeddedBroker.start();
        kafka = Map.of("bootstrap.servers", broker.bootstrapServers());
        new TopicAdmin(kafka, LIMIT).create(TOPICS.specs(), PARTITIONS, 0);
    }

    @AfterAll
    void stop() {
        broker.close();
    }

    @Test
    void aRunIsStreamedAndEndsWithItsCommittedReply() throws Exception {
        var updates = Collections.synchronizedList(new ArrayList<ChatUpdate>());
        try (var client = ChatClient.open(kafka, TOPICS, "ada", LIMIT);
                var requests = reader(TOPICS.chatRequests(), "ada");
                var lane = new Lane("ada")) {
            ChatClient.Run run = client.send("t", "hello", updates::add);
            JsonNode input = first(requests);
            assertThat(input.path("runId").asString()).isEqualTo(run.runId());
            assertThat(input.path("threadId").asString()).isEqualTo("t");
            assertThat(input.path("messages").path(0).path("content").asString())
                    .isEqualTo("hello");
            assertThat(input.path("messages").path(0).path("role").asString()).isEqualTo("user");

            lane.event(text(run.runId(), 0, "Hel"));
            lane.event(text(run.runId(), 0, "Hel"));
            lane.event(text("another run", 0, "no"));
            await().untilAsserted(() -> assertThat(updates).containsExactly(new ChatUpdate.Text(0, "Hel")));

            lane.aborted(finished(run.runId(), "aborted"));
            lane.committed(finished(run.runId(), "Hello."));
            assertThat(run.reply().get(30, TimeUnit.SECONDS))
                    .isEqualTo(new ChatReply.Finished(
                            run.runId(), "success", null, "Hello.", 1, 1, new Usage(1, 2, 0, 0)));
        }
    }

    @Test
    void aCancelNamesItsRun() {
        try (var client = ChatClient.open(kafka, TOPICS, "grace", LIMIT);
                var requests = reader(TOPICS.chatRequests(), "grace")) {
            ChatClient.Run run = client.send("t", "hello", update -> {});
            run.cancel("enough");

            assertThat(records(requests, 2).getLast())
                    .isEqualTo(
                            Json.tree("{\"type\":\"cancel\",\"threadId\":\"t\",\"runId\":\"%s\",\"reason\":\"enough\"}"
                                    .formatted(run.runId())));
        }
    }

    @Test
    void whatStillRunsWhenTheClientClosesIsToldSo() {
        ChatClient.Run run;
        try (var client = ChatClient.open(kafka, TOPICS, "alan", LIMIT)) {
            run = client.send("t", "hello", update -> {});
        }
        assertThat(run.reply())
                .failsWithin(Duration.ofSeconds(5))
                .withThrowableThat()
                .withMessageContaining("closed");
    }

    @Test
    void aKnownRunWhoseReplyDoesNotComeEndsAsKnown() {
        try (var client = ChatClient.open(kafka, TOPICS, "mary", LIMIT);
                var lane = new Lane("mary")) {
            ChatClient.Run run = client.send("t", "hello", update -> {});
            lane.event("{\"type\":\"CUSTOM\",\"runId\":\"" + run.runId()
                    + "\",\"name\":\"noesis.duplicate\",\"value\":{\"state\":\"ended\",\"outcome\":\"success\"}}");

            assertThat(run.reply())
                    .succeedsWithin(Duration.ofSeconds(15))
                    .isEqualTo(new ChatReply.AlreadyEnded(run.runId(), "success"));
        }
    }

    @Test
    void aListenerThatFailsEndsTheRunWithItsError() {
        try (var client = ChatClient.open(kafka, TOPICS, "john", LIMIT);
                var lane = new Lane("john")) {
            ChatClient.Run run = client.send("t", "hello", update -> {
                throw new IllegalStateException("no");
            });
            lane.event(text(run.runId(), 0, "Hel"));

            assertThat(run.reply()).failsWithin(Duration.ofSeconds(15));
            assertThatThrownBy(() -> client.send("t", "again", update -> {})).isInstanceOf(CommandException.class);
        }
    }

    @Test
    void theCommandPrintsTheAnswerAndItsExitCodeTellsAFailure() {
        var out = new StringWriter();
        var err = new StringWriter();

        assertThat(chat("edsger", out, err, (lane, runId) -> {
                    lane.event(text(runId, 0, "Hel"));
                    lane.committed(finished(runId, "Hello."));
                }))
                .isZero();
        assertThat(out.toString()).isEqualToNormalizingNewlines("Hello.\n");
        assertThat(err.toString()).isEqualToNormalizingNewlines("success · 1 step · 1 tokens in, 2 out\n");

        assertThat(chat(
                        "edsger",
                        out,
                        err,
                        (lane, runId) -> lane.committed("{\"type\":\"RUN_ERROR\",\"runId\":\"" + runId
                                + "\",\"message\":\"try later\",\"code\":\"overloaded\"}")))
                .isEqualTo(1);
        assertThat(err.toString()).contains("failed: overloaded: try later");
    }

    @Test
    void aSignalIsPublishedAsTheContractSays() {
        try (var signals = reader(TOPICS.agentSignals(), "ada")) {
            String id = new HeartbeatClient(kafka, TOPICS, "ada", LIMIT)
                    .signal("ci", "the build broke", HeartbeatClient.Urgency.HIGH, true);

            JsonNode signal = first(signals);
            assertThat(signal.path("signalId").asString()).isEqualTo(id);
            assertThat(signal.path("source").asString()).isEqualTo("ci");
            assertThat(signal.path("summary").asString()).isEqualTo("the build broke");
            assertThat(signal.path("urgency").asString()).isEqualTo("high");
            assertThat(signal.path("needsAction").asBoolean()).isTrue();
        }
    }

    @Test
    void aTickWaitsForItsOwnOutcome() throws Exception {
        var client = new HeartbeatClient(kafka, TOPICS, "ada", LIMIT);
        try (var ticks = reader(TOPICS.heartbeatTicks(), "ada");
                var lane = new Lane("ada")) {
            var outcome = CompletableFuture.supplyAsync(() -> client.tick(Duration.ofSeconds(30)));
            JsonNode tick = first(ticks);
            assertThat(tick.path("reason").asString()).isEqualTo("wake");
            lane.outcome("{\"tickId\":\"another\",\"status\":\"failed\"}");
            lane.outcome("{\"tickId\":\"" + tick.path("tickId").asString() + "\",\"status\":\"acted\"}");

            assertThat(outcome.get(30, TimeUnit.SECONDS))
                    .hasValueSatisfying(
                            o -> assertThat(o.path("status").asString()).isEqualTo("acted"));
        }
        assertThat(client.tick(Duration.ofMillis(300))).isEmpty();
    }

    @Test
    void theLogOfOneAgentIsPrintedAndNoOthers() {
        try (var log = new AgentWriter(kafka, "barbara");
                var other = new AgentWriter(kafka, "somebody else")) {
            log.publish(TOPICS.mindLog(), Json.tree("{\"type\":\"RunOpened\",\"body\":{\"text\":\"first\"}}"));
            other.publish(TOPICS.mindLog(), Json.tree("{\"type\":\"RunOpened\",\"body\":{\"text\":\"not mine\"}}"));
            log.publish(TOPICS.mindLog(), Json.tree("{\"type\":\"StepCompleted\",\"body\":{\"text\":\"second\"}}"));
        }
        var out = new StringWriter();

        assertThat(run(out, new StringWriter(), "mind", "log", "--agent", "barbara"))
                .isZero();
        assertThat(out.toString().lines()).hasSize(2);
        assertThat(out.toString()).contains("first", "second").doesNotContain("not mine");
    }

    @Test
    void aDeploymentWithoutTopicsIsToldOf() {
        assertThatThrownBy(() -> ChatClient.open(kafka, new Topics("none"), "ada", LIMIT))
                .isInstanceOf(TopicException.class)
                .hasMessageContaining("topics are missing, none.chat.requests");
    }

    private interface Answer {
        void give(Lane lane, String runId);
    }

    private int chat(String agent, StringWriter out, StringWriter err, Answer answer) {
        try (var requests = reader(TOPICS.chatRequests(), agent);
                var lane = new Lane(agent)) {
            var exit = CompletableFuture.supplyAsync(() -> run(out, err, "chat", "--agent", agent, "hello"));
            answer.give(lane, first(requests).path("runId").asString());
            return exit.orTimeout(60, TimeUnit.SECONDS).join();
        }
    }

    private int run(StringWriter out, StringWriter err, String... command) {
        var arguments = new ArrayList<>(List.of(command));
        arguments.addAll(List.of("--bootstrap-servers", broker.bootstrapServers()));
        return Noesis.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments.toArray(String[]::new));
    }

    private AgentReader reader(String topic, String agent) {
        return AgentReader.fromEnd(kafka, topic, agent, PARTITIONS, IsolationLevel.READ_COMMITTED);
    }

    private static JsonNode first(AgentReader reader) {
        return records(reader, 1).getFirst();
    }

    private static List<JsonNode> records(AgentReader reader, int count) {
        var found = new ArrayList<JsonNode>();
        await().atMost(Duration.ofSeconds(30)).until(() -> {
            reader.poll(Duration.ofMillis(100)).forEach(record -> found.add(Json.tree(record.value())));
            return found.size() >= count;
        });
        return found;
    }

    private static String text(String runId, long seq, String delta) {
        return """
                {"type":"TEXT_MESSAGE_CONTENT","runId":"%s","messageId":"m","delta":"%s",
                 "metadata":{"noesis":{"runId":"%s","step":0,"attempt":[3,0],"seq":%d}}}
                """.formatted(runId, delta, runId, seq);
    }

    private static String finished(String runId, String text) {
        return """
                {"type":"RUN_FINISHED","runId":"%s","outcome":{"type":"success"},
                 "result":{"messages":[{"id":"1","role":"assistant","content":"%s"}],"steps":1,"attempts":1},
                 "usage":{"inputTokens":1,"outputTokens":2}}
                """.formatted(runId, text);
    }

    /** What a lane writes of one agent: events plainly, replies and outcomes in transactions. */
    private final class Lane implements AutoCloseable {
        private final String agent;
        private final KafkaProducer<String, byte[]> plain;
        private final KafkaProducer<String, byte[]> transactional;

        Lane(String agent) {
            this.agent = agent;
            this.plain = producer(Map.of());
            this.transactional = producer(Map.of("transactional.id", "lane-of-" + agent));
            transactional.initTransactions();
        }

        void event(String json) {
            send(plain, TOPICS.chatEvents(), json);
            plain.flush();
        }

        void committed(String json) {
            inTransaction(TOPICS.chatReplies(), json, KafkaProducer::commitTransaction);
        }

        void aborted(String json) {
            inTransaction(TOPICS.chatReplies(), json, KafkaProducer::abortTransaction);
        }

        void outcome(String json) {
            inTransaction(TOPICS.heartbeatOutcomes(), json, KafkaProducer::commitTransaction);
        }

        private void inTransaction(String topic, String json, Consumer<KafkaProducer<String, byte[]>> end) {
            transactional.beginTransaction();
            send(transactional, topic, json);
            transactional.flush();
            end.accept(transactional);
        }

        private void send(KafkaProducer<String, byte[]> producer, String topic, String json) {
            var _ = producer.send(new ProducerRecord<>(topic, agent, json.getBytes(StandardCharsets.UTF_8)));
        }

        private KafkaProducer<String, byte[]> producer(Map<String, Object> more) {
            var properties = new HashMap<String, Object>(kafka);
            properties.putAll(more);
            return new KafkaProducer<>(properties, new StringSerializer(), new ByteArraySerializer());
        }

        @Override
        public void close() {
            plain.close();
            transactional.close();
        }
    }
}
