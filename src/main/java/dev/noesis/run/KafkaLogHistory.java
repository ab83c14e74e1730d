package dev.noesis.run;

import dev.noesis.mind.Fold;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the mind log with a consumer of its own, in no group.
 *
 * <p><b>Threading.</b> One thread for each reading, which ends when that is closed. It reads ahead by a few hundred records
 * at most.
 */
public final class KafkaLogHistory implements LogHistory {
    private static final Duration POLL = Duration.ofMillis(200);
    private static final int BATCHES_AHEAD = 2;

    private final String topic;
    private final Map<String, Object> consumer;

    /** @param consumer settings that reach the broker */
    public KafkaLogHistory(String topic, Map<String, Object> consumer) {
        this.topic = topic;
        this.consumer = new HashMap<>(consumer);
        this.consumer.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        this.consumer.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        // An offset that is not there any more is an error, and nothing to jump over.
        this.consumer.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    }

    @Override
    public Reader from(int partition, long offset) {
        return new Reading(new TopicPartition(topic, partition), offset);
    }

    private final class Reading implements Reader, Runnable {
        private final TopicPartition partition;
        private final long from;
        private final BlockingQueue<List<LogRecord>> batches = new ArrayBlockingQueue<>(BATCHES_AHEAD);
        private final Thread thread;
        private volatile @Nullable RuntimeException failure;

        Reading(TopicPartition partition, long from) {
            this.partition = partition;
            this.from = from;
            this.thread = Thread.ofPlatform()
                    .daemon()
                    .name("noesis-history-" + partition.partition())
                    .start(this);
        }

        @Override
        public List<LogRecord> poll() {
            List<LogRecord> batch = batches.poll();
            RuntimeException failed = failure;
            if (batch == null && failed != null) {
                throw failed;
            }
            return batch == null ? List.of() : batch;
        }

        @Override
        public void run() {
            try (var reading =
                    new KafkaConsumer<>(consumer, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
                reading.assign(List.of(partition));
                reading.seek(partition, from);
                while (!Thread.currentThread().isInterrupted()) {
                    List<LogRecord> batch = new ArrayList<>();
                    for (ConsumerRecord<byte[], byte[]> record : reading.poll(POLL)) {
                        batch.add(new LogRecord(record.offset(), record.key(), record.value(), record.timestamp()));
                    }
                    if (!batch.isEmpty()) {
                        batches.put(batch);
                    }
                }
            } catch (InterruptedException | InterruptException e) {
                Thread.currentThread().interrupt();
            } catch (InvalidOffsetException e) {
                failure = new Fold.StoppedException(
                        "the store has to be folded anew, and " + topic + " does not go back to offset " + from
                                + " of partition " + partition.partition() + " any more: " + e.getMessage());
            } catch (RuntimeException | Error e) {
                // Said by poll: a reading that ended without a word would be waited for.
                failure = new IllegalStateException("the past of " + topic + " cannot be read: " + e, e);
            }
        }

        @Override
        public void close() {
            thread.interrupt();
        }
    }
}
