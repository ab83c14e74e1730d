package dev.noesis.run;

import dev.noesis.mind.Entries;
import dev.noesis.serde.Json;
import dev.noesis.telemetry.TaskMetrics;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The effects that were decided and are not known to be done. Changes with the task's transaction. StreamThread only. */
final class Outbox {
    /** Of keys, by kind: appends first, for they cost little and others wait for them. */
    private static final List<String> KINDS = List.of("a\0", "m\0", "p\0", "t\0");

    private final Entries entries;
    private final OutboxBook book;
    private final LongSupplier now;

    /** Counts what is there already, by the one scan in its life. */
    Outbox(Entries entries, TaskMetrics metrics, LongSupplier now) {
        this.entries = entries;
        this.book = new OutboxBook(metrics);
        this.now = now;
        for (String kind : KINDS) {
            entries.scan(kind, (_, value) -> {
                book.put(Json.read(value, Effect.class), now.getAsLong());
                return true;
            });
        }
    }

    void put(Effect effect) {
        entries.put(effect.key(), Json.write(effect));
        book.put(effect, now.getAsLong());
    }

    boolean contains(String key) {
        return book.contains(key);
    }

    void remove(String key) {
        if (contains(key)) {
            entries.delete(key);
            book.remove(key);
        }
    }

    @Nullable
    Effect get(String key) {
        byte[] value = entries.get(key);
        return value == null ? null : Json.read(value, Effect.class);
    }

    List<String> keys() {
        List<String> keys = new ArrayList<>();
        for (String kind : KINDS) {
            entries.scan(kind, (key, _) -> keys.add(key));
        }
        return keys;
    }
}
