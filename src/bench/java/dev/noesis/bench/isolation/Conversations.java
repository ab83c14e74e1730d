package dev.noesis.bench.isolation;

import dev.noesis.bench.fleet.ChatLoad.Ask;
import dev.noesis.bench.fleet.ChatLoad.Talk;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * So many conversations, each with an agent of its own. None asks before it is answered; the one that has waited longest
 * asks next.
 */
final class Conversations implements Talk {
    /** The model answers this with a tool call, and the tool's result with words. */
    static final String WORDS = "Remember that the ferry leaves at nine.";

    private final Deque<Ask> idle = new ArrayDeque<>();

    /** @param name begins their agents' names, and is no other's */
    Conversations(String name, int count) {
        for (int i = 0; i < count; i++) {
            idle.add(new Ask(name + "-chat-" + i, name + "-t" + i, WORDS));
        }
    }

    @Override
    public Ask next(long number) {
        return idle.remove();
    }

    @Override
    public void answered(Ask ask) {
        idle.add(ask);
    }
}
