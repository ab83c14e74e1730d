package dev.noesis.chat;

import static dev.noesis.chat.WrongFieldException.shown;

import dev.noesis.model.AgentId;
import dev.noesis.serde.ClientJson;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Reads records of {@code chat.requests}: what a record is about, and whom to answer. A run input is read by {@link
 * RunInputReader}; Noesis' own {@code cancel} and {@code delete} are read here. Pure.
 *
 * <p>Where a run input breaks the contract its {@code runId} is answered. A cancel or a deletion is no run: one that breaks
 * the contract cannot be answered, for on {@code chat.replies} it would look like the end of the run that it names.
 *
 * @param models which models a request may name
 */
record ChatRequestReader(Set<String> models) {
    /** Of a request's value. What becomes of it must fit the log's records as well. */
    static final int MAX_BYTES = 4 * 1024 * 1024;

    private static final int MAX_REASON = 1_000;
    private static final String RESERVED = "heartbeat-";

    ChatRequest read(@Nullable String agent, byte @Nullable [] value) {
        String wrongKey = AgentId.check(agent);
        if (wrongKey != null) {
            return new ChatRequest.Unreadable(wrongKey);
        }
        JsonNode input;
        try {
            input = ClientJson.object(value);
        } catch (ClientJson.UnreadableException e) {
            return new ChatRequest.Unreadable(e.reason());
        }
        int size = value == null ? 0 : value.length;
        JsonNode type = input.path("type");
        return switch (type.isString() ? type.asString() : "") {
            case "cancel" -> command(String.valueOf(agent), input, size, this::cancel);
            case "delete" -> command(String.valueOf(agent), input, size, this::delete);
            default -> run(String.valueOf(agent), input, size);
        };
    }

    private interface Command {
        ChatRequest read(JsonNode input) throws WrongFieldException;
    }

    private static ChatRequest command(String agent, JsonNode input, int size, Command command) {
        try {
            checkRecord(agent, input, size);
            return command.read(input);
        } catch (WrongFieldException e) {
            return new ChatRequest.Unreadable(e.reason());
        }
    }

    private ChatRequest cancel(JsonNode input) throws WrongFieldException {
        String runId = id("runId", input);
        return new ChatRequest.Cancel(id("threadId", input), runId, reason(input, "cancelled by request"));
    }

    private ChatRequest delete(JsonNode input) throws WrongFieldException {
        return new ChatRequest.Delete(reason(input, "deleted by request"));
    }

    private ChatRequest run(String agent, JsonNode input, int size) {
        String runId;
        try {
            runId = id("runId", input);
        } catch (WrongFieldException e) {
            return new ChatRequest.Unreadable(e.reason());
        }
        String threadId = null;
        try {
            threadId = id("threadId", input);
            checkRecord(agent, input, size);
            if (runId.startsWith(RESERVED) || threadId.startsWith(RESERVED)) {
                throw new WrongFieldException("runId and threadId may not begin with '" + RESERVED + "'");
            }
            if (!input.path("type").isMissingNode()) {
                throw new WrongFieldException("type is 'cancel', 'delete' or absent");
            }
            return new RunInputReader(models, threadId, runId).read(input);
        } catch (WrongFieldException e) {
            return new ChatRequest.Invalid(threadId, runId, e.reason());
        }
    }

    /** What holds for a record of any kind. */
    private static void checkRecord(String agent, JsonNode input, int size) throws WrongFieldException {
        JsonNode agentId = input.path("agentId");
        boolean isAbsent = agentId.isMissingNode() || agentId.isNull();
        if (!isAbsent && !(agentId.isString() && agentId.asString().equals(agent))) {
            throw new WrongFieldException(
                    "agentId is " + (agentId.isString() ? "'" + shown(agentId.asString()) + "'" : "no text")
                            + " and the record's key is another");
        }
        if (size > MAX_BYTES) {
            throw new WrongFieldException("the request has " + size + " bytes, and may have " + MAX_BYTES);
        }
        if (!ClientJson.isUnicode(input)) {
            throw new WrongFieldException("a text holds half of a surrogate pair, and is not Unicode");
        }
    }

    private static String id(String field, JsonNode input) throws WrongFieldException {
        String id = input.path(field).isString() ? input.path(field).asString() : null;
        String wrong = AgentId.checkPart(field, id);
        if (id == null || wrong != null) {
            throw new WrongFieldException(String.valueOf(wrong));
        }
        return id;
    }

    private static String reason(JsonNode input, String otherwise) throws WrongFieldException {
        JsonNode reason = input.path("reason");
        if (reason.isMissingNode() || reason.isNull()) {
            return otherwise;
        }
        if (!reason.isString() || reason.asString().length() > MAX_REASON) {
            throw new WrongFieldException("reason is a text of at most " + MAX_REASON + " characters");
        }
        return reason.asString().isEmpty() ? otherwise : reason.asString();
    }
}
