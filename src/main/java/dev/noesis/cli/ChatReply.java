package dev.noesis.cli;

import dev.noesis.model.Usage;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** How a run ended, as {@code chat.replies} says. */
public sealed interface ChatReply {
    String runId();

    /**
     * The run came to an end.
     *
     * @param outcome {@code success}, {@code interrupt} or {@code cancelled}
     * @param reason why it was interrupted or cancelled; null where nothing is said
     * @param text of the assistant's messages
     * @param steps model calls that counted
     * @param attempts model calls that were made
     */
    record Finished(
            String runId, String outcome, @Nullable String reason, String text, int steps, int attempts, Usage usage)
            implements ChatReply {
        public boolean succeeded() {
            return outcome.equals("success");
        }
    }

    /**
     * The run failed.
     *
     * @param code one of {@link dev.noesis.model.ErrorCode}
     */
    record Failed(String runId, String code, String message) implements ChatReply {}

    /** The run had ended before it was asked for again; its reply stands further up in {@code chat.replies}. */
    record AlreadyEnded(String runId, String outcome) implements ChatReply {}

    /** What a record of {@code chat.replies} says; null where it is of no known type. */
    static @Nullable ChatReply of(JsonNode reply) {
        String runId = reply.path("runId").asString("");
        return switch (reply.path("type").asString("")) {
            case "RUN_FINISHED" -> finished(runId, reply);
            case "RUN_ERROR" ->
                new Failed(
                        runId,
                        reply.path("code").asString("internal"),
                        reply.path("message").asString(""));
            default -> null;
        };
    }

    private static ChatReply finished(String runId, JsonNode reply) {
        JsonNode outcome = reply.path("outcome");
        JsonNode result = reply.path("result");
        JsonNode usage = reply.path("usage");
        String reason = outcome.path("reason").asString("");
        return new Finished(
                runId,
                outcome.path("type").asString("success"),
                reason.isEmpty() ? null : reason,
                text(result.path("messages")),
                result.path("steps").asInt(0),
                result.path("attempts").asInt(0),
                new Usage(
                        usage.path("inputTokens").asLong(0),
                        usage.path("outputTokens").asLong(0),
                        usage.path("cacheReadTokens").asLong(0),
                        usage.path("cacheWriteTokens").asLong(0)));
    }

    private static String text(JsonNode messages) {
        return StreamSupport.stream(messages.spliterator(), false)
                .filter(message -> message.path("role").asString("").equals("assistant"))
                .map(message -> message.path("content").asString(""))
                .collect(Collectors.joining());
    }
}
