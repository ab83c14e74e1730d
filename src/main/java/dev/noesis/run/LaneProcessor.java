package dev.noesis.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.noesis.config.LaneConfig;
import dev.noesis.mind.Build;
import dev.noesis.mind.Cognition;
import dev.noesis.mind.Entries;
import dev.noesis.mind.Fold;
import dev.noesis.mind.Folded;
import dev.noesis.mind.Memory.Fence;
import dev.noesis.mind.Run;
import dev.noesis.mind.Section;
import dev.noesis.mind.StoreEntries;
import dev.noesis.model.Lane;
import dev.noesis.model.MindEvent;
import dev.noesis.model.MindEvent.Barrier;
import dev.noesis.model.MindEvent.Checkpoint;
import dev.noesis.model.MindEvent.Republished;
import dev.noesis.model.Origin;
import dev.noesis.run.LogHistory.LogRecord;
import dev.noesis.serde.Json;
import dev.noesis.telemetry.LaneMetrics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
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

    private final FailureLog failures = new FailureLog(log);

    /** The task's store. */
    public static final String STORE = "state";

    /** The store's sections that every lane has; a front has its own beside them. */
    public static final String MIND_SECTION = "mind";

    public static final String POSITION_SECTION = "position";
    public static final String OUTBOX_SECTION = "outbox";

    private static final String FOLD_KEY = "fold";
    private static final long CHECKPOINT_EVERY = 1_000;
    private static final int AT_ONCE = 64;

    /** Larger inputs are not kept: as JSON they would be larger than a changelog's record may be. */
    private static final int MAX_KEPT_BYTES = 5 * 1024 * 1024;

    private static final Duration FALLBACK = Duration.ofSeconds(1);

    /** What a fold anew takes of each second of the StreamThread, which other tasks share. */
    private static final Duration REFOLD_SLICE = Duration.ofMillis(500);

    /** Twice this is more than a group needs to tell a task that another has its partition. */
    private static final Duration RECLAIM = Duration.ofSeconds(5);

    /**
     * What every lane's tasks share, whatever its front.
     *
     * @param history the log again, for a store that has to be folded anew
     * @param build what this one can fold
     */
    public record Kernel(
            LaneConfig lane,
            String logTopic,
            int partitions,
            AgentRunner runner,
            Effects effects,
            LogHistory history,
            Build build,
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
    private final Supplier<String> names;

    private @Nullable ProcessorContext<byte[], byte[]> maybeContext;
    private @Nullable Task maybeTask;
    /** Goes on while the memory is folded anew, before the task announces itself. */
    private @Nullable Refold refold;

    private @Nullable Cancellable fallback;
    /** Names this task from one announcement to the next: when it starts, is resumed, or takes its partition back. */
    private String incarnation = "";

    /** What a task holds from its start on. */
    private record Task(Fold fold, Entries position, Inbox inbox, Launches launches, LaneFront front) {}

    public LaneProcessor(Definition definition) {
        this(definition, () -> UUID.randomUUID().toString());
    }

    /** @param names for its incarnations; no other may ever have one of them */
    LaneProcessor(Definition definition, Supplier<String> names) {
        this.lane = definition.kernel();
        this.front = definition.front();
        this.names = names;
    }

    @Override
    public void init(ProcessorContext<byte[], byte[]> processorContext) {
        maybeContext = processorContext;
        incarnation = "";
        Entries position = section(POSITION_SECTION);
        Entries mind = section(MIND_SECTION);
        byte[] stored = position.get(FOLD_KEY);
        Fold.Position at = stored == null ? Fold.Position.start(lane.build()) : Json.read(stored, Fold.Position.class);
        refold = Refold.of(position, at, lane.build(), lane.history(), partition());
        boolean isAnew = refold != null && !refold.isEmptied();
        Fold fold = new Fold(mind, isAnew ? Fold.Position.start(lane.build()) : at, lane.build());
        if (!isAnew) {
            stopIfPartitionsChanged(fold.cognition());
        }
        Outbox outbox = new Outbox(section(OUTBOX_SECTION), lane.metrics().taskStarted(partition()), this::now);
        Launches launches = new Launches(lane, outbox, fold.cognition(), this::now);
        maybeTask = new Task(fold, position, new Inbox(position), launches, front.apply(this, this::section));
        if (refold == null) {
            announce();
        } else {
            log.atWarn()
                    .addKeyValue("lane", lane.lane().lane().id())
                    .addKeyValue("partition", partition())
                    .addKeyValue("upTo", at.offset())
                    .addKeyValue("foldVersion", lane.build().foldVersion())
                    .log("the memory was folded by another version of the fold: folding it anew from the log");
            onWallClock(FALLBACK, this::refoldSome);
        }
    }

    private void stopIfPartitionsChanged(Cognition cognition) {
        Fence before = cognition.partition().of(lane.lane().lane());
        if (before != null && before.partitions() != lane.partitions()) {
            throw new Fold.StoppedException(
                    "the topics had " + before.partitions() + " partitions when this lane last ran, and have "
                            + lane.partitions()
                            + " now: agents would be looked for where their memory is not. Make topics with the former"
                            + " count under a new deployment name, or go back");
        }
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        RecordMetadata metadata =
                context().recordMetadata().orElseThrow(() -> new IllegalStateException("records come from topics"));
        if (!metadata.topic().equals(lane.logTopic())) {
            take(record, metadata);
        } else if (refold != null) {
            refold.heard(metadata.offset());
        } else {
            fold(record, metadata);
        }
        if (launches().isOwner()) {
            goOn();
            if (fallback == null && (launches().isWaiting() || waitsForItsTime())) {
                onWallClock(FALLBACK, this::fallBack);
            }
        }
    }

    /** Called when the task is closed or suspended, cleanly or not. A zombie's handover is ignored by the fold. */
    @Override
    public void close() {
        // A task that is revived keeps its punctuators.
        stopWallClock();
        lane.metrics().taskStopped(partition());
        if (refold != null) {
            refold.close();
        }
        Task task = maybeTask;
        if (task != null) {
            task.front().close();
        }
        // None where init failed: Kafka Streams closes all the same.
        Tenure ended = task == null ? null : task.launches().end();
        if (ended != null) {
            lane.effects().announce(partition(), checkpoint());
            lane.effects().handOver(ended);
        }
    }

    // ---- the log

    private void fold(Record<byte[], byte[]> record, RecordMetadata metadata) {
        long appendedAt = LogFirstTimestamps.appendTime(record.timestamp());
        Fold.Result result = fold(new LogRecord(metadata.offset(), record.key(), record.value(), appendedAt));
        if (result instanceof Fold.Result.Skipped) {
            stopIfBarrierIsSkipped(record, metadata, task().fold().position().offset());
            return;
        }
        if (result instanceof Fold.Result.Event(String agent, MindEvent event, Folded folded)) {
            react(agent, event, folded);
        }
        keepPosition();
        if (launches().isOwner() && metadata.offset() % CHECKPOINT_EVERY == 0 && metadata.offset() > 0) {
            lane.effects().announce(partition(), checkpoint());
        }
    }

    private Fold.Result fold(LogRecord record) {
        Fold.Result result = task().fold().fold(record.offset(), record.key(), record.value(), record.timestamp());
        switch (result) {
            case Fold.Result.Skipped _ -> lane.metrics().logRecordSkipped();
            case Fold.Result.Poison(String reason) -> {
                lane.metrics().logRecordPoison();
                failures.warn("poison")
                        .addKeyValue("lane", lane.lane().lane().id())
                        .addKeyValue("partition", partition())
                        .addKeyValue("offset", record.offset())
                        .addKeyValue("reason", reason)
                        .log("skipped a record of the mind log that is no event");
            }
            case Fold.Result.Event _ -> {
                // the caller's, who knows whether it is news
            }
        }
        return result;
    }

    private void keepPosition() {
        task().position().put(FOLD_KEY, Json.write(task().fold().position()));
    }

    /** Folds some more of the log's history. The barrier waits until this is over, and with it all decisions. */
    private void refoldSome() {
        Refold anew = refold;
        if (anew == null) {
            return;
        }
        boolean isDone = anew.advance(REFOLD_SLICE, task().fold(), record -> {
            if (fold(record) instanceof Fold.Result.Event(String agent, MindEvent event, Folded folded)
                    && anew.isNews(record.offset())) {
                react(agent, event, folded);
            }
        });
        if (anew.isEmptied()) {
            keepPosition();
        }
        if (isDone) {
            refold = null;
            stopWallClock();
            stopIfPartitionsChanged(cognition());
            announce();
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
            launches().done(Effect.Append.key(agent, event.eventId()));
        }
        if (own && event.body() instanceof Republished(String topic, long offset)) {
            launches().done(Effect.Republish.key(topic, offset));
        }
        switch (folded) {
            case Folded.Fenced(Lane of, Fence fence) -> {
                launches().buildsChanged();
                if (of == lane.lane().lane()) {
                    fenced(fence);
                }
            }
            case Folded.RunMoved(Run before, Run after)
            when after.lane() == lane.lane().lane() -> {
                Reactions reactions = Reactions.to(agent, before, after);
                reactions.done().forEach(launches()::done);
                reactions.next().forEach(launches()::put);
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
            case Folded.RunMoved _,
                    Folded.Raised _,
                    Folded.Scheduled _,
                    Folded.HandedOver _,
                    Folded.Noted _,
                    Folded.Stale _ -> task().front().folded(agent, event, folded);
        }
    }

    /** Nothing is to be done any more for these of the agent's open runs that are this lane's. */
    private void gone(String agent, List<Run> open) {
        for (Run run : open) {
            if (run.lane() == lane.lane().lane()) {
                Reactions.gone(agent, run).forEach(launches()::done);
            }
        }
    }

    // ---- the tenure

    /** Asks for the partition, under a new name. */
    private void announce() {
        incarnation = names.get();
        Build build = lane.build();
        lane.effects()
                .announce(
                        partition(),
                        ofPartition(
                                "barrier/" + incarnation,
                                new Barrier(incarnation, build.logVersion(), build.foldVersion(), lane.partitions())));
    }

    /** A barrier of this lane: ours begins our tenure, another's ends it. */
    private void fenced(Fence fence) {
        if (!fence.incarnation().equals(incarnation)) {
            Tenure lost = launches().end();
            if (lost != null) {
                lane.effects().abandon(lost);
                lane.metrics().taskLost(partition());
                log.atWarn()
                        .addKeyValue("lane", lane.lane().lane().id())
                        .addKeyValue("partition", partition())
                        .log("another task owns the partition now; this one decides nothing any more");
                onWallClock(RECLAIM, reclaim());
            }
            return;
        }
        Tenure before = launches().end();
        if (before != null) {
            lane.effects().abandon(before);
        }
        launches().begin(new Tenure(partition(), incarnation, fence.offset()));
        lane.metrics().taskReady(partition());
        log.atDebug()
                .addKeyValue("lane", lane.lane().lane().id())
                .addKeyValue("partition", partition())
                .addKeyValue("barrier", fence.offset())
                .addKeyValue("leftOver", launches().leftOver())
                .addKeyValue("handedOver", fence.handedOver().size())
                .log("owns its partition");
        task().front().recovered();
        onWallClock(FALLBACK, this::fallBack);
    }

    /**
     * Takes the partition back from a task that is gone: its barrier was appended late, after ours. The first time only writes,
     * so that there is something to commit, which fails if the group has given the partition to another. Who is here for a
     * second time has committed, and owns it.
     */
    private Runnable reclaim() {
        AtomicBoolean isProven = new AtomicBoolean();
        return () -> {
            if (!isProven.getAndSet(true)) {
                keepPosition();
                return;
            }
            stopWallClock();
            log.atWarn()
                    .addKeyValue("lane", lane.lane().lane().id())
                    .addKeyValue("partition", partition())
                    .log("the task that had taken the partition is gone; this one takes it back");
            announce();
        };
    }

    /** Goes on with what recovery left, and with what waits for its time, where no record comes to do it on. */
    private void fallBack() {
        if (!launches().isOwner()) {
            stopWallClock();
            return;
        }
        launches().launchDue();
        if (task().front().dueAt() <= now()) {
            task().front().takeDue();
        }
        goOn();
        if (!launches().isWaiting() && !waitsForItsTime() && task().inbox().isEmpty()) {
            stopWallClock();
        }
    }

    private boolean waitsForItsTime() {
        return task().front().dueAt() < Long.MAX_VALUE;
    }

    private void goOn() {
        launches().launchSome(AT_ONCE);
        task().inbox().release(AT_ONCE).forEach(this::accept);
        task().front().admit();
    }

    /** At most one is under way: each belongs to a state of the task that the next one ends. */
    private void onWallClock(Duration every, Runnable task) {
        stopWallClock();
        fallback = context().schedule(every, PunctuationType.WALL_CLOCK_TIME, _ -> task.run());
    }

    private void stopWallClock() {
        Cancellable scheduled = fallback;
        if (scheduled != null) {
            fallback = null;
            scheduled.cancel();
        }
    }

    // ---- inputs

    private void take(Record<byte[], byte[]> record, RecordMetadata metadata) {
        if (!task().inbox().take(metadata.topic(), metadata.offset())) {
            lane.metrics().inputSkipped();
            return;
        }
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
            task().front().tooLarge(input, launches().isOwner() && isAtHome(input));
        } else if (launches().isOwner() && task().inbox().isEmpty()) {
            accept(input);
        } else {
            task().inbox().keep(input);
        }
    }

    private void accept(Input input) {
        byte[] key = input.key();
        if (key == null || isAtHome(input)) {
            task().front().accept(input);
        } else {
            lane.metrics().inputRepublished();
            launches()
                    .put(new Effect.Republish(
                            input.topic(), input.offset(), key, input.value(), input.headers(), home(key)));
        }
    }

    /** Whether it stands in the partition of its key. */
    private boolean isAtHome(Input input) {
        byte[] key = input.key();
        return key == null || key.length == 0 || home(key) == input.partition();
    }

    private int home(byte[] key) {
        return Utils.toPositive(Utils.murmur2(key)) % lane.partitions();
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
        return ofPartition(
                "checkpoint/" + lane.lane().lane().id() + "/" + at.offset(),
                new Checkpoint(at.offset(), at.logHash().hex(), at.storeHash().hex(), at.foldVersion()));
    }

    private MindEvent ofPartition(String id, MindEvent.Body body) {
        return new MindEvent(id, now(), lane.lane().lane(), null, null, Origin.OPERATOR, null, body);
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
    public long folded() {
        return task().fold().position().offset();
    }

    @Override
    public long foldedAt() {
        return task().fold().position().clock();
    }

    @Override
    public int partition() {
        return context().taskId().partition();
    }

    @Override
    public void append(String agent, MindEvent event, long dueAt) {
        launches().put(new Effect.Append(agent, event, dueAt));
    }

    @Override
    public void withdraw(String agent, String eventId) {
        launches().done(Effect.Append.key(agent, eventId));
    }

    @Override
    public boolean isPending(String agent, String eventId) {
        return launches().contains(Effect.Append.key(agent, eventId));
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

    private Launches launches() {
        return task().launches();
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
