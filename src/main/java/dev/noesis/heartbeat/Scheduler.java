package dev.noesis.heartbeat;

import dev.noesis.mind.DueTimes;
import dev.noesis.model.Schedule;
import dev.noesis.model.ScheduledTick;
import dev.noesis.run.Desk;
import dev.noesis.telemetry.LaneMetrics;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes the ticks that are due by the agents' schedules, each once. StreamThread only. */
final class Scheduler {
    /** Most ticks that are made at once, for each partition and second: what else it does waits for so long. */
    private static final int AT_ONCE = 1_000;

    private final Desk desk;
    private final LaneMetrics metrics;
    private final DueTicks due;

    Scheduler(Desk desk, LaneMetrics metrics, DueTicks due) {
        this.desk = desk;
        this.metrics = metrics;
        this.due = due;
    }

    /** Before that nothing is due, epoch milliseconds; {@link Long#MAX_VALUE} where nothing ever is. */
    long dueAt() {
        return due.next();
    }

    /** When the agent's next tick is due, epoch milliseconds; null for never. */
    @Nullable
    Long dueAt(String agent) {
        return due.of(agent).next();
    }

    /** Some of the ticks that are due. What was missed behind each is not made up for: the next one is due from now on. */
    List<ScheduledTick> take() {
        long now = desk.now();
        List<ScheduledTick> made = new ArrayList<>();
        for (DueTicks.Due tick : due.take(now, AT_ONCE)) {
            Schedule schedule = desk.cognition().schedule(tick.agent());
            due.set(tick.agent(), next(schedule, tick.agent(), Math.max(tick.at(), now)));
            metrics.ticked(tick.at(), now);
            made.add(new ScheduledTick(tick.agent(), tick.at()));
        }
        return made;
    }

    /**
     * The agent has that schedule from the event that was folded last. What was due by then stays due, and meets the gate as it
     * is now: so a task that comes after a crash, and finds this in the log, makes the ticks of the one before it, which may
     * have made them already.
     */
    void set(String agent, @Nullable Schedule schedule) {
        DueTicks.Line known = due.of(agent);
        if (known.next() == null || known.next() > desk.foldedAt()) {
            // the brokers' clock may be behind ours, and a tick is made once
            long after = known.made() == null ? desk.foldedAt() : Math.max(known.made(), desk.foldedAt());
            due.set(agent, next(schedule, agent, after));
        }
    }

    private static @Nullable Long next(@Nullable Schedule schedule, String agent, long after) {
        return schedule == null ? null : DueTimes.next(schedule, agent, after);
    }
}
