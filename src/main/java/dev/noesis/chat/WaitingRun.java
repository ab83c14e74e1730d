package dev.noesis.chat;

import dev.noesis.model.MindEvent.RunOpened;

/**
 * A run that was accepted and has not begun: it waits for its thread, for its agent's share, or for its {@code RunOpened}
 * to come back from the log.
 *
 * @param offset of its request
 */
record WaitingRun(String agentId, String threadId, String runId, long offset, RunOpened opened) {

    String key() {
        return String.format("q\0%s\0%016x", agentId, offset);
    }
}
