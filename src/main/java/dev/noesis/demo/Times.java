package dev.noesis.demo;

import java.util.HashMap;
import java.util.Map;

/**
 * Counts how often a rule has fitted.
 *
 * <p><b>Threading.</b> Any thread.
 */
final class Times {
    private static final int MOST_TEXTS = 100_000;

    private final int limit;
    private final boolean perText;
    private final Map<String, Integer> taken = new HashMap<>();

    /** @param perText whether each text of the user has its own count */
    Times(int limit, boolean perText) {
        this.limit = limit;
        this.perText = perText;
    }

    /** Takes one of the times, if any is left. */
    synchronized boolean take(String userText) {
        String key = perText ? userText : "";
        int before = taken.getOrDefault(key, 0);
        if (before >= limit || (before == 0 && taken.size() == MOST_TEXTS)) {
            return false;
        }
        taken.put(key, before + 1);
        return true;
    }
}
