package dev.noesis.cli;

import dev.noesis.config.KafkaProperties;
import dev.noesis.topics.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Reads one agent's records of one topic: it is assigned the agent's partition, so it is in no group, waits for no rebalance and
 * commits nothing.
 *
 * <p><b>Threading.</b> One thread; {@link #wakeup} any.
 */
final class AgentReader implements AutoCloseable {
    private static final int API_TIMEOUT_MS = 15_000;

    private final String agent;
    private final TopicPartition partition;
    private final KafkaConsumer<String, byte[]> consumer;

    private AgentReader(String agent, TopicPartition partition, KafkaConsumer<String, byte[]> consumer) {
        this.agent = agent;
        this.partition = partition;
        this.consumer = consumer;
    }

    /**
     * A reader of what is appended from now on. The place is fixed when this returns: a record published after that is read.
     *
     * @param partitions of the topic
     */
    static AgentReader fromEnd(
            Map<String, String> kafka, String topic, String agent, int partitions, IsolationLevel isolation) {
        AgentReader reader = open(kafka, topic, agent, partitions, isolation);
        try {
            reader.consumer.seekToEnd(List.of(reader.partition));
            // asks the broker now, not at the first poll
            reader.consumer.position(reader.partition);
            return reader;
        } catch (RuntimeException e) {
            reader.close();
            throw e;
        }
    }

    /** A reader of all that is there, and then of what is appended. */
    static AgentReader fromBeginning(
            Map<String, String> kafka, String topic, String agent, int partitions, IsolationLevel isolation) {
        AgentReader reader = open(kafka, topic, agent, partitions, isolation);
        reader.consumer.seekToBeginning(List.of(reader.partition));
        return reader;
    }

    /** The agent's next records; empty when the wait has passed without one. */
    List<ConsumerRecord<String, byte[]>> poll(Duration wait) {
        return StreamSupport.stream(consumer.poll(wait).spliterator(), false)
                .filter(record -> agent.equals(record.key()))
                .toList();
    }

    /** Whether all is read that stood in the partition when {@link #end()} gave that offset. */
    boolean hasRead(long end) {
        return consumer.position(partition) >= end;
    }

    /** The offset after the partition's last record. */
    long end() {
        return consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
    }

    /** Makes a waiting {@link #poll} throw {@link org.apache.kafka.common.errors.WakeupException}. */
    void wakeup() {
        consumer.wakeup();
    }

    @Override
    public void close() {
        consumer.close();
    }

    private static AgentReader open(
            Map<String, String> kafka, String topic, String agent, int partitions, IsolationLevel isolation) {
        var properties = new HashMap<>(KafkaProperties.forConsumer(kafka));
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        properties.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, API_TIMEOUT_MS);
        properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, isolation.name().toLowerCase(Locale.ROOT));
        var consumer = new KafkaConsumer<>(properties, new StringDeserializer(), new ByteArrayDeserializer());
        var partition = new TopicPartition(topic, Topics.partitionOf(agent, partitions));
        consumer.assign(List.of(partition));
        return new AgentReader(agent, partition, consumer);
    }
}
