package dev.noesis.llm.wire;

import dev.noesis.llm.LlmFailure;
import dev.noesis.llm.LlmListener;
import dev.noesis.llm.LlmOutcome;
import dev.noesis.model.Content;
import dev.noesis.model.Usage;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads the stream of one answer: tells the listener each piece, and gathers the whole.
 *
 * <p>What is the same for all providers stands here: a stream ends once, with its terminal event or a fault; one that has its
 * stop reason and lacks only the terminal event is whole.
 *
 * <p><b>Threading.</b> One thread at a time.
 */
public abstract class AnswerStream {
    /** What an event was. */
    public enum Heard {
        /** A sign of life, and nothing else. */
        PING,
        /** A piece of the answer, or an event of later date. */
        PROGRESS,
        /** The last event: {@link #outcome()} is there. */
        END
    }

    protected final LlmListener listener;
    protected final AnswerSize size;
    protected final @Nullable String requestId;

    /** What is known to be charged so far. */
    protected Usage usage = Usage.NONE;
    /** Whether some of the answer was heard. */
    protected boolean partial;
    /** In the words of {@link LlmOutcome.Completed}; null before it came. */
    protected @Nullable String stopReason;

    private @Nullable LlmOutcome outcome;

    /**
     * @param listener hears the pieces; its {@code onEnd} is not called here
     * @param maxAnswerBytes most bytes of the answer, as UTF-8
     * @param requestId the provider's name for the request, for failures
     */
    protected AnswerStream(LlmListener listener, int maxAnswerBytes, @Nullable String requestId) {
        this.listener = listener;
        this.size = new AnswerSize(maxAnswerBytes);
        this.requestId = requestId;
    }

    /**
     * Takes the next event. After {@link Heard#END} there is no next.
     *
     * @param name of the event; {@code message} where the stream named none
     * @param data UTF-8; not changed, and not kept
     */
    public final Heard event(String name, byte[] data) {
        if (outcome != null) {
            throw new IllegalStateException("the stream has ended");
        }
        Heard heard = Heard.PROGRESS;
        try {
            heard = read(name, data);
        } catch (BadStream bad) {
            fail(new LlmFailure(bad.kind, bad.getMessage(), 0, null, null, requestId));
        }
        return outcome == null ? heard : Heard.END;
    }

    /**
     * Reads an event; at the last one calls {@link #complete} or {@link #fail}.
     *
     * @throws BadStream if it breaks the protocol, or the answer is too large
     */
    protected abstract Heard read(String name, byte[] data);

    /** The blocks gathered by now, in order. */
    protected abstract List<Content> content();

    /** Who answers, in the provider's words; empty where it did not say. */
    protected abstract String model();

    /** Whether the last event came. */
    public final boolean ended() {
        return outcome != null;
    }

    /** How the stream ended; only after {@link Heard#END}. */
    public final LlmOutcome outcome() {
        return Objects.requireNonNull(outcome, "the stream has not ended");
    }

    /**
     * How the stream ended that breaks off here: whole if only the last event is missing, else failed.
     *
     * @param why it broke off
     */
    public final LlmOutcome cut(LlmFailure why) {
        if (outcome != null) {
            return outcome;
        }
        return stopReason == null ? failed(why) : completed(stopReason);
    }

    /** What is known to be charged so far. */
    public final Usage usage() {
        return usage;
    }

    /** Whether some of the answer was heard. */
    public final boolean partial() {
        return partial;
    }

    /** The last event came, after that stop reason. */
    protected final void complete(String reason) {
        outcome = completed(reason);
    }

    /** The provider ended the stream with an error. */
    protected final void fail(LlmFailure failure) {
        outcome = failed(failure);
    }

    /** What a provider tells is a total, so it takes the place of what was known; a negative number tells nothing. */
    protected static long overwrite(long known, long told) {
        return told < 0 ? known : told;
    }

    private LlmOutcome completed(String reason) {
        return new LlmOutcome.Completed(content(), reason, usage, model());
    }

    private LlmOutcome failed(LlmFailure failure) {
        return new LlmOutcome.Failed(failure, usage, partial);
    }
}
