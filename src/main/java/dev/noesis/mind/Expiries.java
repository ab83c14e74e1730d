package dev.noesis.mind;

import dev.noesis.mind.Memory.FindingEntry;
import dev.noesis.mind.Memory.FindingState;
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

    /** @param tickId of a finding: the one that had raised it; it is kept if another has raised it since */
    private record Expiry(@Nullable String tickId) {}

    void entryAt(long at, String key) {
        store.put(Keys.expiry(at, key), new Expiry(null));
    }

    void findingAt(long at, String key, String tickId) {
        store.put(Keys.expiry(at, key), new Expiry(tickId));
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
            if (of.tickId() == null || isDone(key, of.tickId())) {
                store.delete(key);
            }
            store.delete(expiry);
        });
    }

    private boolean isDone(String finding, String tickId) {
        FindingEntry entry = store.get(finding, FindingEntry.class);
        return entry != null
                && entry.state() == FindingState.ACKNOWLEDGED
                && entry.tickId().equals(tickId);
    }
}
