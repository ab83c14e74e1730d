package dev.noesis.demo;

import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Refuses what OpenAI's chat completions refuse: missing and unknown fields, values out of range, and conversations in which tool
 * calls and their results do not meet.
 */
final class ChatRequestCheck {
    private static final Set<String> FIELDS = Set.of(
            "model",
            "messages",
            "max_tokens",
            "max_completion_tokens",
            "stream",
            "stream_options",
            "tools",
            "tool_choice",
            "parallel_tool_calls",
            "stop",
            "temperature",
            "top_p",
            "top_k", // not OpenAI's, but many a server's
            "n",
            "user",
            "service_tier",
            "reasoning_effort",
            "response_format",
            "seed",
            "logprobs",
            "metadata",
            "store");
    private static final Set<String> ROLES = Set.of("system", "developer", "user", "assistant", "tool");
    private static final Pattern TOOL_NAME = Pattern.compile("[a-zA-Z0-9_-]{1,64}");

    private ChatRequestCheck() {}

    /** The first thing wrong with the request; null where nothing is. */
    static @Nullable ApiError check(JsonNode body) {
        String wrong = wrongWithFields(body);
        wrong = wrong == null ? wrongWithTools(body) : wrong;
        wrong = wrong == null ? wrongWithMessages(body.path("messages")) : wrong;
        return wrong == null ? null : ApiError.invalid(wrong);
    }

    private static @Nullable String wrongWithFields(JsonNode body) {
        if (!body.isObject()) {
            return "We could not parse the JSON body of your request.";
        }
        for (String field : body.propertyNames()) {
            if (!FIELDS.contains(field)) {
                return "Unrecognized request argument supplied: " + field;
            }
        }
        if (body.path("model").asString("").isBlank()) {
            return "you must provide a model parameter";
        }
        if (body.has("max_tokens") && body.has("max_completion_tokens")) {
            return "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.";
        }
        for (String field : new String[] {"max_tokens", "max_completion_tokens"}) {
            if (body.has(field)
                    && !(body.path(field).isIntegralNumber() && body.path(field).asInt() >= 1)) {
                return "Invalid '" + field + "': integer below minimum value, or no integer.";
            }
        }
        if (body.has("stream_options") && !body.path("stream").asBoolean(false)) {
            return "The 'stream_options' parameter is only allowed when 'stream' is enabled.";
        }
        if (outOfRange(body.path("temperature"), 2) || outOfRange(body.path("top_p"), 1)) {
            return "Invalid 'temperature' or 'top_p': out of range.";
        }
        return body.path("n").asInt(1) == 1 ? null : "this server makes one choice";
    }

    private static boolean outOfRange(JsonNode value, int most) {
        return !value.isMissingNode() && !(value.isNumber() && value.asDouble() >= 0 && value.asDouble() <= most);
    }

    private static @Nullable String wrongWithMessages(JsonNode messages) {
        if (!messages.isArray() || messages.isEmpty()) {
            return "Missing required parameter, or empty array: 'messages'.";
        }
        Set<String> open = new LinkedHashSet<>();
        for (int i = 0; i < messages.size(); i++) {
            JsonNode message = messages.get(i);
            String at = "messages[" + i + "]";
            String role = message.path("role").asString("");
            if (!ROLES.contains(role)) {
                return "Invalid value: '" + role + "' of '" + at + ".role'.";
            }
            if (role.equals("tool")) {
                String id = message.path("tool_call_id").asString("");
                if (!open.remove(id)) {
                    return "Invalid parameter: " + at + ": messages with role 'tool' must be a response to a preceding"
                            + " message with 'tool_calls'.";
                }
            } else if (!open.isEmpty()) {
                return unanswered(open);
            }
            JsonNode calls = message.path("tool_calls");
            JsonNode content = message.path("content");
            boolean mayBeNull = role.equals("assistant") && !calls.isEmpty();
            if (!content.isString() && !content.isArray() && !mayBeNull) {
                return "Invalid value for 'content' of '" + at + "': expected a string, got null.";
            }
            String wrong = role.equals("assistant") ? wrongWithCalls(calls, at, open) : null;
            if (wrong != null) {
                return wrong;
            }
        }
        return open.isEmpty() ? null : unanswered(open);
    }

    private static @Nullable String wrongWithCalls(JsonNode calls, String at, Set<String> open) {
        for (JsonNode call : calls) {
            JsonNode function = call.path("function");
            boolean whole = call.path("type").asString("").equals("function")
                    && !function.path("name").asString("").isEmpty()
                    && function.path("arguments").isString()
                    && !call.path("id").asString("").isEmpty();
            if (!whole) {
                return "Missing required parameter of '" + at + ".tool_calls'.";
            }
            if (!open.add(call.path("id").asString())) {
                return "Duplicate value for 'tool_call_id' of '" + at + "'.";
            }
        }
        return null;
    }

    private static String unanswered(Set<String> ids) {
        return "An assistant message with 'tool_calls' must be followed by tool messages responding to each"
                + " 'tool_call_id'. The following tool_call_ids did not have response messages: "
                + String.join(", ", ids);
    }

    private static @Nullable String wrongWithTools(JsonNode body) {
        Set<String> names = new HashSet<>();
        for (JsonNode tool : body.path("tools")) {
            String name = tool.path("function").path("name").asString("");
            if (!tool.path("type").asString("").equals("function")
                    || !TOOL_NAME.matcher(name).matches()
                    || !names.add(name)) {
                return "Invalid 'tools': functions with names of their own are expected, not '" + name + "'.";
            }
        }
        JsonNode choice = body.path("tool_choice");
        if (choice.isMissingNode()) {
            return null;
        }
        if (names.isEmpty()) {
            return "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.";
        }
        boolean known = choice.isString()
                ? Set.of("none", "auto", "required").contains(choice.asString())
                : names.contains(choice.path("function").path("name").asString(""));
        return known ? null : "Invalid value for 'tool_choice'.";
    }
}
