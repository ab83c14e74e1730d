package dev.noesis.llm.anthropic;

import dev.noesis.config.RequestConfig;
import dev.noesis.config.RequestConfig.Cache;
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
import java.util.regex.Pattern;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;

/**
 * Writes the body of {@code POST /v1/messages}, always a streaming one.
 *
 * <p>What we keep and what the API takes differ in this: messages of the role {@code system} are appended to the system prompt;
 * blank text is left out, and messages that hold nothing else, since the API refuses them; so is reasoning without a
 * signature, which another provider's model left behind. All other reasoning goes back as it came. Names of
 * tool calls that another provider's model gave lose the characters that the API refuses. Consecutive messages of
 * one role are sent as they are: the API joins them.
 */
final class MessagesRequest {
    private static final int TYPICAL_BYTES = 8 * 1024;
    private static final Pattern REFUSED_IN_IDS = Pattern.compile("[^A-Za-z0-9_-]");

    private final JsonGenerator json;
    private final LlmRequest request;
    private final RequestConfig config;
    private final String system;
    private final CacheMarks marks;
    private final ThinkingRule thinking;

    private MessagesRequest(JsonGenerator json, LlmRequest request, RequestConfig config) {
        this.json = json;
        this.request = request;
        this.config = config;
        this.system = Conversation.system(request);
        this.marks = CacheMarks.of(request, system, config);
        this.thinking = ThinkingRule.of(request, config);
    }

    /**
     * The request as UTF-8 JSON, of any length.
     *
     * @param sampling whether this version of the API takes sampling parameters
     */
    static byte[] write(LlmRequest request, RequestConfig config, boolean sampling) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(TYPICAL_BYTES);
        try (JsonGenerator json = WireJson.FACTORY.createGenerator(ObjectWriteContext.empty(), bytes)) {
            new MessagesRequest(json, request, config).write(sampling);
        }
        return bytes.toByteArray();
    }

    private void write(boolean sampling) {
        json.writeStartObject();
        json.writeStringProperty("model", request.model());
        json.writeNumberProperty("max_tokens", request.maxTokens());
        json.writeBooleanProperty("stream", true);
        if (sampling && !thinking.thinks()) {
            sampling();
        }
        thinking();
        options();
        system();
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

    private void sampling() {
        if (config.temperature() != null) {
            json.writeNumberProperty("temperature", config.temperature());
        }
        if (config.topP() != null) {
            json.writeNumberProperty("top_p", config.topP());
        }
        if (config.topK() != null) {
            json.writeNumberProperty("top_k", config.topK());
        }
    }

    private void thinking() {
        if (thinking.type() != null) {
            json.writeObjectPropertyStart("thinking");
            json.writeStringProperty("type", thinking.type().id());
            if (thinking.budget() > 0) {
                json.writeNumberProperty("budget_tokens", thinking.budget());
            }
            json.writeEndObject();
        }
    }

    private void options() {
        if (!config.stopSequences().isEmpty()) {
            json.writeArrayPropertyStart("stop_sequences");
            config.stopSequences().forEach(json::writeString);
            json.writeEndArray();
        }
        if (config.userId() != null) {
            json.writeObjectPropertyStart("metadata");
            json.writeStringProperty("user_id", config.userId());
            json.writeEndObject();
        }
        if (config.serviceTier() != null) {
            json.writeStringProperty("service_tier", config.serviceTier());
        }
        if (config.effort() != null || config.outputSchema() != null) {
            json.writeObjectPropertyStart("output_config");
            if (config.effort() != null) {
                json.writeStringProperty("effort", config.effort());
            }
            if (config.outputSchema() != null) {
                json.writeObjectPropertyStart("format");
                json.writeStringProperty("type", "json_schema");
                json.writeName("schema");
                json.writeRawValue(config.outputSchema());
                json.writeEndObject();
            }
            json.writeEndObject();
        }
    }

    private void system() {
        if (system.isBlank()) {
            return;
        }
        if (!marks.system()) {
            json.writeStringProperty("system", system);
            return;
        }
        json.writeArrayPropertyStart("system"); // a mark stands on a block
        json.writeStartObject();
        json.writeStringProperty("type", "text");
        json.writeStringProperty("text", system);
        mark();
        json.writeEndObject();
        json.writeEndArray();
    }

    /** Keeps all that comes before the end of the present block. */
    private void mark() {
        json.writeObjectPropertyStart("cache_control");
        json.writeStringProperty("type", "ephemeral");
        if (config.cache() == Cache.ONE_HOUR) {
            json.writeStringProperty("ttl", config.cache().id()); // five minutes are what it means without
        }
        json.writeEndObject();
    }

    private void tools(List<ToolSpec> tools) {
        json.writeArrayPropertyStart("tools");
        for (int i = 0; i < tools.size(); i++) {
            ToolSpec tool = tools.get(i);
            json.writeStartObject();
            json.writeStringProperty("name", tool.name());
            json.writeStringProperty("description", tool.description());
            json.writeName("input_schema");
            json.writeRawValue(tool.inputSchema());
            if (marks.tools() && i == tools.size() - 1) {
                mark();
            }
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
        if (!config.parallelTools() && !(choice instanceof ToolChoice.None)) {
            json.writeBooleanProperty("disable_parallel_tool_use", true);
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
        return Conversation.says(block)
                && !(block instanceof Content.Thinking(String _, String signature) && signature.isEmpty());
    }

    /** Another server's model may have named the call, with characters that this API refuses. */
    private static String callId(String id) {
        return REFUSED_IN_IDS.matcher(id).replaceAll("_");
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
                json.writeStringProperty("id", callId(id));
                json.writeStringProperty("name", name);
                json.writeName("input");
                json.writeRawValue(input);
            }
            case Content.ToolResult(String toolUseId, String text, boolean isError) -> {
                json.writeStringProperty("type", "tool_result");
                json.writeStringProperty("tool_use_id", callId(toolUseId));
                json.writeStringProperty("content", text);
                if (isError) {
                    json.writeBooleanProperty("is_error", true);
                }
            }
        }
        if (marks.isLast(block)) {
            mark();
        }
        json.writeEndObject();
    }
}
