package dev.noesis.run;

import dev.noesis.mind.Cognition;
import dev.noesis.mind.Memory.Fence;
import dev.noesis.mind.Memory.Partition;
import dev.noesis.mind.Run;
import dev.noesis.mind.RunState;
import dev.noesis.model.MindEvent;
import dev.noesis.model.MindEvent.CallRef;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A task's outbox at work: what is in it is launched, once in a tenure, and taken out when the log says that it is done.
 * StreamThread only.
 */
final class Launches {
    private static final int FIRST_VERSION = 1;

    /** A call that is due later than this waits here, as a name: what it is to be made with is not built before. */
    private static final long SOON_MS = 2_000;

    private final LaneProcessor.Kernel lane;
    private final Outbox outbox;
    private final Cognition cognition;
    private final LongSupplier clock;
    /** Effects that were handed over in this tenure. */
    private final Set<String> launched = new HashSet<>();
    /** Effects of earlier tenures that are to be launched yet. */
    private final Deque<String> leftOver = new ArrayDeque<>();
    /** Calls that are not due soon, and when they are, epoch milliseconds. */
    private final Map<String, Long> later = new HashMap<>();
    /** Appends of events that some lane's build cannot fold yet. */
    private final Set<String> held = new HashSet<>();

    private @Nullable Tenure tenure;

    /** @param clock wall-clock time, epoch milliseconds */
    Launches(LaneProcessor.Kernel lane, Outbox outbox, Cognition cognition, LongSupplier clock) {
        this.lane = lane;
        this.outbox = outbox;
        this.cognition = cognition;
        this.clock = clock;
    }

    // ---- the tenure

    /** The task owns its partition: what is in the outbox is to be launched. */
    void begin(Tenure begun) {
        tenure = begun;
        leftOver.addAll(outbox.keys());
    }

    /** Returns what has ended; null if the task owned nothing. What was launched goes on until someone ends it. */
    @Nullable
    Tenure end() {
        Tenure ended = tenure;
        tenure = null;
        launched.clear();
        leftOver.clear();
        later.clear();
        held.clear();
        return ended;
    }

    boolean isOwner() {
        return tenure != null;
    }

    /** How many effects of earlier tenures are to be launched yet. */
    int leftOver() {
        return leftOver.size();
    }

    /** Whether there is something to launch that no record of the log comes for. */
    boolean isWaiting() {
        return !leftOver.isEmpty() || !later.isEmpty();
    }

    // ---- effects

    boolean contains(String key) {
        return outbox.contains(key);
    }

    void put(Effect effect) {
        outbox.put(effect);
        launched.remove(effect.key());
        if (effect instanceof Effect.Republish && !leftOver.isEmpty()) {
            // Older ones may stand there: records of one partition keep their order.
            leftOver.add(effect.key());
        } else {
            launch(effect);
        }
    }

    void done(String key) {
        outbox.remove(key);
        held.remove(key);
        later.remove(key);
        if (launched.remove(key)) {
            lane.effects().cancel(key);
        }
    }

    /** Launches the calls that are due soon. */
    void launchDue() {
        long soon = clock.getAsLong() + SOON_MS;
        List<String> due = later.entrySet().stream()
                .filter(call -> call.getValue() <= soon)
                .map(Map.Entry::getKey)
                .toList();
        due.forEach(later::remove);
        leftOver.addAll(due);
    }

    /** Launches some more of what earlier tenures left. */
    void launchSome(int limit) {
        for (int i = 0; i < limit && !leftOver.isEmpty(); i++) {
            Effect effect = outbox.get(leftOver.remove());
            if (effect != null) {
                launch(effect);
            }
        }
    }

    /** Another build folds the log now: what was held for the one before may be written. */
    void buildsChanged() {
        leftOver.addAll(held);
        held.clear();
    }

    private void launch(Effect effect) {
        Tenure current = tenure;
        if (current == null || launched.contains(effect.key())) {
            return;
        }
        if (effect instanceof Effect.Append append && !isWritable(append.event())) {
            held.add(effect.key());
            return;
        }
        long delay = Math.max(Math.max(0, effect.dueAt() - clock.getAsLong()), handedOverFor(effect));
        if (delay > SOON_MS && (effect instanceof Effect.CallModel || effect instanceof Effect.CallTool)) {
            later.put(effect.key(), clock.getAsLong() + delay);
            return;
        }
        launched.add(effect.key());
        switch (effect) {
            case Effect.Append append ->
                lane.effects()
                        .append(
                                current,
                                append.agentId(),
                                append.event().stamped(current.incarnation(), clock.getAsLong()),
                                delay,
                                append.key());
            case Effect.CallModel call -> callModel(current, call, delay);
            case Effect.CallTool call -> callTool(current, call, delay);
            case Effect.Republish republish -> lane.effects().republish(current, republish);
        }
    }

    /** Whether the builds of both lanes can fold it. */
    private boolean isWritable(MindEvent event) {
        return event.version() <= FIRST_VERSION || event.version() <= logVersion();
    }

    /** The highest that the builds of both lanes can fold. */
    private int logVersion() {
        Partition partition = cognition.partition();
        return Math.min(logVersion(partition.chat()), logVersion(partition.heartbeat()));
    }

    /** A lane that never ran has no one who could stop at an event. */
    private static int logVersion(@Nullable Fence fence) {
        return fence == null ? Integer.MAX_VALUE : fence.logVersion();
    }

    private void callModel(Tenure current, Effect.CallModel call, long delay) {
        Run run = cognition.run(call.agentId(), call.runId());
        if (run == null || !(run.state() instanceof RunState.Open open) || open.step() != call.step()) {
            done(call.key());
            return;
        }
        long deadlineAt = run.spec().deadlineAt();
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
                                                cognition,
                                                call.agentId(),
                                                run,
                                                call.step(),
                                                lane.lane().llm(),
                                                Math.max(1, deadlineAt - clock.getAsLong())),
                                run.spec().requestedAt(),
                                deadlineAt,
                                run.spec().parentRunId(),
                                StreamTail.traceparent(call.agentId(), run)),
                        delay);
    }

    /** How long a predecessor that left on purpose may still bring this call to its end. */
    private long handedOverFor(Effect effect) {
        CallRef call = switch (effect) {
            case Effect.CallModel m -> new CallRef(m.agentId(), m.runId(), m.step(), null);
            case Effect.CallTool t -> new CallRef(t.agentId(), t.runId(), t.step(), t.callId());
            case Effect.Append _, Effect.Republish _ -> null;
        };
        Fence fence = call == null ? null : cognition.partition().of(lane.lane().lane());
        if (fence == null || fence.own() || !fence.handedOver().contains(call)) {
            return 0;
        }
        return Math.max(0, fence.handedOverUntil() - clock.getAsLong());
    }

    private void callTool(Tenure current, Effect.CallTool call, long delay) {
        Run run = cognition.run(call.agentId(), call.runId());
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
                                lane.runner().invocation(cognition, run, call),
                                logVersion()),
                        delay);
    }
}
