package dev.noesis.heartbeat;

import dev.noesis.mind.Entries;
import dev.noesis.serde.Json;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which ticks were seen, and which one of an agent is under way, in the lane's own store. */
final class Ticks {
    private static final long REMEMBER_MS = 7L * 24 * 60 * 60 * 1000;

    private final Entries entries;

    Ticks(Entries entries) {
        this.entries = entries;
    }

    /** A tick that passed the gate and has no outcome yet. {@code signals} is how many waited. */
    record UnderWay(String tickId, long appendedAt, long deadlineAt, int signals) {}

    private record Seen(long appendedAt) {}

    boolean seen(String agent, String tickId) {
        return entries.get(seenKey(agent, tickId)) != null;
    }

    /** Remembers it for 7 days, and forgets older ones. */
    void see(String agent, String tickId, long appendedAt) {
        List<String> old = new ArrayList<>();
        entries.scan(seenKey(agent, ""), (key, value) -> {
            if (Json.read(value, Seen.class).appendedAt() < appendedAt - REMEMBER_MS) {
                old.add(key);
            }
            return true;
        });
        old.forEach(entries::delete);
        entries.put(seenKey(agent, tickId), Json.write(new Seen(appendedAt)));
    }

    @Nullable
    UnderWay underWay(String agent) {
        byte[] value = entries.get(underWayKey(agent));
        return value == null ? null : Json.read(value, UnderWay.class);
    }

    void begin(String agent, UnderWay tick) {
        entries.put(underWayKey(agent), Json.write(tick));
    }

    void end(String agent) {
        if (entries.get(underWayKey(agent)) != null) {
            entries.delete(underWayKey(agent));
        }
    }

    private static String seenKey(String agent, String tickId) {
        return "k\0" + agent + "\0" + tickId;
    }

    private static String underWayKey(String agent) {
        return "w\0" + agent;
    }
}
