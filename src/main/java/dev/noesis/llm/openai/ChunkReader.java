package dev.noesis.llm.openai;

import static dev.noesis.llm.wire.JsonFields.each;
import static dev.noesis.llm.wire.JsonFields.eachItem;
import static dev.noesis.llm.wire.JsonFields.number;
import static dev.noesis.llm.wire.JsonFields.string;
import static dev.noesis.llm.wire.JsonFields.stringOrNull;

import dev.noesis.llm.wire.WireJson;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.exc.StreamReadException;

/**
 * Reads the fields that we need of a {@code chat.completion.chunk}, or of an error's body; what it did not name stays at its
 * initial value. Of several choices the first counts: we ask for one.
 */
final class ChunkReader {
    static final long ABSENT = -1;
    private static final String ERROR = "error";

    String content = "";
    String refusal = "";
    /** {@code reasoning_content}, or {@code reasoning}, as gateways and some servers send it. */
    String reasoning = "";

    /** Null where there is none, as mostly. */
    @Nullable
    List<ToolPiece> tools;

    @Nullable
    String finishReason;

    @Nullable
    String model;

    long promptTokens = ABSENT;
    long completionTokens = ABSENT;
    long cachedTokens = ABSENT;

    private boolean isError;
    private String errorType = "";
    private String errorCode = "";
    private String errorMessage = "";
    private boolean chosen;

    private final boolean modelKnown;

    private ChunkReader(boolean modelKnown) {
        this.modelKnown = modelKnown;
    }

    /** What a chunk says of a tool call. */
    static final class ToolPiece {
        int index = (int) ABSENT;
        String id = "";
        String name = "";
        String arguments = "";

        private void field(String field, JsonParser parser) {
            switch (field) {
                case "index" -> index = (int) number(parser, ABSENT);
                case "id" -> id = string(parser);
                case "function" -> each(parser, this::function);
                default -> {}
            }
        }

        private void function(String field, JsonParser parser) {
            switch (field) {
                case "name" -> name = string(parser);
                case "arguments" -> arguments = string(parser);
                default -> {}
            }
        }
    }

    /**
     * @param modelKnown whether the model's name, which stands in every chunk, is not of interest any more
     * @throws tools.jackson.core.JacksonException if that is no JSON object, or a number is out of its range
     */
    static ChunkReader read(byte[] json, boolean modelKnown) {
        ChunkReader chunk = new ChunkReader(modelKnown);
        try (JsonParser parser = WireJson.FACTORY.createParser(ObjectReadContext.empty(), json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new StreamReadException(parser, "not a JSON object");
            }
            each(parser, chunk::top);
        }
        return chunk;
    }

    /** The error that it is; null where it is none. */
    @Nullable
    ApiError error() {
        return isError ? new ApiError(errorType, errorCode, errorMessage) : null;
    }

    /** Whether it brings anything of the answer, or of its end. */
    boolean isEmpty() {
        return content.isEmpty()
                && refusal.isEmpty()
                && reasoning.isEmpty()
                && tools == null
                && finishReason == null
                && promptTokens == ABSENT
                && completionTokens == ABSENT;
    }

    private void top(String field, JsonParser parser) {
        switch (field) {
            case "choices" -> eachItem(parser, this::choice);
            case "usage" -> each(parser, this::usage); // null in all chunks but the last
            case "model" -> model = modelKnown ? null : stringOrNull(parser);
            case "error" -> {
                isError |= parser.currentToken() != JsonToken.VALUE_NULL;
                errorMessage = string(parser).isEmpty() ? errorMessage : string(parser);
                each(parser, this::error);
            }
            // an error that is not wrapped, as some servers have it
            case "object" -> isError |= isTheWordError(parser);
            case "type", "code", "message" -> error(field, parser);
            default -> {}
        }
    }

    /** Without a string for each chunk, which all say what they are. */
    private static boolean isTheWordError(JsonParser parser) {
        return parser.currentToken() == JsonToken.VALUE_STRING
                && parser.getStringLength() == ERROR.length()
                && parser.getString().equals(ERROR);
    }

    private void error(String field, JsonParser parser) {
        switch (field) {
            case "type" -> errorType = string(parser);
            case "code" ->
                errorCode = parser.currentToken() == JsonToken.VALUE_NUMBER_INT ? parser.getString() : string(parser);
            case "message" -> errorMessage = string(parser);
            default -> {}
        }
    }

    private void choice(JsonParser parser) {
        if (!chosen && parser.currentToken() == JsonToken.START_OBJECT) {
            chosen = true;
            each(parser, this::choiceField);
        }
    }

    private void choiceField(String field, JsonParser parser) {
        switch (field) {
            case "delta" -> each(parser, this::delta);
            case "finish_reason" -> finishReason = stringOrNull(parser);
            default -> {}
        }
    }

    private void delta(String field, JsonParser parser) {
        switch (field) {
            case "content" -> content = string(parser);
            case "refusal" -> refusal = string(parser);
            // some send both, with the same words
            case "reasoning_content", "reasoning" -> reasoning = reasoning.isEmpty() ? string(parser) : reasoning;
            case "tool_calls" -> eachItem(parser, this::toolCall);
            default -> {}
        }
    }

    private void toolCall(JsonParser parser) {
        ToolPiece piece = new ToolPiece();
        each(parser, piece::field);
        if (tools == null) {
            tools = new ArrayList<>(1);
        }
        tools.add(piece);
    }

    private void usage(String field, JsonParser parser) {
        switch (field) {
            case "prompt_tokens" -> promptTokens = number(parser, ABSENT);
            case "completion_tokens" -> completionTokens = number(parser, ABSENT);
            case "prompt_tokens_details" -> each(parser, this::promptDetails);
            default -> {}
        }
    }

    private void promptDetails(String field, JsonParser parser) {
        if (field.equals("cached_tokens")) {
            cachedTokens = number(parser, ABSENT);
        }
    }
}
