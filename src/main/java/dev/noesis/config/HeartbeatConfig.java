package dev.noesis.config;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * What only the heartbeat lane needs.
 *
 * @param staleAfter a tick older than this when it is read is answered {@code stale}
 * @param maxSignals most signals of one agent that wait for a tick; more go to {@code heartbeat.dlq}
 * @param maxBeatsPerSecond most ticks of a partition in a second that raise findings; one beyond that is skipped
 * @param digestHour of the agent's clock, 0 to 23; -1 for no digest
 * @param tuner whether what humans make of findings tunes how often checks look
 * @param isolation whose model client the lane uses
 * @param checks in their order, {@code signals} among them where signals are looked at
 */
public record HeartbeatConfig(
        Duration staleAfter,
        int maxSignals,
        int maxBeatsPerSecond,
        int digestHour,
        boolean tuner,
        Isolation isolation,
        List<CheckConfig> checks) {
    static final Range STALE = new Range(1, 2_592_000_000L);
    static final Range MAX_SIGNALS = new Range(1, 100_000);
    static final Range MAX_BEATS = new Range(1, 10_000);
    static final Range DIGEST_HOUR = new Range(-1, 23);
    static final Range CHECK_EVERY = new Range(1_000, 2_592_000_000L);
    static final Range CHECK_TIMEOUT = new Range(1, 600_000);

    /** @throws IllegalArgumentException that names the first key out of its range, and the range */
    public HeartbeatConfig {
        STALE.check(Keys.STALE, staleAfter);
        MAX_SIGNALS.check(Keys.MAX_SIGNALS, maxSignals);
        MAX_BEATS.check(Keys.MAX_BEATS, maxBeatsPerSecond);
        DIGEST_HOUR.check(Keys.DIGEST_HOUR, digestHour);
        checks = List.copyOf(checks);
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
