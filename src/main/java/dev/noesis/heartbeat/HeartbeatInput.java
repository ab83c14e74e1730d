package dev.noesis.heartbeat;

import dev.noesis.model.Finding.Urgency;
import dev.noesis.model.Schedule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a record of the lane's inputs says, once it has been read. */
sealed interface HeartbeatInput {
    /**
     * A beat is due.
     *
     * @param tickId the idempotency key
     * @param scheduledAt epoch milliseconds
     * @param deadlineMs from the record's append time; null for the default
     * @param checks names of those that look; null where it is the schedule's to say
     */
    record Tick(
            String tickId,
            long scheduledAt,
            String reason,
            @Nullable Long deadlineMs,
            @Nullable List<String> checks) implements HeartbeatInput {
        public Tick {
            checks = checks == null ? null : List.copyOf(checks);
        }
    }

    /**
     * Something outside that the agent should hear of.
     *
     * @param data JSON text; null for none
     */
    record Signal(
            String signalId,
            String source,
            String summary,
            Urgency urgency,
            boolean needsAction,
            @Nullable String data) implements HeartbeatInput {}

    /**
     * What a human says of a finding.
     *
     * @param fingerprint 16 hexadecimal digits
     * @param until of a dismissal: what is seen again before it stays dismissed, epoch milliseconds; null where nobody said
     * @param note why, in the human's words; null for none
     */
    record Reaction(
            String fingerprint,
            dev.noesis.model.Reaction action,
            @Nullable Long until,
            @Nullable String note) implements HeartbeatInput {}

    /**
     * What the operator says of how often a check looks at the agent.
     *
     * @param everyMs milliseconds; null: that is left as it is, or put back
     * @param resets whether it is put back to what is configured
     * @param pinned whether the tuner is to leave it alone; null where nobody said
     */
    record Tuning(
            String check,
            @Nullable Long everyMs,
            boolean resets,
            @Nullable Boolean pinned) implements HeartbeatInput {}

    /** The agent is to look after itself by that schedule from now on; null: by none. */
    record ScheduleChange(@Nullable Schedule schedule) implements HeartbeatInput {}

    /** It breaks the contract. */
    record Unreadable(String reason) implements HeartbeatInput {}
}
