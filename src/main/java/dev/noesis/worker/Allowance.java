package dev.noesis.worker;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongSupplier;

/**
 * So many times within so long, and no more: what happens now and then in a long life is no reason to give up, and the same
 * in a row is.
 *
 * <p><b>Threading.</b> May be used by any thread.
 */
final class Allowance {
    private final int limit;
    private final Duration window;
    private final LongSupplier nanoTime;
    private final Deque<Long> taken = new ArrayDeque<>();

    /**
     * @param limit most times within {@code window}, ≥ 0
     * @param nanoTime a clock that never goes back, such as {@link System#nanoTime}
     */
    Allowance(int limit, Duration window, LongSupplier nanoTime) {
        this.limit = limit;
        this.window = window;
        this.nanoTime = nanoTime;
    }

    /** Takes one if there is one left. */
    synchronized boolean tryAcquire() {
        long now = nanoTime.getAsLong();
        while (!taken.isEmpty() && now - taken.getFirst() >= window.toNanos()) {
            taken.removeFirst();
        }
        if (taken.size() >= limit) {
            return false;
        }
        taken.addLast(now);
        return true;
    }

    int limit() {
        return limit;
    }

    Duration window() {
        return window;
    }
}
