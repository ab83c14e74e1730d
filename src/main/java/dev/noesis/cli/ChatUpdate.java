package dev.noesis.cli;

import org.jspecify.annotations.Nullable;

/** What a reader of {@code chat.events} learns of a run, after repeated and outdated events were left out. Provisional: the reply is the truth. */
public sealed interface ChatUpdate {

    /** More of the answer's text. */
    record Text(int step, String delta) implements ChatUpdate {}

    /** The step was begun anew: what was shown of it does not count. */
    record Restarted(int step) implements ChatUpdate {}

    /** The model asked for a tool. */
    record ToolCalled(int step, String callId, String tool, String arguments) implements ChatUpdate {}

    /** A tool answered. */
    record ToolReturned(int step, String callId, String content) implements ChatUpdate {}

    /**
     * The run was known already.
     *
     * @param state where it stood
     * @param outcome how it had ended; null where it had not
     */
    record Duplicate(String state, @Nullable String outcome) implements ChatUpdate {}
}
