package dev.noesis.heartbeat;

import dev.noesis.mind.Entries;
import dev.noesis.serde.Json;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * When each agent's next tick is due, in the lane's own store and in the order of time: however many wait, a look touches
 * those that are due and one more, and before the first is due it touches none.
 */
final class DueTicks {
    private static final String ORDER = "d\0";
    private static final byte[] NOTHING = {};

    private final Entries entries;
    /** Nothing is due before: the first due time, or one that was taken back. */
    private long next = Long.MAX_VALUE;

    DueTicks(Entries entries) {
        this.entries = entries;
        entries.scan(ORDER, (key, _) -> {
            next = due(key).at();
            return false;
        });
    }

    /** @param at epoch milliseconds */
    record Due(String agent, long at) {}

    /**
     * An agent's ticks.
     *
     * @param next when one is due, epoch milliseconds; null for never
     * @param made when the last one was due that was made; null for none
     */
    record Line(@Nullable Long next, @Nullable Long made) {
        static final Line NONE = new Line(null, null);
    }

    /** Nothing is due before that; {@link Long#MAX_VALUE} where nothing ever is. */
    long next() {
        return next;
    }

    /** The agent's ticks. */
    Line of(String agent) {
        byte[] line = entries.get(agentKey(agent));
        return line == null ? Line.NONE : Json.read(line, Line.class);
    }

    /** @param at null for never */
    void set(String agent, @Nullable Long at) {
        Line before = of(agent);
        if (before.next() != null) {
            entries.delete(place(agent, before.next()));
        }
        if (at != null) {
            entries.put(place(agent, at), NOTHING);
            next = Math.min(next, at);
        }
        keep(agent, new Line(at, before.made()));
    }

    /** Those that are due, longest first; they are due no longer. */
    List<Due> take(long now, int limit) {
        if (now < next) {
            return List.of();
        }
        List<Due> taken = new ArrayList<>();
        long[] first = {Long.MAX_VALUE};
        entries.scanFrom(ORDER + sortable(next), ORDER, (key, _) -> {
            Due due = due(key);
            if (due.at() > now || taken.size() == limit) {
                first[0] = due.at();
                return false;
            }
            return taken.add(due);
        });
        for (Due due : taken) {
            entries.delete(place(due.agent(), due.at()));
            keep(due.agent(), new Line(null, due.at()));
        }
        next = first[0];
        return taken;
    }

    private void keep(String agent, Line line) {
        if (!line.equals(Line.NONE)) {
            entries.put(agentKey(agent), Json.write(line));
        } else if (entries.get(agentKey(agent)) != null) {
            entries.delete(agentKey(agent));
        }
    }

    private static Due due(String key) {
        int end = key.indexOf('\0', ORDER.length());
        return new Due(key.substring(end + 1), Long.parseLong(key.substring(ORDER.length(), end), 16));
    }

    private static String place(String agent, long at) {
        return ORDER + sortable(at) + "\0" + agent;
    }

    private static String agentKey(String agent) {
        return "a\0" + agent;
    }

    /** Text of fixed width, so that text order is number order. */
    private static String sortable(long at) {
        return HexFormat.of().toHexDigits(at);
    }
}
