package dev.noesis.run.explore;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.noesis.model.MindEvent;
import dev.noesis.serde.Json;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Numbers for what occurs again and again, so that states of the world are made of numbers. */
final class Records {
    /**
     * A record of the log, or one that may come to stand there.
     *
     * @param truth what its writer meant; a fault may have it arrive as something else
     */
    record Rec(int id, String key, MindEvent truth, byte[] keyBytes, byte[] value) {}

    private record Identity(String key, MindEvent truth, Image.Key value) {}

    private final List<Rec> records = new ArrayList<>();
    private final Map<Identity, Rec> known = new HashMap<>();
    private final List<Pending> pendings = new ArrayList<>();
    private final Map<Pending, Integer> pendingIds = new HashMap<>();

    Rec of(String key, MindEvent event) {
        return of(key, event, event);
    }

    /** @param arrives what the log has of it */
    Rec of(String key, MindEvent truth, MindEvent arrives) {
        byte[] value = Json.write(arrives);
        return known.computeIfAbsent(new Identity(key, truth, Image.Key.of(value)), _ -> {
            Rec made = new Rec(records.size(), key, truth, key.getBytes(UTF_8), value);
            records.add(made);
            return made;
        });
    }

    Rec get(int id) {
        return records.get(id);
    }

    int idOf(Pending pending) {
        return pendingIds.computeIfAbsent(pending, _ -> {
            pendings.add(pending);
            return pendings.size() - 1;
        });
    }

    Pending pending(int id) {
        return pendings.get(id);
    }
}
