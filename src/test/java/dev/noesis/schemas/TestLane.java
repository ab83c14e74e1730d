package dev.noesis.schemas;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.chat.ChatTopology;
import dev.noesis.config.ConfigLoader;
import dev.noesis.config.ConfigSources;
import dev.noesis.config.NoesisConfig;
import dev.noesis.heartbeat.HeartbeatTopology;
import dev.noesis.mind.ContextBuilder;
import dev.noesis.model.Attempt;
import dev.noesis.model.Content;
import dev.noesis.model.ErrorCode;
import dev.noesis.model.Lane;
import dev.noesis.model.MindEvent;
import dev.noesis.model.Origin;
import dev.noesis.model.Usage;
import dev.noesis.run.AgentRunner;
import dev.noesis.run.Effects;
import dev.noesis.run.LaneProcessor;
import dev.noesis.serde.Json;
import dev.noesis.telemetry.LaneMetrics;
import dev.noesis.tool.Dispatcher;
import dev.noesis.tool.HeartbeatRespond;
import dev.noesis.tool.LearnFact;
import dev.noesis.tool.RecallFacts;
import dev.noesis.tool.Tool;
import dev.noesis.topics.Topics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A lane's topology without a broker: the test plays the log, the model and the tools. Every record that it sees on its way
 * is held against the schema of its topic.
 *
 * <p><b>Threading.</b> One thread.
 */
final class TestLane implements AutoCloseable {
    static final String AGENT = "ada";
    static final long NOW = Instant.parse("2026-11-22T09:30:00Z").toEpochMilli();

    private static final Topics TOPICS = new Topics("");
    private static final Schemas CLOSED = Schemas.closed();
    private static final Schemas PUBLISHED = Schemas.published();
    private static final Usage USAGE = new Usage(200, 20, 0, 0);

    final HeldEffects effects = new HeldEffects();
    private final Lane lane;
    private final TopologyTestDriver driver;
    private final Dispatcher tools =
            new Dispatcher(List.of(new LearnFact(), new RecallFacts(), new HeartbeatRespond()));
    private final String incarnation;
    private int attempts;
    private int streamed;

    private TestLane(Lane lane, Path stateDir, String... settings) {
        this.lane = lane;
        NoesisConfig config = ConfigLoader.load(new ConfigSources(null, Map.of(), List.of(settings)));
        LaneProcessor.Kernel kernel = new LaneProcessor.Kernel(
                config.lane(lane),
                TOPICS.mindLog(),
                1,
                new AgentRunner(new ContextBuilder("You are a test.", 10_000), tools),
                effects,
                new LaneMetrics(new SimpleMeterRegistry(), lane));
        Topology topology = switch (lane) {
            case CHAT -> ChatTopology.of(TOPICS, kernel, config.run(), List.of("learn_fact", "recall"));
            case HEARTBEAT ->
                HeartbeatTopology.of(
                        TOPICS, kernel, config.run(), config.beat(), List.of("recall", HeartbeatRespond.NAME));
        };
        Properties properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "noesis-test-" + lane.id());
        properties.put(StreamsConfig.STATE_DIR_CONFIG, stateDir.toString());
        driver = new TopologyTestDriver(topology, properties, Instant.ofEpochMilli(NOW));
        MindEvent.Barrier barrier =
                (MindEvent.Barrier) effects.appends.getFirst().event().body();
        incarnation = barrier.incarnation();
        log();
    }

    /** A chat lane that owns its partition. */
    static TestLane chat(Path stateDir, String... settings) {
        return new TestLane(Lane.CHAT, stateDir, settings);
    }

    /** A heartbeat lane that owns its partition. */
    static TestLane heartbeat(Path stateDir, String... settings) {
        return new TestLane(Lane.HEARTBEAT, stateDir, settings);
    }

    /** Has the lane read an input, and the log all that follows. */
    void read(String topic, JsonNode value) {
        pipe(topic, AGENT, Json.write(value));
        log();
    }

    /** Appends what the lane wants to have appended, until that is nothing. */
    private void log() {
        while (!effects.appends.isEmpty()) {
            HeldEffects.Append next = effects.appends.remove();
            byte[] value = Json.write(next.event());
            assertThat(SchemaCheck.problems(TOPICS.mindLog(), value)).isEmpty();
            pipe(TOPICS.mindLog(), next.key(), value);
        }
    }

    /** The next model call that waits is answered so. */
    void answer(String stopReason, Content... content) {
        Effects.ModelCall call = effects.modelCalls.remove();
        Attempt attempt = new Attempt(0, attempts++);
        event(
                call,
                "completed/" + attempt,
                null,
                new MindEvent.StepCompleted(
                        call.step(), attempt, 1, List.of(content), stopReason, USAGE, "test-model", 7));
    }

    /** The next model call that waits has failed for good. */
    void fail(ErrorCode code) {
        Effects.ModelCall call = effects.modelCalls.remove();
        Attempt attempt = new Attempt(0, attempts++);
        event(
                call,
                "failed/" + attempt,
                incarnation,
                new MindEvent.StepFailed(call.step(), attempt, 4, code, "no answer", null, Usage.NONE, 2));
    }

    private void event(Effects.ModelCall call, String what, String stamp, MindEvent.Body body) {
        append(
                call.agentId(),
                new MindEvent(
                        MindEvent.VERSION,
                        call.runId() + "/" + call.step() + "/" + what,
                        NOW,
                        lane,
                        call.runId(),
                        call.threadId(),
                        Origin.MODEL,
                        stamp,
                        body));
    }

    /** Makes the next tool call that waits. */
    void callTool() throws InterruptedException {
        Effects.ToolCall call = effects.toolCalls.remove();
        Tool.Result result = tools.dispatch(call.call().tool(), call.call().input(), call.allowed(), call.invocation());
        append(
                call.call().agentId(),
                new MindEvent(
                        MindEvent.VERSION,
                        call.call().runId() + "/" + call.call().step() + "/tool/"
                                + call.call().callId(),
                        NOW,
                        lane,
                        call.call().runId(),
                        call.call().threadId(),
                        Origin.TOOL,
                        null,
                        new MindEvent.ToolCompleted(
                                call.call().step(),
                                call.call().callId(),
                                call.call().tool(),
                                result.text(),
                                result.isError(),
                                result.writes(),
                                result.endsRun())));
    }

    /** Appends what is to be appended later, now. */
    void passTime() {
        effects.appends.addAll(effects.delayed.values());
        effects.delayed.clear();
        log();
    }

    private void append(String key, MindEvent event) {
        effects.appends.add(new HeldEffects.Append(key, event));
        log();
    }

    /** The records on that topic since the last look. */
    List<JsonNode> written(String topic) {
        List<JsonNode> values = new ArrayList<>();
        for (TestRecord<byte[], byte[]> record : records(topic)) {
            assertThat(new String(record.key(), UTF_8)).isEqualTo(AGENT);
            assertThat(SchemaCheck.problems(topic, record.value())).isEmpty();
            assertThat(CLOSED.problems("headers.json#/$defs/output", headers(record)))
                    .isEmpty();
            values.add(Json.tree(record.value()));
        }
        return values;
    }

    /** Dead letters since the last look: why each of them is one. */
    List<String> deadLetters(String topic) {
        List<String> reasons = new ArrayList<>();
        for (TestRecord<byte[], byte[]> record : records(topic)) {
            JsonNode headers = headers(record);
            assertThat(PUBLISHED.problems("headers.json#/$defs/deadLetter", headers))
                    .isEmpty();
            reasons.add(headers.path("noesis_error").asString());
        }
        return reasons;
    }

    /** The events of streams that follow from the log, since the last look. */
    List<JsonNode> streamed() {
        String topic = lane == Lane.CHAT ? TOPICS.chatEvents() : TOPICS.heartbeatEvents();
        List<JsonNode> events = new ArrayList<>();
        for (; streamed < effects.published.size(); streamed++) {
            byte[] value = effects.published.get(streamed).json(NOW);
            assertThat(SchemaCheck.problems(topic, value)).isEmpty();
            events.add(Json.tree(value));
        }
        return events;
    }

    private List<TestRecord<byte[], byte[]>> records(String topic) {
        return driver.createOutputTopic(topic, new ByteArrayDeserializer(), new ByteArrayDeserializer())
                .readRecordsToList();
    }

    private static JsonNode headers(TestRecord<byte[], byte[]> record) {
        ObjectNode headers = Json.object();
        for (Header header : record.headers()) {
            headers.put(header.key(), new String(header.value(), UTF_8));
        }
        return headers;
    }

    private void pipe(String topic, String key, byte[] value) {
        driver.createInputTopic(topic, new ByteArraySerializer(), new ByteArraySerializer())
                .pipeInput(key.getBytes(UTF_8), value, NOW);
    }

    @Override
    public void close() {
        driver.close();
    }
}
