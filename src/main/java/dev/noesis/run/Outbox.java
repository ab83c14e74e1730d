package dev.noesis.run;

import dev.noesis.mind.Entries;
import dev.noesis.serde.Json;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The effects that were decided and are not known to be done. Changes with the task's transaction. StreamThread only. */
final class Outbox {
    private final Entries entries;

    Outbox(Entries entries) {
        this.entries = entries;
    }

    void put(Effect effect) {
        entries.put(effect.key(), Json.write(effect));
    }

    boolean contains(String key) {
        return entries.get(key) != null;
    }

    void remove(String key) {
        if (contains(key)) {
            entries.delete(key);
        }
    }

    @Nullable
    Effect get(String key) {
        byte[] value = entries.get(key);
        return value == null ? null : Json.read(value, Effect.class);
    }

    /** The keys of all effects: appends first, for they cost little and others wait for them. */
    List<String> keys() {
        List<String> keys = new ArrayList<>();
        for (String kind : List.of("a\0", "m\0", "p\0", "t\0")) {
            entries.scan(kind, (key, _) -> keys.add(key));
        }
        return keys;
    }
}
