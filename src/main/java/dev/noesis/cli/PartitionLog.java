package dev.noesis.cli;

import dev.noesis.config.KafkaProperties;
import dev.noesis.mind.Fold;
import dev.noesis.mind.MapEntries;
import dev.noesis.topics.TopicAdmin;
import dev.noesis.topics.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Folds the partition of the mind log that an agent lives in, from its beginning to its end, with nothing but the log: no
 * worker and no store is asked.
 */
final class PartitionLog {
    private static final Duration POLL = Duration.ofMillis(500);

    private final Map<String, String> kafka;
    private final TopicPartition partition;

    /** @throws dev.noesis.topics.TopicException if no broker answers, or the topic is missing */
    PartitionLog(Map<String, String> kafka, Topics topics, String agent, Duration limit) {
        this.kafka = kafka;
        int partitions = new TopicAdmin(kafka, limit).partitions(List.of(topics.mindLog()));
        this.partition = new TopicPartition(topics.mindLog(), Topics.partitionOf(agent, partitions));
    }

    /** A record that was folded, what became of it, and where the fold then was. */
    record Folded(long offset, Fold.Result result, Fold.Position position) {}

    /**
     * Folds all that stands in the partition now.
     *
     * @param each hears of every record in order
     * @return the fold at the end
     * @throws Fold.StoppedException if the log has a gap, or an event that this build does not know
     */
    Fold fold(Consumer<Folded> each) {
        Map<String, Object> properties = new HashMap<>(KafkaProperties.forConsumer(kafka));
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        Fold fold = new Fold(new MapEntries(), Fold.Position.START);
        try (var consumer = new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
            while (consumer.position(partition) < end) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    if (record.offset() < end) {
                        Fold.Result result =
                                fold.fold(record.offset(), record.key(), record.value(), record.timestamp());
                        each.accept(new Folded(record.offset(), result, fold.position()));
                    }
                }
            }
        }
        return fold;
    }

    int partition() {
        return partition.partition();
    }
}
