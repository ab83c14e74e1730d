package dev.noesis.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.noesis.model.Lane;
import dev.noesis.serde.CloudEvents;
import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the streams of a lane to its events topic, with a plain idempotent producer: a transactional one would hold each
 * token back until its commit. Each stream is written at most once per interval. What cannot be written is counted and
 * dropped: the events are provisional, the reply is the truth.
 *
 * <p><b>Threading.</b> {@link #schedule} and {@link #publish} may be called from any thread and do not block. One thread of
 * its own drains the streams and sends, because {@code KafkaProducer.send} may block its caller; while it is blocked the
 * streams fill and stop their connections from being read.
 */
final class EventPublisher implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(EventPublisher.class);

    private sealed interface Work {
        record Drain(EventStream stream) implements Work {}

        record Publish(int partition, StreamEvent event) implements Work {}

        record Forward(ProducerRecord<byte[], byte[]> record, Callback callback) implements Work {}

        record Stop() implements Work {}
    }

    private record Later(EventStream stream, long dueAt) {}

    private final String topic;
    private final Lane lane;
    private final Producer<byte[], byte[]> producer;
    private final long intervalMs;
    private final LinkedBlockingQueue<Work> work = new LinkedBlockingQueue<>();
    private final PriorityQueue<Later> later = new PriorityQueue<>(Comparator.comparingLong(Later::dueAt));
    private final LongAdder dropped = new LongAdder();
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Thread thread;

    EventPublisher(String topic, Lane lane, Producer<byte[], byte[]> producer, Duration interval) {
        this.topic = topic;
        this.lane = lane;
        this.producer = producer;
        this.intervalMs = interval.toMillis();
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
        work.add(new Work.Publish(partition, event));
    }

    /** Sends a record that is no event of a stream. */
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
        try {
            producer.send(record, (_, failure) -> {
                if (failure != null) {
                    dropped(event, failure);
                }
            });
        } catch (RuntimeException e) {
            dropped(event, e);
        }
    }

    private void work() {
        try {
            while (true) {
                Work next = next();
                long now = System.currentTimeMillis();
                switch (next) {
                    case Work.Drain(EventStream stream) -> {
                        long dueAt = stream.writtenAt() + intervalMs;
                        if (dueAt <= now || stream.isOver()) {
                            drain(stream, now);
                        } else {
                            later.add(new Later(stream, dueAt));
                        }
                    }
                    case Work.Publish(int partition, StreamEvent event) -> write(partition, event, now);
                    case Work.Forward(ProducerRecord<byte[], byte[]> record, Callback callback) ->
                        forwardNow(record, callback);
                    case Work.Stop() -> {
                        later.forEach(left -> drain(left.stream(), now));
                        return;
                    }
                    case null -> {
                        // a stream has come due
                    }
                }
                for (Later due = later.peek(); due != null && due.dueAt() <= now; due = later.peek()) {
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

    private void forwardNow(ProducerRecord<byte[], byte[]> record, Callback callback) {
        try {
            producer.send(record, callback);
        } catch (RuntimeException e) {
            callback.onCompletion(null, e);
        }
    }

    private @Nullable Work next() throws InterruptedException {
        Later due = later.peek();
        return due == null
                ? work.take()
                : work.poll(Math.max(0, due.dueAt() - System.currentTimeMillis()), TimeUnit.MILLISECONDS);
    }

    private void drain(EventStream stream, long now) {
        try {
            stream.drain(now);
        } catch (RuntimeException e) {
            log.atError().addKeyValue("lane", lane.id()).setCause(e).log("a stream could not be written");
        }
    }

    private void dropped(StreamEvent event, Exception failure) {
        dropped.increment();
        log.atDebug()
                .addKeyValue("lane", lane.id())
                .addKeyValue("event", event.id())
                .addKeyValue("error", failure.toString())
                .log("event dropped");
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
