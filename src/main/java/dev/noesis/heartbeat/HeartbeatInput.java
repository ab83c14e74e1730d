package dev.noesis.heartbeat;

import dev.noesis.model.Finding.Urgency;
import dev.noesis.model.Schedule;
import org.jspecify.annotations.Nullable;

/** What a record of the lane's inputs says, once it has been read. */
sealed interface HeartbeatInput {
    /**
     * A beat is due.
     *
     * @param tickId the idempotency key
     * @param scheduledAt epoch milliseconds
     * @param deadlineMs from the record's append time; null for the default
     */
    record Tick(
            String tickId,
            long scheduledAt,
            String reason,
            @Nullable Long deadlineMs) implements HeartbeatInput {}

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

    /** The agent is to look after itself by that schedule from now on; null: by none. */
    record ScheduleChange(@Nullable Schedule schedule) implements HeartbeatInput {}

    /** It breaks the contract. */
    record Unreadable(String reason) implements HeartbeatInput {}
}
