package dev.noesis.run;

import java.io.File;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.streams.StreamsMetrics;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.Punctuator;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;

/**
 * A task's context in which nothing happens by itself: the test says what time it is, which record is in hand, and when a
 * punctuator's time has come. Kafka's own fake sets up metrics and configuration for each task, which takes longer than all
 * that a task does here.
 *
 * <p><b>Threading.</b> One thread.
 */
final class SteppedContext implements ProcessorContext<Object, Object> {
    private static final TaskId TASK = new TaskId(0, 0);

    /** What was scheduled, which a portrait of the processor shows. */
    private record Scheduled(SteppedContext in, Duration every, Punctuator punctuator) implements Cancellable {
        @Override
        public void cancel() {
            if (in.scheduled == this) {
                in.scheduled = null;
            }
        }
    }

    private final SteppedStore store;
    private final BiConsumer<String, Record<?, ?>> sinks;
    private RecordMetadata metadata;
    private Scheduled scheduled;
    private long clock;

    /** @param sinks told what is forwarded, by the child's name */
    SteppedContext(SteppedStore store, long clock, BiConsumer<String, Record<?, ?>> sinks) {
        this.store = store;
        this.clock = clock;
        this.sinks = sinks;
    }

    /** The same, for a processor of bytes. No type variable may be bounded by an array, so that no class can be declared so. */
    @SuppressWarnings({"unchecked", "rawtypes"})
    ProcessorContext<byte[], byte[]> ofBytes() {
        return (ProcessorContext) this;
    }

    void at(long now, RecordMetadata record) {
        clock = now;
        metadata = record;
    }

    boolean isScheduled() {
        return scheduled != null;
    }

    void punctuate() {
        scheduled.punctuator.punctuate(clock);
    }

    @Override
    public Optional<RecordMetadata> recordMetadata() {
        return Optional.ofNullable(metadata);
    }

    @Override
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // as Kafka declares it
    public <S extends StateStore> S getStateStore(String name) {
        if (!name.equals(store.name())) {
            throw new IllegalArgumentException("no such store: " + name);
        }
        return (S) store;
    }

    /** One at a time, as {@link LaneProcessor} says of itself. */
    @Override
    public Cancellable schedule(Duration every, PunctuationType type, Punctuator punctuator) {
        if (scheduled != null) {
            throw new IllegalStateException("two punctuators at once");
        }
        scheduled = new Scheduled(this, every, punctuator);
        return scheduled;
    }

    @Override
    public <K, V> void forward(Record<K, V> record, String child) {
        sinks.accept(child, record);
    }

    @Override
    public TaskId taskId() {
        return TASK;
    }

    @Override
    public long currentSystemTimeMs() {
        return clock;
    }

    // ---- what a lane does not use

    @Override
    public <K, V> void forward(Record<K, V> record) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Cancellable schedule(Instant start, Duration every, PunctuationType type, Punctuator punctuator) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long currentStreamTimeMs() {
        throw new UnsupportedOperationException();
    }

    @Override
    public String applicationId() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Serde<?> keySerde() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Serde<?> valueSerde() {
        throw new UnsupportedOperationException();
    }

    @Override
    public File stateDir() {
        throw new UnsupportedOperationException();
    }

    @Override
    public StreamsMetrics metrics() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void commit() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Map<String, Object> appConfigs() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Map<String, Object> appConfigsWithPrefix(String prefix) {
        throw new UnsupportedOperationException();
    }
}
