package dev.noesis.heartbeat;

import dev.noesis.heartbeat.checks.Check;
import dev.noesis.mind.Checkup;
import dev.noesis.mind.Memory.CheckEntry;
import dev.noesis.model.Finding;
import dev.noesis.model.Schedule.CheckPlan;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which checks look at a tick: those that it names, else those of its agent's schedule, else all. A name of which the worker has
 * no check, or has none any more, says nothing. Pure.
 *
 * @param named by the tick; null where it leaves that to the schedule
 * @param planned by the agent's schedule; null for all
 * @param isQuiet whether it is a tick of quiet hours, when only what is urgent looks
 */
record Selection(@Nullable List<String> named, @Nullable List<CheckPlan> planned, boolean isQuiet) {
    /** Whether the signals that wait are raised. */
    boolean hasSignals() {
        return !isQuiet && names(Finding.SIGNALS);
    }

    /**
     * Whether that check looks. One that the tick names does so even if it just has; one whose breaker is open does not.
     *
     * @param every how often it does where the schedule does not say, at most
     * @param known how it has fared with the agent; null for nothing yet
     */
    boolean isDue(Check check, Duration every, @Nullable CheckEntry known, long now) {
        if (!names(check.name()) || (isQuiet && !check.isUrgent())) {
            return false;
        }
        return named == null ? Checkup.isDue(known, planned(check, every), now) : !Checkup.isLeftOut(known, now);
    }

    private boolean names(String check) {
        if (named != null) {
            return named.contains(check);
        }
        return planned == null || planned.stream().anyMatch(plan -> plan.name().equals(check));
    }

    private Duration planned(Check check, Duration every) {
        for (CheckPlan plan : planned == null ? List.<CheckPlan>of() : planned) {
            if (plan.name().equals(check.name()) && plan.everyMs() != null) {
                return Duration.ofMillis(plan.everyMs());
            }
        }
        return every;
    }
}
