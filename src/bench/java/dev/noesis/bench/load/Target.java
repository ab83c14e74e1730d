package dev.noesis.bench.load;

import java.time.Duration;

/** Where runs are sent, and heard of. */
interface Target extends AutoCloseable {
    /** Hears how runs end. */
    interface Ends {
        /** @param at when it was heard; {@link System#nanoTime} */
        void ended(String runId, long at, boolean isAnswer);
    }

    /** @param slot names the agent: a slot has one run at a time */
    void send(String runId, int slot);

    /** Waits for ends, at most that long, and tells of those that have come. */
    void poll(Duration limit, Ends ends) throws InterruptedException;

    @Override
    void close();
}
