package dev.noesis.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.noesis.model.Lane;
import dev.noesis.model.MindEvent;
import dev.noesis.serde.CloudEvents;
import dev.noesis.serde.Json;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.RetriableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Appends to the mind log with a plain idempotent producer, again and again until the broker has acknowledged. A failed
 * append is repeated with the same event id, so that whoever reads it twice counts it once; after an error that a producer
 * does not survive it is replaced; if the broker refuses the writer, the lane is told to stop.
 *
 * <p><b>Threading.</b> {@link #append} may be called from any thread and does not block. One thread of its own encodes,
 * sends and repeats, because {@code KafkaProducer.send} may block its caller.
 */
final class LogAppender implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LogAppender.class);
    private static final long BACKOFF_MS = 200;

    /** No generation of the producer. */
    private static final int NONE = -1;

    private final String topic;
    private final Lane lane;
    private final Supplier<Producer<byte[], byte[]>> producers;
    private final Consumer<String> refused;
    private final ScheduledThreadPoolExecutor thread;
    private final AtomicInteger outstanding = new AtomicInteger();
    private final LongAdder repeated = new LongAdder();
    private Producer<byte[], byte[]> producer;
    private int generation;

    /** @param refused told, once or more, when the broker will not let us write; the lane cannot go on */
    LogAppender(String topic, Lane lane, Supplier<Producer<byte[], byte[]>> producers, Consumer<String> refused) {
        this.topic = topic;
        this.lane = lane;
        this.producers = producers;
        this.refused = refused;
        this.producer = producers.get();
        this.thread = new ScheduledThreadPoolExecutor(
                1,
                Thread.ofPlatform()
                        .daemon()
                        .name("noesis-" + lane.id() + "-log")
                        .factory());
        thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    void append(int partition, String key, MindEvent event) {
        append(partition, key, event, () -> {});
    }

    /** @param acknowledged called on a thread of the producer's; must return at once */
    void append(int partition, String key, MindEvent event, Runnable acknowledged) {
        outstanding.incrementAndGet();
        submit(() -> encode(partition, key, event, acknowledged), 0);
    }

    private void encode(int partition, String key, MindEvent event, Runnable acknowledged) {
        String type = event.body().getClass().getSimpleName();
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(
                topic,
                partition,
                null,
                key.getBytes(UTF_8),
                Json.write(event),
                CloudEvents.headers(
                        event.eventId(),
                        "dev.noesis.mind." + type,
                        "noesis/" + lane.id(),
                        key,
                        event.at(),
                        CloudEvents.traceparent(key, event.runId() == null ? event.eventId() : event.runId())));
        send(record, event.eventId(), acknowledged);
    }

    private void send(ProducerRecord<byte[], byte[]> record, String eventId, Runnable acknowledged) {
        int sentBy = generation;
        try {
            producer.send(record, (_, failure) -> {
                if (failure == null) {
                    outstanding.decrementAndGet();
                    acknowledged.run();
                } else {
                    failed(record, eventId, acknowledged, failure, sentBy);
                }
            });
        } catch (RuntimeException e) {
            failed(record, eventId, acknowledged, e, sentBy);
        }
    }

    private void failed(
            ProducerRecord<byte[], byte[]> record,
            String eventId,
            Runnable acknowledged,
            Exception failure,
            int sentBy) {
        log.atWarn()
                .addKeyValue("lane", lane.id())
                .addKeyValue("topic", topic)
                .addKeyValue("partition", record.partition())
                .addKeyValue("event", eventId)
                .addKeyValue("error", failure.toString())
                .log("append failed");
        if (failure instanceof RecordTooLargeException) {
            // The writer of the event keeps it below the limit; the run that hangs on this one ends by its deadline.
            outstanding.decrementAndGet();
            return;
        }
        if (failure instanceof AuthorizationException || failure instanceof AuthenticationException) {
            refused.accept("the broker refuses to let the " + lane.id() + " lane write to " + topic + ": "
                    + failure.getMessage());
        }
        repeated.increment();
        boolean fatal = !(failure instanceof RetriableException);
        submit(() -> repeat(record, eventId, acknowledged, fatal ? sentBy : NONE), BACKOFF_MS);
    }

    private void repeat(ProducerRecord<byte[], byte[]> record, String eventId, Runnable acknowledged, int diedIn) {
        try {
            if (diedIn == generation) {
                replaceProducer();
            }
        } catch (RuntimeException e) {
            // A new one cannot be made now, while the brokers' names cannot be resolved for example.
            failed(record, eventId, acknowledged, e, generation);
            return;
        }
        send(record, eventId, acknowledged);
    }

    private void replaceProducer() {
        producer.close(Duration.ZERO);
        producer = producers.get();
        generation++;
    }

    private void submit(Runnable task, long delayMs) {
        try {
            thread.schedule(task, delayMs, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            // Closed: the effect is still in the outbox, and the next owner does it.
            outstanding.decrementAndGet();
        }
    }

    /** How many appends failed and were made again, each as often as it was. */
    long repeated() {
        return repeated.sum();
    }

    /** Waits until everything appended so far is acknowledged, at most that long. */
    boolean flush(Duration limit) throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        while (outstanding.get() > 0 && System.nanoTime() < end) {
            CountDownLatch sent = new CountDownLatch(1);
            try {
                thread.schedule(sent::countDown, 5, TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException e) {
                break;
            }
            if (!sent.await(Math.max(1, end - System.nanoTime()), TimeUnit.NANOSECONDS)) {
                break;
            }
        }
        return outstanding.get() == 0;
    }

    /** Gives up what is not acknowledged. Closing twice is harmless. */
    @Override
    public void close() {
        thread.shutdownNow();
        producer.close(Duration.ofSeconds(2));
    }
}
