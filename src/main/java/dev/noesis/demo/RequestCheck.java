package dev.noesis.demo;

import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Refuses what the Messages API refuses: missing and unknown fields, values out of range, and conversations in which
 * tool calls and their results do not meet. A client that passes here is not surprised by the real one.
 */
final class RequestCheck {
    private static final Set<String> FIELDS = Set.of(
            "model",
            "max_tokens",
            "messages",
            "system",
            "tools",
            "tool_choice",
            "stream",
            "stop_sequences",
            "temperature",
            "top_p",
            "top_k",
            "thinking",
            "metadata",
            "cache_control",
            "output_config",
            "service_tier",
            "container",
            "context_management",
            "mcp_servers",
            "inference_geo");
    private static final Set<String> BLOCKS = Set.of(
            "text", "image", "document", "search_result", "thinking", "redacted_thinking", "tool_use", "tool_result");
    private static final Set<String> ASSISTANT_ONLY = Set.of("thinking", "redacted_thinking", "tool_use");
    private static final Pattern TOOL_NAME = Pattern.compile("[a-zA-Z0-9_-]{1,128}");
    private static final String NEWER_VERSION = "2026-10-21";
    static final Set<String> VERSIONS = Set.of("2023-06-01", NEWER_VERSION);

    private RequestCheck() {}

    /**
     * The first thing wrong with the request.
     *
     * @param version of the API, one of {@link #VERSIONS}
     * @return null where nothing is
     */
    static @Nullable ApiError check(JsonNode body, String version) {
        try {
            checkFields(body, version);
            checkMessages(body.path("messages"));
            checkTools(body);
            checkMarks(body);
            return null;
        } catch (Refused refused) {
            return refused.error;
        }
    }

    private static void checkFields(JsonNode body, String version) {
        require(body.isObject(), "the request body is not a JSON object");
        for (String field : body.propertyNames()) {
            require(FIELDS.contains(field), field + ": Extra inputs are not permitted");
        }
        require(!body.path("model").isMissingNode(), "model: Field required");
        require(
                body.path("model").isString() && !body.path("model").asString().isBlank(),
                "model: Input should be a valid string");
        JsonNode maxTokens = body.path("max_tokens");
        require(!maxTokens.isMissingNode(), "max_tokens: Field required");
        require(
                maxTokens.isIntegralNumber() && maxTokens.canConvertToInt(),
                "max_tokens: Input should be a valid integer");
        require(maxTokens.asInt() >= 1, "max_tokens: Input should be greater than or equal to 1");
        require(
                body.path("stream").isMissingNode() || body.path("stream").isBoolean(),
                "stream: Input should be a valid boolean");
        for (String sampling : new String[] {"temperature", "top_p", "top_k"}) {
            JsonNode value = body.path(sampling);
            if (!value.isMissingNode()) {
                require(
                        !version.equals(NEWER_VERSION),
                        sampling + ": sampling parameters are not supported in version " + NEWER_VERSION);
                require(value.isNumber(), sampling + ": Input should be a valid number");
                require(
                        sampling.equals("top_k") || (value.asDouble() >= 0 && value.asDouble() <= 1),
                        sampling + ": range: 0..1");
            }
        }
        JsonNode thinking = body.path("thinking");
        if (thinking.path("type").asString("").equals("enabled")) {
            JsonNode budget = thinking.path("budget_tokens");
            require(
                    budget.isIntegralNumber() && budget.asInt() >= 1024,
                    "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024");
            require(budget.asInt() < maxTokens.asInt(), "`max_tokens` must be greater than `thinking.budget_tokens`");
        }
        JsonNode system = body.path("system");
        require(
                system.isMissingNode() || system.isString() || system.isArray(),
                "system: Input should be a valid string or array");
        for (int i = 0; system.isArray() && i < system.size(); i++) {
            require(
                    system.get(i).path("type").asString("").equals("text"),
                    "system." + i + ".type: Input should be 'text'");
            require(
                    !system.get(i).path("text").asString("").isEmpty(),
                    "system: text content blocks must be non-empty");
        }
    }

    private static void checkMessages(JsonNode messages) {
        require(!messages.isMissingNode(), "messages: Field required");
        require(messages.isArray(), "messages: Input should be a valid array");
        require(!messages.isEmpty(), "messages: at least one message is required");
        Set<String> open = Set.of();
        for (int i = 0; i < messages.size(); i++) {
            JsonNode message = messages.get(i);
            String role = message.path("role").asString("");
            require(
                    role.equals("user") || role.equals("assistant"),
                    "messages." + i + ".role: Input should be 'user' or 'assistant'");
            require(i > 0 || role.equals("user"), "messages: first message must use the \"user\" role");
            open = checkContent(message.path("content"), "messages." + i, role, open, i == messages.size() - 1);
        }
        require(open.isEmpty(), unanswered("messages." + messages.size(), open));
    }

    /** Checks one message and gives the ids of its tool calls, which the next message has to answer. */
    private static Set<String> checkContent(JsonNode content, String at, String role, Set<String> open, boolean last) {
        Set<String> calls = new LinkedHashSet<>();
        Set<String> answered = new HashSet<>();
        require(!content.isMissingNode(), at + ".content: Field required");
        require(content.isString() || content.isArray(), at + ".content: Input should be a valid string or array");
        boolean mayBeEmpty = last && role.equals("assistant");
        boolean empty = content.isString() ? content.asString().isEmpty() : content.isEmpty();
        require(
                mayBeEmpty || !empty,
                at + ": all messages must have non-empty content except for the optional final assistant message");
        boolean words = false;
        for (int b = 0; content.isArray() && b < content.size(); b++) {
            JsonNode block = content.get(b);
            String type = block.path("type").asString("");
            String where = at + ".content." + b;
            require(
                    BLOCKS.contains(type),
                    where + ": Input tag '" + type + "' does not match any of the expected tags");
            require(
                    !ASSISTANT_ONLY.contains(type) || role.equals("assistant"),
                    where + ": `" + type + "` blocks can only be in `assistant` messages");
            switch (type) {
                case "text" -> {
                    require(
                            !block.path("text").asString("").isEmpty(),
                            "messages: text content blocks must be non-empty");
                    words = true;
                }
                case "thinking" ->
                    require(block.path("signature").isString(), where + ".thinking.signature: Field required");
                case "tool_use" -> {
                    String id = block.path("id").asString("");
                    require(!id.isEmpty(), where + ".tool_use.id: Field required");
                    require(
                            block.path("input").isObject(),
                            where + ".tool_use.input: Input should be a valid dictionary");
                    require(calls.add(id), "messages: `tool_use` ids must be unique");
                }
                case "tool_result" -> {
                    String id = block.path("tool_use_id").asString("");
                    require(role.equals("user"), where + ": `tool_result` blocks can only be in `user` messages");
                    require(
                            open.contains(id),
                            where + ": unexpected `tool_use_id` found in `tool_result` blocks: " + id
                                    + ". Each `tool_result` block must have a corresponding `tool_use` block in the"
                                    + " previous message.");
                    require(
                            answered.add(id),
                            where + ": each tool_use must have a single result. Found multiple"
                                    + " `tool_result` blocks with id: " + id);
                    require(!words, where + ": `tool_result` blocks must come before `text` blocks");
                }
                default -> {}
            }
        }
        Set<String> missing = new LinkedHashSet<>(open);
        missing.removeAll(answered);
        require(missing.isEmpty(), unanswered(at, missing));
        return calls;
    }

    private static String unanswered(String at, Set<String> ids) {
        return at + ": `tool_use` ids were found without `tool_result` blocks immediately after: "
                + String.join(", ", ids)
                + ". Each `tool_use` block must have a corresponding `tool_result` block in the next message.";
    }

    private static void checkTools(JsonNode body) {
        JsonNode tools = body.path("tools");
        require(tools.isMissingNode() || tools.isArray(), "tools: Input should be a valid array");
        Set<String> names = new HashSet<>();
        for (int i = 0; i < tools.size(); i++) {
            JsonNode tool = tools.get(i);
            String name = tool.path("name").asString("");
            require(
                    TOOL_NAME.matcher(name).matches(),
                    "tools." + i + ".custom.name: String should match pattern '^" + TOOL_NAME + "$'");
            require(names.add(name), "tools: Tool names must be unique.");
            boolean custom = tool.path("type").asString("custom").equals("custom");
            require(
                    !custom || tool.path("input_schema").isObject(),
                    "tools." + i + ".custom.input_schema: Field required");
            require(
                    !custom
                            || tool.path("input_schema")
                                    .path("type")
                                    .asString("")
                                    .equals("object"),
                    "tools." + i + ".custom.input_schema.type: Input should be 'object'");
        }
        JsonNode choice = body.path("tool_choice");
        if (choice.isMissingNode()) {
            return;
        }
        String type = choice.path("type").asString("");
        require(
                Set.of("auto", "any", "tool", "none").contains(type),
                "tool_choice: Input tag '" + type + "' does not match any of the expected tags");
        boolean thinks = !Set.of("", "disabled")
                .contains(body.path("thinking").path("type").asString(""));
        require(
                !thinks || Set.of("auto", "none").contains(type),
                "Thinking may not be enabled when tool_choice forces tool use.");
        require(!names.isEmpty(), "tool_choice: may only be specified while providing tools.");
        require(
                !type.equals("tool") || names.contains(choice.path("name").asString("")),
                "tool_choice: Tool '" + choice.path("name").asString("") + "' not found in provided tools");
    }

    /** Four marks of the prompt cache are allowed, of one type and two ages, and none on reasoning. */
    private static void checkMarks(JsonNode body) {
        int marks = 0;
        for (JsonNode marked : body.findParents("cache_control")) {
            JsonNode mark = marked.path("cache_control");
            require(
                    mark.path("type").asString("").equals("ephemeral"),
                    "cache_control.type: Input should be 'ephemeral'");
            require(
                    Set.of("5m", "1h").contains(mark.path("ttl").asString("5m")),
                    "cache_control.ttl: Input should be '5m' or '1h'");
            require(
                    !marked.path("type").asString("").endsWith("thinking"),
                    "cache_control: Extra inputs are not permitted on thinking blocks");
            marks++;
        }
        require(marks <= 4, "A maximum of 4 blocks with cache_control may be provided. Found " + marks + ".");
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new Refused(ApiError.invalid(message));
        }
    }

    /** Leaves the check at the first fault; never seen outside. */
    private static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final transient ApiError error;

        Refused(ApiError error) {
            super(error.message(), null, false, false);
            this.error = error;
        }
    }
}
