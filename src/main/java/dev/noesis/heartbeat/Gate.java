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
     * @param hasUrgent whether a check is to look that does so in quiet hours too
     * @param hasNews whether signals wait, checks are to look, or humans are to be told something again
     * @param hasOpen whether findings wait for a run
     * @param spentToday tokens that its heartbeats were charged since its midnight
     * @param cooling the partition's log has taken as many findings in this second as it may
     */
    record View(
            Beat beat,
            boolean seen,
            @Nullable Schedule schedule,
            boolean busy,
            boolean hasUrgent,
            boolean hasNews,
            boolean hasOpen,
            long spentToday,
            boolean cooling) {}

    sealed interface Verdict {
        /** @param isQuiet whether only what presses is looked at, and told */
        record Pass(boolean isQuiet) implements Verdict {}

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
        boolean isQuiet = schedule != null && DueTimes.isQuiet(schedule, isLate ? beat.now() : beat.scheduledAt());
        if (isQuiet && !view.hasUrgent()) {
            return new Verdict.Refuse(Skip.QUIET_HOURS);
        }
        if (view.busy()) {
            return new Verdict.Refuse(Skip.BUSY);
        }
        if (!isQuiet && !view.hasNews() && !view.hasOpen()) {
            return new Verdict.Refuse(Skip.NO_FINDINGS);
        }
        // To look costs nothing; to decide about what is known already does.
        boolean isSpent =
                schedule != null && schedule.tokensPerDay() != null && view.spentToday() >= schedule.tokensPerDay();
        if (!isQuiet && !view.hasNews() && isSpent) {
            return new Verdict.Refuse(Skip.BUDGET);
        }
        return view.cooling() ? new Verdict.Refuse(Skip.COOLDOWN) : new Verdict.Pass(isQuiet);
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
