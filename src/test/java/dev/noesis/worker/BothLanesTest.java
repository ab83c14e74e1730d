package dev.noesis.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.chat.ChatLane;
import dev.noesis.chat.ChatTopology;
import dev.noesis.config.ConfigLoader;
import dev.noesis.config.NoesisConfig;
import dev.noesis.heartbeat.HeartbeatLane;
import dev.noesis.heartbeat.HeartbeatTopology;
import dev.noesis.mind.ContextBuilder;
import dev.noesis.mind.Fold;
import dev.noesis.mind.MapEntries;
import dev.noesis.mind.RandomLog;
import dev.noesis.mind.Specs;
import dev.noesis.mind.StoreEntries;
import dev.noesis.mind.TestLog;
import dev.noesis.model.Lane;
import dev.noesis.model.MemoryWrite;
import dev.noesis.run.AgentRunner;
import dev.noesis.run.LaneProcessor;
import dev.noesis.run.LaneTask;
import dev.noesis.run.RecordingEffects;
import dev.noesis.serde.Json;
import dev.noesis.telemetry.LaneMetrics;
import dev.noesis.tool.Dispatcher;
import dev.noesis.tool.HeartbeatRespond;
import dev.noesis.topics.Topics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Both lanes fold one log: at equal offsets they are equal. */
class BothLanesTest {
    private static final NoesisConfig CONFIG = ConfigLoader.load(Map.of("topics.partitions", "1"));
    private static final long SEED = 41;

    @Test
    void oneLogGivesBothTopologiesTheSameHashesAtEveryOffset(@TempDir Path state) {
        try (TopologyTestDriver chat = driver(Lane.CHAT, state);
                TopologyTestDriver heartbeat = driver(Lane.HEARTBEAT, state)) {
            TestInputTopic<byte[], byte[]> toChat = log(chat);
            TestInputTopic<byte[], byte[]> toHeartbeat = log(heartbeat);
            Fold outside = new Fold(new MapEntries(), Fold.Position.START);
            for (TestLog.Entry entry : RandomLog.of(SEED, 400)) {
                toChat.pipeInput(entry.key(), entry.value(), entry.timestamp());
                toHeartbeat.pipeInput(entry.key(), entry.value(), entry.timestamp());
                entry.foldInto(outside);

                assertThat(position(chat)).as("offset %d, seed %d", entry.offset(), SEED).isEqualTo(outside.position());
                assertThat(position(heartbeat)).isEqualTo(outside.position());
            }
        }
    }

    /** Each lane works, crashes and comes back; each writes what the other folds. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void lanesThatWorkAndCrashOnOneLogAreEqual(long seed) {
        Random random = new Random(seed);
        LaneTask chat = ChatLane.task().lazily();
        LaneTask heartbeat = HeartbeatLane.task().sharing(chat).lazily();
        Map<Long, Fold.Position> seen = new HashMap<>();
        List<LaneTask> lanes = List.of(chat, heartbeat);
        lanes.forEach(LaneTask::start);
        for (int i = 0; i < 1_500; i++) {
            LaneTask lane = lanes.get(random.nextInt(2));
            switch (random.nextInt(20)) {
                case 0 ->
                    chat.input(ChatLane.REQUESTS, "ada", ChatLane.start("t" + random.nextInt(3), "r" + i, "hello"));
                case 1 -> heartbeat.input(HeartbeatLane.SIGNALS, "ada", HeartbeatLane.signal("s" + i, "a mail"));
                case 2 -> heartbeat.input(HeartbeatLane.TICKS, "ada", HeartbeatLane.tick("k" + i));
                case 3, 4, 5 -> answer(lane, random);
                case 6 -> lane.commit();
                case 7 -> {
                    if (random.nextInt(6) == 0) {
                        lane.crash().start();
                    }
                }
                case 8, 9, 10, 11 -> lane.flushOne();
                default -> {
                    lane.processNext();
                    Fold.Position position = lane.position();
                    Fold.Position other = seen.putIfAbsent(position.offset(), position);
                    assertThat(position).isEqualTo(other == null ? position : other);
                }
            }
        }
        for (int i = 0; i < 5; i++) {
            lanes.forEach(LaneTask::run);
        }

        assertThat(chat.position()).isEqualTo(heartbeat.position());
        assertThat(chat.position().offset()).isGreaterThan(100);
    }

    private static void answer(LaneTask lane, Random random) {
        RecordingEffects effects = lane.effects();
        if (!effects.acting.isEmpty()) {
            var call = effects.acting.values().iterator().next().call().call();
            boolean respond = call.tool().equals(HeartbeatRespond.NAME);
            MemoryWrite write = respond
                    ? new MemoryWrite.DecideFinding("f", MemoryWrite.Action.ACKNOWLEDGE, null)
                    : new MemoryWrite.LearnFact("tea", "Ada likes tea " + random.nextInt(), 0.5);
            lane.toolAnswers(call.agentId(), call.runId(), call.callId(), "ok", respond, write);
        } else if (!effects.inFlight.isEmpty()) {
            var call = effects.inFlight.values().iterator().next().call();
            switch (random.nextInt(4)) {
                case 0 -> lane.answer(call.agentId(), call.runId(), "hi");
                case 1 -> lane.fail(call.agentId(), call.runId(), random.nextBoolean() ? null : lane.clock());
                default -> {
                    boolean beat = call.runId().startsWith("heartbeat-");
                    lane.ask(
                            call.agentId(), call.runId(), "c", beat ? HeartbeatRespond.NAME : "learn_fact", "{}");
                }
            }
        }
    }

    private static TopologyTestDriver driver(Lane lane, Path state) {
        Properties properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "noesis-" + lane.id());
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "unused:0");
        properties.put(StreamsConfig.STATE_DIR_CONFIG, state.toString());
        properties.put("processing.exception.handler.global.enabled", "true");
        LaneProcessor.Kernel kernel = new LaneProcessor.Kernel(
                CONFIG.lane(lane),
                "mind.log",
                1,
                new AgentRunner(new ContextBuilder("", 1_000), new Dispatcher(List.of())),
                new RecordingEffects(),
                new LaneMetrics(new SimpleMeterRegistry(), lane));
        Topics topics = new Topics("");
        Topology topology =
                switch (lane) {
                    case CHAT -> ChatTopology.of(topics, kernel, CONFIG.run(), ChatLane.TOOLS);
                    case HEARTBEAT ->
                        HeartbeatTopology.of(topics, kernel, CONFIG.run(), CONFIG.beat(), HeartbeatLane.TOOLS);
                };
        return new TopologyTestDriver(topology, properties, Instant.ofEpochMilli(Specs.T0));
    }

    private static TestInputTopic<byte[], byte[]> log(TopologyTestDriver driver) {
        return driver.createInputTopic("mind.log", new ByteArraySerializer(), new ByteArraySerializer());
    }

    private static Fold.Position position(TopologyTestDriver driver) {
        return Json.read(
                new StoreEntries(driver.getKeyValueStore(LaneProcessor.POSITION_STORE)).get("fold"),
                Fold.Position.class);
    }
}
