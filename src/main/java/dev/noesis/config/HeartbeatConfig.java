package dev.noesis.config;

import java.time.Duration;
import java.util.Locale;

/**
 * What only the heartbeat lane needs.
 *
 * @param staleAfter a tick older than this when it is read is answered {@code stale}
 * @param maxSignals most signals of one agent that wait for a tick; more go to {@code heartbeat.dlq}
 * @param maxBeatsPerSecond most ticks of a partition in a second that raise findings; one beyond that is skipped
 * @param isolation whose model client the lane uses
 */
public record HeartbeatConfig(Duration staleAfter, int maxSignals, int maxBeatsPerSecond, Isolation isolation) {
    static final Range STALE = new Range(1, 2_592_000_000L);
    static final Range MAX_SIGNALS = new Range(1, 100_000);
    static final Range MAX_BEATS = new Range(1, 10_000);

    /** @throws IllegalArgumentException that names the first key out of its range, and the range */
    public HeartbeatConfig {
        STALE.check(Keys.STALE, staleAfter);
        MAX_SIGNALS.check(Keys.MAX_SIGNALS, maxSignals);
        MAX_BEATS.check(Keys.MAX_BEATS, maxBeatsPerSecond);
    }

    /** Whose model client the heartbeat lane uses. */
    public enum Isolation {
        /** Its own, or the lane does not start. */
        DEDICATED,
        /** Its own; where that cannot be started, the chat lane's, with a warning. */
        PREFERRED,
        /** The chat lane's, with a warning: a hanging heartbeat can then starve chat. */
        SHARED;

        /** The name used in configuration. */
        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
