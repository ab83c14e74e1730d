package dev.noesis.config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;

/**
 * The properties of Kafka's clients that a user passes through with {@code kafka.*}.
 *
 * <p>As with Kafka Streams, a property for one kind of client has its prefix: {@code producer.linger.ms}.
 */
public final class KafkaProperties {
    private static final String CONSUMER = "consumer.";
    private static final String PRODUCER = "producer.";
    private static final String ADMIN = "admin.";
    private static final List<String> PREFIXES =
            List.of("main.consumer.", "restore.consumer.", "global.consumer.", CONSUMER, PRODUCER, ADMIN);

    private KafkaProperties() {}

    /** What the properties say to a producer that is no part of Kafka Streams. */
    public static Map<String, Object> forProducer(Map<String, String> properties) {
        return forClient(properties, PRODUCER);
    }

    /** What the properties say to a consumer that is no part of Kafka Streams. */
    public static Map<String, Object> forConsumer(Map<String, String> properties) {
        return forClient(properties, CONSUMER);
    }

    /** What the properties say to an admin client that is no part of Kafka Streams. */
    public static Map<String, Object> forAdmin(Map<String, String> properties) {
        return forClient(properties, ADMIN);
    }

    /** Why the property may not have that value; empty where it may. */
    static Optional<String> refusal(String property, String value) {
        return ReservedProperties.refusal(withoutPrefix(property), value);
    }

    /** Whether Kafka itself treats the property as a secret. */
    static boolean isSecret(String property) {
        String bare = withoutPrefix(property);
        return List.of(ProducerConfig.configDef(), ConsumerConfig.configDef(), AdminClientConfig.configDef()).stream()
                .map(def -> def.configKeys().get(bare))
                .anyMatch(key -> key != null && key.type == ConfigDef.Type.PASSWORD);
    }

    private static Map<String, Object> forClient(Map<String, String> properties, String prefix) {
        var client = new HashMap<String, Object>();
        properties.forEach((name, value) -> {
            if (name.equals(withoutPrefix(name))) {
                client.put(name, value);
            }
        });
        properties.forEach((name, value) -> {
            if (name.startsWith(prefix)) {
                client.put(name.substring(prefix.length()), value);
            }
        });
        return client;
    }

    private static String withoutPrefix(String property) {
        return PREFIXES.stream()
                .filter(property::startsWith)
                .findFirst()
                .map(prefix -> property.substring(prefix.length()))
                .orElse(property);
    }
}
