package dev.noesis.bench.load;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * A plain consumer that gives each record to a thread of a pool, and once a second commits what is done up to the first that
 * is not. No order among records, not even of one key.
 */
final class PooledConsumer {
    private static final Duration COMMIT_EVERY = Duration.ofSeconds(1);
    private static final Duration POLL = Duration.ofMillis(20);

    private final KafkaConsumer<String, byte[]> consumer;
    private final Answering work;
    private final Runnable ready;
    private final ExecutorService pool;
    private final Semaphore free;
    private final Map<TopicPartition, SortedSet<Long>> open = new ConcurrentHashMap<>();
    private final Map<TopicPartition, Long> taken = new HashMap<>();
    private long committedAt = System.nanoTime();

    PooledConsumer(Map<String, Object> settings, Answering work, int threads, Runnable ready) {
        this.consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer());
        this.work = work;
        this.ready = ready;
        // Threads as they are needed, up to that many; the semaphore is why none is refused.
        this.pool = new ThreadPoolExecutor(0, Integer.MAX_VALUE, 60, TimeUnit.SECONDS, new SynchronousQueue<>());
        this.free = new Semaphore(threads);
    }

    void start() {
        Thread.ofPlatform().name("consumer").start(this::consume);
    }

    private void consume() {
        consumer.subscribe(List.of(work.topics().chatRequests()), new ConsumerRebalanceListener() {
            @Override
            public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
                ready.run();
            }

            @Override
            public void onPartitionsRevoked(Collection<TopicPartition> partitions) {}
        });
        while (true) {
            for (ConsumerRecord<String, byte[]> request : consumer.poll(POLL)) {
                take(request);
            }
            if (System.nanoTime() - committedAt > COMMIT_EVERY.toNanos()) {
                committedAt = System.nanoTime();
                commit();
            }
        }
    }

    private void take(ConsumerRecord<String, byte[]> request) {
        TopicPartition partition = new TopicPartition(request.topic(), request.partition());
        SortedSet<Long> offsets = open.computeIfAbsent(partition, _ -> new ConcurrentSkipListSet<>());
        offsets.add(request.offset());
        taken.put(partition, request.offset() + 1);
        free.acquireUninterruptibly();
        pool.execute(() -> {
            try {
                work.answerAndReply(request.key(), request.value());
                offsets.remove(request.offset());
            } finally {
                free.release();
            }
        });
    }

    private void commit() {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        taken.forEach((partition, next) -> {
            SortedSet<Long> left = open.getOrDefault(partition, new ConcurrentSkipListSet<>());
            // One that is done in between only makes what is committed earlier than it could be.
            Long first = left.stream().findFirst().orElse(next);
            offsets.put(partition, new OffsetAndMetadata(first));
        });
        consumer.commitAsync(offsets, null);
    }
}
