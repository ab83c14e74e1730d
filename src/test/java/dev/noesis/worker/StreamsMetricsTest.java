package dev.noesis.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.model.Lane;
import dev.noesis.telemetry.LaneMeters;
import dev.noesis.telemetry.Metric;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.MetricName;
import org.junit.jupiter.api.Test;

class StreamsMetricsTest {
    private final Map<MetricName, Figure> kafka = new HashMap<>();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    private record Figure(MetricName metricName, Object metricValue) implements org.apache.kafka.common.Metric {}

    StreamsMetricsTest() {
        StreamsMetrics.bind(
                new LaneMeters(registry, Lane.CHAT), List.of("blue.chat.requests", "blue.mind.log"), () -> kafka);
    }

    @Test
    void theLagOfATopicIsThatOfItsPartitionsEachOnce() {
        lag("blue.chat.requests", "0", 3.0);
        lag("blue.chat.requests", "1", 4.0);
        // as Kafka also names it
        lag("blue_chat_requests", "0", 3.0);
        lag("blue.chat.requests", "2", Double.NaN);
        lag("blue.mind.log", "0", 1.0);

        assertThat(gauge(Metric.TOPIC_LAG, "topic", "blue.chat.requests")).isEqualTo(7);
        assertThat(gauge(Metric.TOPIC_LAG, "topic", "blue.mind.log")).isEqualTo(1);
    }

    @Test
    void aLaneWithoutPartitionsHasNoLag() {
        assertThat(gauge(Metric.TOPIC_LAG, "topic", "blue.mind.log")).isZero();
        assertThat(gauge(Metric.STREAM_THREAD_POLL_AGE)).isZero();
    }

    @Test
    void theStreamThreadThatPolledLeastRecentlyCounts() {
        polled("chat-StreamThread-1-consumer", 0.0);
        polled("chat-StreamThread-2-consumer", 42.0);
        polled("chat-StreamThread-3-consumer", -1.0);
        polled("chat-StreamThread-1-restore-consumer", 9_000.0);

        assertThat(gauge(Metric.STREAM_THREAD_POLL_AGE)).isEqualTo(42);
    }

    @Test
    void streamThreadsThatLiveAreCounted() {
        put("alive-stream-threads", "stream-metrics", Map.of("client-id", "chat"), 2);

        assertThat(gauge(Metric.STREAM_THREADS)).isEqualTo(2);
    }

    private void lag(String topic, String partition, double records) {
        put(
                "records-lag",
                "consumer-fetch-manager-metrics",
                Map.of("client-id", "c", "topic", topic, "partition", partition),
                records);
    }

    private void polled(String client, double secondsAgo) {
        put("last-poll-seconds-ago", "consumer-metrics", Map.of("client-id", client), secondsAgo);
    }

    private void put(String name, String group, Map<String, String> tags, Object value) {
        MetricName metric = new MetricName(name, group, "", tags);
        kafka.put(metric, new Figure(metric, value));
    }

    private double gauge(Metric metric, String... tags) {
        return registry.get(metric.id()).tags(tags).gauge().value();
    }
}
