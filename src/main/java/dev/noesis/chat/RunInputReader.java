package dev.noesis.chat;

import static dev.noesis.chat.WrongFieldException.shown;

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
import tools.jackson.databind.JsonNode;

/**
 * Reads a run input: AG-UI 1.0's {@code RunAgentInput}. A field of AG-UI's that is not empty and that this release does not
 * act on is refused by name, and so is an option of Noesis' that it does not know: nothing that a client asked for is
 * silently dropped. What is neither is ignored. Pure.
 *
 * @param models which models a request may name
 */
record RunInputReader(Set<String> models, String threadId, String runId) {
    /** Of messages, and of context items: each costs more in the log than in its request. */
    private static final int MAX_ITEMS = 1_000;

    private static final long MAX_DEADLINE_MS = 24L * 60 * 60 * 1000;
    private static final List<String> NOT_ACTED_ON = List.of("tools", "state", "resume");
    private static final List<String> NOT_ACTED_ON_IN_MESSAGES = List.of("name", "encryptedValue");
    private static final Set<String> OWN_PROPS =
            Set.of("multitask", "deadlineMs", "model", "maxTokens", "budget", "responseSchema");

    ChatRequest.Start read(JsonNode input) throws WrongFieldException {
        for (String field : NOT_ACTED_ON) {
            refuseUnlessEmpty(field, input.path(field));
        }
        List<Message> messages = new ArrayList<>();
        List<String> instructions = new ArrayList<>();
        readMessages(input.path("messages"), messages, instructions);
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

    private void readMessages(JsonNode list, List<Message> messages, List<String> instructions)
            throws WrongFieldException {
        if (!list.isArray() || list.isEmpty() || list.size() > MAX_ITEMS) {
            throw new WrongFieldException("messages is required, an array of 1 to " + MAX_ITEMS);
        }
        int index = 0;
        for (JsonNode message : list) {
            String at = "messages[" + index + "]";
            for (String field : NOT_ACTED_ON_IN_MESSAGES) {
                refuseUnlessEmpty(at + "." + field, message.path(field));
            }
            String id = isEmpty(message.path("id"))
                    ? runId + "/m" + index
                    : String.valueOf(optionalId(at + ".id", message.path("id")));
            String text = content(message.path("content"), at + ".content");
            JsonNode role = message.path("role");
            switch (role.isString() ? role.asString() : "") {
                case "user" -> messages.add(new Message(id, Message.Role.USER, List.of(new Content.Text(text))));
                case "system", "developer" -> instructions.add(text);
                case "assistant", "tool", "reasoning", "activity" ->
                    throw new WrongFieldException(at + ".role: only what is new is sent; the history is the agent's");
                default -> throw new WrongFieldException(at + ".role is user, system or developer");
            }
            index++;
        }
        if (messages.isEmpty()) {
            throw new WrongFieldException("messages has none of role user");
        }
    }

    /** Text, or AG-UI's list of text parts. */
    private static String content(JsonNode content, String at) throws WrongFieldException {
        StringBuilder text = new StringBuilder();
        if (content.isString()) {
            text.append(content.asString());
        } else if (content.isArray()) {
            for (JsonNode part : content) {
                if (!part.path("type").asString("").equals("text")
                        || !part.path("text").isString()) {
                    throw new WrongFieldException(
                            at + " has a part that is not text, which this release does not support");
                }
                text.append(part.path("text").asString());
            }
        }
        if (text.toString().isBlank()) {
            throw new WrongFieldException(at + " is required, a text that is not blank");
        }
        return text.toString();
    }

    private static JsonNode noesisProps(JsonNode forwarded) throws WrongFieldException {
        if (isEmpty(forwarded)) {
            return Json.object();
        }
        if (!forwarded.isObject()) {
            throw new WrongFieldException("forwardedProps is an object");
        }
        for (String name : forwarded.propertyNames()) {
            if (!name.equals("noesis")) {
                refuseUnlessEmpty("forwardedProps." + shown(name), forwarded.path(name));
            }
        }
        JsonNode own = forwarded.path("noesis");
        if (isEmpty(own)) {
            return Json.object();
        }
        if (!own.isObject()) {
            throw new WrongFieldException("forwardedProps.noesis is an object");
        }
        for (String name : own.propertyNames()) {
            if (!OWN_PROPS.contains(name)) {
                throw new WrongFieldException("forwardedProps.noesis." + shown(name) + " is not known");
            }
        }
        refuseUnlessEmpty("forwardedProps.noesis.responseSchema", own.path("responseSchema"));
        return own;
    }

    private static List<ContextItem> context(JsonNode list) throws WrongFieldException {
        if (isEmpty(list)) {
            return List.of();
        }
        if (!list.isArray() || list.size() > MAX_ITEMS) {
            throw new WrongFieldException(
                    "context is an array of at most " + MAX_ITEMS + " {description, value}, both text");
        }
        List<ContextItem> items = new ArrayList<>();
        for (JsonNode item : list) {
            if (!item.path("description").isString() || !item.path("value").isString()) {
                throw new WrongFieldException("context is an array of {description, value}, both text");
            }
            items.add(new ContextItem(
                    item.path("description").asString(), item.path("value").asString()));
        }
        return items;
    }

    private static Multitask multitask(JsonNode node) throws WrongFieldException {
        if (isAbsent(node)) {
            return Multitask.ENQUEUE;
        }
        for (Multitask policy : Multitask.values()) {
            if (node.isString() && policy.name().toLowerCase(Locale.ROOT).equals(node.asString())) {
                return policy;
            }
        }
        throw new WrongFieldException("forwardedProps.noesis.multitask is enqueue, reject or interrupt");
    }

    private @Nullable String model(JsonNode node) throws WrongFieldException {
        if (isAbsent(node)) {
            return null;
        }
        if (!node.isString() || !models.contains(node.asString())) {
            throw new WrongFieldException("forwardedProps.noesis.model is one of "
                    + models.stream().sorted().toList());
        }
        return node.asString();
    }

    private static @Nullable Integer maxTokens(JsonNode node) throws WrongFieldException {
        Long tokens = number(node, "maxTokens", Integer.MAX_VALUE);
        return tokens == null ? null : Math.toIntExact(tokens);
    }

    private static @Nullable Long budget(JsonNode node) throws WrongFieldException {
        if (isAbsent(node)) {
            return null;
        }
        for (String name : node.propertyNames()) {
            if (!name.equals("tokens")) {
                throw new WrongFieldException("forwardedProps.noesis.budget." + shown(name) + " is not known");
            }
        }
        Long tokens = node.isObject() ? number(node.path("tokens"), "budget.tokens", Long.MAX_VALUE) : null;
        if (tokens == null) {
            throw new WrongFieldException("forwardedProps.noesis.budget is {tokens}");
        }
        return tokens;
    }

    private static @Nullable Long number(JsonNode node, String name, long max) throws WrongFieldException {
        if (isAbsent(node)) {
            return null;
        }
        if (!node.isNumber()
                || !node.canConvertToExactIntegral()
                || !node.canConvertToLong()
                || node.asLong() < 1
                || node.asLong() > max) {
            throw new WrongFieldException("forwardedProps.noesis." + name + " is a whole number from 1 to " + max);
        }
        return node.asLong();
    }

    private static @Nullable String optionalId(String field, JsonNode node) throws WrongFieldException {
        if (isAbsent(node)) {
            return null;
        }
        String wrong = AgentId.checkPart(field, node.isString() ? node.asString() : null);
        if (wrong != null) {
            throw new WrongFieldException(wrong);
        }
        return node.asString();
    }

    private static void refuseUnlessEmpty(String field, JsonNode value) throws WrongFieldException {
        if (!isEmpty(value)) {
            throw new WrongFieldException(field + " is not supported by this release");
        }
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
