package dev.noesis.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.noesis.config.LaneConfig;
import dev.noesis.mind.Cognition;
import dev.noesis.mind.Entries;
import dev.noesis.mind.Fold;
import dev.noesis.mind.Folded;
import dev.noesis.mind.Memory.Fence;
import dev.noesis.mind.Run;
import dev.noesis.mind.RunState;
import dev.noesis.mind.Section;
import dev.noesis.mind.StoreEntries;
import dev.noesis.model.Lane;
import dev.noesis.model.MindEvent;
import dev.noesis.model.MindEvent.Barrier;
import dev.noesis.model.MindEvent.CallRef;
import dev.noesis.model.MindEvent.Checkpoint;
import dev.noesis.model.MindEvent.Republished;
import dev.noesis.model.Origin;
import dev.noesis.serde.Json;
import dev.noesis.telemetry.LaneMetrics;
import dev.noesis.tool.Tool;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The StreamThread's side of a lane, one for each task. Inputs become decisions, decisions become effects, and the records
 * of the mind log, folded, say which effects are done and which come next.
 *
 * <p>A task that starts appends a barrier to its partition of the log. Until it has folded that record it decides nothing
 * and launches nothing: what its predecessors wrote stands before it. From then on it owns the partition, until it folds a
 * barrier of its own lane that is not its own.
 *
 * <p><b>Threading.</b> StreamThread only. It never waits, but for a handover's acknowledgement.
 */
public final class LaneProcessor implements Processor<byte[], byte[], byte[], byte[]>, Desk {
    private static final Logger log = LoggerFactory.getLogger(LaneProcessor.class);

    /** The task's store. */
    public static final String STORE = "state";

    /** The store's sections that every lane has; a front has its own beside them. */
    public static final String MIND_SECTION = "mind";

    public static final String POSITION_SECTION = "position";
    public static final String OUTBOX_SECTION = "outbox";

    private static final String FOLD_KEY = "fold";
    private static final String OFFSET_PREFIX = "offset\0";
    private static final String DEFERRED_PREFIX = "deferred\0";
    private static final long CHECKPOINT_EVERY = 1_000;
    private static final int AT_ONCE = 64;

    /** Larger inputs are not kept: as JSON they would be larger than a changelog's record may be. */
    private static final int MAX_KEPT_BYTES = 5 * 1024 * 1024;

    private static final int FACTS_FOR_TOOLS = 1_000;
    private static final Duration FALLBACK = Duration.ofSeconds(1);

    /** What every lane's tasks share, whatever its front. */
    public record Kernel(
            LaneConfig lane,
            String logTopic,
            int partitions,
            AgentRunner runner,
            Effects effects,
            LaneMetrics metrics) {

        /** The lane with its front, made for each task of its desk, which it may not use yet, and its sections by name. */
        public Definition with(BiFunction<Desk, Function<String, Entries>, LaneFront> front) {
            return new Definition(this, front);
        }
    }

    /** A lane's kernel and front. */
    public record Definition(Kernel kernel, BiFunction<Desk, Function<String, Entries>, LaneFront> front) {}

    private final Kernel lane;
    private final BiFunction<Desk, Function<String, Entries>, LaneFront> front;
    /** Effects that were handed over in this tenure. */
    private final Set<String> launched = new HashSet<>();
    /** Effects of earlier tenures that are to be launched yet. */
    private final Deque<String> leftOver = new ArrayDeque<>();

    private @Nullable ProcessorContext<byte[], byte[]> maybeContext;
    private @Nullable Task maybeTask;
    private @Nullable Tenure tenure;
    private @Nullable Cancellable fallback;
    /** Names this task from one init to the next close: a task that is suspended and resumed starts anew. */
    private String incarnation = "";

    private int deferred;

    /** What a task holds from its start on. */
    private record Task(Fold fold, Entries position, Outbox outbox, LaneFront front) {}

    public LaneProcessor(Definition definition) {
        this.lane = definition.kernel();
        this.front = definition.front();
    }

    @Override
    public void init(ProcessorContext<byte[], byte[]> processorContext) {
        maybeContext = processorContext;
        incarnation = UUID.randomUUID().toString();
        tenure = null;
        launched.clear();
        leftOver.clear();
        Entries position = section(POSITION_SECTION);
        byte[] folded = position.get(FOLD_KEY);
        Fold fold = new Fold(
                section(MIND_SECTION), folded == null ? Fold.Position.START : Json.read(folded, Fold.Position.class));
        Fence before = fold.cognition().partition().of(lane.lane().lane());
        if (before != null && before.partitions() != lane.partitions()) {
            throw new Fold.StoppedException(
                    "the topics had " + before.partitions() + " partitions when this lane last ran, and have "
                            + lane.partitions()
                            + " now: agents would be looked for where their memory is not. Make topics with the former"
                            + " count under a new deployment name, or go back");
        }
        Outbox outbox = new Outbox(section(OUTBOX_SECTION), lane.metrics().taskStarted(partition()), this::now);
        maybeTask = new Task(fold, position, outbox, front.apply(this, this::section));
        lane.effects()
                .announce(
                        partition(),
                        new MindEvent(
                                MindEvent.VERSION,
                                "barrier/" + incarnation,
                                now(),
                                lane.lane().lane(),
                                null,
                                null,
                                Origin.OPERATOR,
                                null,
                                new Barrier(
                                        incarnation, MindEvent.VERSION, Cognition.FOLD_VERSION, lane.partitions())));
        deferred = 0;
        position.scan(DEFERRED_PREFIX, (_, _) -> ++deferred > 0);
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        RecordMetadata metadata =
                context().recordMetadata().orElseThrow(() -> new IllegalStateException("records come from topics"));
        if (metadata.topic().equals(lane.logTopic())) {
            fold(record, metadata);
        } else {
            take(record, metadata);
        }
        if (tenure != null) {
            goOn();
        }
    }

    /** Called when the task is closed or suspended, cleanly or not. A zombie's handover is ignored by the fold. */
    @Override
    public void close() {
        lane.metrics().taskStopped(partition());
        Tenure ending = tenure;
        tenure = null;
        if (ending != null) {
            lane.effects().announce(partition(), checkpoint());
            lane.effects().handOver(ending);
        }
    }

    // ---- the log

    private void fold(Record<byte[], byte[]> record, RecordMetadata metadata) {
        Task task = task();
        Fold.Result result = task.fold()
                .fold(
                        metadata.offset(),
                        record.key(),
                        record.value(),
                        LogFirstTimestamps.appendTime(record.timestamp()));
        switch (result) {
            case Fold.Result.Skipped _ -> {
                lane.metrics().logRecordSkipped();
                stopIfBarrierIsSkipped(record, metadata, task.fold().position().offset());
                return;
            }
            case Fold.Result.Poison(String reason) -> {
                lane.metrics().logRecordPoison();
                log.atWarn()
                        .addKeyValue("lane", lane.lane().lane().id())
                        .addKeyValue("partition", metadata.partition())
                        .addKeyValue("offset", metadata.offset())
                        .addKeyValue("reason", reason)
                        .log("skipped a record of the mind log that is no event");
            }
            case Fold.Result.Event(String agent, MindEvent event, Folded folded) -> react(agent, event, folded);
        }
        task.position().put(FOLD_KEY, Json.write(task.fold().position()));
        if (tenure != null && metadata.offset() % CHECKPOINT_EVERY == 0 && metadata.offset() > 0) {
            lane.effects().announce(partition(), checkpoint());
        }
    }

    /** Our own barrier was appended just now. If it stands where we have been, the log is not the one that we folded. */
    private void stopIfBarrierIsSkipped(Record<byte[], byte[]> record, RecordMetadata metadata, long folded) {
        byte[] key = record.key();
        boolean isOfPartition = key != null && key.length > 0 && key[0] == '~';
        if (isOfPartition
                && record.value() != null
                && new String(record.value(), UTF_8).contains("\"barrier/" + incarnation + "\"")) {
            throw new Fold.StoppedException(
                    "mind.log ends before what was folded: this task's barrier stands at offset "
                            + metadata.offset() + ", and the store was folded up to offset " + folded
                            + "; the log was lost or made anew");
        }
    }

    private void react(String agent, MindEvent event, Folded folded) {
        if (folded instanceof Folded.Stale) {
            // The owner has the same effect in its outbox: it is not done.
            lane.metrics().staleEventIgnored();
            return;
        }
        boolean own = event.lane() == lane.lane().lane();
        if (own) {
            done(Effect.Append.key(agent, event.eventId()));
        }
        if (own && event.body() instanceof Republished(String topic, long offset)) {
            done(Effect.Republish.key(topic, offset));
        }
        switch (folded) {
            case Folded.Fenced(Lane of, Fence fence) -> {
                if (of == lane.lane().lane()) {
                    fenced(fence);
                }
            }
            case Folded.RunMoved(Run before, Run after)
            when after.lane() == lane.lane().lane() -> {
                Reactions reactions = Reactions.to(agent, before, after);
                reactions.done().forEach(this::done);
                reactions.next().forEach(this::put);
                if (before == null && after.isOpen()) {
                    expireAt(agent, after);
                }
                StreamTail.after(agent, before, after, event).forEach(this::publish);
                task().front().runMoved(agent, before, after, event);
            }
            case Folded.Deleted(List<Run> open) -> {
                gone(agent, open);
                task().front().folded(agent, event, folded);
            }
            case Folded.Faulted(String _, List<Run> open) -> {
                lane.metrics().eventIgnored();
                gone(agent, open);
                task().front().folded(agent, event, folded);
            }
            case Folded.Ignored _ -> {
                lane.metrics().eventIgnored();
                task().front().folded(agent, event, folded);
            }
            case Folded.RunMoved _, Folded.Raised _, Folded.HandedOver _, Folded.Noted _, Folded.Stale _ ->
                task().front().folded(agent, event, folded);
        }
    }

    /** Nothing is to be done any more for these of the agent's open runs that are this lane's. */
    private void gone(String agent, List<Run> open) {
        for (Run run : open) {
            if (run.lane() == lane.lane().lane()) {
                Reactions.gone(agent, run).forEach(this::done);
            }
        }
    }

    /** A barrier of this lane: ours begins our tenure, another's ends it. */
    private void fenced(Fence fence) {
        if (!fence.incarnation().equals(incarnation)) {
            Tenure lost = tenure;
            if (lost != null) {
                tenure = null;
                lane.effects().abandon(lost);
                launched.clear();
                leftOver.clear();
                log.atWarn()
                        .addKeyValue("lane", lane.lane().lane().id())
                        .addKeyValue("partition", partition())
                        .log("another task owns the partition now; this one decides nothing any more");
            }
            return;
        }
        tenure = new Tenure(partition(), incarnation, fence.offset());
        leftOver.addAll(task().outbox().keys());
        lane.metrics().taskReady(partition());
        log.atDebug()
                .addKeyValue("lane", lane.lane().lane().id())
                .addKeyValue("partition", partition())
                .addKeyValue("barrier", fence.offset())
                .addKeyValue("leftOver", leftOver.size())
                .addKeyValue("handedOver", fence.handedOver().size())
                .log("owns its partition");
        task().front().recovered();
        if (fallback == null) {
            fallback = context().schedule(FALLBACK, PunctuationType.WALL_CLOCK_TIME, _ -> fallBack());
        }
    }

    /** Goes on with what recovery left where no record comes to do it on. */
    private void fallBack() {
        if (tenure != null) {
            goOn();
        }
        if (fallback != null && isRecovered()) {
            fallback.cancel();
            fallback = null;
        }
    }

    private boolean isRecovered() {
        return tenure == null || (leftOver.isEmpty() && deferred == 0);
    }

    private void goOn() {
        for (int i = 0; i < AT_ONCE && !leftOver.isEmpty(); i++) {
            String key = leftOver.remove();
            Effect effect = task().outbox().get(key);
            if (effect != null) {
                launch(effect);
            }
        }
        takeDeferred();
        task().front().admit();
    }

    // ---- inputs

    private void take(Record<byte[], byte[]> record, RecordMetadata metadata) {
        String seenKey = OFFSET_PREFIX + metadata.topic();
        byte[] seen = task().position().get(seenKey);
        if (seen != null && metadata.offset() <= Json.read(seen, Long.class)) {
            lane.metrics().inputSkipped();
            return;
        }
        task().position().put(seenKey, Json.write(metadata.offset()));
        List<Effect.Header> headers = new ArrayList<>();
        for (Header header : record.headers()) {
            headers.add(new Effect.Header(header.key(), header.value() == null ? new byte[0] : header.value()));
        }
        Input input = new Input(
                metadata.topic(),
                metadata.partition(),
                metadata.offset(),
                record.timestamp(),
                record.key(),
                record.value(),
                headers);
        if (input.size() > MAX_KEPT_BYTES) {
            task().front().tooLarge(input);
        } else if (tenure == null || deferred > 0) {
            task().position().put(DEFERRED_PREFIX + deferredKey(input), Json.write(input));
            deferred++;
        } else {
            accept(input);
        }
    }

    private void accept(Input input) {
        byte[] key = input.key();
        if (key != null && key.length > 0) {
            int home = Utils.toPositive(Utils.murmur2(key)) % lane.partitions();
            if (home != input.partition() && input.value() != null) {
                lane.metrics().inputRepublished();
                put(new Effect.Republish(input.topic(), input.offset(), key, input.value(), input.headers(), home));
                return;
            }
        }
        task().front().accept(input);
    }

    /** In the order of arrival: a counter that goes on from the last one kept. */
    private String deferredKey(Input input) {
        return String.format("%016x\0%s\0%016x", nextDeferred(), input.topic(), input.offset());
    }

    private long nextDeferred() {
        long[] last = {-1};
        task().position().scanBackwards(DEFERRED_PREFIX, (key, _) -> {
            last[0] = Long.parseLong(key.substring(DEFERRED_PREFIX.length(), DEFERRED_PREFIX.length() + 16), 16);
            return false;
        });
        return last[0] + 1;
    }

    private void takeDeferred() {
        if (deferred == 0) {
            return;
        }
        List<String> keys = new ArrayList<>();
        List<Input> inputs = new ArrayList<>();
        task().position().scan(DEFERRED_PREFIX, (key, value) -> {
            keys.add(key);
            inputs.add(Json.read(value, Input.class));
            return keys.size() < AT_ONCE;
        });
        keys.forEach(task().position()::delete);
        deferred -= keys.size();
        inputs.forEach(this::accept);
    }

    // ---- effects

    private void put(Effect effect) {
        task().outbox().put(effect);
        launched.remove(effect.key());
        if (tenure != null) {
            launch(effect);
        }
    }

    private void done(String key) {
        task().outbox().remove(key);
        if (launched.remove(key)) {
            lane.effects().cancel(key);
        }
    }

    private void launch(Effect effect) {
        Tenure current = tenure;
        if (current == null || !launched.add(effect.key())) {
            return;
        }
        long delay = Math.max(0, effect.dueAt() - now());
        switch (effect) {
            case Effect.Append append ->
                lane.effects()
                        .append(
                                current,
                                append.agentId(),
                                append.event().stamped(incarnation, now()),
                                delay,
                                append.key());
            case Effect.CallModel call -> callModel(current, call, delay);
            case Effect.CallTool call -> callTool(current, call);
            case Effect.Republish republish -> lane.effects().republish(current, republish);
        }
    }

    private void callModel(Tenure current, Effect.CallModel call, long delay) {
        Run run = cognition().run(call.agentId(), call.runId());
        if (run == null || !(run.state() instanceof RunState.Open open) || open.step() != call.step()) {
            done(call.key());
            return;
        }
        long handedOver = handedOverFor(call);
        lane.effects()
                .callModel(
                        current,
                        new Effects.ModelCall(
                                call.key(),
                                call.agentId(),
                                call.threadId(),
                                call.runId(),
                                call.step(),
                                lane.runner()
                                        .request(
                                                cognition(),
                                                call.agentId(),
                                                run,
                                                call.step(),
                                                lane.lane().llm(),
                                                Math.max(1, run.spec().deadlineAt() - now())),
                                run.spec().requestedAt(),
                                run.spec().deadlineAt(),
                                run.spec().parentRunId(),
                                StreamTail.traceparent(call.agentId(), run)),
                        Math.max(delay, handedOver));
    }

    /** How long a predecessor that left on purpose may still bring this call to its end. */
    private long handedOverFor(Effect.CallModel call) {
        Fence fence = cognition().partition().of(lane.lane().lane());
        if (fence == null
                || fence.own()
                || !fence.handedOver().contains(new CallRef(call.agentId(), call.runId(), call.step()))) {
            return 0;
        }
        return Math.max(0, fence.handedOverUntil() - now());
    }

    private void callTool(Tenure current, Effect.CallTool call) {
        Run run = cognition().run(call.agentId(), call.runId());
        if (run == null || !run.isOpen()) {
            done(call.key());
            return;
        }
        lane.effects()
                .callTool(
                        current,
                        new Effects.ToolCall(
                                call.key(),
                                call,
                                run.spec().tools(),
                                new Tool.Invocation(
                                        call.agentId(),
                                        call.threadId(),
                                        call.runId(),
                                        run.lane(),
                                        call.runId() + "/" + call.step() + "/" + call.callId(),
                                        cognition().facts(call.agentId(), FACTS_FOR_TOOLS))));
    }

    private void expireAt(String agent, Run run) {
        MindEvent expiry = new Events(run.lane(), Origin.OPERATOR)
                .expired(run.runId(), run.threadId(), run.spec().deadlineAt());
        if (!isPending(agent, expiry.eventId())) {
            append(agent, expiry, run.spec().deadlineAt());
        }
    }

    private MindEvent checkpoint() {
        Fold.Position at = task().fold().position();
        return new MindEvent(
                MindEvent.VERSION,
                "checkpoint/" + lane.lane().lane().id() + "/" + at.offset(),
                now(),
                lane.lane().lane(),
                null,
                null,
                Origin.OPERATOR,
                null,
                new Checkpoint(at.offset(), at.logHash().hex(), at.storeHash().hex(), at.foldVersion()));
    }

    // ---- the desk

    @Override
    public Cognition cognition() {
        return task().fold().cognition();
    }

    @Override
    public long now() {
        return context().currentSystemTimeMs();
    }

    @Override
    public int partition() {
        return context().taskId().partition();
    }

    @Override
    public void append(String agent, MindEvent event, long dueAt) {
        put(new Effect.Append(agent, event, dueAt));
    }

    @Override
    public void withdraw(String agent, String eventId) {
        done(Effect.Append.key(agent, eventId));
    }

    @Override
    public boolean isPending(String agent, String eventId) {
        return task().outbox().contains(Effect.Append.key(agent, eventId));
    }

    @Override
    public void send(String sink, String agent, byte[] value, Headers headers) {
        sendAsItCame(sink, agent.getBytes(UTF_8), value, headers);
    }

    @Override
    public void sendAsItCame(String sink, byte @Nullable [] key, byte @Nullable [] value, Headers headers) {
        // The record in hand may carry the log's shifted time: outputs say when they were written.
        context().forward(new Record<>(key, value, now(), headers), sink);
    }

    @Override
    public void publish(StreamEvent event) {
        lane.effects().publish(partition(), event);
    }

    private Entries section(String name) {
        KeyValueStore<Bytes, byte[]> store = context().getStateStore(STORE);
        return new Section(new StoreEntries(store), name);
    }

    private ProcessorContext<byte[], byte[]> context() {
        return Objects.requireNonNull(maybeContext, "init comes first");
    }

    private Task task() {
        return Objects.requireNonNull(maybeTask, "init comes first");
    }
}
