package dev.noesis.chaos;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.noesis.serde.Json;
import dev.noesis.topics.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import tools.jackson.databind.JsonNode;

/** Reads replies and outcomes as they are committed, and enters them in the {@link Ledger}, on a thread of its own. */
final class Watch implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(100);

    private final Topics topics;
    private final Ledger ledger;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Thread thread;
    private volatile boolean closed;

    Watch(String bootstrapServers, Topics topics, Ledger ledger) {
        this.topics = topics;
        this.ledger = ledger;
        this.consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrapServers,
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                        "read_committed",
                        ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                        false),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        List<TopicPartition> partitions = List.of(topics.chatReplies(), topics.heartbeatOutcomes()).stream()
                .flatMap(topic -> consumer.partitionsFor(topic).stream())
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        this.thread = Thread.ofPlatform().name("chaos-watch").daemon().start(this::read);
    }

    /** A chat run, as the ledger calls it. */
    static String run(String agent, String runId) {
        return agent + "/" + runId;
    }

    /** A tick, as the ledger calls it. */
    static String tick(String agent, String tickId) {
        return agent + "/tick/" + tickId;
    }

    private void read() {
        try (consumer) {
            while (!closed) {
                consumer.poll(POLL).forEach(this::enter);
            }
        }
    }

    private void enter(ConsumerRecord<byte[], byte[]> record) {
        JsonNode json = Json.tree(record.value());
        String agent = new String(record.key(), UTF_8);
        if (record.topic().equals(topics.chatReplies())) {
            String error = json.path("code").asString("");
            String outcome = json.path("outcome").path("type").asString("");
            ledger.answered(
                    run(agent, json.path("runId").asString("")),
                    record.partition(),
                    "run " + (error.isEmpty() ? outcome : error));
        } else {
            String skipped = json.path("skipReason").asString("");
            ledger.answered(
                    tick(agent, json.path("tickId").asString("")),
                    record.partition(),
                    "tick " + json.path("status").asString("") + (skipped.isEmpty() ? "" : " " + skipped));
        }
    }

    @Override
    public void close() {
        closed = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
