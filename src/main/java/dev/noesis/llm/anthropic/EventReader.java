package dev.noesis.llm.anthropic;

import static dev.noesis.llm.wire.JsonFields.each;
import static dev.noesis.llm.wire.JsonFields.number;
import static dev.noesis.llm.wire.JsonFields.string;
import static dev.noesis.llm.wire.JsonFields.stringOrNull;

import dev.noesis.llm.wire.WireJson;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.exc.StreamReadException;

/**
 * Reads the fields that we need of any one event, or error body, in a single pass and without a tree. The events share their
 * field names, so one reader knows them all; what an event did not name stays at its initial value.
 */
final class EventReader {
    static final long ABSENT = -1;

    int index = (int) ABSENT;
    /** Of a delta or a content block. */
    String type = "";

    String text = "";
    String thinking = "";
    String signature = "";
    String partialJson = "";
    String data = "";
    String id = "";
    String name = "";
    /** A content block's {@code input}, as it was written; empty where there was none. */
    String input = "";

    @Nullable
    String stopReason;

    @Nullable
    String model;

    long inputTokens = ABSENT;
    long outputTokens = ABSENT;
    long cacheReadTokens = ABSENT;
    long cacheWriteTokens = ABSENT;

    String errorType = "";
    String errorMessage = "";

    @Nullable
    String requestId;

    private final byte[] json;

    private EventReader(byte[] json) {
        this.json = json;
    }

    /** An event that names nothing. */
    static EventReader empty() {
        return new EventReader(new byte[0]);
    }

    /**
     * @throws tools.jackson.core.JacksonException if that is no JSON object, or a number is out of its range
     */
    static EventReader read(byte[] json) {
        EventReader event = new EventReader(json);
        try (JsonParser parser = WireJson.FACTORY.createParser(ObjectReadContext.empty(), json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new StreamReadException(parser, "not a JSON object");
            }
            each(parser, event::top);
        }
        return event;
    }

    private void top(String field, JsonParser parser) {
        switch (field) {
            case "index" -> index = (int) number(parser, ABSENT);
            case "delta", "content_block" -> each(parser, this::part);
            case "message" -> each(parser, this::message);
            case "usage" -> each(parser, this::usage);
            case "error" -> each(parser, this::error);
            case "request_id" -> requestId = stringOrNull(parser);
            default -> {}
        }
    }

    private void part(String field, JsonParser parser) {
        switch (field) {
            case "type" -> type = string(parser);
            case "text" -> text = string(parser);
            case "thinking" -> thinking = string(parser);
            case "signature" -> signature = string(parser);
            case "partial_json" -> partialJson = string(parser);
            case "data" -> data = string(parser);
            case "id" -> id = string(parser);
            case "name" -> name = string(parser);
            case "input" -> input = asWritten(parser);
            case "stop_reason" -> stopReason = stringOrNull(parser);
            default -> {}
        }
    }

    private void message(String field, JsonParser parser) {
        switch (field) {
            case "model" -> model = stringOrNull(parser);
            case "usage" -> each(parser, this::usage);
            default -> {}
        }
    }

    private void usage(String field, JsonParser parser) {
        switch (field) {
            case "input_tokens" -> inputTokens = number(parser, inputTokens);
            case "output_tokens" -> outputTokens = number(parser, outputTokens);
            case "cache_read_input_tokens" -> cacheReadTokens = number(parser, cacheReadTokens);
            case "cache_creation_input_tokens" -> cacheWriteTokens = number(parser, cacheWriteTokens);
            default -> {}
        }
    }

    private void error(String field, JsonParser parser) {
        switch (field) {
            case "type" -> errorType = string(parser);
            case "message" -> errorMessage = string(parser);
            default -> {}
        }
    }

    private String asWritten(JsonParser parser) {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            return "";
        }
        int start = (int) parser.currentTokenLocation().getByteOffset();
        parser.skipChildren();
        int end = (int) parser.currentLocation().getByteOffset();
        return new String(json, start, end - start, StandardCharsets.UTF_8);
    }
}
