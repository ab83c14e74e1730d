package dev.noesis.mind;

import dev.noesis.mind.Memory.FindingEntry;
import dev.noesis.serde.Json;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** When cognition forgets what it keeps for a time only. The time is the fold's. */
final class Expiries {
    /** That one record forgets at most, so that no record pays for all. */
    private static final int AT_ONCE = 8;

    private final MindStore store;

    Expiries(MindStore store) {
        this.store = store;
    }

    /** @param since of a finding: when it came to the state in which it is to be forgotten; if it has moved on, it is kept */
    private record Expiry(@Nullable Long since) {}

    void entryAt(long at, String key) {
        store.put(Keys.expiry(at, key), new Expiry(null));
    }

    void findingAt(long at, String key, long since) {
        store.put(Keys.expiry(at, key), new Expiry(since));
    }

    /** The entry was forgotten before its time. */
    void withdraw(long at, String key) {
        store.delete(Keys.expiry(at, key));
    }

    /** Forgets what is due, a few entries at a time. */
    void forget(long now) {
        String end = Keys.expiries() + Keys.sortable(Math.max(0, now));
        Map<String, Expiry> due = new LinkedHashMap<>();
        store.scan(Keys.expiries(), (key, value) -> {
            boolean isDue = key.compareTo(end) < 0;
            if (isDue) {
                due.put(key, Json.read(value, Expiry.class));
            }
            return isDue && due.size() < AT_ONCE;
        });
        due.forEach((expiry, of) -> {
            String key = Keys.expiring(expiry);
            if (of.since() == null || isDone(key, of.since())) {
                store.delete(key);
            }
            store.delete(expiry);
        });
    }

    private boolean isDone(String finding, long since) {
        FindingEntry entry = store.get(finding, FindingEntry.class);
        return entry != null && entry.state().isSettled() && entry.since() == since;
    }
}
