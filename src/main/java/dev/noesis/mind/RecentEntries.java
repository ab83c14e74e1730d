package dev.noesis.mind;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The entries that were read or written last, as they are kept and, once somebody asked, as what they mean: the events of a run
 * come close together, and each asks for the same few. That an entry is absent is kept, too. Used by one thread at a time.
 */
final class RecentEntries {
    /** A key, its node in the map, and the value beside its JSON, roughly. */
    private static final int OVERHEAD = 200;

    private final int maxBytes;
    private final Map<String, Recent> entries = new LinkedHashMap<>(16, 0.75f, /* accessOrder= */ true);
    private int bytes;

    /**
     * An entry, or that there is none.
     *
     * @param json null where there is no entry
     * @param value what it means; null where nobody asked yet
     */
    record Recent(byte @Nullable [] json, @Nullable Object value) {
        private int size() {
            return OVERHEAD + (json == null ? 0 : json.length);
        }
    }

    /** @param maxBytes what may be kept, roughly; what would take a large part of it is not kept at all */
    RecentEntries(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** Null where nothing is known. */
    @Nullable
    Recent get(String key) {
        return entries.get(key);
    }

    void put(String key, Recent entry) {
        remove(key);
        if (entry.size() > maxBytes / 16) {
            return;
        }
        entries.put(key, entry);
        bytes += entry.size();
        Iterator<Recent> oldest = entries.values().iterator();
        while (bytes > maxBytes) {
            bytes -= oldest.next().size();
            oldest.remove();
        }
    }

    void remove(String key) {
        Recent known = entries.remove(key);
        if (known != null) {
            bytes -= known.size();
        }
    }
}
