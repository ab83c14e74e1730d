package dev.noesis.llm.anthropic;

import dev.noesis.llm.LlmRequest;
import dev.noesis.llm.LlmRequest.ToolChoice;
import dev.noesis.model.Content;
import dev.noesis.model.Message;
import dev.noesis.model.Message.Role;
import dev.noesis.model.ToolSpec;
import java.io.ByteArrayOutputStream;
import java.util.List;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;

/**
 * Writes the body of {@code POST /v1/messages}, always a streaming one.
 *
 * <p>Three things differ between what we keep and what the API takes. Messages of the role {@code system} are appended to the
 * system prompt, since a conversation has only users and assistants. Blank text blocks are left out, and messages that hold
 * nothing else, since the API refuses them. Consecutive messages of one role are sent as they are: the API joins them.
 */
public final class MessagesRequest {
    /** The longest body that the API takes, in bytes. */
    public static final int MAX_BYTES = 32_000_000;

    private static final int TYPICAL_BYTES = 8 * 1024;

    private final JsonGenerator json;

    private MessagesRequest(JsonGenerator json) {
        this.json = json;
    }

    /** The request as UTF-8 JSON. It may be longer than {@link #MAX_BYTES}: the caller checks. */
    public static byte[] write(LlmRequest request) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(TYPICAL_BYTES);
        try (JsonGenerator json = MessagesJson.FACTORY.createGenerator(ObjectWriteContext.empty(), bytes)) {
            new MessagesRequest(json).request(request);
        }
        return bytes.toByteArray();
    }

    private void request(LlmRequest request) {
        json.writeStartObject();
        json.writeStringProperty("model", request.model());
        json.writeNumberProperty("max_tokens", request.maxTokens());
        json.writeBooleanProperty("stream", true);
        String system = system(request);
        if (!system.isBlank()) {
            json.writeStringProperty("system", system);
        }
        // the choice says nothing where there is nothing to choose from, and the API refuses it then
        if (!request.tools().isEmpty()) {
            tools(request.tools());
            toolChoice(request.toolChoice());
        }
        json.writeArrayPropertyStart("messages");
        for (Message message : request.messages()) {
            message(message);
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static String system(LlmRequest request) {
        StringBuilder system = new StringBuilder(request.system());
        for (Message message : request.messages()) {
            if (message.role() == Role.SYSTEM) {
                system.append(system.isEmpty() ? "" : "\n\n").append(message.text());
            }
        }
        return system.toString();
    }

    private void tools(List<ToolSpec> tools) {
        json.writeArrayPropertyStart("tools");
        for (ToolSpec tool : tools) {
            json.writeStartObject();
            json.writeStringProperty("name", tool.name());
            json.writeStringProperty("description", tool.description());
            json.writeName("input_schema");
            json.writeRawValue(tool.inputSchema());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private void toolChoice(ToolChoice choice) {
        json.writeObjectPropertyStart("tool_choice");
        switch (choice) {
            case ToolChoice.Auto() -> json.writeStringProperty("type", "auto");
            case ToolChoice.Any() -> json.writeStringProperty("type", "any");
            case ToolChoice.None() -> json.writeStringProperty("type", "none");
            case ToolChoice.Named(String name) -> {
                json.writeStringProperty("type", "tool");
                json.writeStringProperty("name", name);
            }
        }
        json.writeEndObject();
    }

    private void message(Message message) {
        if (message.role() == Role.SYSTEM || message.content().stream().noneMatch(MessagesRequest::sayable)) {
            return;
        }
        json.writeStartObject();
        json.writeStringProperty("role", message.role().id());
        json.writeArrayPropertyStart("content");
        for (Content block : message.content()) {
            if (sayable(block)) {
                block(block);
            }
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static boolean sayable(Content block) {
        return !(block instanceof Content.Text(String text)) || !text.isBlank();
    }

    private void block(Content block) {
        json.writeStartObject();
        switch (block) {
            case Content.Text(String text) -> {
                json.writeStringProperty("type", "text");
                json.writeStringProperty("text", text);
            }
            case Content.Thinking(String thinking, String signature) -> {
                json.writeStringProperty("type", "thinking");
                json.writeStringProperty("thinking", thinking);
                json.writeStringProperty("signature", signature);
            }
            case Content.RedactedThinking(String data) -> {
                json.writeStringProperty("type", "redacted_thinking");
                json.writeStringProperty("data", data);
            }
            case Content.ToolUse(String id, String name, String input) -> {
                json.writeStringProperty("type", "tool_use");
                json.writeStringProperty("id", id);
                json.writeStringProperty("name", name);
                json.writeName("input");
                json.writeRawValue(input);
            }
            case Content.ToolResult(String toolUseId, String text, boolean isError) -> {
                json.writeStringProperty("type", "tool_result");
                json.writeStringProperty("tool_use_id", toolUseId);
                json.writeStringProperty("content", text);
                if (isError) {
                    json.writeBooleanProperty("is_error", true);
                }
            }
        }
        json.writeEndObject();
    }
}
