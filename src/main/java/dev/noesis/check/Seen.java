package dev.noesis.check;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.noesis.serde.Json;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32C;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A record as a plain consumer saw it.
 *
 * @param timestamp epoch milliseconds
 * @param headers the last value of each name
 */
public record Seen(
        String topic,
        int partition,
        long offset,
        long timestamp,
        byte @Nullable [] key,
        byte @Nullable [] value,
        Map<String, String> headers) {

    /** What the consumer handed over. */
    public static Seen of(ConsumerRecord<byte[], byte[]> record) {
        Map<String, String> headers = new LinkedHashMap<>();
        record.headers().forEach(h -> headers.put(h.key(), h.value() == null ? "" : new String(h.value(), UTF_8)));
        return new Seen(
                record.topic(),
                record.partition(),
                record.offset(),
                record.timestamp(),
                record.key(),
                record.value(),
                headers);
    }

    /** The key as text; empty where there is none. */
    public String agent() {
        return key == null ? "" : new String(key, UTF_8);
    }

    /**
     * The value as JSON.
     *
     * @throws tools.jackson.core.JacksonException if it is none
     */
    public JsonNode json() {
        return Json.tree(value == null ? new byte[0] : value);
    }

    /** A field of the value, as text; empty where there is none. */
    public String text(String field) {
        return json().path(field).asString("");
    }

    /** Bytes of key, value and headers, where none of these has a name twice. */
    long size() {
        long size = (key == null ? 0 : key.length) + (long) (value == null ? 0 : value.length);
        for (Map.Entry<String, String> header : headers.entrySet()) {
            size += header.getKey().length() + (long) header.getValue().length();
        }
        return size;
    }

    /** A number that another record has only if its key and value are the same, but for one in four billion. */
    long checksum() {
        CRC32C sum = new CRC32C();
        sum.update(key == null ? new byte[0] : key);
        long ofKey = sum.getValue();
        sum.update(value == null ? new byte[0] : value);
        return ofKey << 32 | sum.getValue();
    }

    /** The same record with another value. */
    public Seen withValue(byte[] other) {
        return new Seen(topic, partition, offset, timestamp, key, other, headers);
    }

    /** Topic, partition and offset, for messages. */
    public String place() {
        return place(topic, partition, offset);
    }

    static String place(String topic, int partition, long offset) {
        return topic + "-" + partition + "@" + offset;
    }
}
