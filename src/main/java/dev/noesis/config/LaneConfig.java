package dev.noesis.config;

import dev.noesis.model.Lane;
import java.time.Duration;

/**
 * How much one lane takes on. Counts and times have the ranges of the keys they are built from.
 *
 * @param maxInFlight most model calls at a time, per worker
 * @param maxInFlightPerAgent most model calls of one agent at a time
 * @param maxQueuedPerAgent most runs of one agent that wait for their thread or a permit; more are answered {@code overloaded}
 * @param maxQueued most runs of one partition that wait; more are answered {@code overloaded}
 * @param drain how long calls in flight may go on after a stop was asked for
 */
public record LaneConfig(
        Lane lane,
        int maxInFlight,
        int maxInFlightPerAgent,
        int maxQueuedPerAgent,
        int maxQueued,
        Duration drain,
        LlmConfig llm) {
    static final Range MAX_IN_FLIGHT = new Range(1, 100_000);
    static final Range MAX_QUEUED = new Range(1, 10_000_000);
    static final Range DRAIN = new Range(0, 3_600_000);

    /** @throws IllegalArgumentException that names the first key out of its range, and the range */
    public LaneConfig {
        MAX_IN_FLIGHT.check(Keys.of(lane, Keys.MAX_IN_FLIGHT), maxInFlight);
        MAX_IN_FLIGHT.check(Keys.of(lane, Keys.MAX_IN_FLIGHT_PER_AGENT), maxInFlightPerAgent);
        MAX_QUEUED.check(Keys.of(lane, Keys.MAX_QUEUED_PER_AGENT), maxQueuedPerAgent);
        MAX_QUEUED.check(Keys.of(lane, Keys.MAX_QUEUED), maxQueued);
        DRAIN.check(Keys.DRAIN, drain);
        if (llm.connections() + (long) llm.maxWaiters() < maxInFlight) {
            throw new IllegalArgumentException(
                    "%s is %d, but %s (%d) and %s (%d) have room for fewer calls; the rest would fail"
                            .formatted(
                                    Keys.of(lane, Keys.MAX_IN_FLIGHT),
                                    maxInFlight,
                                    Keys.llm(lane, Keys.CONNECTIONS),
                                    llm.connections(),
                                    Keys.llm(lane, Keys.MAX_WAITERS),
                                    llm.maxWaiters()));
        }
    }
}
