package dev.noesis.heartbeat;

import dev.noesis.mind.Entries;
import dev.noesis.model.CheckReport;
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

    /**
     * A tick that passed the gate and has no outcome yet.
     *
     * @param quiet whether it came in quiet hours: what presses is told, and nothing else is done; null for no, as earlier
     *     releases left it
     * @param only the names of the checks that it wants to look; null where it is the schedule's to say, as earlier releases
     *     left it
     * @param checks what was looked at; null while its checks look
     * @param told whether the log has told back what it raised; null for no
     */
    record UnderWay(
            String tickId,
            long appendedAt,
            long deadlineAt,
            @Nullable Boolean quiet,
            @Nullable List<String> only,
            @Nullable List<CheckReport> checks,
            @Nullable Boolean told) {
        UnderWay looked(List<CheckReport> reports) {
            return new UnderWay(tickId, appendedAt, deadlineAt, quiet, only, reports, null);
        }

        UnderWay toldBack() {
            return new UnderWay(tickId, appendedAt, deadlineAt, quiet, only, checks, true);
        }

        boolean comesInQuietHours() {
            return Boolean.TRUE.equals(quiet);
        }

        boolean wasToldBack() {
            return Boolean.TRUE.equals(told);
        }

        /** What was looked at, as far as it is known. */
        List<CheckReport> reports() {
            return checks == null ? List.of() : checks;
        }
    }

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

    /** The agents of which a tick is under way. */
    List<String> agents() {
        List<String> agents = new ArrayList<>();
        entries.scan(underWayKey(""), (key, _) -> agents.add(key.substring(2)));
        return agents;
    }

    private static String seenKey(String agent, String tickId) {
        return "k\0" + agent + "\0" + tickId;
    }

    private static String underWayKey(String agent) {
        return "w\0" + agent;
    }
}
