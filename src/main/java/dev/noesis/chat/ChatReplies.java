package dev.noesis.chat;

import dev.noesis.mind.Run;
import dev.noesis.mind.RunState;
import dev.noesis.mind.Turn;
import dev.noesis.model.Content;
import dev.noesis.model.ErrorCode;
import dev.noesis.model.Message;
import dev.noesis.model.Usage;
import dev.noesis.run.StreamTail;
import dev.noesis.serde.Json;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes the records of {@code chat.replies}: AG-UI's {@code RUN_FINISHED} and {@code RUN_ERROR}. Pure. */
final class ChatReplies {
    /** Topics take 8 MiB; the rest is room for headers. */
    private static final int MAX_BYTES = 8 * 1024 * 1024 - 64 * 1024;

    private ChatReplies() {}

    /** A reply and its type. */
    record Reply(String type, byte[] json) {}

    /** The reply of a run that has ended. */
    static Reply of(Run run, @Nullable Turn turn, long now) {
        return switch (run.state()) {
            case RunState.Finished(String stopReason) -> finished(run, turn, stopReason, now);
            case RunState.Cancelled(String reason) -> {
                ObjectNode event = event("RUN_FINISHED", run.threadId(), run.runId(), now);
                event.setAll(StreamTail.outcome("cancelled", reason));
                event.putObject("result")
                        .put("steps", steps(turn))
                        .put("attempts", run.attempts())
                        .putArray("messages");
                usage(event, run.usage());
                yield new Reply("RUN_FINISHED", Json.write(event));
            }
            case RunState.Failed(ErrorCode code, String message) -> {
                ObjectNode event = error(run.threadId(), run.runId(), code, message, now);
                usage(event, run.usage());
                yield new Reply("RUN_ERROR", Json.write(event));
            }
            case RunState.Open _ -> throw new IllegalArgumentException("the run is open");
        };
    }

    /** The answer to a request that was not accepted. */
    static Reply refused(
            @Nullable String threadId,
            String runId,
            ErrorCode code,
            String message,
            @Nullable Long retryAfterMs,
            long now) {
        ObjectNode event = error(threadId, runId, code, message, now);
        if (retryAfterMs != null) {
            ((ObjectNode) event.path("metadata").path("noesis")).put("retryAfterMs", retryAfterMs.longValue());
        }
        return new Reply("RUN_ERROR", Json.write(event));
    }

    private static Reply finished(Run run, @Nullable Turn turn, String stopReason, long now) {
        List<Message> messages = turn == null ? List.of() : turn.messages();
        byte[] whole = finished(run, turn, stopReason, messages, now);
        if (whole.length > MAX_BYTES && !messages.isEmpty()) {
            whole = finished(run, turn, stopReason, List.of(messages.getLast()), now);
        }
        return whole.length <= MAX_BYTES
                ? new Reply("RUN_FINISHED", whole)
                : refused(
                        run.threadId(),
                        run.runId(),
                        ErrorCode.ANSWER_TOO_LARGE,
                        "the answer is larger than a record may be",
                        null,
                        now);
    }

    private static byte[] finished(Run run, @Nullable Turn turn, String stopReason, List<Message> messages, long now) {
        ObjectNode event = event("RUN_FINISHED", run.threadId(), run.runId(), now);
        event.setAll(StreamTail.outcome("success", null));
        ObjectNode result = event.putObject("result");
        ArrayNode shown = result.putArray("messages");
        for (Message message : messages) {
            agUi(message, shown);
        }
        result.put("stopReason", stopReason).put("steps", steps(turn)).put("attempts", run.attempts());
        if (run.answeredBy() != null) {
            ObjectNode answeredBy = Json.mapper().valueToTree(run.answeredBy());
            result.setAll(answeredBy);
        }
        usage(event, run.usage());
        return Json.write(event);
    }

    /** What the run added to the thread, in AG-UI's messages; the client's own are not told again. */
    private static void agUi(Message message, ArrayNode shown) {
        if (message.role() == Message.Role.ASSISTANT) {
            ObjectNode assistant = shown.addObject()
                    .put("id", message.id())
                    .put("role", "assistant")
                    .put("content", message.text());
            ArrayNode calls = Json.mapper().createArrayNode();
            for (Content block : message.content()) {
                if (block instanceof Content.ToolUse(String id, String name, String input)) {
                    calls.addObject()
                            .put("id", id)
                            .put("type", "function")
                            .putObject("function")
                            .put("name", name)
                            .put("arguments", input);
                }
            }
            if (!calls.isEmpty()) {
                assistant.set("toolCalls", calls);
            }
            return;
        }
        for (Content block : message.content()) {
            if (block instanceof Content.ToolResult(String toolUseId, String text, boolean isError)) {
                ObjectNode tool = shown.addObject()
                        .put("id", message.id() + "/" + toolUseId)
                        .put("role", "tool")
                        .put("toolCallId", toolUseId)
                        .put("content", text);
                if (isError) {
                    tool.put("error", text);
                }
            }
        }
    }

    private static int steps(@Nullable Turn turn) {
        return turn == null
                ? 0
                : (int) turn.messages().stream()
                        .filter(message -> message.role() == Message.Role.ASSISTANT)
                        .count();
    }

    private static ObjectNode error(@Nullable String threadId, String runId, ErrorCode code, String message, long now) {
        return event("RUN_ERROR", threadId, runId, now).put("message", message).put("code", code.id());
    }

    private static ObjectNode event(String type, @Nullable String threadId, String runId, long now) {
        ObjectNode event = Json.object().put("type", type).put("timestamp", now);
        if (threadId != null) {
            event.put("threadId", threadId);
        }
        event.put("runId", runId);
        event.putObject("metadata").putObject("noesis").put("runId", runId);
        return event;
    }

    private static void usage(ObjectNode event, Usage usage) {
        event.putObject("usage")
                .put("inputTokens", usage.inputTokens())
                .put("outputTokens", usage.outputTokens())
                .put("totalTokens", usage.total())
                .put("cacheReadTokens", usage.cacheReadTokens())
                .put("cacheWriteTokens", usage.cacheWriteTokens());
    }
}
