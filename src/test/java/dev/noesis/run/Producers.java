package dev.noesis.run;

import dev.noesis.model.MindEvent;
import dev.noesis.serde.Json;
import java.util.List;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import tools.jackson.databind.JsonNode;

/** Kafka's own fake producer, and what it was given to send. */
final class Producers {
    private Producers() {}

    /** Acknowledges at once. */
    static MockProducer<byte[], byte[]> willing() {
        return new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** Acknowledges when it is told to. */
    static MockProducer<byte[], byte[]> reluctant() {
        return new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer());
    }

    static List<MindEvent> events(MockProducer<byte[], byte[]> producer) {
        return producer.history().stream()
                .map(record -> Json.read(record.value(), MindEvent.class))
                .toList();
    }

    static List<String> eventIds(MockProducer<byte[], byte[]> producer) {
        return events(producer).stream().map(MindEvent::eventId).toList();
    }

    static List<JsonNode> json(MockProducer<byte[], byte[]> producer) {
        return producer.history().stream()
                .map(ProducerRecord::value)
                .map(Json::tree)
                .toList();
    }

    /** A stream as {@code seq type text}. */
    static List<String> stream(MockProducer<byte[], byte[]> producer) {
        return json(producer).stream()
                .map(event -> event.path("metadata").path("noesis").path("seq").asString("-") + " "
                        + event.path("type").asString()
                        + (event.has("delta") ? " " + event.path("delta").asString() : ""))
                .toList();
    }
}
