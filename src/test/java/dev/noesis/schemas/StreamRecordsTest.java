package dev.noesis.schemas;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.noesis.config.ConfigLoader;
import dev.noesis.config.ConfigSources;
import dev.noesis.config.NoesisConfig;
import dev.noesis.llm.LlmCall;
import dev.noesis.llm.LlmClient;
import dev.noesis.llm.LlmFailure;
import dev.noesis.llm.LlmListener;
import dev.noesis.llm.LlmOutcome;
import dev.noesis.llm.LlmRequest;
import dev.noesis.mind.ContextBuilder;
import dev.noesis.model.Content;
import dev.noesis.model.Lane;
import dev.noesis.model.Message;
import dev.noesis.model.MindEvent;
import dev.noesis.model.Usage;
import dev.noesis.run.AgentRunner;
import dev.noesis.run.Effect;
import dev.noesis.run.EffectRunner;
import dev.noesis.run.Effects;
import dev.noesis.run.Tenure;
import dev.noesis.serde.CloudEvents;
import dev.noesis.serde.Json;
import dev.noesis.tool.Dispatcher;
import dev.noesis.tool.RecallFacts;
import dev.noesis.tool.Tool;
import dev.noesis.topics.Topics;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What is written outside of transactions, streams and the log, is what the schemas describe. */
class StreamRecordsTest {
    private static final Topics TOPICS = new Topics("");
    private static final Schemas CLOSED = Schemas.closed();
    private static final Usage USAGE = new Usage(200, 20, 0, 0);

    private final MockProducer<byte[], byte[]> log = producer();
    private final MockProducer<byte[], byte[]> events = producer();
    private final Tenure tenure = new Tenure(0, "5f0f8a4e", 17);

    /** What the model does with the next call. */
    private volatile Consumer<LlmListener> model = listener -> {};

    private final EffectRunner runner = runner();

    @AfterEach
    void close() {
        runner.close();
    }

    @Test
    void theStreamOfAnAnswerWithReasoningTextAndATool() {
        model = listener -> {
            listener.onReasoning("They ask for tea.");
            listener.onText("I look that up.");
            listener.onToolStart(2, "c1", "recall");
            listener.onToolArguments(2, "{\"query\":");
            listener.onToolArguments(2, "\"tea\"}");
            listener.onToolEnd(2);
            listener.onEnd(new LlmOutcome.Completed(
                    List.of(
                            new Content.Thinking("They ask for tea.", "c2ln"),
                            new Content.Text("I look that up."),
                            new Content.ToolUse("c1", "recall", "{\"query\":\"tea\"}")),
                    "tool_use",
                    USAGE,
                    "test-model"));
        };

        runner.callModel(tenure, call(), 0);

        awaitLogged("StepCompleted");
        assertThat(values(events, TOPICS.chatEvents()))
                .extracting(event -> event.path("type").asString())
                .containsExactly(
                        "RUN_STARTED",
                        "STEP_STARTED",
                        "REASONING_MESSAGE_START",
                        "REASONING_MESSAGE_CONTENT",
                        "TEXT_MESSAGE_START",
                        "TEXT_MESSAGE_CONTENT",
                        "TOOL_CALL_START",
                        "TOOL_CALL_ARGS",
                        "TOOL_CALL_END",
                        "REASONING_MESSAGE_END",
                        "TEXT_MESSAGE_END");
        values(log, TOPICS.mindLog());
    }

    @Test
    void aStepThatFailsForGoodAndOneThatIsToBeTriedAgain() {
        model = listener -> listener.onEnd(new LlmOutcome.Failed(
                new LlmFailure(LlmFailure.Kind.HTTP_STATUS, "401", 401, null, null, null), Usage.NONE, false));
        runner.callModel(tenure, call(), 0);
        awaitLogged("StepFailed");
        log.clear();
        model = listener -> listener.onEnd(new LlmOutcome.Failed(
                new LlmFailure(LlmFailure.Kind.HTTP_STATUS, "429", 429, 30_000L, null, null), Usage.NONE, false));
        runner.callModel(tenure, call(), 0);
        awaitLogged("StepFailed");

        assertThat(values(log, TOPICS.mindLog()))
                .singleElement()
                .satisfies(event ->
                        assertThat(event.at("/body/retryAt").isIntegralNumber()).isTrue());
    }

    @Test
    void aToolThatAnswers() {
        runner.callTool(
                tenure,
                new Effects.ToolCall(
                        "t",
                        new Effect.CallTool("ada", "t1", "r1", 0, "c1", "recall", "{\"query\":\"tea\"}"),
                        List.of("recall"),
                        new Tool.Invocation("ada", "t1", "r1", Lane.CHAT, "r1/0/c1", List.of(), List.of()),
                        MindEvent.VERSION),
                0);

        awaitLogged("ToolCompleted");
        values(log, TOPICS.mindLog());
    }

    @Test
    void anOwnerThatLeavesACallToFinish() {
        runner.callModel(tenure, call(), 0);
        runner.handOver(tenure);

        awaitLogged("Handover");
        assertThat(values(log, TOPICS.mindLog()))
                .singleElement()
                .satisfies(event ->
                        assertThat(event.at("/body/calls/0/agentId").asString()).isEqualTo("ada"));
    }

    @Test
    void anInputThatIsPublishedAgain() {
        runner.republish(
                tenure,
                new Effect.Republish(
                        TOPICS.chatRequests(), 43, "ada".getBytes(UTF_8), "{}".getBytes(UTF_8), List.of(), 0));

        awaitLogged("Republished");
        assertThat(values(log, TOPICS.mindLog())).hasSize(1);
    }

    private void awaitLogged(String type) {
        await().until(() -> log.history().stream()
                .anyMatch(record -> new String(record.value(), UTF_8).contains("\"type\":\"" + type + "\"")));
    }

    private static List<JsonNode> values(MockProducer<byte[], byte[]> producer, String topic) {
        List<ProducerRecord<byte[], byte[]>> records = producer.history();
        assertThat(records).isNotEmpty().allSatisfy(record -> {
            ObjectNode headers = Json.object();
            record.headers().forEach(header -> headers.put(header.key(), new String(header.value(), UTF_8)));
            assertThat(record.topic()).isEqualTo(topic);
            assertThat(SchemaCheck.problems(topic, record.value())).isEmpty();
            assertThat(CLOSED.problems("headers.json#/$defs/output", headers)).isEmpty();
        });
        return records.stream().map(record -> Json.tree(record.value())).toList();
    }

    private EffectRunner runner() {
        NoesisConfig config = ConfigLoader.load(new ConfigSources(null, Map.of(), List.of()));
        AgentRunner agents = new AgentRunner(
                new ContextBuilder("You are a test.", 10_000), new Dispatcher(List.of(new RecallFacts())));
        return new EffectRunner(
                config.lane(Lane.CHAT),
                config.run(),
                agents.fork(new PlayedClient()),
                TOPICS.mindLog(),
                TOPICS.chatEvents(),
                () -> log,
                events,
                refusal -> {
                    throw new AssertionError(refusal);
                });
    }

    private static Effects.ModelCall call() {
        LlmRequest request = new LlmRequest(
                "chat/ada/r1/0",
                "test-model",
                100,
                "",
                List.of(Message.user("m1", "tea?")),
                List.of(),
                new LlmRequest.ToolChoice.Auto(),
                60_000);
        return new Effects.ModelCall(
                "m",
                "ada",
                "t1",
                "r1",
                0,
                request,
                System.currentTimeMillis(),
                System.currentTimeMillis() + 60_000,
                "r0",
                CloudEvents.traceparent("ada", "r1"));
    }

    private static MockProducer<byte[], byte[]> producer() {
        return new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** Plays what the test says, before it returns the call. */
    private final class PlayedClient implements LlmClient {
        @Override
        public LlmCall start(LlmRequest request, LlmListener listener) {
            model.accept(listener);
            return new LlmCall() {
                @Override
                public void cancel() {}

                @Override
                public void pause() {}

                @Override
                public void resume() {}
            };
        }

        @Override
        public void close() {}
    }
}
