package dev.noesis.mind;

import dev.noesis.mind.Memory.CheckEntry;
import dev.noesis.model.CheckReport;
import dev.noesis.model.CheckReport.Status;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How an agent's check fares from look to look. After three failures in a row its breaker opens: it is left out for ten
 * minutes, and then one look tells whether it closes, or stays open for twice as long, up to four hours. So a thing that is gone
 * for good costs six looks a day, and one that was gone for an hour is looked at again within the next. Pure.
 */
public final class Checkup {
    private static final int FAILURES_THAT_OPEN = 3;
    private static final long OPEN_MS = Duration.ofMinutes(10).toMillis();
    private static final long MOST_OPEN_MS = Duration.ofHours(4).toMillis();
    private static final int MANY = 5;
    private static final long MANY_AGAIN_MS = Duration.ofHours(12).toMillis();

    private Checkup() {}

    /**
     * It looked.
     *
     * @param many how many of its findings are acknowledged and still there
     */
    static CheckEntry looked(@Nullable CheckEntry before, CheckReport report, String tickId, long many, long now) {
        if (before != null && before.tickId().equals(tickId)) {
            return before;
        }
        boolean isOk = report.status() == Status.OK;
        int failures = isOk ? 0 : (before == null ? 0 : before.failures()) + 1;
        Long accumulatedAt = before == null ? null : before.accumulatedAt();
        String accumulatedBy = before == null ? null : before.accumulatedBy();
        if (many >= MANY && (accumulatedAt == null || now - accumulatedAt >= MANY_AGAIN_MS)) {
            accumulatedAt = now;
            accumulatedBy = tickId;
        }
        return new CheckEntry(
                tickId,
                now,
                isOk ? Long.valueOf(report.lookedAt()) : before == null ? null : before.okAt(),
                failures,
                failures < FAILURES_THAT_OPEN ? null : Long.valueOf(now + openMs(failures)),
                accumulatedAt,
                accumulatedBy);
    }

    /** Whether it may look: it has not just done so, and its breaker lets it. */
    public static boolean isDue(@Nullable CheckEntry check, Duration every, long now) {
        if (check == null) {
            return true;
        }
        return check.openUntil() == null ? now - check.lookedAt() >= every.toMillis() : now >= check.openUntil();
    }

    /** Whether its breaker leaves it out, whoever asks. */
    public static boolean isLeftOut(@Nullable CheckEntry check, long now) {
        return check != null && check.openUntil() != null && now < check.openUntil();
    }

    private static long openMs(int failures) {
        int doublings = Math.min(failures - FAILURES_THAT_OPEN, 10);
        return Math.min(OPEN_MS << doublings, MOST_OPEN_MS);
    }
}
