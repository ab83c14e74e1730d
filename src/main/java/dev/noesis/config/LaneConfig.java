package dev.noesis.config;

import dev.noesis.model.Lane;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * How much one lane takes on. Counts and times have the ranges of the keys they are built from.
 *
 * @param maxInFlight most model calls at a time, per worker
 * @param maxInFlightPerAgent most model calls of one agent at a time
 * @param maxQueuedPerAgent most runs of one agent that wait for their thread or a permit; more are answered {@code overloaded}
 * @param maxQueued most runs of one partition that wait; more are answered {@code overloaded}
 * @param drain how long calls in flight may go on after a stop was asked for
 * @param targets the models that it may ask: its own, then its fallbacks, in the order in which they are asked
 */
public record LaneConfig(
        Lane lane,
        int maxInFlight,
        int maxInFlightPerAgent,
        int maxQueuedPerAgent,
        int maxQueued,
        Duration drain,
        List<LlmTarget> targets) {
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
        targets = List.copyOf(targets);
        for (LlmTarget target : targets) {
            LlmConfig llm = target.llm();
            if (llm.connections() + (long) llm.maxWaiters() < maxInFlight) {
                throw new IllegalArgumentException(
                        "%s is %d, but %s (%d) and %s (%d) have room for fewer calls; the rest would fail"
                                .formatted(
                                        Keys.of(lane, Keys.MAX_IN_FLIGHT),
                                        maxInFlight,
                                        key(lane, target, Keys.CONNECTIONS),
                                        llm.connections(),
                                        key(lane, target, Keys.MAX_WAITERS),
                                        llm.maxWaiters()));
            }
        }
    }

    private static String key(Lane lane, LlmTarget target, String suffix) {
        return target.isPrimary() ? Keys.llm(lane, suffix) : Keys.fallback(target.name(), suffix);
    }

    /** Of its own model's client. */
    public LlmConfig llm() {
        return targets.getFirst().llm();
    }

    /**
     * The same lane where it uses the lender's clients: it goes on asking for its own model where that is at the same server,
     * and else asks for the lender's.
     */
    LaneConfig borrowing(LaneConfig lender) {
        LlmConfig own = llm().isAtTheServerOf(lender.llm()) ? llm() : lender.llm();
        List<LlmTarget> borrowed = new ArrayList<>(lender.targets);
        borrowed.set(0, new LlmTarget(LlmTarget.PRIMARY, own));
        return new LaneConfig(lane, maxInFlight, maxInFlightPerAgent, maxQueuedPerAgent, maxQueued, drain, borrowed);
    }
}
