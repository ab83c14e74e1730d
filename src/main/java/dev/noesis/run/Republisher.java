package dev.noesis.run;

import dev.noesis.model.Lane;
import dev.noesis.model.MindEvent;
import dev.noesis.model.MindEvent.Republished;
import dev.noesis.model.Origin;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes input records again, to the partition that their key belongs to, and tells the log. What comes from one partition
 * and goes to another keeps its order: the next is sent when the broker has the one before, however often that has to be
 * repeated.
 *
 * <p><b>Threading.</b> May be used by any thread.
 */
final class Republisher {
    private static final Logger log = LoggerFactory.getLogger(Republisher.class);
    private static final long RETRY_MS = 500;

    private final Lane lane;
    private final EventPublisher publisher;
    private final LogAppender appender;
    private final Timers timers;
    private final LongSupplier clock;
    private final long retryMs;
    private final FailureLog failures = new FailureLog(log);
    /** What is to be sent, its head under way. */
    private final Map<Route, Deque<Effect.Republish>> routes = new HashMap<>();

    private boolean closed;

    private record Route(Tenure tenure, String topic, int partition) {}

    Republisher(Lane lane, EventPublisher publisher, LogAppender appender, Timers timers, LongSupplier clock) {
        this(lane, publisher, appender, timers, clock, RETRY_MS);
    }

    /** @param retryMs between a failure and the repeat */
    Republisher(
            Lane lane,
            EventPublisher publisher,
            LogAppender appender,
            Timers timers,
            LongSupplier clock,
            long retryMs) {
        this.retryMs = retryMs;
        this.lane = lane;
        this.publisher = publisher;
        this.appender = appender;
        this.timers = timers;
        this.clock = clock;
    }

    void submit(Tenure tenure, Effect.Republish record) {
        Route route = new Route(tenure, record.topic(), record.partition());
        synchronized (this) {
            if (closed) {
                return;
            }
            Deque<Effect.Republish> waiting = routes.computeIfAbsent(route, _ -> new ArrayDeque<>());
            waiting.add(record);
            if (waiting.size() > 1) {
                return;
            }
        }
        send(route, record);
    }

    /** Drops what waits under that tenure: its successor has it in its outbox. */
    synchronized void release(Tenure tenure) {
        routes.keySet().removeIf(route -> route.tenure() == tenure);
    }

    /** Drops all, and takes no more. */
    synchronized void close() {
        closed = true;
        routes.clear();
    }

    synchronized int waiting() {
        return routes.values().stream().mapToInt(Deque::size).sum();
    }

    private void send(Route route, Effect.Republish record) {
        ProducerRecord<byte[], byte[]> again =
                new ProducerRecord<>(record.topic(), record.partition(), null, record.recordKey(), record.value());
        record.headers().forEach(header -> again.headers().add(header.name(), header.value()));
        publisher.forward(again, (_, failure) -> {
            if (failure == null) {
                sent(route, record);
            } else {
                failures.warn(failure)
                        .addKeyValue("lane", lane.id())
                        .addKeyValue("topic", record.topic())
                        .addKeyValue("partition", record.partition())
                        .log("a record that was found in a wrong partition could not be published again yet");
                timers.in(retryMs, () -> repeat(route, record));
            }
        });
    }

    private void repeat(Route route, Effect.Republish record) {
        if (isHead(route, record)) {
            send(route, record);
        }
    }

    private synchronized boolean isHead(Route route, Effect.Republish record) {
        Deque<Effect.Republish> waiting = routes.get(route);
        return waiting != null && waiting.peek() == record;
    }

    private void sent(Route route, Effect.Republish record) {
        appender.announce(route.tenure().partition(), republished(record));
        Effect.Republish next = next(route, record);
        if (next != null) {
            send(route, next);
        }
    }

    private synchronized Effect.@Nullable Republish next(Route route, Effect.Republish sent) {
        Deque<Effect.Republish> waiting = routes.get(route);
        if (waiting == null || waiting.peek() != sent) {
            return null;
        }
        waiting.remove();
        if (waiting.isEmpty()) {
            routes.remove(route);
        }
        return waiting.peek();
    }

    private MindEvent republished(Effect.Republish record) {
        return new MindEvent(
                "republished/" + record.topic() + "/" + record.offset(),
                clock.getAsLong(),
                lane,
                null,
                null,
                Origin.OPERATOR,
                null,
                new Republished(record.topic(), record.offset()));
    }
}
