package dev.noesis.mind;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.noesis.mind.RecentEntries.Recent;
import dev.noesis.serde.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The entries of cognition, hashed as a set. Changes gather until {@link #commit()}, so that a fold that throws leaves no
 * half of itself behind. Used by one thread at a time.
 */
final class MindStore {
    private static final Recent NONE = new Recent(null, null);
    private static final int RECENT_BYTES = 1024 * 1024;

    private final Entries entries;
    private final RecentEntries recent = new RecentEntries(RECENT_BYTES);
    private final Map<String, Recent> changes = new LinkedHashMap<>();
    private Digest hash;

    MindStore(Entries entries, Digest hash) {
        this.entries = entries;
        this.hash = hash;
    }

    /** The hash of the committed entries. */
    Digest hash() {
        return hash;
    }

    <T> @Nullable T get(String key, Class<T> type) {
        Recent changed = changes.get(key);
        Recent known = changed != null ? changed : committed(key);
        if (known.value() == null && known.json() != null) {
            known = new Recent(known.json(), Json.read(known.json(), type));
            recent.put(key, known);
        }
        return type.cast(known.value());
    }

    private Recent committed(String key) {
        Recent known = recent.get(key);
        if (known == null) {
            known = new Recent(entries.get(key), null);
            recent.put(key, known);
        }
        return known;
    }

    /** Returns how many bytes the value has, which nobody may change from now on. */
    int put(String key, Object value) {
        byte[] json = Json.write(value);
        // Else a lane that has read it from its store would go on differently than one that has just made it.
        assert value.equals(Json.read(json, value.getClass())) : key + " is read as something else: " + value;
        changes.put(key, new Recent(json, value));
        return json.length;
    }

    void delete(String key) {
        changes.put(key, NONE);
    }

    /** Visits the committed entries with that prefix in ascending order until the visitor answers false. */
    void scan(String prefix, BiPredicate<String, byte[]> visitor) {
        entries.scan(prefix, visitor);
    }

    /** Visits the committed entries with that prefix in descending order until the visitor answers false. */
    <T> void scanBackwards(String prefix, Class<T> type, Predicate<T> visitor) {
        entries.scanBackwards(prefix, (key, value) -> visitor.test(Json.read(value, type)));
    }

    void commit() {
        for (Map.Entry<String, Recent> change : changes.entrySet()) {
            String name = change.getKey();
            byte[] key = name.getBytes(UTF_8);
            byte[] before = committed(name).json();
            byte[] after = change.getValue().json();
            if (before != null) {
                hash = hash.minus(key, before);
            }
            if (after != null) {
                hash = hash.plus(key, after);
                entries.put(name, after);
            } else if (before != null) {
                entries.delete(name);
            }
            recent.put(name, change.getValue());
        }
        changes.clear();
    }

    /** Removes so many entries, whatever they are, and leaves the hash alone. Returns how many there were. */
    int remove(int most) {
        List<String> keys = new ArrayList<>();
        entries.scan("", (key, _) -> keys.add(key) && keys.size() < most);
        for (String key : keys) {
            entries.delete(key);
            recent.remove(key);
        }
        return keys.size();
    }

    void rollback() {
        changes.clear();
    }
}
