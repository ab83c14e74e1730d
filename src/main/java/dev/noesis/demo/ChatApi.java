package dev.noesis.demo;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/** OpenAI's chat completions. */
final class ChatApi implements ModelApi {
    private static final int NO_LIMIT = 1_000_000;
    private static final Frame PING = Frame.atOnce(": ping\n\n".getBytes(StandardCharsets.UTF_8));

    @Override
    public String path() {
        return "/v1/chat/completions";
    }

    @Override
    public @Nullable ApiError checkHeaders(HttpHeaders headers, @Nullable String apiKey) {
        String bearer = headers.get(HttpHeaderNames.AUTHORIZATION);
        if (apiKey == null || ("Bearer " + apiKey).equals(bearer)) {
            return null;
        }
        return ApiError.of(
                401,
                ApiError.typeOf(401),
                bearer == null ? "You didn't provide an API key." : "Incorrect API key provided.");
    }

    @Override
    public @Nullable ApiError check(JsonNode body, HttpHeaders headers) {
        return ChatRequestCheck.check(body);
    }

    @Override
    public ModelRequest read(JsonNode body) {
        JsonNode messages = body.get("messages");
        Set<String> tools = new LinkedHashSet<>();
        body.path("tools")
                .forEach(tool -> tools.add(tool.path("function").path("name").asString("")));
        List<String> system = new ArrayList<>();
        String userText = "";
        for (JsonNode message : messages) {
            String text = text(message.path("content"));
            switch (message.path("role").asString("")) {
                case "system", "developer" -> system.add(text);
                case "user" -> userText = text.isBlank() ? userText : text;
                default -> {}
            }
        }
        String conversation = messages.toString();
        long characters = (long) body.path("tools").toString().length() + conversation.length();
        int maxTokens = body.path("max_tokens").asInt(NO_LIMIT);
        return new ModelRequest(
                body.path("model").asString(),
                body.path("max_completion_tokens").asInt(maxTokens),
                body.path("stream").asBoolean(false),
                String.join("\n\n", system),
                userText,
                toolResults(messages),
                tools,
                !body.path("tool_choice").asString("auto").equals("none"),
                Math.max(1, characters / 4),
                conversation.hashCode(),
                body.path("stream_options").path("include_usage").asBoolean(false));
    }

    /** Those behind the last message of another role, in order. */
    private static List<ModelRequest.ToolResult> toolResults(JsonNode messages) {
        List<ModelRequest.ToolResult> results = new ArrayList<>();
        for (int i = messages.size() - 1; i >= 0; i--) {
            JsonNode message = messages.get(i);
            if (!message.path("role").asString("").equals("tool")) {
                break;
            }
            JsonNode function = function(messages, message.path("tool_call_id").asString(""));
            results.addFirst(new ModelRequest.ToolResult(
                    function.path("name").asString(""), arguments(function), text(message.path("content")), false));
        }
        return List.copyOf(results);
    }

    private static JsonNode function(JsonNode messages, String id) {
        for (int i = messages.size() - 1; i >= 0; i--) {
            for (JsonNode call : messages.get(i).path("tool_calls")) {
                if (call.path("id").asString("").equals(id)) {
                    return call.path("function");
                }
            }
        }
        return MissingNode.getInstance();
    }

    private static JsonNode arguments(JsonNode function) {
        try {
            return JsonMapper.shared().readTree(function.path("arguments").asString("{}"));
        } catch (JacksonException notJson) {
            return MissingNode.getInstance();
        }
    }

    private static String text(JsonNode content) {
        return MessagesApi.text(content); // parts of type text have the same form
    }

    @Override
    public List<Frame> stream(ModelRequest request, Answer answer, long call) {
        return ChatEncoder.stream(request, answer.reply(), call);
    }

    @Override
    public byte[] whole(ModelRequest request, Reply reply, long call) {
        return ChatEncoder.whole(request, reply, call);
    }

    @Override
    public Frame ping() {
        return PING;
    }

    @Override
    public Frame event(String data) {
        return ChatEncoder.event(data);
    }

    @Override
    public Frame error(ApiError error, String requestId) {
        return event(errorJson(error, requestId));
    }

    @Override
    public String errorJson(ApiError error, String requestId) {
        // a type that the script did not name is worded as this API does
        boolean named = !error.type().equals(ApiError.typeOf(error.status()));
        ObjectNode json = JsonMapper.shared().createObjectNode();
        ObjectNode body = json.putObject("error");
        body.put("message", error.message());
        body.put("type", named ? error.type() : typeOf(error.status()));
        body.putNull("param");
        String code = named ? null : codeOf(error.status());
        if (code == null) {
            body.putNull("code");
        } else {
            body.put("code", code);
        }
        return json.toString();
    }

    private static String typeOf(int status) {
        return status == 429 ? "requests" : status < 500 ? "invalid_request_error" : "server_error";
    }

    private static @Nullable String codeOf(int status) {
        return switch (status) {
            case 401 -> "invalid_api_key";
            case 429 -> "rate_limit_exceeded";
            case 529 -> "service_unavailable";
            default -> null;
        };
    }

    @Override
    public void addHeaders(Map<String, String> headers, String requestId, RateWindow rate) {
        headers.put("x-request-id", requestId);
        rate.countForChat(headers);
    }
}
