package dev.noesis.heartbeat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.config.ConfigLoader;
import dev.noesis.config.NoesisConfig;
import dev.noesis.mind.ContextBuilder;
import dev.noesis.model.Lane;
import dev.noesis.run.AgentRunner;
import dev.noesis.run.LaneProcessor;
import dev.noesis.run.RecordingEffects;
import dev.noesis.serde.Json;
import dev.noesis.telemetry.LaneMetrics;
import dev.noesis.tool.Dispatcher;
import dev.noesis.topics.Topics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeartbeatTopologyTest {
    private final RecordingEffects effects = new RecordingEffects();

    @Test
    void theTopologyIsAsItWas() throws IOException {
        try (var expected = getClass().getResourceAsStream("topology.txt")) {
            assertThat(topology().describe().toString())
                    .isEqualTo(new String(expected.readAllBytes(), UTF_8));
        }
    }

    @Test
    void aTickHasItsOutcome(@TempDir Path state) {
        Properties properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "noesis-heartbeat");
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "unused:0");
        properties.put(StreamsConfig.STATE_DIR_CONFIG, state.toString());
        properties.put("processing.exception.handler.global.enabled", "true");
        try (TopologyTestDriver driver = new TopologyTestDriver(topology(), properties, Instant.now())) {
            ByteArraySerializer bytes = new ByteArraySerializer();
            TestOutputTopic<byte[], byte[]> outcomes = driver.createOutputTopic(
                    "heartbeat.outcomes", new ByteArrayDeserializer(), new ByteArrayDeserializer());
            driver.createInputTopic("mind.log", bytes, bytes)
                    .pipeInput("~heartbeat".getBytes(UTF_8), Json.write(effects.announced.getFirst()));
            driver.createInputTopic("heartbeat.ticks", bytes, bytes)
                    .pipeInput("ada".getBytes(UTF_8), HeartbeatLane.tick("k1").getBytes(UTF_8));

            assertThat(Json.tree(outcomes.readValue()).path("skipReason").asString()).isEqualTo("no_findings");
        }
    }

    private Topology topology() {
        NoesisConfig config = ConfigLoader.load(Map.of("topics.partitions", "1"));
        LaneProcessor.Kernel kernel = new LaneProcessor.Kernel(
                config.lane(Lane.HEARTBEAT),
                "mind.log",
                1,
                new AgentRunner(new ContextBuilder("", 1_000), new Dispatcher(List.of())),
                effects,
                new LaneMetrics(new SimpleMeterRegistry(), Lane.HEARTBEAT));
        return HeartbeatTopology.of(new Topics(""), kernel, config.run(), config.beat(), HeartbeatLane.TOOLS);
    }
}
