package dev.noesis.demo;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/** The Anthropic Messages API. */
final class MessagesApi implements ModelApi {
    @Override
    public String path() {
        return "/v1/messages";
    }

    @Override
    public @Nullable ApiError checkHeaders(HttpHeaders headers, @Nullable String apiKey) {
        if (apiKey != null) {
            String key = headers.get("x-api-key");
            String bearer = headers.get(HttpHeaderNames.AUTHORIZATION);
            if (key == null && bearer == null) {
                return ApiError.of(401, "authentication_error", "x-api-key header is required");
            }
            if (!apiKey.equals(key) && !("Bearer " + apiKey).equals(bearer)) {
                return ApiError.of(
                        401, "authentication_error", key != null ? "invalid x-api-key" : "Invalid bearer token");
            }
        }
        String version = headers.get("anthropic-version");
        if (version == null) {
            return ApiError.invalid("anthropic-version: header is required");
        }
        if (!RequestCheck.VERSIONS.contains(version)) {
            return ApiError.invalid("anthropic-version: \"" + version + "\" is not a valid version");
        }
        return null;
    }

    @Override
    public @Nullable ApiError check(JsonNode body, HttpHeaders headers) {
        return RequestCheck.check(body, headers.get("anthropic-version"));
    }

    @Override
    public List<Frame> stream(ModelRequest request, Answer answer, long call) {
        List<Frame> content = answer.content();
        return MessageEncoder.stream(
                request,
                answer.reply(),
                content != null
                        ? content
                        : MessageEncoder.content(answer.reply(), MessageEncoder.callId(request, call)),
                call);
    }

    @Override
    public byte[] whole(ModelRequest request, Reply reply, long call) {
        return MessageEncoder.whole(request, reply, call);
    }

    @Override
    public Frame ping() {
        return MessageEncoder.PING;
    }

    @Override
    public Frame event(String data) {
        return MessageEncoder.event("content_block_delta", data);
    }

    @Override
    public Frame error(ApiError error, String requestId) {
        return MessageEncoder.error(error, requestId);
    }

    @Override
    public String errorJson(ApiError error, String requestId) {
        return MessageEncoder.errorJson(error, requestId);
    }

    @Override
    public void addHeaders(Map<String, String> headers, String requestId, RateWindow rate) {
        headers.put("request-id", requestId);
        rate.count(headers);
    }

    @Override
    public ModelRequest read(JsonNode body) {
        JsonNode messages = body.get("messages");
        Set<String> tools = new LinkedHashSet<>();
        body.path("tools").forEach(tool -> tools.add(tool.path("name").asString("")));
        String system = text(body.path("system"));
        String conversation = messages.toString();
        long characters = (long) system.length() + body.path("tools").toString().length() + conversation.length();
        return new ModelRequest(
                body.path("model").asString(),
                body.path("max_tokens").asInt(),
                body.path("stream").asBoolean(false),
                system,
                lastUserText(messages),
                toolResults(messages),
                tools,
                !body.path("tool_choice").path("type").asString("auto").equals("none"),
                Math.max(1, characters / 4),
                conversation.hashCode(),
                true);
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

    private static List<ModelRequest.ToolResult> toolResults(JsonNode messages) {
        List<ModelRequest.ToolResult> results = new ArrayList<>();
        JsonNode last = messages.get(messages.size() - 1);
        for (JsonNode block : last.path("content")) {
            if (block.path("type").asString("").equals("tool_result")) {
                JsonNode call = call(messages, block.path("tool_use_id").asString(""));
                results.add(new ModelRequest.ToolResult(
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
