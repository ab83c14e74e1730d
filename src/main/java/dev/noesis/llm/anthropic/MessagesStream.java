package dev.noesis.llm.anthropic;

import dev.noesis.llm.LlmFailure;
import dev.noesis.llm.LlmFailure.Kind;
import dev.noesis.llm.LlmListener;
import dev.noesis.llm.LlmOutcome;
import dev.noesis.model.Content;
import dev.noesis.model.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * Reads the stream of one answer: tells the listener each piece, and gathers the whole.
 *
 * <p>An event's name decides what becomes of it before its JSON is touched; pings and events we do not know are never parsed.
 * The order is checked: {@code message_start}, then the blocks, each opened once and closed, then at least one
 * {@code message_delta} with a stop reason, then {@code message_stop}. An answer that has its stop reason and lacks only
 * {@code message_stop} is whole.
 *
 * <p><b>Threading.</b> One thread at a time.
 */
public final class MessagesStream {
    /** What an event was. */
    public enum Heard {
        /** A sign of life, and nothing else. */
        PING,
        /** A piece of the answer, or an event of later date. */
        PROGRESS,
        /** The last event: {@link #outcome()} is there. */
        END
    }

    private final LlmListener listener;
    private final @Nullable String requestId;
    private final AnswerSize size;
    private final List<Block> blocks = new ArrayList<>();
    private final DeltaScanner deltas = new DeltaScanner();

    private boolean started;
    private boolean partial;
    private String model = "";
    private @Nullable String stopReason;
    private Usage usage = Usage.NONE;
    private @Nullable LlmOutcome outcome;

    /**
     * @param listener hears the pieces; its {@code onEnd} is not called here
     * @param maxAnswerBytes most bytes of the answer, as UTF-8
     * @param requestId the provider's name for the request, for failures
     */
    public MessagesStream(LlmListener listener, int maxAnswerBytes, @Nullable String requestId) {
        this.listener = listener;
        this.size = new AnswerSize(maxAnswerBytes);
        this.requestId = requestId;
    }

    /** Takes the next event. After {@link Heard#END} there is no next. */
    public Heard event(String name, byte[] data) {
        if (outcome != null) {
            throw new IllegalStateException("the stream has ended");
        }
        return switch (name) {
            case "ping" -> Heard.PING;
            case "message_start",
                    "content_block_start",
                    "content_block_delta",
                    "content_block_stop",
                    "message_delta",
                    "message_stop",
                    "error" -> known(name, data);
            default -> Heard.PROGRESS;
        };
    }

    /** Whether the last event came. */
    public boolean ended() {
        return outcome != null;
    }

    /** How the stream ended; only after {@link Heard#END}. */
    public LlmOutcome outcome() {
        return Objects.requireNonNull(outcome, "the stream has not ended");
    }

    /**
     * How the stream ended that breaks off here: whole if only the last event is missing, else failed.
     *
     * @param why it broke off
     */
    public LlmOutcome cut(LlmFailure why) {
        if (outcome != null) {
            return outcome;
        }
        return stopReason == null ? failed(why) : completed(stopReason);
    }

    /** What is known to be charged so far. */
    public Usage usage() {
        return usage;
    }

    /** Whether some of the answer was heard. */
    public boolean partial() {
        return partial;
    }

    private Heard known(String name, byte[] data) {
        try {
            EventReader event =
                    name.equals("content_block_delta") && deltas.read(data) ? deltas.event() : read(name, data);
            switch (name) {
                case "message_start" -> messageStart(event);
                case "content_block_start" -> blockStart(event);
                case "content_block_delta" -> blockDelta(event);
                case "content_block_stop" -> block(event.index).stop(listener);
                case "message_delta" -> messageDelta(event);
                case "message_stop" -> messageStop();
                default -> outcome = failed(streamError(event));
            }
        } catch (BadStream bad) {
            outcome = failed(new LlmFailure(bad.kind, bad.getMessage(), 0, null, null, requestId));
        }
        return outcome == null ? Heard.PROGRESS : Heard.END;
    }

    private static EventReader read(String name, byte[] data) {
        try {
            return EventReader.read(data);
        } catch (JacksonException e) {
            throw BadStream.protocol(
                    "the event " + name + " is malformed: " + ErrorResponse.quote(e.getOriginalMessage()));
        }
    }

    private void messageStart(EventReader event) {
        if (started) {
            throw BadStream.protocol("message_start came twice");
        }
        started = true;
        model = Objects.requireNonNullElse(event.model, "");
        overwriteUsage(event);
    }

    private void blockStart(EventReader event) {
        // each block is numbered one higher than the last; anything else means that we lost our place
        if (!started || stopReason != null || event.index != blocks.size()) {
            throw BadStream.protocol("content_block_start of block " + event.index + " is out of order");
        }
        size.add(Block.OVERHEAD_BYTES);
        Block block = Block.of(event, size);
        blocks.add(block);
        partial |= block.start(event, listener);
    }

    private void blockDelta(EventReader event) {
        partial |= block(event.index).delta(event, listener);
    }

    private Block block(int index) {
        if (index < 0 || index >= blocks.size() || !blocks.get(index).open()) {
            throw BadStream.protocol("block " + index + " is not open");
        }
        return blocks.get(index);
    }

    private void messageDelta(EventReader event) {
        overwriteUsage(event);
        if (event.stopReason == null) {
            return;
        }
        if (!started || blocks.stream().anyMatch(Block::open)) {
            throw BadStream.protocol("the stop reason came before the end of the answer");
        }
        // an answer that was cut off at its limit may end within a tool call, which is left out then
        boolean cutOff =
                event.stopReason.equals("max_tokens") || event.stopReason.equals("model_context_window_exceeded");
        for (Block block : blocks) {
            String defect = block.defect();
            if (defect != null && !cutOff) {
                throw BadStream.protocol(defect);
            }
        }
        stopReason = event.stopReason;
    }

    private void messageStop() {
        if (stopReason == null) {
            throw BadStream.protocol("message_stop came without a stop reason");
        }
        outcome = completed(stopReason);
    }

    private LlmFailure streamError(EventReader event) {
        String words = event.errorType + ": " + ErrorResponse.quote(event.errorMessage);
        return new LlmFailure(
                Kind.STREAM_ERROR,
                "error in the stream: " + words,
                ErrorTypes.status(event.errorType),
                null,
                null,
                event.requestId == null ? requestId : event.requestId);
    }

    /** What a {@code message_delta} counts is cumulative, so it takes the place of what was known. */
    private void overwriteUsage(EventReader event) {
        usage = new Usage(
                overwrite(usage.inputTokens(), event.inputTokens),
                overwrite(usage.outputTokens(), event.outputTokens),
                overwrite(usage.cacheReadTokens(), event.cacheReadTokens),
                overwrite(usage.cacheWriteTokens(), event.cacheWriteTokens));
    }

    private static long overwrite(long known, long told) {
        return told < 0 ? known : told;
    }

    private LlmOutcome completed(String reason) {
        List<Content> content = new ArrayList<>(blocks.size());
        for (Block block : blocks) {
            Content whole = block.content();
            if (whole != null) {
                content.add(whole);
            }
        }
        return new LlmOutcome.Completed(content, reason, usage, model);
    }

    private LlmOutcome failed(LlmFailure failure) {
        return new LlmOutcome.Failed(failure, usage, partial);
    }
}
