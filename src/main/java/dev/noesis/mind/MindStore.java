package dev.noesis.mind;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.noesis.serde.Json;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The entries of cognition, hashed as a set. Changes gather until {@link #commit()}, so that a fold that throws leaves no
 * half of itself behind. Used by one thread at a time.
 */
final class MindStore {
    private final Entries entries;
    private final Map<String, byte @Nullable []> changes = new LinkedHashMap<>();
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
        byte[] value = changes.containsKey(key) ? changes.get(key) : entries.get(key);
        return value == null ? null : Json.read(value, type);
    }

    /** Returns how many bytes the value has. */
    int put(String key, Object value) {
        byte[] json = Json.write(value);
        changes.put(key, json);
        return json.length;
    }

    void delete(String key) {
        changes.put(key, null);
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
        for (Map.Entry<String, byte @Nullable []> change : changes.entrySet()) {
            byte[] key = change.getKey().getBytes(UTF_8);
            byte[] before = entries.get(change.getKey());
            byte[] after = change.getValue();
            if (before != null) {
                hash = hash.minus(key, before);
            }
            if (after != null) {
                hash = hash.plus(key, after);
                entries.put(change.getKey(), after);
            } else if (before != null) {
                entries.delete(change.getKey());
            }
        }
        changes.clear();
    }

    void rollback() {
        changes.clear();
    }
}
