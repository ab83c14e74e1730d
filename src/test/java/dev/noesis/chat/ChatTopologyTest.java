package dev.noesis.chat;

import static dev.noesis.chat.ChatLane.start;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.config.NoesisConfig;
import dev.noesis.mind.ContextBuilder;
import dev.noesis.mind.Fold;
import dev.noesis.mind.Specs;
import dev.noesis.mind.StoreEntries;
import dev.noesis.model.Attempt;
import dev.noesis.model.Content;
import dev.noesis.model.Lane;
import dev.noesis.model.MindEvent;
import dev.noesis.model.Origin;
import dev.noesis.model.Usage;
import dev.noesis.run.AgentRunner;
import dev.noesis.run.LaneProcessor;
import dev.noesis.run.RecordingEffects;
import dev.noesis.run.RecordingEffects.Called;
import dev.noesis.serde.Json;
import dev.noesis.telemetry.LaneMetrics;
import dev.noesis.tool.Dispatcher;
import dev.noesis.topics.Topics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The topology as Kafka Streams runs it: sources, stores on disk, sinks, and the time of records. */
class ChatTopologyTest {
    private static final Instant NOW = Instant.ofEpochMilli(Specs.T0);

    private final NoesisConfig config = ChatLane.config(Map.of());
    private final RecordingEffects effects = new RecordingEffects();
    private TopologyTestDriver driver;
    private TestInputTopic<byte[], byte[]> requests;
    private TestInputTopic<byte[], byte[]> log;
    private TestOutputTopic<byte[], byte[]> replies;
    private int announced;
    private int appended;

    @AfterEach
    void close() {
        if (driver != null) {
            driver.close();
        }
    }

    @Test
    void theTopologyIsAsItWas() throws IOException {
        try (var expected = getClass().getResourceAsStream("topology.txt")) {
            assertThat(topology().describe().toString())
                    .isEqualTo(new String(expected.readAllBytes(), UTF_8));
        }
    }

    @Test
    void aRequestIsRepliedTo(@TempDir Path state) {
        drive(state);
        pipeEffects();
        requests.pipeInput("ada".getBytes(UTF_8), start("t1", "r1", "hello").getBytes(UTF_8));
        pipeEffects();
        assertThat(replies.isEmpty()).isTrue();

        Called called = effects.called.getFirst();
        pipe("ada", answer(called, "hi"));
        pipeEffects();

        TestRecord<byte[], byte[]> reply = replies.readRecord();
        assertThat(Json.tree(reply.value()).path("result").path("messages").get(0).path("content").asString())
                .isEqualTo("hi");
        assertThat(reply.key()).isEqualTo("ada".getBytes(UTF_8));
        assertThat(reply.timestamp())
                .as("not the shifted time of the log's record in hand")
                .isEqualTo(Specs.T0);
        assertThat(replies.isEmpty()).isTrue();
    }

    @Test
    void theLogsTimeIsItsAppendTimeAndItsClockIsKept(@TempDir Path state) {
        drive(state);
        pipeEffects();

        KeyValueStore<Bytes, byte[]> position = driver.getKeyValueStore(LaneProcessor.POSITION_STORE);
        Fold.Position folded = Json.read(new StoreEntries(position).get("fold"), Fold.Position.class);
        assertThat(folded.offset()).isZero();
        assertThat(folded.clock()).isEqualTo(Specs.T0);
    }

    @Test
    void theTaskHandsOverWhenItIsClosed(@TempDir Path state) {
        drive(state);
        pipeEffects();

        driver.close();
        driver = null;

        assertThat(effects.handedOver).hasSize(1);
    }

    @Test
    void whatWaitsForTheBarrierIsTakenByTheFallbackAsTimeGoesBy(@TempDir Path state) {
        drive(state);
        for (int i = 0; i < 150; i++) {
            requests.pipeInput(("agent" + i).getBytes(UTF_8), start("t1", "r1", "hello").getBytes(UTF_8));
        }
        assertThat(effects.appended).isEmpty();
        pipe("~chat", effects.announced.get(announced++));
        int first = effects.appended.size();

        driver.advanceWallClockTime(Duration.ofSeconds(1));
        driver.advanceWallClockTime(Duration.ofSeconds(1));

        assertThat(first).isBetween(1, 299);
        assertThat(effects.appended).hasSize(300);
    }

    private Topology topology() {
        LaneProcessor.Kernel kernel = new LaneProcessor.Kernel(
                config.lane(Lane.CHAT),
                "mind.log",
                1,
                new AgentRunner(new ContextBuilder("", 1_000), new Dispatcher(List.of())),
                effects,
                new LaneMetrics(new SimpleMeterRegistry(), Lane.CHAT));
        return ChatTopology.of(new Topics(""), kernel, config.run(), ChatLane.TOOLS);
    }

    private void drive(Path state) {
        Properties properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "noesis-chat");
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "unused:0");
        properties.put(StreamsConfig.STATE_DIR_CONFIG, state.toString());
        properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        properties.put("processing.exception.handler.global.enabled", "true");
        driver = new TopologyTestDriver(topology(), properties, NOW);
        ByteArraySerializer bytes = new ByteArraySerializer();
        requests = driver.createInputTopic("chat.requests", bytes, bytes, NOW, Duration.ZERO);
        log = driver.createInputTopic("mind.log", bytes, bytes, NOW, Duration.ZERO);
        replies = driver.createOutputTopic(
                "chat.replies", new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /** What was handed over reaches the log, until nothing more is. */
    private void pipeEffects() {
        while (announced < effects.announced.size() || appended < effects.appended.size()) {
            if (announced < effects.announced.size()) {
                pipe("~chat", effects.announced.get(announced++));
            } else {
                RecordingEffects.Appended next = effects.appended.get(appended++);
                if (next.delayMs() == 0) {
                    pipe(next.agentId(), next.event());
                }
            }
        }
    }

    private void pipe(String key, MindEvent event) {
        log.pipeInput(key.getBytes(UTF_8), Json.write(event));
    }

    private static MindEvent answer(Called called, String text) {
        Attempt attempt = RecordingEffects.attempt(called.tenure());
        return new MindEvent(
                MindEvent.VERSION,
                "answer",
                0,
                Lane.CHAT,
                called.call().runId(),
                called.call().threadId(),
                Origin.MODEL,
                null,
                new MindEvent.StepCompleted(
                        0, attempt, 1, List.of(new Content.Text(text)), "end_turn", Usage.NONE, "model", 3));
    }
}
