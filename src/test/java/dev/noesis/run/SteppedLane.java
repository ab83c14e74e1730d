package dev.noesis.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.noesis.model.Lane;
import dev.noesis.model.MindEvent;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.internals.ProcessorRecordContext;

/**
 * One task of a lane, the real processor with its real front, driven step by step: each step takes one record, or lets a
 * timer go off, and says all that the task had done by it. Given equal stores and equal steps it does the same.
 *
 * <p><b>Threading.</b> One thread.
 */
public final class SteppedLane {
    /** What a task has done by a step, in order. */
    public sealed interface Act {
        /** A record of the partition itself is to be appended. */
        record Announce(MindEvent event) implements Act {}

        /** @param waits whether it is to be appended later */
        record Append(String incarnation, String agent, MindEvent event, boolean waits, String effectKey)
                implements Act {}

        /** @param barrier offset of the one that the task's tenure began with */
        record CallModel(String incarnation, long barrier, boolean waits, CallRef call) implements Act {}

        record CallTool(String incarnation, boolean waits, Effect.CallTool call) implements Act {}

        record Cancel(String effectKey) implements Act {}

        record HandOver(String incarnation) implements Act {}

        record Abandon(String incarnation) implements Act {}

        /** A record for a sink. */
        record Write(String sink, String key, byte[] value) implements Act {}
    }

    /** A step's model call. */
    public record CallRef(String effectKey, String agent, String thread, String run, int step) {}

    private final Lane lane;
    private final String logTopic;
    private final SteppedStore store;
    private final SteppedContext context;
    private final LaneProcessor processor;
    private final Map<String, Long> barriers = new HashMap<>();
    private List<Act> acts = new ArrayList<>();

    /**
     * Starts a task on these entries.
     *
     * @param template of its kernel, whose effects are replaced
     * @param name of its incarnations, which are numbered
     */
    public SteppedLane(
            LaneProcessor.Kernel template,
            Function<LaneProcessor.Kernel, LaneProcessor.Definition> front,
            NavigableMap<Bytes, byte[]> entries,
            String name,
            long clock) {
        lane = template.lane().lane();
        logTopic = template.logTopic();
        store = new SteppedStore(LaneProcessor.STORE, entries);
        context = new SteppedContext(
                store,
                clock,
                (sink, record) -> acts.add(new Act.Write(
                        sink, record.key() == null ? "" : new String((byte[]) record.key(), UTF_8), (byte[])
                                record.value())));
        LaneProcessor.Kernel kernel = new LaneProcessor.Kernel(
                template.lane(),
                template.logTopic(),
                template.partitions(),
                template.runner(),
                new Told(),
                template.history(),
                template.build(),
                template.metrics());
        int[] announced = {0};
        processor = new LaneProcessor(front.apply(kernel), () -> name + "." + ++announced[0]);
        processor.init(context.ofBytes());
    }

    /** Somebody else has changed the entries: what the fold remembers of them is forgotten. */
    public void entriesChanged() {
        Object recent = processor;
        for (String field : List.of("maybeTask", "fold", "store", "recent")) {
            recent = field(recent, field);
        }
        ((Map<?, ?>) field(recent, "entries")).clear();
    }

    private static Object field(Object of, String name) {
        try {
            Field field = of.getClass().getDeclaredField(name);
            field.setAccessible(true);
            return field.get(of);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Takes a record of the log. */
    public void log(long offset, byte[] key, byte[] value, long appendedAt, long now) {
        ConsumerRecord<Object, Object> consumed = new ConsumerRecord<>(
                logTopic,
                0,
                offset,
                appendedAt,
                TimestampType.LOG_APPEND_TIME,
                0,
                0,
                key,
                value,
                new RecordHeaders(),
                Optional.empty());
        take(logTopic, offset, key, value, new LogFirstTimestamps().extract(consumed, 0), now);
    }

    /** Takes a record of an input topic. */
    public void input(String topic, long offset, byte[] key, byte[] value, long appendedAt, long now) {
        take(topic, offset, key, value, appendedAt, now);
    }

    private void take(String topic, long offset, byte[] key, byte[] value, long timestamp, long now) {
        context.at(now, new ProcessorRecordContext(timestamp, offset, 0, topic, new RecordHeaders()));
        processor.process(new Record<>(key, value, Math.max(0, timestamp)));
    }

    /** The time of what the task has scheduled has come. */
    public void punctuate(long now) {
        context.at(now, null);
        context.punctuate();
    }

    /** Ends the task cleanly. */
    public void close(long now) {
        context.at(now, null);
        processor.close();
    }

    /** Whether the task has scheduled something. */
    public boolean isScheduled() {
        return context.isScheduled();
    }

    /** What the task has done since this was asked last. */
    public List<Act> acts() {
        List<Act> done = List.copyOf(acts);
        acts = new ArrayList<>();
        return done;
    }

    /** The task's store as it is; a fault may change it. */
    public NavigableMap<Bytes, byte[]> entries() {
        return store.entries();
    }

    /** Offset of the last record of the log that was folded. */
    public long folded() {
        return processor.folded();
    }

    public Lane lane() {
        return lane;
    }

    /** The root of all that the task remembers beside its store. */
    public Object memory() {
        return processor;
    }

    private final class Told implements Effects {
        @Override
        public void announce(int partition, MindEvent event) {
            acts.add(new Act.Announce(event));
        }

        @Override
        public void append(Tenure tenure, String agentId, MindEvent event, long delayMs, String effectKey) {
            acts.add(new Act.Append(tenure.incarnation(), agentId, event, delayMs > 0, effectKey));
        }

        @Override
        public void callModel(Tenure tenure, ModelCall call, long delayMs) {
            long barrier = barriers.computeIfAbsent(
                    tenure.incarnation(), _ -> tenure.nextAttempt().barrier());
            CallRef ref = new CallRef(call.effectKey(), call.agentId(), call.threadId(), call.runId(), call.step());
            acts.add(new Act.CallModel(tenure.incarnation(), barrier, delayMs > 0, ref));
        }

        @Override
        public void callTool(Tenure tenure, ToolCall call, long delayMs) {
            acts.add(new Act.CallTool(tenure.incarnation(), delayMs > 0, call.call()));
        }

        @Override
        public void republish(Tenure tenure, Effect.Republish republish) {
            throw new AssertionError("there is one partition only");
        }

        @Override
        public void publish(int partition, StreamEvent event) {
            // provisional: nothing rests on it
        }

        @Override
        public void cancel(String effectKey) {
            acts.add(new Act.Cancel(effectKey));
        }

        @Override
        public void handOver(Tenure tenure) {
            acts.add(new Act.HandOver(tenure.incarnation()));
        }

        @Override
        public void abandon(Tenure tenure) {
            acts.add(new Act.Abandon(tenure.incarnation()));
        }
    }
}
