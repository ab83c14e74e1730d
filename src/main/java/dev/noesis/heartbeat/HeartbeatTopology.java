package dev.noesis.heartbeat;

import dev.noesis.config.HeartbeatConfig;
import dev.noesis.config.RunConfig;
import dev.noesis.heartbeat.checks.Checks;
import dev.noesis.run.LaneProcessor;
import dev.noesis.run.LaneStore;
import dev.noesis.run.LogFirstTimestamps;
import dev.noesis.topics.Topics;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.AutoOffsetReset;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.FailOnInvalidTimestamp;

/**
 * The heartbeat lane, whole:
 *
 * <pre>
 *  heartbeat.ticks ─────▶ ticks ─────┐              ┌─▶ outcomes ──▶ heartbeat.outcomes
 *  agent.signals ───────▶ signals ───┼─▶ heartbeat ─┼─▶ attention ─▶ agent.attention
 *  heartbeat.schedules ─▶ schedules ─┤       ┊      └─▶ dlq ───────▶ heartbeat.dlq
 *  mind.log ────────────▶ log ───────┘       ┊
 *                         effects: mind.log, heartbeat.events, the model, tools
 * </pre>
 *
 * <p>It shares with chat the log that both fold, and nothing else: application id, StreamThreads, producers, model client and
 * event loops are its own.
 */
public final class HeartbeatTopology {
    static final String OUTCOMES_SINK = "outcomes";
    static final String ATTENTION_SINK = "attention";
    static final String DLQ_SINK = "dlq";
    static final String SIGNALS_SECTION = "signals";
    static final String TICKS_SECTION = "ticks";
    static final String DUE_SECTION = "due";

    /** Looks of checks that block, at once, in all partitions of a worker. */
    private static final int MAX_LOOKS = 64;

    private HeartbeatTopology() {}

    /**
     * @param kernel what all lanes need; its front is chosen here
     * @param checks look after the agents, beside the signals that wait
     * @param tools names of the tools that heartbeat runs may use
     */
    public static Topology of(
            Topics topics,
            LaneProcessor.Kernel kernel,
            RunConfig run,
            HeartbeatConfig beat,
            Checks checks,
            List<String> tools) {
        Semaphore looks = new Semaphore(MAX_LOOKS);
        LaneProcessor.Definition heartbeat = kernel.with((desk, sections) -> new HeartbeatFront(
                desk,
                topics,
                beat,
                run,
                checks,
                looks,
                tools,
                kernel.lane().llm().allowedModels(),
                kernel.metrics(),
                sections));

        Topology topology = new Topology();
        topology.addSource(
                AutoOffsetReset.earliest(),
                "ticks",
                new FailOnInvalidTimestamp(),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer(),
                topics.heartbeatTicks());
        topology.addSource(
                AutoOffsetReset.earliest(),
                "signals",
                new FailOnInvalidTimestamp(),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer(),
                topics.agentSignals());
        topology.addSource(
                AutoOffsetReset.earliest(),
                "schedules",
                new FailOnInvalidTimestamp(),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer(),
                topics.heartbeatSchedules());
        topology.addSource(
                AutoOffsetReset.earliest(),
                "log",
                new LogFirstTimestamps(),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer(),
                topics.mindLog());

        topology.addProcessor("heartbeat", () -> new LaneProcessor(heartbeat), "ticks", "signals", "schedules", "log");

        topology.addStateStore(LaneStore.named(LaneProcessor.STORE), "heartbeat");

        topology.addSink(
                OUTCOMES_SINK,
                topics.heartbeatOutcomes(),
                new ByteArraySerializer(),
                new ByteArraySerializer(),
                "heartbeat");
        topology.addSink(
                ATTENTION_SINK,
                topics.agentAttention(),
                new ByteArraySerializer(),
                new ByteArraySerializer(),
                "heartbeat");
        topology.addSink(
                DLQ_SINK, topics.heartbeatDlq(), new ByteArraySerializer(), new ByteArraySerializer(), "heartbeat");
        return topology;
    }
}
