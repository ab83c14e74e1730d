package dev.noesis.config;

import dev.noesis.model.Lane;
import java.time.Duration;

/**
 * How much one lane takes on.
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
        LlmConfig llm) {}
