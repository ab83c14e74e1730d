package dev.noesis.llm.anthropic;

import dev.noesis.llm.LlmFailure;
import dev.noesis.llm.LlmFailure.Kind;
import dev.noesis.llm.LlmListener;
import dev.noesis.llm.wire.AnswerStream;
import dev.noesis.llm.wire.BadStream;
import dev.noesis.llm.wire.Quote;
import dev.noesis.model.Content;
import dev.noesis.model.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * Reads the stream of one answer of the Messages API.
 *
 * <p>An event's name decides what becomes of it before its JSON is touched; pings and events we do not know are never parsed.
 * The order is checked: {@code message_start}, then the blocks, each opened once and closed, then at least one
 * {@code message_delta} with a stop reason, then {@code message_stop}.
 *
 * <p><b>Threading.</b> One thread at a time.
 */
final class MessagesStream extends AnswerStream {
    private final List<Block> blocks = new ArrayList<>();
    private final DeltaScanner deltas = new DeltaScanner();

    private boolean started;
    private String model = "";

    MessagesStream(LlmListener listener, int maxAnswerBytes, @Nullable String requestId) {
        super(listener, maxAnswerBytes, requestId);
    }

    @Override
    protected Heard read(String name, byte[] data) {
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

    private Heard known(String name, byte[] data) {
        EventReader event =
                name.equals("content_block_delta") && deltas.read(data) ? deltas.event() : parse(name, data);
        switch (name) {
            case "message_start" -> messageStart(event);
            case "content_block_start" -> blockStart(event);
            case "content_block_delta" -> blockDelta(event);
            case "content_block_stop" -> block(event.index).stop(listener);
            case "message_delta" -> messageDelta(event);
            case "message_stop" -> messageStop();
            default -> fail(streamError(event));
        }
        return Heard.PROGRESS;
    }

    private static EventReader parse(String name, byte[] data) {
        try {
            return EventReader.read(data);
        } catch (JacksonException e) {
            throw BadStream.protocol("the event " + name + " is malformed: " + Quote.of(e.getOriginalMessage()));
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
        complete(stopReason);
    }

    private LlmFailure streamError(EventReader event) {
        String words = event.errorType + ": " + Quote.of(event.errorMessage);
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

    @Override
    protected List<Content> content() {
        List<Content> content = new ArrayList<>(blocks.size());
        for (Block block : blocks) {
            Content whole = block.content();
            if (whole != null) {
                content.add(whole);
            }
        }
        return content;
    }

    @Override
    protected String model() {
        return model;
    }
}
