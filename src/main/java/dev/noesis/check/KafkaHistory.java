package dev.noesis.check;

import dev.noesis.config.KafkaProperties;
import dev.noesis.topics.TopicAdmin;
import dev.noesis.topics.TopicSpec;
import dev.noesis.topics.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads all topics of a deployment as they are now, with a plain consumer that is in no group and commits nothing. */
public final class KafkaHistory {
    private static final Duration POLL = Duration.ofMillis(500);

    private KafkaHistory() {}

    /**
     * Everything that stands on the topics now, committed.
     *
     * @param limit longest wait for the brokers to say what there is
     * @throws dev.noesis.topics.TopicException if no broker answers, or a topic is missing
     */
    public static History read(Map<String, String> kafka, Topics topics, Duration limit) {
        List<String> names = topics.specs().stream().map(TopicSpec::name).toList();
        int partitions = new TopicAdmin(kafka, limit).partitions(names);
        Map<String, Object> properties = new HashMap<>(KafkaProperties.forConsumer(kafka));
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        Map<String, List<Seen>> records = new HashMap<>();
        try (var consumer = new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> all = new ArrayList<>();
            for (String name : names) {
                for (int partition = 0; partition < partitions; partition++) {
                    all.add(new TopicPartition(name, partition));
                }
            }
            consumer.assign(all);
            consumer.seekToBeginning(all);
            Map<TopicPartition, Long> ends = consumer.endOffsets(all);
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                consumer.poll(POLL).forEach(record -> {
                    var partition = new TopicPartition(record.topic(), record.partition());
                    if (record.offset() < ends.getOrDefault(partition, 0L)) {
                        records.computeIfAbsent(record.topic(), _ -> new ArrayList<>()).add(Seen.of(record));
                    }
                });
            }
        }
        return new History(topics, partitions, records);
    }
}
