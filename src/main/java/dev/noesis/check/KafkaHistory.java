package dev.noesis.check;

import dev.noesis.config.KafkaProperties;
import dev.noesis.topics.TopicAdmin;
import dev.noesis.topics.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * What stands on the topics of a deployment that may be at work. Where each partition ends is asked when this is opened, of
 * effects before their causes: whatever is seen of an effect, its cause is seen, too.
 *
 * <p>The consumer is assigned all partitions, and paused but for the one that is read: it is in no group and commits nothing.
 *
 * <p><b>Threading.</b> One thread.
 */
public final class KafkaHistory implements History, AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(500);

    /** Of brokers that answer nothing any more while records are missing. */
    private static final Duration STALLED = Duration.ofSeconds(60);

    private final Topics topics;
    private final int partitions;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Map<TopicPartition, Long> beginnings = new HashMap<>();
    private final Map<TopicPartition, Long> ends = new HashMap<>();
    private final long takenAt = System.currentTimeMillis();

    /**
     * Asks where all topics begin and end.
     *
     * @param kafka properties of the connection
     * @param limit longest wait for the brokers to say what there is
     * @throws dev.noesis.topics.TopicException if no broker answers, or a topic is missing
     */
    public static KafkaHistory open(Map<String, String> kafka, Topics topics, Duration limit) {
        return open(
                kafka,
                topics,
                limit,
                List.of(
                        List.of(
                                topics.agentAttention(),
                                topics.heartbeatOutcomes(),
                                topics.chatReplies(),
                                topics.chatDlq(),
                                topics.heartbeatDlq()),
                        List.of(topics.chatEvents(), topics.heartbeatEvents()),
                        List.of(topics.mindLog()),
                        List.of(
                                topics.chatRequests(),
                                topics.heartbeatTicks(),
                                topics.agentSignals(),
                                topics.heartbeatSchedules())));
    }

    /** Asks where {@code mind.log} begins and ends, and about no other topic. All others are empty in this history. */
    public static KafkaHistory openLog(Map<String, String> kafka, Topics topics, Duration limit) {
        return open(kafka, topics, limit, List.of(List.of(topics.mindLog())));
    }

    /** @param causesLast names of topics, the ends of each list asked for behind those before it */
    private static KafkaHistory open(
            Map<String, String> kafka, Topics topics, Duration limit, List<List<String>> causesLast) {
        List<String> all = causesLast.stream().flatMap(List::stream).toList();
        var history = new KafkaHistory(kafka, topics, new TopicAdmin(kafka, limit).partitions(all));
        try {
            causesLast.forEach(history::takeEnds);
            history.assign();
            return history;
        } catch (RuntimeException e) {
            history.close();
            throw e;
        }
    }

    private KafkaHistory(Map<String, String> kafka, Topics topics, int partitions) {
        this.topics = topics;
        this.partitions = partitions;
        Map<String, Object> properties = new HashMap<>(KafkaProperties.forConsumer(kafka));
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        // records that retention takes while they are read must not go missing in silence
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        consumer = new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private void takeEnds(Collection<String> names) {
        List<TopicPartition> all = new ArrayList<>();
        for (String name : names) {
            IntStream.range(0, partitions).forEach(partition -> all.add(new TopicPartition(name, partition)));
        }
        ends.putAll(consumer.endOffsets(all));
        beginnings.putAll(consumer.beginningOffsets(all));
    }

    /** All at once: to be assigned another topic costs a consumer a wait for its metadata. */
    private void assign() {
        consumer.assign(beginnings.keySet());
        beginnings.forEach(consumer::seek);
        consumer.pause(beginnings.keySet());
    }

    @Override
    public Topics topics() {
        return topics;
    }

    @Override
    public int partitions() {
        return partitions;
    }

    @Override
    public long beginning(String topic, int partition) {
        return beginnings.getOrDefault(new TopicPartition(topic, partition), 0L);
    }

    @Override
    public long takenAt() {
        return takenAt;
    }

    /** @throws TimeoutException if the brokers stop handing over what they have */
    @Override
    public void forEach(String topic, int partition, Consumer<Seen> each) {
        var of = new TopicPartition(topic, partition);
        long end = ends.getOrDefault(of, 0L);
        if (end <= beginning(topic, partition)) {
            return;
        }
        consumer.seek(of, beginning(topic, partition));
        consumer.resume(List.of(of));
        long read = System.nanoTime();
        long position = consumer.position(of);
        while (position < end) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                if (record.offset() < end) {
                    each.accept(Seen.of(record));
                }
            }
            long now = System.nanoTime();
            if (consumer.position(of) > position) {
                position = consumer.position(of);
                read = now;
            } else if (now - read > STALLED.toNanos()) {
                throw new TimeoutException(of + " gives nothing behind offset " + position + ", and ends at " + end);
            }
        }
        consumer.pause(List.of(of));
    }

    @Override
    public void close() {
        consumer.close();
    }
}
