package dev.noesis.run;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.BufferExhaustedException;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownProducerIdException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * A broker behind producers that fail in every way they know: before and after the record was written, for once and for good,
 * from {@code send} and later, and some cannot even be made. What happens follows from the seed, but for the threads' turns.
 *
 * <p><b>Threading.</b> May be used by any thread.
 */
final class FlakyBroker implements Supplier<Producer<byte[], byte[]>>, AutoCloseable {
    private final Random random;
    private final int failuresInHundred;
    private final Consumer<ProducerRecord<byte[], byte[]>> written;
    private final ScheduledExecutorService network = Executors.newSingleThreadScheduledExecutor();
    private final List<ProducerRecord<byte[], byte[]>> log = new ArrayList<>();
    private volatile boolean sparing;
    private final List<Flaky> made = new ArrayList<>();

    /** @param written told of each record as it is written, on the producers' thread */
    FlakyBroker(long seed, int failuresInHundred, Consumer<ProducerRecord<byte[], byte[]>> written) {
        this.random = new Random(seed);
        this.failuresInHundred = failuresInHundred;
        this.written = written;
    }

    /** From now on no failure is one that a producer, or the thread that sends, does not survive. */
    FlakyBroker sparingProducers() {
        sparing = true;
        return this;
    }

    @Override
    public synchronized Producer<byte[], byte[]> get() {
        if (!made.isEmpty() && random.nextInt(100) < failuresInHundred) {
            throw new KafkaException("Failed to construct kafka producer");
        }
        made.add(new Flaky());
        return made.getLast();
    }

    synchronized List<ProducerRecord<byte[], byte[]>> log() {
        return List.copyOf(log);
    }

    synchronized int producersMade() {
        return made.size();
    }

    synchronized long producersOpen() {
        return made.stream().filter(producer -> !producer.closed()).count();
    }

    private synchronized int dice(int sides) {
        return random.nextInt(sides);
    }

    private void write(ProducerRecord<byte[], byte[]> record) {
        synchronized (this) {
            log.add(record);
        }
        written.accept(record);
    }

    @Override
    public void close() {
        network.shutdownNow();
    }

    private final class Flaky extends MockProducer<byte[], byte[]> {
        private volatile boolean dead;

        Flaky() {
            super(true, null, new ByteArraySerializer(), new ByteArraySerializer());
        }

        @Override
        @SuppressWarnings("UnsynchronizedOverridesSynchronized") // as the real one
        public Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record, Callback callback) {
            if (closed()) {
                throw new IllegalStateException("Cannot perform operation after producer has been closed");
            }
            if (dead) {
                return later(record, callback, false, new KafkaException("the producer is in an error state"));
            }
            if (dice(100) >= failuresInHundred) {
                return later(record, callback, true, null);
            }
            return switch (sparing ? 1 + dice(6) : dice(11)) {
                case 0 -> throw new InterruptException("interrupted");
                case 1 -> throw new KafkaException("thrown from send");
                case 2 -> later(record, callback, false, new BufferExhaustedException("full"));
                case 3 -> later(record, callback, false, new TimeoutException("it was never sent"));
                case 4, 5 -> later(record, callback, true, new TimeoutException("the answer was lost"));
                case 6 -> later(record, callback, false, new NotEnoughReplicasException("one is gone"));
                case 7 -> dies(record, callback, new OutOfOrderSequenceException("lost"));
                case 8 -> dies(record, callback, new InvalidProducerEpochException("old"));
                case 9 -> dies(record, callback, new ProducerFencedException("fenced"));
                default -> dies(record, callback, new UnknownProducerIdException("unknown"));
            };
        }

        private Future<RecordMetadata> dies(
                ProducerRecord<byte[], byte[]> record, Callback callback, RuntimeException why) {
            dead = true;
            return later(record, callback, false, why);
        }

        private Future<RecordMetadata> later(
                ProducerRecord<byte[], byte[]> record, Callback callback, boolean arrives, Exception failure) {
            var metadata = new RecordMetadata(new TopicPartition(record.topic(), record.partition()), 0, 0, 0, 0, 0);
            network.schedule(
                    () -> {
                        if (arrives) {
                            write(record);
                        }
                        callback.onCompletion(failure == null ? metadata : null, failure);
                    },
                    dice(2_000),
                    TimeUnit.MICROSECONDS);
            return new CompletableFuture<>();
        }

        @Override
        public void close(Duration timeout) {
            if (!closed()) {
                super.close(timeout);
            }
        }
    }
}
