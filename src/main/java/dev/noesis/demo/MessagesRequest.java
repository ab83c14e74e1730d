package dev.noesis.demo;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/**
 * A request that {@link RequestCheck} has passed, with what a responder looks at.
 *
 * @param system the system prompt's text; empty for none
 * @param userText what the user said last; empty if nothing
 * @param toolResults of the last message; empty where it is the user's words
 * @param tools names of the tools offered
 * @param toolsAllowed false where {@code tool_choice} is {@code none}
 * @param inputTokens an estimate: a token for every four characters
 * @param fingerprint a hash of the conversation
 */
record MessagesRequest(
        String model,
        int maxTokens,
        boolean stream,
        String system,
        String userText,
        List<ToolResult> toolResults,
        Set<String> tools,
        boolean toolsAllowed,
        long inputTokens,
        int fingerprint) {

    /**
     * @param tool the name in the call it answers
     * @param input of that call
     */
    record ToolResult(String tool, JsonNode input, String text, boolean isError) {}

    /** Whether the model may call this tool. */
    boolean offers(String tool) {
        return toolsAllowed && tools.contains(tool);
    }

    /** The last message's tool results, joined by line ends. */
    String toolResultText() {
        return String.join("\n", toolResults.stream().map(ToolResult::text).toList());
    }

    static MessagesRequest of(JsonNode body) {
        JsonNode messages = body.get("messages");
        Set<String> tools = new LinkedHashSet<>();
        body.path("tools").forEach(tool -> tools.add(tool.path("name").asString("")));
        String system = text(body.path("system"));
        String conversation = messages.toString();
        long characters = (long) system.length() + body.path("tools").toString().length() + conversation.length();
        return new MessagesRequest(
                body.path("model").asString(),
                body.path("max_tokens").asInt(),
                body.path("stream").asBoolean(false),
                system,
                lastUserText(messages),
                toolResults(messages),
                tools,
                !body.path("tool_choice").path("type").asString("auto").equals("none"),
                Math.max(1, characters / 4),
                conversation.hashCode());
    }

    private static String lastUserText(JsonNode messages) {
        for (int i = messages.size() - 1; i >= 0; i--) {
            JsonNode message = messages.get(i);
            if (message.path("role").asString("").equals("user")) {
                String text = text(message.path("content"));
                if (!text.isBlank()) {
                    return text;
                }
            }
        }
        return "";
    }

    private static List<ToolResult> toolResults(JsonNode messages) {
        List<ToolResult> results = new ArrayList<>();
        JsonNode last = messages.get(messages.size() - 1);
        for (JsonNode block : last.path("content")) {
            if (block.path("type").asString("").equals("tool_result")) {
                JsonNode call = call(messages, block.path("tool_use_id").asString(""));
                results.add(new ToolResult(
                        call == null ? "" : call.path("name").asString(""),
                        call == null ? MissingNode.getInstance() : call.path("input"),
                        text(block.path("content")),
                        block.path("is_error").asBoolean(false)));
            }
        }
        return List.copyOf(results);
    }

    private static @Nullable JsonNode call(JsonNode messages, String id) {
        for (int i = messages.size() - 1; i >= 0; i--) {
            for (JsonNode block : messages.get(i).path("content")) {
                if (block.path("type").asString("").equals("tool_use")
                        && block.path("id").asString("").equals(id)) {
                    return block;
                }
            }
        }
        return null;
    }

    /** The text of a content that is a string, or blocks. */
    static String text(JsonNode content) {
        if (content.isString()) {
            return content.asString();
        }
        List<String> texts = new ArrayList<>();
        for (JsonNode block : content) {
            if (block.path("type").asString("").equals("text")) {
                texts.add(block.path("text").asString(""));
            }
        }
        return String.join("\n", texts);
    }
}
