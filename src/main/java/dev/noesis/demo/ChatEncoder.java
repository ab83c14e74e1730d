package dev.noesis.demo;

import dev.noesis.model.Usage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes replies as OpenAI's chat completions do: as a stream of chunks, or as one JSON body. */
final class ChatEncoder {
    private static final JsonMapper JSON = JsonMapper.shared();
    /** Nothing here depends on a clock. */
    private static final long CREATED = 1_790_000_000;

    private static final int TOOL_CHUNK = 12;

    private final ModelRequest request;
    private final Reply reply;
    private final String before;
    private final String after;
    private final long call;
    private final List<Frame> frames = new ArrayList<>();

    private ChatEncoder(ModelRequest request, Reply reply, long call) {
        this.request = request;
        this.reply = reply;
        this.call = call;
        this.before = "{\"id\":\"" + id(call) + "\",\"object\":\"chat.completion.chunk\",\"created\":" + CREATED
                + ",\"model\":" + quote(request.model()) + ",\"choices\":";
        this.after = request.usageInStream() ? ",\"usage\":null}" : "}";
    }

    static List<Frame> stream(ModelRequest request, Reply reply, long call) {
        return new ChatEncoder(request, reply, call).stream();
    }

    static Frame event(String data) {
        return Frame.atOnce(bytes(data));
    }

    private List<Frame> stream() {
        int chunk = reply.pacing().chunk();
        frames.add(Frame.atOnce(delta("{\"role\":\"assistant\",\"content\":\"\"}", "null")));
        int tools = 0;
        for (Reply.Block block : reply.blocks()) {
            switch (block) {
                case Reply.Block.Text text -> pieces(refuses() ? "refusal" : "content", text.text(), chunk);
                case Reply.Block.Thinking thinking -> pieces("reasoning_content", thinking.text(), chunk);
                case Reply.Block.Tool tool -> tool(tool, tools++, chunk == 0 ? TOOL_CHUNK : chunk);
            }
        }
        frames.add(Frame.atOnce(delta("{}", quote(finishReason()))));
        if (request.usageInStream()) {
            frames.add(event(before + "[],\"usage\":" + usage() + "}"));
        }
        frames.add(event("[DONE]"));
        return frames;
    }

    private void pieces(String field, String text, int chunk) {
        for (String piece : Pieces.of(text, chunk)) {
            frames.add(Frame.paced(delta("{\"" + field + "\":" + quote(piece) + "}", "null")));
        }
    }

    /** The id and the name come once, the arguments in pieces. */
    private void tool(Reply.Block.Tool tool, int index, int chunk) {
        String start = "{\"tool_calls\":[{\"index\":" + index + ",";
        frames.add(Frame.atOnce(delta(
                start + "\"id\":\"" + toolId(index) + "\",\"type\":\"function\",\"function\":{\"name\":"
                        + quote(tool.name()) + ",\"arguments\":\"\"}}]}",
                "null")));
        for (String piece : Pieces.of(tool.input().toString(), chunk)) {
            frames.add(Frame.paced(delta(start + "\"function\":{\"arguments\":" + quote(piece) + "}}]}", "null")));
        }
    }

    private byte[] delta(String delta, String finishReason) {
        return bytes(before + "[{\"index\":0,\"delta\":" + delta + ",\"logprobs\":null,\"finish_reason\":"
                + finishReason + "}]" + after);
    }

    /** The answer as one JSON object. */
    static byte[] whole(ModelRequest request, Reply reply, long call) {
        return new ChatEncoder(request, reply, call).whole();
    }

    private byte[] whole() {
        ObjectNode completion = JSON.createObjectNode();
        completion.put("id", id(call)).put("object", "chat.completion").put("created", CREATED);
        completion.put("model", request.model());
        ObjectNode choice = completion.putArray("choices").addObject().put("index", 0);
        ObjectNode message = choice.putObject("message").put("role", "assistant");
        message.putNull("content").putNull("refusal");
        int index = 0;
        for (Reply.Block block : reply.blocks()) {
            switch (block) {
                case Reply.Block.Text text -> message.put(refuses() ? "refusal" : "content", text.text());
                case Reply.Block.Thinking thinking -> message.put("reasoning_content", thinking.text());
                case Reply.Block.Tool tool -> {
                    ArrayNode calls = message.withArray("tool_calls");
                    ObjectNode json =
                            calls.addObject().put("id", toolId(index++)).put("type", "function");
                    json.putObject("function")
                            .put("name", tool.name())
                            .put("arguments", tool.input().toString());
                }
            }
        }
        choice.putNull("logprobs").put("finish_reason", finishReason());
        completion.set("usage", JSON.readTree(usage()));
        return JSON.writeValueAsBytes(completion);
    }

    private boolean refuses() {
        return reply.effectiveStopReason().equals("refusal");
    }

    private String finishReason() {
        return switch (reply.effectiveStopReason()) {
            case "end_turn", "stop_sequence", "refusal" -> "stop";
            case "tool_use" -> "tool_calls";
            case "max_tokens", "model_context_window_exceeded" -> "length";
            default -> reply.effectiveStopReason();
        };
    }

    /** The prompt's tokens hold those of the cache. */
    private String usage() {
        Usage given = reply.usage();
        Usage usage = given != null ? given : new Usage(request.inputTokens(), reply.words(), 0, 0);
        long prompt = usage.inputTokens() + usage.cacheReadTokens() + usage.cacheWriteTokens();
        return "{\"prompt_tokens\":" + prompt + ",\"completion_tokens\":" + usage.outputTokens()
                + ",\"total_tokens\":" + (prompt + usage.outputTokens())
                + ",\"prompt_tokens_details\":{\"cached_tokens\":" + usage.cacheReadTokens() + "}}";
    }

    private static String id(long call) {
        return "chatcmpl-%012d".formatted(call);
    }

    /** The conversation is in it, as in {@link MessageEncoder#callId}. */
    private String toolId(int index) {
        return "call_%s_%d".formatted(MessageEncoder.callId(request, call), index);
    }

    private static String quote(String text) {
        return JSON.writeValueAsString(text);
    }

    private static byte[] bytes(String data) {
        return ("data: " + data + "\n\n").getBytes(StandardCharsets.UTF_8);
    }
}
