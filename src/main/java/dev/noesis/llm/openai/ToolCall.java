package dev.noesis.llm.openai;

import dev.noesis.llm.LlmListener;
import dev.noesis.llm.openai.ChunkReader.ToolPiece;
import dev.noesis.llm.wire.AnswerSize;
import dev.noesis.llm.wire.Quote;
import dev.noesis.llm.wire.ToolArguments;
import dev.noesis.model.Content;
import org.jspecify.annotations.Nullable;

/** One tool call of an answer while it is being received: its id and name come once, its arguments in pieces. */
final class ToolCall {
    /** What each call costs, whatever it holds: so many empty ones are bounded as well. */
    static final int OVERHEAD_BYTES = 64;

    private final int block;
    private final AnswerSize size;
    private final ToolArguments arguments = new ToolArguments();
    /** What came of the arguments before the call had its id and name. */
    private final StringBuilder early = new StringBuilder();

    private String id = "";
    private String name = "";
    private boolean started;
    private boolean usable;

    /** @param block the listener's number for it */
    ToolCall(int block, AnswerSize size) {
        this.block = block;
        this.size = size;
    }

    /** Takes the next piece; true if the listener heard of it. */
    boolean take(ToolPiece piece, LlmListener listener) {
        if (id.isEmpty()) {
            size.add(piece.id);
            id = piece.id;
        }
        if (name.isEmpty()) {
            size.add(piece.name);
            name = piece.name;
        }
        size.add(piece.arguments);
        early.append(piece.arguments);
        if (!started && !id.isEmpty() && !name.isEmpty()) {
            started = true;
            listener.onToolStart(block, id, name);
        }
        if (started && !early.isEmpty()) {
            String told = early.toString();
            early.setLength(0);
            arguments.add(told);
            listener.onToolArguments(block, told);
        }
        return started;
    }

    /** The answer is complete; gives what is wrong with the call, or null where it can be used. */
    @Nullable
    String end(LlmListener listener) {
        if (!started) {
            return "a tool call lacks its id or name";
        }
        String defect = arguments.defect();
        if (defect != null) {
            return "the arguments of the tool " + Quote.of(name) + " " + defect;
        }
        usable = true;
        listener.onToolEnd(block);
        return null;
    }

    /** The call gathered whole; null where it cannot be used. */
    Content.@Nullable ToolUse content() {
        return usable ? new Content.ToolUse(id, name, arguments.json()) : null;
    }
}
