package dev.noesis.llm.netty;

import dev.noesis.config.LlmConfig;
import java.time.Duration;

/**
 * How much a pool holds, and for how long.
 *
 * @param connections most at a time, ≥ 1
 * @param waiters most that may wait for one, ≥ 0
 * @param idle how long one that nobody uses is kept
 * @param life how long one is used at all, give or take a jitter
 */
record PoolLimits(int connections, int waiters, Duration idle, Duration life) {
    PoolLimits {
        if (connections < 1 || waiters < 0) {
            throw new IllegalArgumentException(
                    "connections is at least 1 and waiters at least 0, not " + connections + " and " + waiters);
        }
    }

    static PoolLimits of(LlmConfig config) {
        return new PoolLimits(
                config.connections(), config.maxWaiters(), config.connectionIdle(), config.connectionLife());
    }
}
