package dev.noesis.cli;

import dev.noesis.config.KafkaProperties;
import dev.noesis.serde.Json;
import dev.noesis.topics.TopicSpec;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Publishes one agent's records, as any client would: JSON under the agent's id.
 *
 * <p><b>Threading.</b> Any number of threads.
 */
final class AgentWriter implements AutoCloseable {
    private static final int REQUEST_TIMEOUT_MS = 10_000;
    private static final int DELIVERY_TIMEOUT_MS = 15_000;

    private final String agent;
    private final KafkaProducer<String, byte[]> producer;

    AgentWriter(Map<String, String> kafka, String agent) {
        var properties = new HashMap<>(KafkaProperties.forProducer(kafka));
        properties.put(ProducerConfig.ACKS_CONFIG, "all");
        properties.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, TopicSpec.MAX_MESSAGE_BYTES);
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, REQUEST_TIMEOUT_MS);
        properties.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, REQUEST_TIMEOUT_MS);
        properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, DELIVERY_TIMEOUT_MS);
        this.agent = agent;
        this.producer = new KafkaProducer<>(properties, new StringSerializer(), new ByteArraySerializer());
    }

    /**
     * Publishes and waits, at most 25 s, until the brokers have it.
     *
     * @param value null for a record without one
     * @throws CommandException if they do not take it
     */
    void publish(String topic, @Nullable JsonNode value) {
        try {
            producer.send(new ProducerRecord<>(topic, agent, value == null ? null : Json.write(value)))
                    .get();
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new CommandException("the record could not be published to " + topic + ": " + cause.getMessage(), e);
        }
    }

    @Override
    public void close() {
        producer.close();
    }
}
