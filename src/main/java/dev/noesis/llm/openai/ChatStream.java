package dev.noesis.llm.openai;

import dev.noesis.llm.LlmFailure;
import dev.noesis.llm.LlmFailure.Kind;
import dev.noesis.llm.LlmListener;
import dev.noesis.llm.openai.ChunkReader.ToolPiece;
import dev.noesis.llm.wire.AnswerStream;
import dev.noesis.llm.wire.BadStream;
import dev.noesis.llm.wire.Quote;
import dev.noesis.model.Content;
import dev.noesis.model.Usage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * Reads the stream of one chat completion: chunks without names, then {@code [DONE]}.
 *
 * <p>A chunk with a finish reason ends the answer, though the usage may follow it; {@code [DONE]} ends the stream. One that
 * breaks off behind its finish reason is whole, one that has none is cut, {@code [DONE]} or not. A chunk that brings nothing
 * is a sign of life: gateways keep a connection open so.
 *
 * <p><b>Threading.</b> One thread at a time.
 */
final class ChatStream extends AnswerStream {
    private static final byte[] DONE = "[DONE]".getBytes(StandardCharsets.US_ASCII);

    private final StringBuilder reasoning = new StringBuilder();
    private final StringBuilder text = new StringBuilder();
    /** By the provider's index, and in the order in which they began. */
    private final Map<Integer, ToolCall> toolsByIndex = new HashMap<>();

    private final List<ToolCall> tools = new ArrayList<>();

    private boolean refused;
    private String model = "";

    ChatStream(LlmListener listener, int maxAnswerBytes, @Nullable String requestId) {
        super(listener, maxAnswerBytes, requestId);
    }

    @Override
    protected Heard read(String name, byte[] data) {
        if (Arrays.equals(data, DONE)) {
            done();
            return Heard.PROGRESS;
        }
        ChunkReader chunk = parse(data, !model.isEmpty());
        ApiError error = chunk.error();
        if (error != null) {
            fail(streamError(error));
            return Heard.PROGRESS;
        }
        if (chunk.model != null) {
            model = chunk.model;
        }
        usage(chunk);
        if (chunk.isEmpty()) {
            return Heard.PING;
        }
        answer(chunk);
        if (chunk.finishReason != null && !chunk.finishReason.isEmpty() && stopReason == null) {
            finish(chunk.finishReason);
        }
        return Heard.PROGRESS;
    }

    private static ChunkReader parse(byte[] data, boolean modelKnown) {
        try {
            return ChunkReader.read(data, modelKnown);
        } catch (JacksonException e) {
            throw BadStream.protocol("a chunk is malformed: " + Quote.of(e.getOriginalMessage()));
        }
    }

    private void done() {
        if (stopReason == null) {
            fail(new LlmFailure(Kind.STREAM_CUT, "the stream ended without a finish reason", 0, null, null, requestId));
        } else {
            complete(stopReason);
        }
    }

    private LlmFailure streamError(ApiError error) {
        return new LlmFailure(
                Kind.STREAM_ERROR,
                "error in the stream: " + error.words(),
                error.status(),
                null,
                error.isFinal() ? Boolean.FALSE : null,
                requestId);
    }

    /** Of the tokens read, those that were in the cache are counted apart. */
    private void usage(ChunkReader chunk) {
        long cached = overwrite(usage.cacheReadTokens(), chunk.cachedTokens);
        long prompt = overwrite(usage.inputTokens() + usage.cacheReadTokens(), chunk.promptTokens);
        usage = new Usage(
                Math.max(0, prompt - cached), overwrite(usage.outputTokens(), chunk.completionTokens), cached, 0);
    }

    private void answer(ChunkReader chunk) {
        if (!chunk.reasoning.isEmpty()) {
            gather(reasoning, chunk.reasoning);
            listener.onReasoning(chunk.reasoning);
        }
        if (!chunk.content.isEmpty()) {
            gather(text, chunk.content);
            listener.onText(chunk.content);
        }
        if (!chunk.refusal.isEmpty()) {
            refused = true;
            gather(text, chunk.refusal);
            listener.onText(chunk.refusal);
        }
        if (chunk.tools != null) {
            chunk.tools.forEach(this::tool);
        }
    }

    private void gather(StringBuilder into, String piece) {
        requireOpen();
        size.add(piece);
        into.append(piece);
        partial = true;
    }

    private void requireOpen() {
        if (stopReason != null) {
            throw BadStream.protocol("the answer went on behind its finish reason");
        }
    }

    private void tool(ToolPiece piece) {
        requireOpen();
        ToolCall call = call(piece);
        partial |= call.take(piece, listener);
    }

    private ToolCall call(ToolPiece piece) {
        // without an index, an id begins a call and what has none goes on with the last
        boolean goesOn = piece.index < 0 && piece.id.isEmpty() && !tools.isEmpty();
        if (goesOn) {
            return tools.getLast();
        }
        int index = piece.index < 0 ? tools.size() : piece.index;
        ToolCall call = toolsByIndex.get(index);
        if (call == null) {
            size.add(ToolCall.OVERHEAD_BYTES);
            // behind the blocks of reasoning and text, which are numbered whether there are any or not
            call = new ToolCall(tools.size() + 2, size);
            toolsByIndex.put(index, call);
            tools.add(call);
        }
        return call;
    }

    private void finish(String reason) {
        // an answer that was cut off at its limit may end within a tool call, which is left out then
        boolean cutOff = reason.equals("length");
        for (ToolCall call : tools) {
            String defect = call.end(listener);
            if (defect != null && !cutOff) {
                throw BadStream.protocol(defect);
            }
        }
        stopReason = stopReason(reason);
    }

    /** The finish reason in the words of our outcome; some servers say {@code stop} where the model asks for a tool. */
    private String stopReason(String reason) {
        return switch (reason) {
            case "stop" -> refused ? "refusal" : tools.isEmpty() ? "end_turn" : "tool_use";
            case "length" -> "max_tokens";
            case "tool_calls", "function_call" -> "tool_use";
            case "content_filter" -> "refusal";
            default -> Quote.of(reason);
        };
    }

    @Override
    protected List<Content> content() {
        List<Content> content = new ArrayList<>(tools.size() + 2);
        if (!reasoning.isEmpty()) {
            content.add(new Content.Thinking(reasoning.toString(), "")); // these servers sign nothing
        }
        if (!text.isEmpty()) {
            content.add(new Content.Text(text.toString()));
        }
        for (ToolCall call : tools) {
            Content.ToolUse whole = call.content();
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
