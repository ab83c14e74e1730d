package dev.noesis.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** Why a run ended in {@code RUN_ERROR}. The names are part of the contract of {@code chat.replies}. */
public enum ErrorCode {
    /** The input breaks the contract; the message names the field. The run id is not consumed. */
    INVALID_REQUEST,
    /** More is waiting than may wait; try again after {@code metadata.noesis.retryAfterMs}. The run id is not consumed. */
    OVERLOADED,
    /** The run's deadline passed before it ended. */
    DEADLINE_EXCEEDED,
    /** The run's token budget is used up. */
    BUDGET_EXHAUSTED,
    /** The thread had a run and the request said {@code multitask: reject}. The run id is not consumed. */
    REJECTED_BUSY,
    /** A censor of the agent blocked the answer. */
    CENSORED,
    /** The model declined to answer. */
    MODEL_REFUSED,
    /** The answer is larger than a record may be. */
    ANSWER_TOO_LARGE,
    /** The model could not be reached, or failed, more often than the retry budget allows. */
    MODEL_UNAVAILABLE,
    /** The model's provider refused the call: wrong key, unknown model, malformed request. */
    MODEL_REJECTED,
    /** The run used all its steps without coming to an end. */
    STEP_LIMIT,
    /** A tool that the run cannot do without failed. */
    TOOL_FAILED,
    /** A fault of Noesis itself. */
    INTERNAL;

    @JsonValue
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    @JsonCreator
    public static ErrorCode of(String id) {
        return valueOf(id.toUpperCase(Locale.ROOT));
    }
}
