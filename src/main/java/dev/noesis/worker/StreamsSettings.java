package dev.noesis.worker;

import dev.noesis.config.NoesisConfig;
import dev.noesis.model.Lane;
import dev.noesis.topics.TopicSpec;
import dev.noesis.topics.Topics;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.StreamsConfig;

/**
 * How a lane's Kafka Streams is set up. The values that differ from Kafka's defaults were measured; the architecture page
 * has the figures.
 */
final class StreamsSettings {
    private StreamsSettings() {}

    /** @param memory shared by the stores of the worker's lanes */
    static Properties of(NoesisConfig config, Lane lane, String instanceId, StoreMemory memory) {
        Map<String, Object> settings = new HashMap<>(config.kafka());
        String applicationId = new Topics(config.deployment()).applicationId(lane);
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, applicationId);
        settings.put(StreamsConfig.STATE_DIR_CONFIG, config.stateDir().toString());
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        settings.put(StreamsConfig.GROUP_PROTOCOL_CONFIG, "classic");

        // A reply is seen when its transaction is committed: commit often, and do not block in poll for long before.
        settings.putIfAbsent(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 20);
        settings.putIfAbsent(StreamsConfig.POLL_MS_CONFIG, 5);
        settings.putIfAbsent(StreamsConfig.MAX_TASK_IDLE_MS_CONFIG, -1L);
        settings.putIfAbsent(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
        settings.putIfAbsent(StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG, 1);
        settings.putIfAbsent(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 16L * 1024 * 1024);
        settings.putIfAbsent(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, BoundedRocksDb.class);
        settings.put(BoundedRocksDb.MEMORY, memory);

        // The log goes first only if little else is in hand when its records arrive.
        settings.putIfAbsent(StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG, 50);
        main(settings, ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 50);
        main(settings, ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 64 * 1024);

        // A worker that dies is noticed after the session; one that comes back in time keeps its partitions.
        main(
                settings,
                ConsumerConfig.GROUP_INSTANCE_ID_CONFIG,
                applicationId + "-" + instanceId.toLowerCase(Locale.ROOT));
        main(settings, ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, 10_000);
        main(settings, ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, 2_500);

        producer(settings, ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, 10_000);
        producer(settings, ProducerConfig.MAX_REQUEST_SIZE_CONFIG, TopicSpec.MAX_MESSAGE_BYTES + 64 * 1024);
        Properties properties = new Properties();
        properties.putAll(settings);
        return properties;
    }

    private static void main(Map<String, Object> settings, String key, Object value) {
        unlessSaid(
                settings,
                List.of(key, StreamsConfig.consumerPrefix(key)),
                StreamsConfig.mainConsumerPrefix(key),
                value);
    }

    private static void producer(Map<String, Object> settings, String key, Object value) {
        unlessSaid(settings, List.of(key), StreamsConfig.producerPrefix(key), value);
    }

    /** Kafka Streams takes the longest prefix: a default under it must not hide what was said under a shorter. */
    private static void unlessSaid(Map<String, Object> settings, List<String> shorter, String longest, Object value) {
        if (shorter.stream().noneMatch(settings::containsKey)) {
            settings.putIfAbsent(longest, value);
        }
    }
}
