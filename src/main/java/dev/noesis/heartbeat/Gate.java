package dev.noesis.heartbeat;

import dev.noesis.mind.DueTimes;
import dev.noesis.model.Schedule;
import dev.noesis.model.Schedule.Every;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Whether a tick may go on to its checks. Pure, and free: no refusal costs a model call. */
final class Gate {
    private Gate() {}

    /** Why a tick was skipped. The names are part of the contract of {@code heartbeat.outcomes}. */
    enum Skip {
        DUPLICATE,
        DISABLED,
        STALE,
        QUIET_HOURS,
        BUSY,
        NO_FINDINGS,
        BUDGET,
        COOLDOWN;

        String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * The tick. All times in epoch milliseconds.
     *
     * @param isDue whether the scheduler made it; else it came from outside
     * @param staleAfter milliseconds; a shorter interval of the agent's schedule takes its place
     */
    record Beat(boolean isDue, long scheduledAt, long now, long staleAfter) {}

    /**
     * What the gate looks at.
     *
     * @param schedule of the agent; null for none
     * @param spentToday tokens that its heartbeats were charged since its midnight
     * @param cooling the partition's log has taken as many findings in this second as it may
     */
    record View(
            Beat beat,
            boolean seen,
            @Nullable Schedule schedule,
            boolean busy,
            boolean anythingToDo,
            long spentToday,
            boolean cooling) {}

    sealed interface Verdict {
        record Pass() implements Verdict {}

        record Refuse(Skip reason) implements Verdict {}
    }

    static Verdict judge(View view) {
        Beat beat = view.beat();
        Schedule schedule = view.schedule();
        boolean isLate = isLate(beat, schedule);
        if (view.seen()) {
            return new Verdict.Refuse(Skip.DUPLICATE);
        }
        if (schedule == null ? beat.isDue() : !schedule.enabled()) {
            return new Verdict.Refuse(Skip.DISABLED);
        }
        if (isLate && !isMadeUpFor(beat, schedule)) {
            return new Verdict.Refuse(Skip.STALE);
        }
        // Who is in time is judged by the hour that was meant, and who is made up for by the hour it is.
        if (schedule != null && DueTimes.isQuiet(schedule, isLate ? beat.now() : beat.scheduledAt())) {
            return new Verdict.Refuse(Skip.QUIET_HOURS);
        }
        if (view.busy()) {
            return new Verdict.Refuse(Skip.BUSY);
        }
        if (!view.anythingToDo()) {
            return new Verdict.Refuse(Skip.NO_FINDINGS);
        }
        if (schedule != null && schedule.tokensPerDay() != null && view.spentToday() >= schedule.tokensPerDay()) {
            return new Verdict.Refuse(Skip.BUDGET);
        }
        return view.cooling() ? new Verdict.Refuse(Skip.COOLDOWN) : new Verdict.Pass();
    }

    private static boolean isLate(Beat beat, @Nullable Schedule schedule) {
        long limit = schedule != null && schedule.rhythm() instanceof Every every
                ? Math.min(beat.staleAfter(), every.everyMs())
                : beat.staleAfter();
        return beat.now() - beat.scheduledAt() > limit;
    }

    private static boolean isMadeUpFor(Beat beat, @Nullable Schedule schedule) {
        return beat.isDue()
                && schedule != null
                && switch (schedule.misfire()) {
                    case SKIP -> false;
                    case FIRE_ONCE -> true;
                };
    }
}
