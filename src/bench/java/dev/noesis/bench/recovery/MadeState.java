package dev.noesis.bench.recovery;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.noesis.mind.Build;
import dev.noesis.model.Attempt;
import dev.noesis.model.Content;
import dev.noesis.model.Lane;
import dev.noesis.model.Message;
import dev.noesis.model.MindEvent;
import dev.noesis.model.MindEvent.Barrier;
import dev.noesis.model.MindEvent.RunOpened;
import dev.noesis.model.MindEvent.StepCompleted;
import dev.noesis.model.Origin;
import dev.noesis.model.RunSpec;
import dev.noesis.model.Usage;
import dev.noesis.serde.Json;
import dev.noesis.topics.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Writes a mind log as an owner of its partitions would have: each agent has had a run of one turn. Workers that start fold
 * it, and have its state.
 */
final class MadeState {
    private static final String INCARNATION = "made-state";
    private static final String WORDS = "the quick brown fox jumps over the lazy dog and goes home to sleep; ";
    private static final String QUESTION = WORDS.repeat(3);
    private static final String ANSWER = WORDS.repeat(9);
    private static final Duration DAY = Duration.ofDays(1);

    private MadeState() {}

    static String agent(int number) {
        return "agent-" + number;
    }

    /** Writes two records for each agent, and a barrier for each partition before them. */
    static void write(String bootstrapServers, Topics topics, int partitions, int agents) {
        AtomicReference<Exception> failed = new AtomicReference<>();
        try (var producer = new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrapServers,
                        ProducerConfig.LINGER_MS_CONFIG,
                        5,
                        ProducerConfig.BATCH_SIZE_CONFIG,
                        256 * 1024),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            long now = System.currentTimeMillis();
            Build build = Build.THIS;
            Barrier barrier = new Barrier(INCARNATION, build.logVersion(), build.foldVersion(), partitions);
            for (int partition = 0; partition < partitions; partition++) {
                MindEvent event = event("barrier/" + INCARNATION, now, null, null, null, barrier);
                producer.send(new ProducerRecord<>(topics.mindLog(), partition, bytes("~made"), Json.write(event)));
            }
            for (int i = 0; i < agents && failed.get() == null; i++) {
                String agent = agent(i);
                int partition = Topics.partitionOf(agent, partitions);
                for (MindEvent event : run(i, now)) {
                    producer.send(
                            new ProducerRecord<>(topics.mindLog(), partition, bytes(agent), Json.write(event)),
                            (_, failure) -> {
                                if (failure != null) {
                                    failed.compareAndSet(null, failure);
                                }
                            });
                }
            }
            producer.flush();
        }
        if (failed.get() != null) {
            throw new IllegalStateException("the log could not be written", failed.get());
        }
    }

    private static List<MindEvent> run(int number, long now) {
        String runId = "made-" + number;
        RunSpec spec = new RunSpec(
                now,
                now + DAY.toMillis(),
                10,
                7 * DAY.toMillis(),
                null,
                null,
                null,
                List.of("learn_fact", "recall"),
                null,
                List.of(),
                List.of(),
                null,
                null,
                null);
        RunOpened opened = new RunOpened(spec, List.of(Message.user(runId + "/m", QUESTION)), -1);
        StepCompleted completed = new StepCompleted(
                0,
                new Attempt(0, number),
                1,
                List.of(new Content.Text(ANSWER)),
                "end_turn",
                new Usage(100, 150, 0, 0),
                "model",
                20,
                "anthropic",
                "primary");
        return List.of(
                event(runId + "/opened", now, runId, "home", INCARNATION, opened),
                event(runId + "/0/completed", now, runId, "home", null, completed));
    }

    private static MindEvent event(
            String id,
            long now,
            @Nullable String runId,
            @Nullable String threadId,
            @Nullable String stamp,
            MindEvent.Body body) {
        return new MindEvent(id, now, Lane.CHAT, runId, threadId, Origin.USER, stamp, body);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
