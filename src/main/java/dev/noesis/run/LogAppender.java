package dev.noesis.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.noesis.model.Lane;
import dev.noesis.model.MindEvent;
import dev.noesis.serde.CloudEvents;
import dev.noesis.serde.Json;
import dev.noesis.topics.TopicSpec;
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
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Appends to the mind log with a plain idempotent producer, again and again until the broker has acknowledged. What becomes
 * of a failure depends on its kind:
 *
 * <ul>
 *   <li>one that may pass is repeated with the same event id, so that whoever reads it twice counts it once;
 *   <li>one that a producer does not survive has it replaced, and is repeated;
 *   <li>an event that no record can hold is replaced by a {@linkplain TooLarge small one} that says so;
 *   <li>if the broker refuses the writer, or even the small one, the lane is told to stop.
 * </ul>
 *
 * <p>Repeats can overtake each other. The kernel has no two events of a run outstanding whose order matters.
 *
 * <p><b>Threading.</b> {@link #append} may be called from any thread and does not block. One thread of its own encodes,
 * sends and repeats, because {@code KafkaProducer.send} may block its caller.
 */
final class LogAppender implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LogAppender.class);
    private static final long BACKOFF_MS = 200;
    /** What will not be better soon waits longer: a refusal, and producers that die as soon as they are made. */
    private static final int MUCH_LONGER = 25;

    /** Key, value and headers of a record, in bytes; the rest of what topics take is for the batch around it. */
    static final int MAX_RECORD_BYTES = TopicSpec.MAX_MESSAGE_BYTES - 16 * 1024;

    /** No generation of the producer. */
    private static final int NONE = -1;

    private final String topic;
    private final Lane lane;
    private final Supplier<Producer<byte[], byte[]>> producers;
    private final Consumer<String> refused;
    private final long backoffMs;
    private final ScheduledThreadPoolExecutor thread;
    private final FailureLog failures = new FailureLog(log);
    private final AtomicInteger outstanding = new AtomicInteger();
    private final LongAdder repeated = new LongAdder();

    /** Changed by the appender's thread, under the lock that {@link #close} takes. */
    private volatile Producer<byte[], byte[]> producer;

    private int generation;
    private boolean closed;
    /** Producers that died since the last acknowledgement. */
    private final AtomicInteger deaths = new AtomicInteger();

    /** An event on its way. Only the appender's thread changes it. */
    private static final class Append {
        final int partition;
        final String key;
        final @Nullable String stamp;
        final Runnable acknowledged;
        MindEvent event;

        @Nullable
        ProducerRecord<byte[], byte[]> record;

        Append(int partition, String key, MindEvent event, @Nullable String stamp, Runnable acknowledged) {
            this.partition = partition;
            this.key = key;
            this.event = event;
            this.stamp = stamp;
            this.acknowledged = acknowledged;
        }
    }

    /** @param refused told, once or more, when the broker will not let us write; the lane cannot go on */
    LogAppender(String topic, Lane lane, Supplier<Producer<byte[], byte[]>> producers, Consumer<String> refused) {
        this(topic, lane, producers, refused, BACKOFF_MS);
    }

    /** @param backoffMs between a failure and the repeat */
    LogAppender(
            String topic,
            Lane lane,
            Supplier<Producer<byte[], byte[]>> producers,
            Consumer<String> refused,
            long backoffMs) {
        this.backoffMs = backoffMs;
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

    /** Appends an agent's event. */
    void append(Tenure tenure, String agentId, MindEvent event) {
        append(new Append(tenure.partition(), agentId, event, tenure.incarnation(), () -> {}));
    }

    /** Appends a record of the partition itself. Its key is no agent's: none may be named so. */
    void announce(int partition, MindEvent event) {
        announce(partition, event, () -> {});
    }

    /** @param acknowledged called on a thread of the producer's; must return at once */
    void announce(int partition, MindEvent event, Runnable acknowledged) {
        append(new Append(partition, "~" + lane.id(), event, null, acknowledged));
    }

    private void append(Append append) {
        outstanding.incrementAndGet();
        submit(() -> begin(append), 0);
    }

    private void begin(Append append) {
        try {
            ProducerRecord<byte[], byte[]> record = encode(append);
            long size = size(record);
            if (size > MAX_RECORD_BYTES) {
                tooLarge(append, size + " bytes, " + MAX_RECORD_BYTES + " are allowed");
                return;
            }
            append.record = record;
        } catch (RuntimeException e) {
            // A bug, and a run would hang on it.
            log.atError()
                    .addKeyValue("lane", lane.id())
                    .addKeyValue("event", append.event.eventId())
                    .setCause(e)
                    .log("an event cannot be written");
            tooLarge(append, e.toString());
            return;
        }
        send(append);
    }

    private ProducerRecord<byte[], byte[]> encode(Append append) {
        MindEvent event = append.event;
        return new ProducerRecord<>(
                topic,
                append.partition,
                null,
                append.key.getBytes(UTF_8),
                Json.write(event),
                CloudEvents.headers(
                        event.eventId(),
                        "dev.noesis.mind." + event.body().getClass().getSimpleName(),
                        "noesis/" + lane.id(),
                        append.key,
                        event.at(),
                        CloudEvents.traceparent(append.key, event.runId() == null ? event.eventId() : event.runId())));
    }

    private static long size(ProducerRecord<byte[], byte[]> record) {
        long size = (long) record.key().length + record.value().length;
        for (Header header : record.headers()) {
            size += header.key().length() + header.value().length;
        }
        return size;
    }

    private void send(Append append) {
        int sentBy = generation;
        try {
            producer.send(append.record, (_, failure) -> {
                if (failure == null) {
                    deaths.set(0);
                    outstanding.decrementAndGet();
                    append.acknowledged.run();
                } else {
                    failed(append, failure, sentBy);
                }
            });
        } catch (RuntimeException e) {
            failed(append, e, sentBy);
        }
    }

    private void failed(Append append, Exception failure, int sentBy) {
        failures.warn(failure)
                .addKeyValue("lane", lane.id())
                .addKeyValue("topic", topic)
                .addKeyValue("partition", append.partition)
                .addKeyValue("event", append.event.eventId())
                .addKeyValue("outstanding", outstanding.get())
                .log("append failed");
        if (failure instanceof RecordTooLargeException || failure instanceof RecordBatchTooLargeException) {
            submit(() -> tooLarge(append, String.valueOf(failure.getMessage())), 0);
            return;
        }
        boolean denied = failure instanceof AuthorizationException || failure instanceof AuthenticationException;
        if (denied) {
            refused.accept("the broker refuses to let the " + lane.id() + " lane write to " + topic + ": "
                    + failure.getMessage());
        }
        repeated.increment();
        // An interrupt ends the wait that it came into, and not the producer.
        boolean fatal = !(failure instanceof RetriableException) && !(failure instanceof InterruptException);
        submit(() -> repeat(append, fatal ? sentBy : NONE), denied ? MUCH_LONGER * backoffMs : backoff(fatal));
    }

    private long backoff(boolean fatal) {
        return fatal ? backoffMs * Math.min(MUCH_LONGER, 1L << Math.min(deaths.get(), 5)) : backoffMs;
    }

    /** The last net: nothing is dropped without a word, for a run would wait for it until its deadline. */
    private void tooLarge(Append append, String why) {
        MindEvent small = TooLarge.instead(append.event, append.stamp);
        if (small == null) {
            outstanding.decrementAndGet();
            refused.accept(topic + " does not take the event " + append.event.eventId()
                    + ", which is as small as it can be: " + why);
            return;
        }
        log.atWarn()
                .addKeyValue("lane", lane.id())
                .addKeyValue("event", append.event.eventId())
                .addKeyValue("type", append.event.body().getClass().getSimpleName())
                .addKeyValue("why", why)
                .log("an event is too large for the log; one that says so takes its place");
        append.event = small;
        begin(append);
    }

    private void repeat(Append append, int diedIn) {
        try {
            if (diedIn == generation) {
                replaceProducer();
            }
        } catch (RuntimeException e) {
            // A new one cannot be made now, while the brokers' names cannot be resolved for example.
            failed(append, e, generation);
            return;
        }
        send(append);
    }

    private void replaceProducer() {
        deaths.incrementAndGet();
        producer.close(Duration.ZERO);
        Producer<byte[], byte[]> next = producers.get();
        synchronized (this) {
            producer = next;
            generation++;
            if (!closed) {
                return;
            }
        }
        // Whoever closed the appender saw only the one before.
        next.close(Duration.ZERO);
    }

    private void submit(Runnable task, long delayMs) {
        try {
            thread.schedule(task, delayMs, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            // Closed: the effect is still in the outbox, and the next owner does it.
            outstanding.decrementAndGet();
        }
    }

    /** How many events are not acknowledged yet. */
    int outstanding() {
        return outstanding.get();
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
        Producer<byte[], byte[]> last;
        synchronized (this) {
            closed = true;
            last = producer;
        }
        thread.shutdownNow();
        last.close(Duration.ofSeconds(2));
    }
}
