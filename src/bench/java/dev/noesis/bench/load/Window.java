package dev.noesis.bench.load;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * What was heard in some stretch of time.
 *
 * <p><b>Threading.</b> Any thread.
 */
final class Window {
    private final Delays replies = new Delays();
    private final Delays firstTokens = new Delays();
    private final AtomicInteger failed = new AtomicInteger();
    private long firstAt;
    private long lastAt;
    private int afterFirst;

    /** @param at when it was heard; {@link System#nanoTime} */
    synchronized void reply(long sentAt, long at, boolean isAnswer) {
        firstAt = replies.count() == 0 ? at : firstAt;
        lastAt = at;
        afterFirst += at == firstAt ? 0 : 1;
        replies.add(at - sentAt);
        if (!isAnswer) {
            failed.incrementAndGet();
        }
    }

    void firstToken(long sentAt, long at) {
        firstTokens.add(at - sentAt);
    }

    Delays replies() {
        return replies;
    }

    Delays firstTokens() {
        return firstTokens;
    }

    int failed() {
        return failed.get();
    }

    /**
     * Those after the first, or the first that came together, from there to the last: a few, or a few bursts, are not rounded
     * to the window's bounds.
     */
    synchronized double repliesPerSecond() {
        return afterFirst == 0 ? 0 : afterFirst / ((lastAt - firstAt) / 1e9);
    }
}
