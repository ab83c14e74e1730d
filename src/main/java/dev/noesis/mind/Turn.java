package dev.noesis.mind;

import dev.noesis.model.Message;
import java.util.ArrayList;
import java.util.List;

/** What one run added to its thread: the user's messages, then answers and tool results as they came. */
public record Turn(String runId, List<Message> messages) {
    public Turn {
        messages = List.copyOf(messages);
    }

    Turn with(Message message) {
        List<Message> next = new ArrayList<>(messages);
        next.add(message);
        return new Turn(runId, next);
    }
}
