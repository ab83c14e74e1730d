package dev.noesis.demo;

import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * A request that its {@link ModelApi} has passed, with what a responder looks at.
 *
 * @param system the system prompt's text; empty for none
 * @param userText what the user said last; empty if nothing
 * @param toolResults of the last message; empty where it is the user's words
 * @param tools names of the tools offered
 * @param toolsAllowed false where {@code tool_choice} is {@code none}
 * @param inputTokens an estimate: a token for every four characters
 * @param fingerprint a hash of the conversation
 * @param usageInStream whether a stream is to tell its usage, where that has to be asked for
 */
record ModelRequest(
        String model,
        int maxTokens,
        boolean stream,
        String system,
        String userText,
        List<ToolResult> toolResults,
        Set<String> tools,
        boolean toolsAllowed,
        long inputTokens,
        int fingerprint,
        boolean usageInStream) {

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
}
