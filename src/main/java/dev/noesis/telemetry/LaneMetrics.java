package dev.noesis.telemetry;

import dev.noesis.model.Lane;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToLongFunction;

/**
 * What a lane's tasks count, and what they have.
 *
 * <p><b>Threading.</b> May be used by any thread.
 */
public final class LaneMetrics {
    private final LaneMeters meters;
    private final Map<Integer, TaskMetrics> assigned = new ConcurrentHashMap<>();
    private final Set<Integer> ready = ConcurrentHashMap.newKeySet();
    private final Counter logRecordsSkipped;
    private final Counter logRecordsPoison;
    private final Counter staleEvents;
    private final Counter ignoredEvents;
    private final Counter inputsSkipped;
    private final Counter inputsRepublished;
    private final Counter deadLetters;
    private final Counter duplicates;
    private final Timer replies;
    private final Timer tickDelays;

    public LaneMetrics(MeterRegistry registry, Lane lane) {
        meters = new LaneMeters(registry, lane);
        logRecordsSkipped = meters.counter(Metric.LOG_SKIPPED);
        logRecordsPoison = meters.counter(Metric.LOG_POISON);
        staleEvents = meters.counter(Metric.EVENTS_STALE);
        ignoredEvents = meters.counter(Metric.EVENTS_IGNORED);
        inputsSkipped = meters.counter(Metric.INPUTS_SKIPPED);
        inputsRepublished = meters.counter(Metric.INPUTS_REPUBLISHED);
        deadLetters = meters.counter(Metric.INPUTS_DEAD);
        duplicates = meters.counter(Metric.INPUTS_DUPLICATE);
        replies = meters.timer(Metric.RUN_REPLY);
        tickDelays = meters.timer(Metric.TICK_DELAY);
        meters.gauge(Metric.TASKS_ASSIGNED, assigned::size);
        meters.gauge(Metric.TASKS_READY, ready::size);
        for (TaskMetrics.Effects kind : TaskMetrics.Effects.values()) {
            meters.gauge(Metric.OUTBOX_EFFECTS, () -> sum(task -> task.count(kind)), "kind", kind.id());
        }
        for (TaskMetrics.Runs state : TaskMetrics.Runs.values()) {
            meters.gauge(Metric.RUNS, () -> sum(task -> task.count(state)), "state", state.id());
        }
        meters.gauge(Metric.OUTBOX_OLDEST_AGE, this::oldestSeconds);
    }

    private long sum(ToLongFunction<TaskMetrics> count) {
        return assigned.values().stream().mapToLong(count).sum();
    }

    private double oldestSeconds() {
        long now = meters.now();
        long oldest = assigned.values().stream()
                .mapToLong(TaskMetrics::oldestDueSince)
                .min()
                .orElse(now);
        return Math.max(0, now - oldest) / 1e3;
    }

    /** What the task of that partition has counts from now to {@link #taskStopped}. */
    public TaskMetrics taskStarted(int partition) {
        ready.remove(partition);
        TaskMetrics task = new TaskMetrics();
        assigned.put(partition, task);
        return task;
    }

    public void taskReady(int partition) {
        ready.add(partition);
    }

    /** Another task's barrier came after this one's. */
    public void taskLost(int partition) {
        ready.remove(partition);
    }

    public void taskStopped(int partition) {
        ready.remove(partition);
        assigned.remove(partition);
    }

    /** How many runs of that partition wait; where its task is closed, nobody counts them. */
    public void queued(int partition, int count) {
        TaskMetrics task = assigned.get(partition);
        if (task != null) {
            task.set(TaskMetrics.Runs.QUEUED, count);
        }
    }

    /** Whether the barrier of each assigned partition is folded; a worker that has none, but standbys, has nothing to wait for. */
    public boolean isReady() {
        return ready.containsAll(assigned.keySet());
    }

    /** Assigned partitions whose barrier is not folded yet. */
    public SortedSet<Integer> notReady() {
        SortedSet<Integer> left = new TreeSet<>(assigned.keySet());
        left.removeAll(ready);
        return left;
    }

    public void logRecordSkipped() {
        logRecordsSkipped.increment();
    }

    public void logRecordPoison() {
        logRecordsPoison.increment();
    }

    public void staleEventIgnored() {
        staleEvents.increment();
    }

    public void eventIgnored() {
        ignoredEvents.increment();
    }

    public void inputSkipped() {
        inputsSkipped.increment();
    }

    public void inputRepublished() {
        inputsRepublished.increment();
    }

    public void deadLetter() {
        deadLetters.increment();
    }

    public void duplicate() {
        duplicates.increment();
    }

    /**
     * The scheduler made a tick.
     *
     * @param dueAt when it should have, epoch milliseconds
     */
    public void ticked(long dueAt, long now) {
        tickDelays.record(Duration.ofMillis(Math.max(0, now - dueAt)));
    }

    /** A run ended. {@code outcome} is {@code success}, {@code cancelled} or an error code. */
    public void runEnded(String outcome) {
        meters.counter(Metric.RUNS_ENDED, "outcome", outcome).increment();
    }

    /**
     * A run that had begun was answered.
     *
     * @param requestedAt append time of its request, epoch milliseconds, by the broker's clock
     * @param now epoch milliseconds, by ours; a difference below 0 counts as 0
     */
    public void replied(long requestedAt, long now) {
        replies.record(Duration.ofMillis(Math.max(0, now - requestedAt)));
    }
}
