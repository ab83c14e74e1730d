package dev.noesis.heartbeat.checks;

import dev.noesis.config.CheckConfig;
import dev.noesis.mind.Memory.Failure;
import dev.noesis.model.ErrorCode;
import dev.noesis.model.Finding.Urgency;
import dev.noesis.model.Lane;
import dev.noesis.serde.Json;
import java.time.Duration;
import java.util.List;

/**
 * Runs that failed since it last looked. One of chat wants to be looked into; one of the heartbeat is told of, and no more: a
 * triage that fails would otherwise be the cause of the next. Pure.
 */
public final class FailuresCheck implements Check {
    private static final int MAX_MESSAGE = 500;

    @Override
    public String name() {
        return CheckConfig.FAILURES;
    }

    @Override
    public Duration every() {
        return Duration.ofMinutes(1);
    }

    @Override
    public boolean blocks() {
        return false;
    }

    /** It is shown each failure once. */
    @Override
    public boolean seesAll() {
        return false;
    }

    @Override
    public List<Found> look(View view) {
        // those of the very millisecond may have come behind the look: once too often is better than never
        long since = view.lastLookedAt() == null ? Long.MIN_VALUE : view.lastLookedAt();
        return view.failures().stream()
                .filter(failure -> failure.failedAt() >= since)
                .map(FailuresCheck::found)
                .toList();
    }

    private static Found found(Failure failure) {
        String why = failure.message().isBlank() ? "" : ": " + Looks.first(failure.message(), MAX_MESSAGE);
        return new Found(
                failure.runId(),
                failure.lane().id(),
                "The run " + failure.runId() + " of the thread " + failure.threadId() + " failed with "
                        + failure.code().id() + why,
                urgency(failure),
                failure.lane() == Lane.CHAT,
                Json.object()
                        .put("runId", failure.runId())
                        .put("code", failure.code().id())
                        .put("threadId", failure.threadId())
                        .toString());
    }

    private static Urgency urgency(Failure failure) {
        return switch (failure.lane()) {
            case HEARTBEAT -> Urgency.LOW;
            case CHAT -> failure.code() == ErrorCode.INTERNAL ? Urgency.HIGH : Urgency.NORMAL;
        };
    }
}
