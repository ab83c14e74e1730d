package dev.noesis.heartbeat;

/**
 * So many a second, and as many at once after a second of rest. Lives in memory: a task that starts anew begins rested. Pure
 * but for its own count; used by one thread.
 */
final class RateLimit {
    private final int perSecond;
    private double left;
    private long at;

    /** @param now epoch milliseconds */
    RateLimit(int perSecond, long now) {
        this.perSecond = perSecond;
        this.left = perSecond;
        this.at = now;
    }

    boolean isOpen(long now) {
        // a clock that is set back gives nothing
        left = Math.min(perSecond, left + Math.max(0, now - at) * perSecond / 1_000.0);
        at = now;
        return left >= 1;
    }

    void take() {
        left--;
    }
}
