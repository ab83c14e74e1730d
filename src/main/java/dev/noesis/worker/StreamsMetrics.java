package dev.noesis.worker;

import dev.noesis.telemetry.LaneMeters;
import dev.noesis.telemetry.Metric;
import java.util.Collection;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.DoubleStream;
import org.apache.kafka.common.MetricName;

/**
 * What a lane's consumers know already of their lag and of their StreamThreads: Kafka's own metrics, read by whoever reads
 * ours. No broker is asked, and no StreamThread.
 */
final class StreamsMetrics {
    private static final String FETCHES = "consumer-fetch-manager-metrics";
    private static final String CONSUMER = "consumer-metrics";
    private static final String STREAMS = "stream-metrics";

    /** Kafka's metrics as they are now. */
    interface Source {
        Map<MetricName, ? extends org.apache.kafka.common.Metric> metrics();
    }

    private final Source source;

    private StreamsMetrics(Source source) {
        this.source = source;
    }

    /** @param topics that the lane reads, as the broker names them */
    static void bind(LaneMeters meters, Collection<String> topics, Source source) {
        StreamsMetrics streams = new StreamsMetrics(source);
        for (String topic : topics) {
            meters.gauge(Metric.TOPIC_LAG, () -> streams.lag(topic), "topic", topic);
        }
        meters.gauge(
                Metric.STREAM_THREADS,
                () -> streams.values(STREAMS, "alive-stream-threads", _ -> true).sum());
        meters.gauge(Metric.STREAM_THREAD_POLL_AGE, streams::pollAge);
    }

    /** Kafka names a topic with dots twice, as it is and with underscores: only the former counts. */
    private double lag(String topic) {
        return values(FETCHES, "records-lag", name -> topic.equals(name.tags().get("topic")))
                .sum();
    }

    /** The consumer that restores stores is polled only while it does. */
    private double pollAge() {
        return values(
                        CONSUMER,
                        "last-poll-seconds-ago",
                        name -> !name.tags().getOrDefault("client-id", "").contains("-restore-consumer"))
                .max()
                .orElse(0);
    }

    /** Those that are known: not yet is told as NaN, or as less than 0. */
    private DoubleStream values(String group, String metric, Predicate<MetricName> which) {
        return source.metrics().entrySet().stream()
                .filter(entry -> entry.getKey().name().equals(metric)
                        && entry.getKey().group().equals(group)
                        && which.test(entry.getKey()))
                .map(entry -> entry.getValue().metricValue())
                .filter(Number.class::isInstance)
                .mapToDouble(value -> ((Number) value).doubleValue())
                .filter(value -> value >= 0);
    }
}
