package dev.noesis.run;

import dev.noesis.llm.LlmFailure;
import dev.noesis.llm.LlmOutcome;
import dev.noesis.llm.RateGate;
import dev.noesis.model.Attempt;
import dev.noesis.model.ErrorCode;
import dev.noesis.model.Lane;
import dev.noesis.model.MindEvent;
import dev.noesis.model.MindEvent.StepCompleted;
import dev.noesis.model.MindEvent.StepFailed;
import dev.noesis.model.Origin;
import dev.noesis.model.Usage;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What there is to tell the log of a step when an attempt at it has ended.
 *
 * @param attempts how many there were, this one included
 * @param spent by all of them
 * @param nextSeq the first sequence number of the run's stream that the attempt has not used
 * @param at epoch milliseconds
 */
record StepReport(
        Lane lane,
        Tenure tenure,
        Effects.ModelCall call,
        Attempt attempt,
        int attempts,
        Usage spent,
        long nextSeq,
        long at) {

    MindEvent completed(LlmOutcome.Completed answer, ModelTarget target) {
        return event(
                "completed/" + attempt,
                null,
                new StepCompleted(
                        call.step(),
                        attempt,
                        attempts,
                        answer.content(),
                        answer.stopReason(),
                        spent,
                        answer.model(),
                        nextSeq,
                        target.provider().id(),
                        target.name()));
    }

    /** All models that may be asked were, or the one that was asked last said what all would: the run fails, or waits. */
    MindEvent failed(List<Miss> misses) {
        Miss all = Miss.all(misses);
        return failed(all.code(), all.message(), all.retryAt());
    }

    /** A call that was cut is told for what it had used; its run has ended and ignores the rest. Null if that is nothing. */
    @Nullable
    MindEvent cut() {
        return spent.total() == 0 ? null : failed(ErrorCode.INTERNAL, "the call was cancelled", null);
    }

    private MindEvent failed(ErrorCode code, String message, @Nullable Long retryAt) {
        return event(
                "failed/" + attempt,
                tenure.incarnation(),
                new StepFailed(call.step(), attempt, attempts, code, message, retryAt, spent, nextSeq));
    }

    private MindEvent event(String what, @Nullable String stamp, MindEvent.Body body) {
        return new MindEvent(
                call.runId() + "/" + call.step() + "/" + what,
                at,
                lane,
                call.runId(),
                call.threadId(),
                Origin.MODEL,
                stamp,
                body);
    }

    /** @param retryAt when the model is to be asked again, epoch milliseconds; null: it is not */
    static Miss miss(ModelTarget target, LlmFailure failure, @Nullable Long retryAt) {
        return new Miss(target.name(), code(failure), failure.message(), retryAt);
    }

    /**
     * The step was not asked of the model, because of a limit that the provider had announced.
     *
     * @param retryAt when it is to be asked, epoch milliseconds; null: that is beyond the run's deadline
     */
    static Miss miss(ModelTarget target, RateGate.Admission.NotBefore limit, @Nullable Long retryAt) {
        return new Miss(
                target.name(),
                ErrorCode.MODEL_UNAVAILABLE,
                "the provider's limit of "
                        + limit.resource().name().toLowerCase(Locale.ROOT).replace('_', ' ') + " is used up until "
                        + Instant.ofEpochMilli(limit.epochMs()),
                retryAt);
    }

    static ErrorCode code(LlmFailure failure) {
        return switch (failure.kind()) {
            case ANSWER_TOO_LARGE -> ErrorCode.ANSWER_TOO_LARGE;
            case REQUEST_TOO_LARGE, TLS_FAILED, PROXY_REFUSED -> ErrorCode.MODEL_REJECTED;
            case HTTP_STATUS, STREAM_ERROR ->
                failure.status() == 408 || failure.status() == 409 || failure.status() == 429 || failure.status() >= 500
                        ? ErrorCode.MODEL_UNAVAILABLE
                        : ErrorCode.MODEL_REJECTED;
            case CONNECT_TIMEOUT,
                    CONNECT_FAILED,
                    TLS_TIMEOUT,
                    PROXY_FAILED,
                    ACQUIRE_TIMEOUT,
                    ACQUIRE_QUEUE_FULL,
                    FIRST_BYTE_TIMEOUT,
                    IDLE_TIMEOUT,
                    PROGRESS_TIMEOUT,
                    CALL_TIMEOUT,
                    CONNECTION_LOST,
                    STREAM_CUT,
                    PROTOCOL,
                    CLIENT_CLOSED -> ErrorCode.MODEL_UNAVAILABLE;
            case INTERNAL -> ErrorCode.INTERNAL;
        };
    }
}
