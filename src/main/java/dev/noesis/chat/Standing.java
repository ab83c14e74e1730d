package dev.noesis.chat;

import dev.noesis.mind.Run;
import dev.noesis.mind.RunState;
import dev.noesis.model.ErrorCode;
import org.jspecify.annotations.Nullable;

/**
 * How a run stands that is known, in the words of the contract.
 *
 * @param outcome {@code success}, {@code cancelled} or an error's code; null while it has not ended
 * @param requestOffset of the request that asked for it; -1 where nobody knows
 */
record Standing(String threadId, String state, @Nullable String outcome, long requestOffset) {

    static Standing waiting(WaitingRuns.Place place) {
        return new Standing(place.threadId(), "queued", null, place.offset());
    }

    /** @param outOfService whether the run's agent is: its open runs were answered when it became so */
    static Standing of(Run run, boolean outOfService) {
        if (outOfService && run.isOpen()) {
            return new Standing(run.threadId(), "ended", ErrorCode.INTERNAL.id(), run.requestOffset());
        }
        return new Standing(run.threadId(), state(run), outcome(run), run.requestOffset());
    }

    boolean hasEnded() {
        return outcome != null;
    }

    private static String state(Run run) {
        return switch (run.state()) {
            case RunState.Thinking _ -> "thinking";
            case RunState.Waiting _ -> "waiting";
            case RunState.Acting _ -> "acting";
            case RunState.Ended _ -> "ended";
        };
    }

    private static @Nullable String outcome(Run run) {
        return switch (run.state()) {
            case RunState.Finished _ -> "success";
            case RunState.Cancelled _ -> "cancelled";
            case RunState.Failed(ErrorCode code, String _) -> code.id();
            case RunState.Open _ -> null;
        };
    }
}
