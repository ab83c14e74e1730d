package dev.noesis.llm.wire;

import dev.noesis.llm.LlmRequest;
import dev.noesis.model.Content;
import dev.noesis.model.Message;
import dev.noesis.model.Message.Role;

/** What of a request's conversation is the same for all providers. */
public final class Conversation {
    private Conversation() {}

    /**
     * The system prompt, with the messages of the role {@code system} behind it: a conversation has only users and assistants,
     * and servers that take others in between do so each in its way.
     */
    public static String system(LlmRequest request) {
        StringBuilder system = new StringBuilder(request.system());
        for (Message message : request.messages()) {
            if (message.role() == Role.SYSTEM) {
                system.append(system.isEmpty() ? "" : "\n\n").append(message.text());
            }
        }
        return system.toString();
    }

    /** Whether the block says something: providers refuse text that is blank. */
    public static boolean says(Content block) {
        return !(block instanceof Content.Text(String text)) || !text.isBlank();
    }
}
