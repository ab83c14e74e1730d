package dev.noesis.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.List;

/**
 * One message of a thread.
 *
 * @param id chosen by who wrote it; the agent's own are {@code <runId>/<step>}
 * @param content at least one block
 */
public record Message(String id, Role role, List<Content> content) {
    public Message {
        content = List.copyOf(content);
    }

    /** Who speaks. Tool results are spoken by the user's side, as models expect. */
    public enum Role {
        SYSTEM,
        USER,
        ASSISTANT;

        @JsonValue
        public String id() {
            return switch (this) {
                case SYSTEM -> "system";
                case USER -> "user";
                case ASSISTANT -> "assistant";
            };
        }

        @JsonCreator
        public static Role of(String id) {
            return switch (id) {
                case "system" -> SYSTEM;
                case "user" -> USER;
                case "assistant" -> ASSISTANT;
                default -> throw new IllegalArgumentException("no role is named '" + id + "'");
            };
        }
    }

    /** A user's message of plain text. */
    public static Message user(String id, String text) {
        return new Message(id, Role.USER, List.of(new Content.Text(text)));
    }

    /** The text blocks, joined. */
    public String text() {
        StringBuilder text = new StringBuilder();
        for (Content block : content) {
            if (block instanceof Content.Text t) {
                text.append(t.text());
            }
        }
        return text.toString();
    }
}
