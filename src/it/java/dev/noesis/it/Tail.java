package dev.noesis.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.noesis.check.Seen;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads topics from their beginning, with a plain consumer.
 *
 * <p><b>Threading.</b> The test's thread only; it polls while somebody waits.
 */
final class Tail implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(50);

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final List<Seen> seen = new ArrayList<>();

    Tail(String bootstrapServers, IsolationLevel isolation, Collection<String> topics) {
        consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrapServers,
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                        isolation.toString().toLowerCase(Locale.ROOT),
                        ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG,
                        50,
                        ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                        false),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        List<TopicPartition> partitions = topics.stream()
                .flatMap(topic -> consumer.partitionsFor(topic).stream())
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
    }

    /** All records so far, in the order in which they came. */
    List<Seen> seen() {
        return Collections.unmodifiableList(seen);
    }

    /** Those of an agent. */
    Stream<Seen> of(String agent) {
        return seen.stream().filter(record -> record.agent().equals(agent));
    }

    void poll(Duration wait) {
        consumer.poll(wait).forEach(record -> seen.add(Seen.of(record)));
    }

    /** Waits for a record like that, and gives the first. */
    Seen await(String what, Duration limit, Predicate<Seen> wanted) {
        awaitAll(what, limit, all -> all.stream().anyMatch(wanted));
        return seen.stream().filter(wanted).findFirst().orElseThrow();
    }

    /**
     * Waits until the records are enough.
     *
     * @throws AssertionError that names what was waited for and what came, if it takes longer than that
     */
    void awaitAll(String what, Duration limit, Predicate<List<Seen>> enough) {
        awaitAll(() -> what, limit, enough);
    }

    /** {@link #awaitAll(String, Duration, Predicate)}, with words that are asked for when it took too long. */
    void awaitAll(Supplier<String> what, Duration limit, Predicate<List<Seen>> enough) {
        long end = System.nanoTime() + limit.toNanos();
        while (!enough.test(seen())) {
            if (System.nanoTime() > end) {
                throw new AssertionError(
                        "waited " + limit.toMillis() + " ms for " + what.get() + "; there are " + seen.size()
                                + " records, at last "
                                + seen.stream()
                                        .skip(Math.max(0, seen.size() - 3))
                                        .map(Tail::shown)
                                        .toList());
            }
            poll(POLL);
        }
    }

    /** Reads until nothing is left that was there when this was called. */
    List<Seen> toEnd() {
        Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
        while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
            poll(POLL);
        }
        return seen();
    }

    private static String shown(Seen record) {
        return record.place() + " " + record.agent() + " "
                + (record.value() == null ? "null" : new String(record.value(), UTF_8));
    }

    @Override
    public void close() {
        consumer.close();
    }
}
