package dev.noesis.cli;

/**
 * Hears of a run while it goes on.
 *
 * <p><b>Threading.</b> Called by one thread at a time for each run, and no more once its reply is there. It delays the other runs of the
 * same client, so it returns soon.
 */
@FunctionalInterface
public interface ChatListener {
    void updated(ChatUpdate update);
}
