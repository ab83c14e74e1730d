package dev.noesis.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.check.RecordedHistory;
import dev.noesis.check.Seen;
import dev.noesis.config.ConfigLoader;
import dev.noesis.config.NoesisConfig;
import dev.noesis.serde.Json;
import dev.noesis.topics.TopicAdmin;
import dev.noesis.topics.TopicSpec;
import dev.noesis.topics.Topics;
import dev.noesis.worker.Worker;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A deployment of one test: topics under a prefix of their own, a plain producer, and settings for its workers. */
public final class Deployment implements AutoCloseable {
    static final int PARTITIONS = 2;
    static final Duration READY = Duration.ofSeconds(60);

    private static final Duration BROKER_LIMIT = Duration.ofSeconds(30);

    private final String bootstrapServers;
    private final String name;
    private final Path stateDirs;
    private final Topics topics;
    private final int partitions;
    private final KafkaProducer<byte[], byte[]> producer;
    private final Queue<Exception> unsent = new ConcurrentLinkedQueue<>();

    private Deployment(String bootstrapServers, String name, Path stateDirs, int partitions) {
        this.partitions = partitions;
        this.bootstrapServers = bootstrapServers;
        this.name = name;
        this.stateDirs = stateDirs;
        this.topics = new Topics(name);
        this.producer = new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrapServers,
                        ProducerConfig.LINGER_MS_CONFIG,
                        0,
                        // a broker that is away for a minute is waited for
                        ProducerConfig.MAX_BLOCK_MS_CONFIG,
                        200_000,
                        ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                        200_000,
                        ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
                        TopicSpec.MAX_MESSAGE_BYTES,
                        // On a new topic the first request may fail while the next is taken, since the broker has no
                        // sequence yet that it could miss: then the first is out of order until it times out.
                        ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION,
                        1),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    /** Makes the topics, {@value #PARTITIONS} partitions each. */
    static Deployment create(String bootstrapServers, Path stateDirs) {
        return create(bootstrapServers, stateDirs, PARTITIONS);
    }

    /** Makes the topics with so many partitions each. */
    static Deployment create(String bootstrapServers, Path stateDirs, int partitions) {
        return create(bootstrapServers, "its-" + UUID.randomUUID().toString().substring(0, 8), stateDirs, partitions);
    }

    /** Makes the topics of a deployment of that name, with so many partitions each. */
    public static Deployment create(String bootstrapServers, String name, Path stateDirs, int partitions) {
        Deployment deployment = new Deployment(bootstrapServers, name, stateDirs, partitions);
        new TopicAdmin(Map.of("bootstrap.servers", bootstrapServers), BROKER_LIMIT)
                .create(deployment.topics.specs(), partitions, 0);
        return deployment;
    }

    public Topics topics() {
        return topics;
    }

    /**
     * Settings of a worker.
     *
     * @param worker names it, and its state directory
     * @param more pairs of key and value, over the others
     */
    public Map<String, String> settings(String worker, URI model, String... more) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("bootstrap.servers", bootstrapServers);
        settings.put("deployment", name);
        settings.put("state.dir", stateDirs.resolve(worker).toString());
        settings.put("llm.base.url", model.toString());
        settings.put("http.port", "-1");
        for (int i = 0; i < more.length; i += 2) {
            settings.put(more[i], more[i + 1]);
        }
        return settings;
    }

    NoesisConfig config(String worker, URI model, String... more) {
        return ConfigLoader.load(settings(worker, model, more));
    }

    /** Starts a worker in this process and waits until it decides. */
    static Worker start(NoesisConfig config) {
        Worker worker = Worker.start(config);
        awaitReady(worker);
        return worker;
    }

    static void awaitReady(Worker worker) {
        if (!worker.awaitReady(READY)) {
            String why = String.valueOf(worker.failed().getNow("it is not ready after " + READY));
            worker.close();
            throw new AssertionError("the worker did not start: " + why);
        }
    }

    /** Publishes a value as it is, without headers. */
    void send(String topic, @Nullable String agent, byte @Nullable [] value) {
        send(new ProducerRecord<>(topic, agent == null ? null : agent.getBytes(UTF_8), value));
    }

    void send(String topic, String agent, JsonNode value) {
        send(topic, agent, Json.write(value));
    }

    /** Publishes into a partition that its client chose, however it did. */
    void sendTo(int partition, String topic, String agent, JsonNode value) {
        send(new ProducerRecord<>(topic, partition, agent.getBytes(UTF_8), Json.write(value)));
    }

    void chat(String agent, String threadId, String runId, String text) {
        send(topics.chatRequests(), agent, Inputs.chat(threadId, runId, text));
    }

    /** Publishes a record as it is. */
    public void send(ProducerRecord<byte[], byte[]> record) {
        send(record, _ -> {});
    }

    /** @param sent told topic, partition and offset, as {@link Seen#place()} has them, by the producer's thread */
    public void send(ProducerRecord<byte[], byte[]> record, Consumer<String> sent) {
        producer.send(record, (metadata, failure) -> {
            if (failure != null) {
                unsent.add(failure);
            } else {
                sent.accept(metadata.topic() + "-" + metadata.partition() + "@" + metadata.offset());
            }
        });
    }

    /** Waits until the broker has all that was sent. */
    public void flush() {
        producer.flush();
        assertThat(unsent).isEmpty();
    }

    /** A reader of committed records. */
    Tail tail(String... ofTopics) {
        return new Tail(bootstrapServers, IsolationLevel.READ_COMMITTED, Arrays.asList(ofTopics));
    }

    /** A reader of all records, those of aborted transactions included. */
    Tail uncommitted(String... ofTopics) {
        return new Tail(bootstrapServers, IsolationLevel.READ_UNCOMMITTED, Arrays.asList(ofTopics));
    }

    /** All committed records of all topics. */
    public RecordedHistory history() {
        List<String> names = topics.specs().stream().map(TopicSpec::name).toList();
        try (Tail all = tail(names.toArray(String[]::new))) {
            return new RecordedHistory(
                    topics, partitions, all.toEnd().stream().collect(Collectors.groupingBy(Seen::topic)));
        }
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(5));
    }
}
