package dev.noesis.llm;

import dev.noesis.llm.RateLimits.Limit;
import dev.noesis.llm.RateLimits.Resource;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

/**
 * Keeps calls from being launched into a limit that the provider has announced: while nothing of it remains, until its reset.
 *
 * <p>The calls that were launched after the one whose response told the most recent count are not in that count yet, or may
 * not be; each is taken off the requests that remain. What a call will use of tokens is not known before, so a limit of tokens
 * holds calls back only once none remain.
 *
 * <p>A limit is believed for {@value #MOST_MINUTES} minutes at most: neither a header that is wrong by years nor a clock that is
 * set back shall silence a lane.
 *
 * <p><b>Threading.</b> Any; a lock is held for a few instructions.
 */
public final class RateGate {
    private static final long MOST_MINUTES = 10;
    private static final long MOST_MS = Duration.ofMinutes(MOST_MINUTES).toMillis();

    private final Map<Resource, Limit> known = new EnumMap<>(Resource.class);
    private long launches;
    /** The last launched of the calls whose response was heard. */
    private long newestHeard;

    /** Whether a call may be launched. */
    public sealed interface Admission {
        /**
         * Now; it counts as launched.
         *
         * @param launch its number, for {@link #heard}
         */
        record Admitted(long launch) implements Admission {}

        /**
         * Not now.
         *
         * @param resource what is used up
         * @param epochMs when to ask again
         */
        record NotBefore(Resource resource, long epochMs) implements Admission {}
    }

    /** @param nowMs epoch milliseconds */
    public synchronized Admission admit(long nowMs) {
        known.values().removeIf(limit -> limit.resetAt() <= nowMs || limit.resetAt() - nowMs > MOST_MS);
        Admission.NotBefore latest = null;
        for (var each : known.entrySet()) {
            boolean usedUp = each.getValue().remaining() <= (each.getKey() == Resource.REQUESTS ? uncounted() : 0);
            long resetAt = each.getValue().resetAt();
            if (usedUp && (latest == null || resetAt > latest.epochMs())) {
                latest = new Admission.NotBefore(each.getKey(), resetAt);
            }
        }
        return latest == null ? new Admission.Admitted(++launches) : latest;
    }

    private long uncounted() {
        return launches - newestHeard;
    }

    /**
     * The headers of a call's response came.
     *
     * @param launch the call's number; what an earlier call than one already heard tells is out of date
     */
    public synchronized void heard(long launch, RateLimits limits, long nowMs) {
        if (launch < newestHeard || limits.limits().isEmpty()) {
            return;
        }
        newestHeard = launch;
        limits.limits()
                .forEach((resource, limit) ->
                        known.put(resource, new Limit(limit.remaining(), Math.min(limit.resetAt(), nowMs + MOST_MS))));
    }
}
