package dev.noesis.telemetry;

import dev.noesis.model.Lane;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What a lane counts. Every name is part of the public surface.
 *
 * <p><b>Threading.</b> May be used by any thread.
 */
public final class LaneMetrics {
    private final MeterRegistry registry;
    private final Lane lane;
    private final Set<Integer> assigned = ConcurrentHashMap.newKeySet();
    private final Set<Integer> ready = ConcurrentHashMap.newKeySet();
    private final Counter logRecordsSkipped;
    private final Counter logRecordsPoison;
    private final Counter staleEvents;
    private final Counter ignoredEvents;
    private final Counter inputsSkipped;
    private final Counter inputsRepublished;
    private final Counter deadLetters;
    private final Counter duplicates;

    public LaneMetrics(MeterRegistry registry, Lane lane) {
        this.registry = registry;
        this.lane = lane;
        logRecordsSkipped = counter("noesis.log.skipped", "log records that had been folded before");
        logRecordsPoison = counter("noesis.log.poison", "log records that are no event");
        staleEvents = counter("noesis.events.stale", "decisions of a task that did not own its partition any more");
        ignoredEvents = counter("noesis.events.ignored", "events that came too late or twice");
        inputsSkipped = counter("noesis.inputs.skipped", "input records that had been taken before");
        inputsRepublished =
                counter("noesis.inputs.republished", "input records found in a partition that is not their key's");
        deadLetters = counter("noesis.inputs.dead", "input records that could not be answered");
        duplicates = counter("noesis.inputs.duplicate", "requests and ticks that were known already");
        Gauge.builder("noesis.tasks.assigned", assigned, Set::size)
                .description("partitions assigned to this worker")
                .tag("lane", lane.id())
                .register(registry);
        Gauge.builder("noesis.tasks.ready", ready, Set::size)
                .description("partitions whose barrier is folded")
                .tag("lane", lane.id())
                .register(registry);
    }

    public void taskStarted(int partition) {
        ready.remove(partition);
        assigned.add(partition);
    }

    public void taskReady(int partition) {
        ready.add(partition);
    }

    public void taskStopped(int partition) {
        ready.remove(partition);
        assigned.remove(partition);
    }

    /** Whether the barrier of each assigned partition is folded; a worker that has none, but standbys, has nothing to wait for. */
    public boolean isReady() {
        return ready.containsAll(assigned);
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

    /** A run ended. {@code outcome} is {@code success}, {@code cancelled} or an error code. */
    public void runEnded(String outcome) {
        registry.counter("noesis.runs.ended", "lane", lane.id(), "outcome", outcome)
                .increment();
    }

    private Counter counter(String name, String description) {
        return Counter.builder(name)
                .description(description)
                .tag("lane", lane.id())
                .register(registry);
    }
}
