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
 * The properties of Kafka's clients that a user may pass through with {@code kafka.*}, and those that Noesis keeps to itself
 * because its guarantees rest on them.
 *
 * <p>As with Kafka Streams, a property for one kind of client has its prefix: {@code producer.linger.ms}.
 */
public final class KafkaProperties {
    private static final String CONSUMER = "consumer.";
    private static final String PRODUCER = "producer.";
    private static final String ADMIN = "admin.";
    private static final List<String> PREFIXES =
            List.of("main.consumer.", "restore.consumer.", "global.consumer.", CONSUMER, PRODUCER, ADMIN);

    private static final String IDENTITY = "it is made of deployment, lane and instance.id";
    private static final String FORMAT = "the format of records is part of the contract";
    private static final String EXACTLY_ONCE = "exactly-once processing rests on it";

    private static final Map<String, String> RESERVED = Map.ofEntries(
            Map.entry("bootstrap.servers", "set bootstrap.servers, without the prefix"),
            Map.entry("state.dir", "set state.dir, without the prefix"),
            Map.entry("application.id", IDENTITY),
            Map.entry("group.id", IDENTITY),
            Map.entry("group.instance.id", IDENTITY),
            Map.entry("transactional.id", IDENTITY),
            Map.entry("key.serializer", FORMAT),
            Map.entry("value.serializer", FORMAT),
            Map.entry("key.deserializer", FORMAT),
            Map.entry("value.deserializer", FORMAT),
            Map.entry("default.key.serde", FORMAT),
            Map.entry("default.value.serde", FORMAT),
            Map.entry("partitioner.class", "an agent's partition is the one that Java clients choose for its key"),
            Map.entry(
                    "partitioner.ignore.keys", "an agent's partition is the one that Java clients choose for its key"),
            Map.entry("default.timestamp.extractor", "the order in which a lane reads its topics rests on it"),
            Map.entry("acks", EXACTLY_ONCE),
            Map.entry("enable.idempotence", EXACTLY_ONCE),
            Map.entry("enable.auto.commit", EXACTLY_ONCE),
            Map.entry("isolation.level", EXACTLY_ONCE));

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
        String bare = withoutPrefix(property);
        return switch (bare) {
            case "processing.guarantee" ->
                value.equals("exactly_once_v2")
                        ? Optional.empty()
                        : Optional.of(
                                "only exactly_once_v2 is legal: with less, a crash loses or doubles what a request caused");
            case "group.protocol" ->
                value.equalsIgnoreCase("classic")
                        ? Optional.empty()
                        : Optional.of(
                                "only classic is legal: static membership and warm standbys are missing from the newer"
                                        + " protocol in Kafka 4.3.1");
            default -> Optional.ofNullable(RESERVED.get(bare)).map(reason -> "it is not for setting here: " + reason);
        };
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
