package dev.noesis.model;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** A block of a message, as models write and read it. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Content.Text.class, name = "text"),
    @JsonSubTypes.Type(value = Content.Thinking.class, name = "thinking"),
    @JsonSubTypes.Type(value = Content.RedactedThinking.class, name = "redacted_thinking"),
    @JsonSubTypes.Type(value = Content.ToolUse.class, name = "tool_use"),
    @JsonSubTypes.Type(value = Content.ToolResult.class, name = "tool_result")
})
public sealed interface Content {
    /** Plain text. */
    record Text(String text) implements Content {}

    /**
     * The model's reasoning; goes back to the model unchanged, signature included.
     *
     * @param signature the provider's; empty where it signs nothing, and then no provider that does is sent it
     */
    record Thinking(String thinking, String signature) implements Content {}

    /** Reasoning that the provider encrypted; goes back to the model unchanged. */
    record RedactedThinking(String data) implements Content {}

    /**
     * The model asks for a tool.
     *
     * @param id the model's name for this call, unique within a run
     * @param input the arguments, a JSON object as text; {@code {}} where there are none
     */
    record ToolUse(String id, String name, String input) implements Content {}

    /** What the tool answered to the call {@code toolUseId}. */
    record ToolResult(String toolUseId, String text, boolean isError) implements Content {}
}
