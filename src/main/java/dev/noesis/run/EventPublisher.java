package dev.noesis.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.noesis.model.Lane;
import dev.noesis.serde.CloudEvents;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.BufferExhaustedException;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the streams of a lane to its events topic, with a plain idempotent producer: a transactional one would hold each
 * token back until its commit. Each stream is written at most once per interval, and all of them in rounds, so that many
 * streams cost few requests. What cannot be written is counted and dropped: the events are provisional, the reply is the
 * truth.
 *
 * <p><b>Threading.</b> {@link #schedule} and {@link #publish} may be called from any thread and do not block. One thread of
 * its own drains the streams and sends, because {@code KafkaProducer.send} may block its caller; while it is blocked the
 * streams fill and stop their connections from being read.
 *
 * <p><b>In an outage.</b> What waits here and in the producer is bounded in bytes, below what the producer blocks at; what is
 * more is dropped, and streams go on behind the gap when the brokers are back. A send that blocked all the same, for want of
 * metadata, is not tried again for a while: the ends of calls come through this thread, and must not queue behind events.
 */
final class EventPublisher implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(EventPublisher.class);

    private sealed interface Work {
        record Drain(EventStream stream) implements Work {}

        record Publish(int partition, StreamEvent event, long size) implements Work {}

        record Forward(ProducerRecord<byte[], byte[]> record, Callback callback) implements Work {}

        record Stop() implements Work {}
    }

    /** Of events that are not acknowledged; the producer's own buffer is of 32 MiB. */
    private static final long MAX_BYTES = 16L * 1024 * 1024;

    /** A record's headers and what the producer keeps of it, roughly. */
    private static final int OVERHEAD = 512;

    /** A send that failed after more than this was blocked, and is followed by a silence. */
    private static final long BLOCKED_MS = 500;

    private static final long SILENCE_MS = 5_000;

    /**
     * From one round of writing to the next, where there is much to write: each of it would wake this thread, the producer's, and
     * the broker. What little there is else is written at once.
     */
    private static final long ROUND_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    /** So many in a round are much. */
    private static final int MUCH = 8;

    /** @param dueAt by {@link System#nanoTime}, which no change of the wall clock makes earlier or later */
    private record Later(EventStream stream, long dueAt) {}

    private final String topic;
    private final Lane lane;
    private final Producer<byte[], byte[]> producer;
    private final long intervalNanos;
    private final LinkedBlockingQueue<Work> work = new LinkedBlockingQueue<>();
    private final PriorityQueue<Later> later =
            new PriorityQueue<>((one, other) -> Long.signum(one.dueAt() - other.dueAt()));
    private final LongAdder dropped = new LongAdder();
    private final FailureLog failures = new FailureLog(log);
    private final long maxBytes;
    private final AtomicLong bytes = new AtomicLong();
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Thread thread;
    /** {@link System#nanoTime}; this thread's. */
    private long roundBegan = System.nanoTime() - ROUND_NANOS;
    /** This thread sends nothing before; {@link System#nanoTime}. */
    private long silentUntil = System.nanoTime();

    EventPublisher(String topic, Lane lane, Producer<byte[], byte[]> producer, Duration interval) {
        this(topic, lane, producer, interval, MAX_BYTES);
    }

    /** @param maxBytes of events that are not acknowledged; more are dropped */
    EventPublisher(String topic, Lane lane, Producer<byte[], byte[]> producer, Duration interval, long maxBytes) {
        this.maxBytes = maxBytes;
        this.topic = topic;
        this.lane = lane;
        this.producer = producer;
        this.intervalNanos = interval.toNanos();
        this.thread = Thread.ofPlatform()
                .daemon()
                .name("noesis-" + lane.id() + "-events")
                .start(this::work);
    }

    /** The stream has something to write. It is not scheduled again before it was drained. */
    void schedule(EventStream stream) {
        work.add(new Work.Drain(stream));
    }

    void publish(int partition, StreamEvent event) {
        long size = event.sizeAtMost() + OVERHEAD;
        if (reserve(size)) {
            work.add(new Work.Publish(partition, event, size));
        } else {
            dropped(event, full());
        }
    }

    /** Sends a record that is no event of a stream; the callback hears what became of it, whatever that is. */
    void forward(ProducerRecord<byte[], byte[]> record, Callback callback) {
        work.add(new Work.Forward(record, callback));
    }

    /** Sends one event. This thread only. */
    void write(int partition, StreamEvent event, long now) {
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(
                topic,
                partition,
                null,
                event.agentId().getBytes(UTF_8),
                event.json(now),
                CloudEvents.headers(
                        event.id(),
                        "dev.noesis." + event.type(),
                        "noesis/" + lane.id(),
                        event.agentId(),
                        now,
                        event.traceparent()));
        long size = (long) record.value().length + OVERHEAD;
        if (isSilent()) {
            dropped(event, silent());
        } else if (!reserve(size)) {
            dropped(event, full());
        } else {
            send(record, (_, failure) -> {
                bytes.addAndGet(-size);
                if (failure != null) {
                    dropped(event, failure);
                }
            });
        }
    }

    private boolean reserve(long size) {
        if (bytes.addAndGet(size) <= maxBytes) {
            return true;
        }
        bytes.addAndGet(-size);
        return false;
    }

    private boolean isSilent() {
        return silentUntil - System.nanoTime() > 0;
    }

    private static Exception full() {
        return new BufferExhaustedException("too many events are unacknowledged");
    }

    private static Exception silent() {
        return new TimeoutException("the brokers did not answer a moment ago");
    }

    private void send(ProducerRecord<byte[], byte[]> record, Callback callback) {
        long start = System.nanoTime();
        boolean failed;
        try {
            Future<RecordMetadata> sent = producer.send(record, callback);
            failed = sent.isDone() && sent.state() != Future.State.SUCCESS;
        } catch (RuntimeException e) {
            failed = true;
            callback.onCompletion(null, e);
        }
        long end = System.nanoTime();
        if (failed && end - start > TimeUnit.MILLISECONDS.toNanos(BLOCKED_MS)) {
            silentUntil = end + TimeUnit.MILLISECONDS.toNanos(SILENCE_MS);
        }
    }

    private void work() {
        List<Work> round = new ArrayList<>();
        try {
            boolean goesOn = true;
            while (goesOn) {
                gather(round, /* isMuch= */ round.size() >= MUCH);
                long now = System.currentTimeMillis();
                for (Work next : round) {
                    goesOn &= !(next instanceof Work.Stop);
                    take(next, now);
                }
                for (Later due = later.peek();
                        due != null && due.dueAt() - System.nanoTime() <= 0;
                        due = later.peek()) {
                    later.remove();
                    drain(due.stream(), now);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            stopped.countDown();
        }
    }

    /** Waits for something to do, and where there was much just before, for what comes with it. */
    private void gather(List<Work> round, boolean isMuch) throws InterruptedException {
        round.clear();
        Work first = next();
        if (first != null) {
            round.add(first);
        }
        long early = roundBegan + ROUND_NANOS - System.nanoTime();
        if (isMuch && early > 0) {
            LockSupport.parkNanos(early);
        }
        roundBegan = System.nanoTime();
        work.drainTo(round);
    }

    private void take(Work next, long now) {
        switch (next) {
            case Work.Drain(EventStream stream) -> {
                long waitNanos = stream.waitNanos(intervalNanos);
                if (waitNanos <= 0 || stream.isOver()) {
                    drain(stream, now);
                } else {
                    later.add(new Later(stream, System.nanoTime() + waitNanos));
                }
            }
            case Work.Publish(int partition, StreamEvent event, long size) -> {
                bytes.addAndGet(-size);
                guarded(() -> write(partition, event, now));
            }
            case Work.Forward(ProducerRecord<byte[], byte[]> record, Callback callback) ->
                guarded(() -> forwardNow(record, callback));
            case Work.Stop() -> later.forEach(left -> drain(left.stream(), now));
        }
    }

    private void forwardNow(ProducerRecord<byte[], byte[]> record, Callback callback) {
        if (isSilent()) {
            callback.onCompletion(null, silent());
        } else {
            send(record, callback);
        }
    }

    private @Nullable Work next() throws InterruptedException {
        Later due = later.peek();
        return due == null
                ? work.take()
                : work.poll(Math.max(0, due.dueAt() - System.nanoTime()), TimeUnit.NANOSECONDS);
    }

    private void drain(EventStream stream, long now) {
        guarded(() -> stream.drain(now));
    }

    /** The lane's calls end through this thread: no fault of ours may end it. */
    private void guarded(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            log.atError().addKeyValue("lane", lane.id()).setCause(e).log("a stream could not be written");
        }
    }

    private void dropped(StreamEvent event, Exception failure) {
        dropped.increment();
        failures.warn(failure)
                .addKeyValue("lane", lane.id())
                .addKeyValue("event", event.id())
                .addKeyValue("dropped", dropped.sum())
                .log("event dropped; its stream has a gap");
    }

    /** Bytes of events that are not acknowledged yet, roughly. */
    long unacknowledged() {
        return bytes.get();
    }

    /** How many events could not be written. */
    long dropped() {
        return dropped.sum();
    }

    /** Writes what waits, bounded. Closing twice is harmless. */
    @Override
    public void close() {
        work.add(new Work.Stop());
        try {
            stopped.await(2, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        thread.interrupt();
        producer.close(Duration.ofSeconds(2));
    }
}
