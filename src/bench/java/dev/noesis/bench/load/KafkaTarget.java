package dev.noesis.bench.load;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.noesis.serde.Json;
import dev.noesis.topics.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Requests go to a topic, replies come from one. Each run has a thread of its own, each slot an agent. */
final class KafkaTarget implements Target {
    private final String requests;
    private final int partitions;
    private final KafkaProducer<byte[], byte[]> producer;
    private final KafkaConsumer<byte[], byte[]> replies;
    private final List<byte[]> agents = new ArrayList<>();

    KafkaTarget(String servers, Topics topics, int partitions) {
        this.requests = topics.chatRequests();
        this.partitions = partitions;
        this.producer = new KafkaProducer<>(
                Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, servers, ProducerConfig.LINGER_MS_CONFIG, 0),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        this.replies = consumer(
                servers,
                topics.chatReplies(),
                IntStream.range(0, partitions).boxed().toList());
    }

    /** Reads those partitions from their end, what is committed only. */
    static KafkaConsumer<byte[], byte[]> consumer(String servers, String topic, List<Integer> partitions) {
        var consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        servers,
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                        "read_committed"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        List<TopicPartition> all = partitions.stream()
                .map(partition -> new TopicPartition(topic, partition))
                .toList();
        consumer.assign(all);
        consumer.seekToEnd(all);
        all.forEach(consumer::position);
        return consumer;
    }

    /** A CloudEvents header; nothing else of a record is read. */
    static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null ? "" : new String(header.value(), UTF_8);
    }

    @Override
    public void send(String runId, int slot) {
        while (agents.size() <= slot) {
            agents.add(agent(agents.size()).getBytes(UTF_8));
        }
        var input = Json.object().put("threadId", runId).put("runId", runId);
        input.putArray("messages")
                .addObject()
                .put("id", "m")
                .put("role", "user")
                .put("content", "say the alphabet");
        producer.send(new ProducerRecord<>(requests, agents.get(slot), Json.write(input)));
    }

    /** Slots take the partitions in turn, so that none has more to do than another. */
    private String agent(int slot) {
        for (int i = 0; ; i++) {
            String name = "agent-" + slot + "-" + i;
            if (Topics.partitionOf(name, partitions) == slot % partitions) {
                return name;
            }
        }
    }

    @Override
    public void poll(Duration limit, Ends ends) {
        var polled = replies.poll(limit);
        long now = System.nanoTime();
        for (ConsumerRecord<byte[], byte[]> reply : polled) {
            ends.ended(header(reply, "ce_id"), now, header(reply, "ce_type").equals("dev.noesis.RUN_FINISHED"));
        }
    }

    @Override
    public void close() {
        producer.close(Duration.ZERO);
        replies.close();
    }
}
