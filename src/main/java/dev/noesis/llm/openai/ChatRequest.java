package dev.noesis.llm.openai;

import dev.noesis.config.RequestConfig;
import dev.noesis.llm.LlmRequest;
import dev.noesis.llm.LlmRequest.ToolChoice;
import dev.noesis.llm.wire.Conversation;
import dev.noesis.llm.wire.WireJson;
import dev.noesis.model.Content;
import dev.noesis.model.Message;
import dev.noesis.model.Message.Role;
import dev.noesis.model.ToolSpec;
import java.io.ByteArrayOutputStream;
import java.util.List;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;

/**
 * Writes the body of {@code POST /v1/chat/completions}, always a streaming one.
 *
 * <p>What we keep and what the API takes differ in this: there is one message of the role {@code system}, the first; each tool
 * result is a message of its own, and one that is an error says so in its text, for it has no flag; the texts of a message are
 * joined, for small servers know no parts; blank text is left out, and so are messages that hold nothing else. Reasoning goes
 * back where that is configured, as {@code reasoning_content}, unless another provider's model signed it.
 */
final class ChatRequest {
    private static final int TYPICAL_BYTES = 8 * 1024;

    private final JsonGenerator json;
    private final LlmRequest request;
    private final RequestConfig config;

    private ChatRequest(JsonGenerator json, LlmRequest request, RequestConfig config) {
        this.json = json;
        this.request = request;
        this.config = config;
    }

    /** The request as UTF-8 JSON, of any length. */
    static byte[] write(LlmRequest request, RequestConfig config) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(TYPICAL_BYTES);
        try (JsonGenerator json = WireJson.FACTORY.createGenerator(ObjectWriteContext.empty(), bytes)) {
            new ChatRequest(json, request, config).write();
        }
        return bytes.toByteArray();
    }

    private void write() {
        json.writeStartObject();
        json.writeStringProperty("model", request.model());
        json.writeNumberProperty(config.maxTokensField().id(), request.maxTokens());
        json.writeBooleanProperty("stream", true);
        json.writeObjectPropertyStart("stream_options");
        json.writeBooleanProperty("include_usage", true);
        json.writeEndObject();
        options();
        // the choice says nothing where there is nothing to choose from, and the API refuses it then
        if (!request.tools().isEmpty()) {
            tools(request.tools());
            toolChoice(request.toolChoice());
        }
        json.writeArrayPropertyStart("messages");
        String system = Conversation.system(request);
        if (!system.isBlank()) {
            json.writeStartObject();
            json.writeStringProperty("role", "system");
            json.writeStringProperty("content", system);
            json.writeEndObject();
        }
        for (Message message : request.messages()) {
            switch (message.role()) {
                case SYSTEM -> {} // stands in the first message
                case USER -> user(message);
                case ASSISTANT -> assistant(message);
            }
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private void options() {
        if (config.temperature() != null) {
            json.writeNumberProperty("temperature", config.temperature());
        }
        if (config.topP() != null) {
            json.writeNumberProperty("top_p", config.topP());
        }
        if (config.topK() != null) {
            json.writeNumberProperty("top_k", config.topK());
        }
        if (!config.stopSequences().isEmpty()) {
            json.writeArrayPropertyStart("stop");
            config.stopSequences().forEach(json::writeString);
            json.writeEndArray();
        }
        if (config.userId() != null) {
            json.writeStringProperty("user", config.userId());
        }
        if (config.serviceTier() != null) {
            json.writeStringProperty("service_tier", config.serviceTier());
        }
        if (config.effort() != null) {
            json.writeStringProperty("reasoning_effort", config.effort());
        }
        if (config.outputSchema() != null) {
            json.writeObjectPropertyStart("response_format");
            json.writeStringProperty("type", "json_schema");
            json.writeObjectPropertyStart("json_schema");
            json.writeStringProperty("name", "answer");
            json.writeBooleanProperty("strict", true);
            json.writeName("schema");
            json.writeRawValue(config.outputSchema());
            json.writeEndObject();
            json.writeEndObject();
        }
    }

    private void tools(List<ToolSpec> tools) {
        json.writeArrayPropertyStart("tools");
        for (ToolSpec tool : tools) {
            json.writeStartObject();
            json.writeStringProperty("type", "function");
            json.writeObjectPropertyStart("function");
            json.writeStringProperty("name", tool.name());
            json.writeStringProperty("description", tool.description());
            json.writeName("parameters");
            json.writeRawValue(tool.inputSchema());
            json.writeEndObject();
            json.writeEndObject();
        }
        json.writeEndArray();
        if (!config.parallelTools()) {
            json.writeBooleanProperty("parallel_tool_calls", false);
        }
    }

    private void toolChoice(ToolChoice choice) {
        switch (choice) {
            case ToolChoice.Auto() -> json.writeStringProperty("tool_choice", "auto");
            case ToolChoice.Any() -> json.writeStringProperty("tool_choice", "required");
            case ToolChoice.None() -> json.writeStringProperty("tool_choice", "none");
            case ToolChoice.Named(String name) -> {
                json.writeObjectPropertyStart("tool_choice");
                json.writeStringProperty("type", "function");
                json.writeObjectPropertyStart("function");
                json.writeStringProperty("name", name);
                json.writeEndObject();
                json.writeEndObject();
            }
        }
    }

    private void user(Message message) {
        for (Content block : message.content()) {
            if (block instanceof Content.ToolResult(String toolUseId, String text, boolean isError)) {
                json.writeStartObject();
                json.writeStringProperty("role", "tool");
                json.writeStringProperty("tool_call_id", toolUseId);
                json.writeStringProperty("content", isError ? "Error: " + text : text);
                json.writeEndObject();
            }
        }
        String words = words(message);
        if (!words.isEmpty()) {
            json.writeStartObject();
            json.writeStringProperty("role", Role.USER.id());
            json.writeStringProperty("content", words);
            json.writeEndObject();
        }
    }

    private void assistant(Message message) {
        String words = words(message);
        boolean calls = message.content().stream().anyMatch(Content.ToolUse.class::isInstance);
        if (words.isEmpty() && !calls) {
            return;
        }
        json.writeStartObject();
        json.writeStringProperty("role", Role.ASSISTANT.id());
        if (words.isEmpty()) {
            json.writeNullProperty("content");
        } else {
            json.writeStringProperty("content", words);
        }
        if (config.returnReasoning()) {
            reasoning(message);
        }
        if (calls) {
            json.writeArrayPropertyStart("tool_calls");
            for (Content block : message.content()) {
                if (block instanceof Content.ToolUse(String id, String name, String input)) {
                    toolCall(id, name, input);
                }
            }
            json.writeEndArray();
        }
        json.writeEndObject();
    }

    private void reasoning(Message message) {
        StringBuilder reasoning = new StringBuilder();
        for (Content block : message.content()) {
            if (block instanceof Content.Thinking(String thinking, String signature) && signature.isEmpty()) {
                reasoning.append(thinking);
            }
        }
        if (!reasoning.isEmpty()) {
            json.writeStringProperty("reasoning_content", reasoning.toString());
        }
    }

    private void toolCall(String id, String name, String input) {
        json.writeStartObject();
        json.writeStringProperty("id", id);
        json.writeStringProperty("type", "function");
        json.writeObjectPropertyStart("function");
        json.writeStringProperty("name", name);
        json.writeStringProperty("arguments", input);
        json.writeEndObject();
        json.writeEndObject();
    }

    private static String words(Message message) {
        StringBuilder words = new StringBuilder();
        for (Content block : message.content()) {
            if (block instanceof Content.Text(String text) && Conversation.says(block)) {
                words.append(words.isEmpty() ? "" : "\n").append(text);
            }
        }
        return words.toString();
    }
}
