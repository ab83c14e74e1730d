package dev.noesis.run;

import dev.noesis.mind.Entries;
import dev.noesis.serde.Json;
import java.util.ArrayList;
import java.util.List;

/**
 * The inputs of a task: which were taken, and those that came before the task may decide about them. Changes with the task's
 * transaction. StreamThread only.
 */
final class Inbox {
    private static final String OFFSET_PREFIX = "offset\0";
    private static final String KEPT_PREFIX = "deferred\0";

    private final Entries entries;
    private int kept;

    Inbox(Entries entries) {
        this.entries = entries;
        entries.scan(KEPT_PREFIX, (_, _) -> ++kept > 0);
    }

    /** Notes the record as taken; false if it was taken before, as when its group's offsets were set back. */
    boolean take(String topic, long offset) {
        byte[] last = entries.get(OFFSET_PREFIX + topic);
        if (last != null && offset <= Json.read(last, Long.class)) {
            return false;
        }
        entries.put(OFFSET_PREFIX + topic, Json.write(offset));
        return true;
    }

    boolean isEmpty() {
        return kept == 0;
    }

    void keep(Input input) {
        String key = String.format("%016x\0%s\0%016x", next(), input.topic(), input.offset());
        entries.put(KEPT_PREFIX + key, Json.write(input));
        kept++;
    }

    /** The oldest of those that were kept, at most that many; they are kept no longer. */
    List<Input> release(int limit) {
        if (kept == 0) {
            return List.of();
        }
        List<String> keys = new ArrayList<>();
        List<Input> inputs = new ArrayList<>();
        entries.scan(KEPT_PREFIX, (key, value) -> {
            keys.add(key);
            inputs.add(Json.read(value, Input.class));
            return keys.size() < limit;
        });
        keys.forEach(entries::delete);
        kept -= keys.size();
        return inputs;
    }

    /** They are kept in the order of arrival: a counter that goes on from the last one kept. */
    private long next() {
        long[] last = {-1};
        entries.scanBackwards(KEPT_PREFIX, (key, _) -> {
            int from = KEPT_PREFIX.length();
            last[0] = Long.parseLong(key.substring(from, from + 16), 16);
            return false;
        });
        return last[0] + 1;
    }
}
