package dev.noesis.demo;

import dev.noesis.model.Usage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes replies as the Messages API does: as a stream of events, or as one JSON body. */
final class MessageEncoder {
    static final Frame PING = event("ping", "{\"type\": \"ping\"}");
    private static final JsonMapper JSON = JsonMapper.shared();

    private MessageEncoder() {}

    /** The whole stream; the content's frames may be ones that were made before. */
    static List<Frame> stream(ModelRequest request, Reply reply, List<Frame> content, long call) {
        List<Frame> frames = new ArrayList<>(content.size() + 4);
        Usage usage = usage(request, reply);
        frames.add(event(
                "message_start",
                "{\"type\":\"message_start\",\"message\":{\"id\":\"" + messageId(call)
                        + "\",\"type\":\"message\",\"role\":\"assistant\",\"model\":" + quote(request.model())
                        + ",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":"
                        + usageJson(new Usage(
                                usage.inputTokens(),
                                Math.min(1, usage.outputTokens()),
                                usage.cacheReadTokens(),
                                usage.cacheWriteTokens()))
                        + "}}"));
        frames.addAll(content);
        frames.add(event(
                "message_delta",
                "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":" + quote(reply.effectiveStopReason())
                        + ",\"stop_sequence\":null},\"usage\":" + usageJson(usage) + "}"));
        frames.add(event("message_stop", "{\"type\":\"message_stop\"}"));
        return frames;
    }

    /**
     * The events of the content blocks, with a ping behind the first of them.
     *
     * @param callId makes the ids of tool calls unique; no matter where there are none
     */
    static List<Frame> content(Reply reply, String callId) {
        List<Frame> frames = new ArrayList<>();
        int chunk = reply.pacing().chunk();
        for (int index = 0; index < reply.blocks().size(); index++) {
            Reply.Block block = reply.blocks().get(index);
            frames.add(event(
                    "content_block_start",
                    "{\"type\":\"content_block_start\",\"index\":" + index + ",\"content_block\":"
                            + emptyBlock(block, callId, index) + "}"));
            if (index == 0) {
                frames.add(PING);
            }
            switch (block) {
                case Reply.Block.Text text -> {
                    for (String piece : Pieces.of(text.text(), chunk)) {
                        frames.add(delta(index, "text_delta", "text", piece));
                    }
                }
                case Reply.Block.Thinking thinking -> {
                    for (String piece : Pieces.of(thinking.text(), chunk)) {
                        frames.add(delta(index, "thinking_delta", "thinking", piece));
                    }
                    frames.add(delta(index, "signature_delta", "signature", signature(thinking)));
                }
                case Reply.Block.Tool tool -> {
                    for (String piece : Pieces.of(tool.input().toString(), chunk == 0 ? 12 : chunk)) {
                        frames.add(delta(index, "input_json_delta", "partial_json", piece));
                    }
                }
            }
            frames.add(event("content_block_stop", "{\"type\":\"content_block_stop\",\"index\":" + index + "}"));
        }
        return frames;
    }

    /** The answer as one JSON object. */
    static byte[] whole(ModelRequest request, Reply reply, long call) {
        ObjectNode message = JSON.createObjectNode();
        message.put("id", messageId(call)).put("type", "message").put("role", "assistant");
        message.put("model", request.model());
        ArrayNode content = message.putArray("content");
        for (int index = 0; index < reply.blocks().size(); index++) {
            switch (reply.blocks().get(index)) {
                case Reply.Block.Text text ->
                    content.addObject().put("type", "text").put("text", text.text());
                case Reply.Block.Thinking thinking ->
                    content.addObject()
                            .put("type", "thinking")
                            .put("thinking", thinking.text())
                            .put("signature", signature(thinking));
                case Reply.Block.Tool tool ->
                    content.addObject()
                            .put("type", "tool_use")
                            .put("id", toolId(callId(request, call), index))
                            .put("name", tool.name())
                            .set("input", tool.input());
            }
        }
        message.put("stop_reason", reply.effectiveStopReason()).putNull("stop_sequence");
        message.set("usage", JSON.readTree(usageJson(usage(request, reply))));
        return JSON.writeValueAsBytes(message);
    }

    /**
     * The conversation is in it, so that a conversation that outlives the server's counting does not meet an id twice.
     */
    static String callId(ModelRequest request, long call) {
        return "%08x_%d".formatted(request.fingerprint(), call);
    }

    static Frame event(String name, String data) {
        return Frame.atOnce(bytes(name, data));
    }

    static Frame error(ApiError error, String requestId) {
        return event("error", errorJson(error, requestId));
    }

    static String errorJson(ApiError error, String requestId) {
        return "{\"type\":\"error\",\"error\":{\"type\":" + quote(error.type()) + ",\"message\":"
                + quote(error.message()) + "},\"request_id\":" + quote(requestId) + "}";
    }

    private static Frame delta(int index, String type, String field, String piece) {
        return Frame.paced(bytes(
                "content_block_delta",
                "{\"type\":\"content_block_delta\",\"index\":" + index + ",\"delta\":{\"type\":\"" + type + "\",\""
                        + field + "\":" + quote(piece) + "}}"));
    }

    private static String emptyBlock(Reply.Block block, String call, int index) {
        return switch (block) {
            case Reply.Block.Text _ -> "{\"type\":\"text\",\"text\":\"\"}";
            case Reply.Block.Thinking _ -> "{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}";
            case Reply.Block.Tool tool ->
                "{\"type\":\"tool_use\",\"id\":\"" + toolId(call, index) + "\",\"name\":" + quote(tool.name())
                        + ",\"input\":{}}";
        };
    }

    private static Usage usage(ModelRequest request, Reply reply) {
        Usage given = reply.usage();
        if (given != null) {
            return given;
        }
        return new Usage(request.inputTokens(), reply.words(), 0, 0);
    }

    private static String usageJson(Usage usage) {
        return "{\"input_tokens\":" + usage.inputTokens() + ",\"cache_creation_input_tokens\":"
                + usage.cacheWriteTokens() + ",\"cache_read_input_tokens\":" + usage.cacheReadTokens()
                + ",\"output_tokens\":" + usage.outputTokens() + "}";
    }

    /** Stands for the provider's signature of a reasoning block; a client must send it back unchanged. */
    private static String signature(Reply.Block.Thinking thinking) {
        return "sig-" + Integer.toHexString(thinking.text().hashCode());
    }

    private static String messageId(long call) {
        return "msg_%012d".formatted(call);
    }

    private static String toolId(String call, int index) {
        return "toolu_%s_%d".formatted(call, index);
    }

    private static String quote(String text) {
        return JSON.writeValueAsString(text);
    }

    private static byte[] bytes(String name, String data) {
        return ("event: " + name + "\ndata: " + data + "\n\n").getBytes(StandardCharsets.UTF_8);
    }
}
