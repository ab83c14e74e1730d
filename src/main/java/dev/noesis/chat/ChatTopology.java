package dev.noesis.chat;

import dev.noesis.config.RunConfig;
import dev.noesis.run.LaneProcessor;
import dev.noesis.run.LaneStore;
import dev.noesis.run.LogFirstTimestamps;
import dev.noesis.topics.Topics;
import java.util.List;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.AutoOffsetReset;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.FailOnInvalidTimestamp;

/**
 * The chat lane, whole:
 *
 * <pre>
 *  chat.requests ─▶ requests ─┐         ┌─▶ replies ─▶ chat.replies
 *                             ├─▶ chat ─┤
 *  mind.log ──────▶ log ──────┘    ┊    └─▶ dlq ─────▶ chat.dlq
 *                                  ┊
 *                      effects: mind.log, chat.events, the model, tools
 * </pre>
 *
 * <p>One processor sees both topics, because a request and the events of its run meet in the same stores. The log is read
 * first: behind a backlog of requests a completion would wait for all of them. What is written to {@code mind.log} and
 * {@code chat.events} does not pass through here: a plain record behind an open transaction waits for it, so no topic has
 * writers of both kinds.
 */
public final class ChatTopology {
    static final String REPLIES_SINK = "replies";
    static final String DLQ_SINK = "dlq";
    private static final String QUEUE_SECTION = "queue";

    private ChatTopology() {}

    /**
     * @param kernel what all lanes need; its front is chosen here
     * @param tools names of the tools that chat runs may use
     */
    public static Topology of(Topics topics, LaneProcessor.Kernel kernel, RunConfig run, List<String> tools) {
        ChatRequestReader reader = new ChatRequestReader(kernel.lane().llm().allowedModels());
        LaneProcessor.Definition chat = kernel.with((desk, sections) -> new ChatFront(
                desk,
                kernel.lane(),
                run,
                tools,
                kernel.metrics(),
                reader,
                new WaitingRuns(
                        sections.apply(QUEUE_SECTION), count -> kernel.metrics().queued(desk.partition(), count))));

        Topology topology = new Topology();
        topology.addSource(
                AutoOffsetReset.earliest(),
                "requests",
                new FailOnInvalidTimestamp(),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer(),
                topics.chatRequests());
        topology.addSource(
                AutoOffsetReset.earliest(),
                "log",
                new LogFirstTimestamps(),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer(),
                topics.mindLog());

        topology.addProcessor("chat", () -> new LaneProcessor(chat), "requests", "log");

        topology.addStateStore(LaneStore.named(LaneProcessor.STORE), "chat");

        topology.addSink(
                REPLIES_SINK, topics.chatReplies(), new ByteArraySerializer(), new ByteArraySerializer(), "chat");
        topology.addSink(DLQ_SINK, topics.chatDlq(), new ByteArraySerializer(), new ByteArraySerializer(), "chat");
        return topology;
    }
}
