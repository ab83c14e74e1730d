package dev.noesis.heartbeat;

import dev.noesis.mind.Memory.Tuning;
import dev.noesis.model.CheckTuning;
import org.jspecify.annotations.Nullable;

/**
 * Has a check look less often whose findings are noise to humans, and more often one whose findings are of use to them: by one
 * step a cycle, a tenth of the range between a quarter and four times of what is configured. Pure.
 */
final class Tuner {
    private static final int RELAXES_ABOVE = 60;
    private static final int TIGHTENS_ABOVE = 80;
    private static final int ROLLS_BACK_ABOVE = 80;
    private static final int STEPS = 10;

    private Tuner() {}

    /**
     * What follows for the check from a whole cycle.
     *
     * @param configuredMs how often it would look if nobody had said anything
     * @return null where the cycle is not complete, or the operator has pinned the interval
     */
    static @Nullable CheckTuning next(String check, Tuning tuning, long configuredMs) {
        if (!tuning.isComplete()) {
            return null;
        }
        long longest = configuredMs > Long.MAX_VALUE / 4 ? Long.MAX_VALUE : 4 * configuredMs;
        long shortest = configuredMs / 4;
        long step = (longest - shortest) / STEPS;
        Long before = tuning.beforeMs();
        long every = tuning.everyMs() == null ? configuredMs : tuning.everyMs();
        // it was to be tightened, and that was wrong
        if (before != null && every < before && isMoreThan(ROLLS_BACK_ABOVE, tuning.noise(), tuning)) {
            return new CheckTuning(check, unlessConfigured(Math.clamp(before, shortest, longest), configuredMs), null);
        }
        long next = every;
        if (isMoreThan(RELAXES_ABOVE, tuning.noise(), tuning)) {
            next = Math.min(every, longest - step) + step;
        } else if (isMoreThan(TIGHTENS_ABOVE, tuning.useful(), tuning)) {
            next = Math.max(every, shortest + step) - step;
        }
        next = Math.clamp(next, shortest, longest);
        return new CheckTuning(check, unlessConfigured(next, configuredMs), next == every ? null : every);
    }

    /** Where a check looks as often as it is configured, it goes on to do so when that is configured anew. */
    private static @Nullable Long unlessConfigured(long everyMs, long configuredMs) {
        return everyMs == configuredMs ? null : everyMs;
    }

    private static boolean isMoreThan(int percent, int part, Tuning tuning) {
        return 100L * part > (long) percent * (tuning.useful() + tuning.noise());
    }
}
