package dev.noesis.chat;

import dev.noesis.chat.ChatRequest.Multitask;
import dev.noesis.model.AgentId;
import dev.noesis.model.Content;
import dev.noesis.model.Message;
import dev.noesis.model.RunSpec.ContextItem;
import dev.noesis.serde.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Reads records of {@code chat.requests}: AG-UI 1.0's {@code RunAgentInput}, and Noesis' own {@code cancel} and
 * {@code delete}. A field that is not empty and that this release does not act on is refused by name, so that nothing a
 * client asked for is silently dropped. Pure.
 *
 * @param models which models a request may name
 */
record ChatRequestReader(Set<String> models) {
    /** Of a request's value. What becomes of it must fit the log's records as well. */
    static final int MAX_BYTES = 4 * 1024 * 1024;

    private static final String RESERVED = "heartbeat-";
    private static final long MAX_DEADLINE_MS = 24L * 60 * 60 * 1000;
    private static final List<String> NOT_ACTED_ON = List.of("tools", "state", "resume");
    private static final Set<String> OWN_PROPS =
            Set.of("multitask", "deadlineMs", "model", "maxTokens", "budget", "responseSchema");

    /** Breaks the contract; the message names the field. */
    private static final class Wrong extends Exception {
        private static final long serialVersionUID = 1;

        Wrong(String message) {
            super(message);
        }
    }

    ChatRequest read(@Nullable String agent, byte @Nullable [] value) {
        String wrongKey = AgentId.check(agent);
        if (wrongKey != null) {
            return new ChatRequest.Unreadable(wrongKey);
        }
        if (value == null || value.length == 0) {
            return new ChatRequest.Unreadable("the record has no value");
        }
        JsonNode input;
        try {
            input = Json.tree(value);
        } catch (JacksonException e) {
            return new ChatRequest.Unreadable("the value is not JSON: " + e.getOriginalMessage());
        }
        if (!input.isObject()) {
            return new ChatRequest.Unreadable("the value is not a JSON object");
        }
        if (input.path("type").isString() && input.path("type").asString().equals("delete")) {
            return new ChatRequest.Delete(text(input.path("reason"), "deleted by request"));
        }
        String runId = input.path("runId").isString() ? input.path("runId").asString() : null;
        String wrongRun = AgentId.checkPart("runId", runId);
        if (runId == null || wrongRun != null) {
            return new ChatRequest.Unreadable(String.valueOf(wrongRun));
        }
        String threadId =
                input.path("threadId").isString() ? input.path("threadId").asString() : null;
        try {
            return read(String.valueOf(agent), threadId, runId, input, value.length);
        } catch (Wrong e) {
            return new ChatRequest.Invalid(
                    AgentId.checkPart("threadId", threadId) == null ? threadId : null,
                    runId,
                    String.valueOf(e.getMessage()));
        }
    }

    private ChatRequest read(String agent, @Nullable String threadId, String runId, JsonNode input, int size)
            throws Wrong {
        String wrongThread = AgentId.checkPart("threadId", threadId);
        if (threadId == null || wrongThread != null) {
            throw new Wrong(String.valueOf(wrongThread));
        }
        JsonNode agentId = input.path("agentId");
        if (!isAbsent(agentId) && !(agentId.isString() && agentId.asString().equals(agent))) {
            throw new Wrong("agentId is " + (agentId.isString() ? "'" + agentId.asString() + "'" : "no text")
                    + " and the record's key is another");
        }
        if (runId.startsWith(RESERVED) || threadId.startsWith(RESERVED)) {
            throw new Wrong("runId and threadId may not begin with '" + RESERVED + "'");
        }
        if (!input.path("type").isMissingNode()) {
            if (input.path("type").isString() && input.path("type").asString().equals("cancel")) {
                return new ChatRequest.Cancel(threadId, runId, text(input.path("reason"), "cancelled by request"));
            }
            throw new Wrong("type is 'cancel', 'delete' or absent");
        }
        if (size > MAX_BYTES) {
            throw new Wrong("the request has " + size + " bytes, and may have " + MAX_BYTES);
        }
        for (String field : NOT_ACTED_ON) {
            if (!isEmpty(input.path(field))) {
                throw new Wrong(field + " is not supported by this release");
            }
        }
        List<Message> messages = new ArrayList<>();
        List<String> instructions = new ArrayList<>();
        readMessages(input.path("messages"), runId, messages, instructions);
        JsonNode props = noesisProps(input.path("forwardedProps"));
        return new ChatRequest.Start(
                threadId,
                runId,
                messages,
                instructions,
                context(input.path("context")),
                optionalId("parentRunId", input.path("parentRunId")),
                multitask(props.path("multitask")),
                number(props.path("deadlineMs"), "deadlineMs", MAX_DEADLINE_MS),
                model(props.path("model")),
                maxTokens(props.path("maxTokens")),
                budget(props.path("budget")));
    }

    private static void readMessages(JsonNode list, String runId, List<Message> messages, List<String> instructions)
            throws Wrong {
        if (!list.isArray() || list.isEmpty()) {
            throw new Wrong("messages is required, an array of at least one");
        }
        int index = 0;
        for (JsonNode message : list) {
            String at = "messages[" + index + "]";
            String text = content(message.path("content"), at + ".content");
            switch (text(message.path("role"), "")) {
                case "user" ->
                    messages.add(new Message(
                            text(message.path("id"), runId + "/m" + index),
                            Message.Role.USER,
                            List.of(new Content.Text(text))));
                case "system", "developer" -> instructions.add(text);
                case "assistant", "tool", "reasoning", "activity" ->
                    throw new Wrong(at + ".role: only what is new is sent; the history is the agent's");
                default -> throw new Wrong(at + ".role is user, system or developer");
            }
            index++;
        }
        if (messages.isEmpty()) {
            throw new Wrong("messages has none of role user");
        }
    }

    /** Text, or AG-UI's list of text parts. */
    private static String content(JsonNode content, String at) throws Wrong {
        StringBuilder text = new StringBuilder();
        if (content.isString()) {
            text.append(content.asString());
        } else if (content.isArray()) {
            for (JsonNode part : content) {
                if (!part.path("type").asString("").equals("text")
                        || !part.path("text").isString()) {
                    throw new Wrong(at + " has a part that is not text, which this release does not support");
                }
                text.append(part.path("text").asString());
            }
        }
        if (text.toString().isBlank()) {
            throw new Wrong(at + " is required, a text that is not blank");
        }
        return text.toString();
    }

    private static JsonNode noesisProps(JsonNode forwarded) throws Wrong {
        if (isEmpty(forwarded)) {
            return Json.object();
        }
        if (!forwarded.isObject()) {
            throw new Wrong("forwardedProps is an object");
        }
        for (String name : forwarded.propertyNames()) {
            if (!name.equals("noesis") && !isEmpty(forwarded.path(name))) {
                throw new Wrong("forwardedProps." + name + " is not supported by this release");
            }
        }
        JsonNode own = forwarded.path("noesis");
        if (isEmpty(own)) {
            return Json.object();
        }
        if (!own.isObject()) {
            throw new Wrong("forwardedProps.noesis is an object");
        }
        for (String name : own.propertyNames()) {
            if (!OWN_PROPS.contains(name)) {
                throw new Wrong("forwardedProps.noesis." + name + " is not known");
            }
        }
        if (!isEmpty(own.path("responseSchema"))) {
            throw new Wrong("forwardedProps.noesis.responseSchema is not supported by this release");
        }
        return own;
    }

    private static List<ContextItem> context(JsonNode list) throws Wrong {
        if (isEmpty(list)) {
            return List.of();
        }
        if (!list.isArray()) {
            throw new Wrong("context is an array of {description, value}, both text");
        }
        List<ContextItem> items = new ArrayList<>();
        for (JsonNode item : list) {
            if (!item.path("description").isString() || !item.path("value").isString()) {
                throw new Wrong("context is an array of {description, value}, both text");
            }
            items.add(new ContextItem(
                    item.path("description").asString(), item.path("value").asString()));
        }
        return items;
    }

    private static Multitask multitask(JsonNode node) throws Wrong {
        if (isAbsent(node)) {
            return Multitask.ENQUEUE;
        }
        for (Multitask policy : Multitask.values()) {
            if (node.isString() && policy.name().toLowerCase(Locale.ROOT).equals(node.asString())) {
                return policy;
            }
        }
        throw new Wrong("forwardedProps.noesis.multitask is enqueue, reject or interrupt");
    }

    private @Nullable String model(JsonNode node) throws Wrong {
        if (isAbsent(node)) {
            return null;
        }
        if (!node.isString() || !models.contains(node.asString())) {
            throw new Wrong("forwardedProps.noesis.model is one of "
                    + models.stream().sorted().toList());
        }
        return node.asString();
    }

    private static @Nullable Integer maxTokens(JsonNode node) throws Wrong {
        Long tokens = number(node, "maxTokens", Integer.MAX_VALUE);
        return tokens == null ? null : Math.toIntExact(tokens);
    }

    private static @Nullable Long budget(JsonNode node) throws Wrong {
        if (isAbsent(node)) {
            return null;
        }
        for (String name : node.propertyNames()) {
            if (!name.equals("tokens")) {
                throw new Wrong("forwardedProps.noesis.budget." + name + " is not known");
            }
        }
        Long tokens = node.isObject() ? number(node.path("tokens"), "budget.tokens", Long.MAX_VALUE) : null;
        if (tokens == null) {
            throw new Wrong("forwardedProps.noesis.budget is {tokens}");
        }
        return tokens;
    }

    private static @Nullable Long number(JsonNode node, String name, long max) throws Wrong {
        if (isAbsent(node)) {
            return null;
        }
        if (!node.isIntegralNumber() || !node.canConvertToLong() || node.asLong() < 1 || node.asLong() > max) {
            throw new Wrong("forwardedProps.noesis." + name + " is a whole number from 1 to " + max);
        }
        return node.asLong();
    }

    private static @Nullable String optionalId(String field, JsonNode node) throws Wrong {
        if (isAbsent(node)) {
            return null;
        }
        String wrong = AgentId.checkPart(field, node.isString() ? node.asString() : null);
        if (wrong != null) {
            throw new Wrong(wrong);
        }
        return node.asString();
    }

    private static String text(JsonNode node, String otherwise) {
        return node.isString() && !node.asString().isEmpty() ? node.asString() : otherwise;
    }

    private static boolean isAbsent(JsonNode node) {
        return node.isMissingNode() || node.isNull();
    }

    private static boolean isEmpty(JsonNode node) {
        return isAbsent(node)
                || (node.isContainer() && node.isEmpty())
                || (node.isString() && node.asString().isEmpty());
    }
}
