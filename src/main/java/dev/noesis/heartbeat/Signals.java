package dev.noesis.heartbeat;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.noesis.mind.Entries;
import dev.noesis.model.Finding;
import dev.noesis.serde.Json;
import java.util.ArrayList;
import java.util.List;

/**
 * Signals that wait for a tick, in the lane's own store: however many come, none reaches the log before a tick raises it.
 *
 * <p>They stand in the order in which they came, so that no signal waits for ever behind others; an index names the place of
 * each by what identifies it.
 */
final class Signals {
    private final Entries entries;

    Signals(Entries entries) {
        this.entries = entries;
    }

    /**
     * Keeps it; one of that source that waits already under that id is replaced, and keeps its place. False if the agent has
     * as many as may wait.
     *
     * @param arrival epoch milliseconds
     * @param offset of its record, for those of one millisecond
     */
    boolean add(String agent, HeartbeatInput.Signal signal, long arrival, long offset, int limit) {
        String index = index(agent) + fingerprint(signal);
        byte[] known = entries.get(index);
        if (known == null && count(agent, limit) >= limit) {
            return false;
        }
        String place = known == null ? String.format("%016x%016x", arrival, offset) : new String(known, UTF_8);
        entries.put(index, place.getBytes(UTF_8));
        entries.put(waiting(agent) + place, Json.write(signal));
        return true;
    }

    boolean isEmpty(String agent) {
        return count(agent, 1) == 0;
    }

    /** What waits longest, as findings. */
    List<Finding> findings(String agent, int limit) {
        List<Finding> findings = new ArrayList<>();
        entries.scan(waiting(agent), (_, value) -> {
            HeartbeatInput.Signal signal = Json.read(value, HeartbeatInput.Signal.class);
            findings.add(new Finding(
                    fingerprint(signal),
                    Finding.SIGNALS,
                    signal.source(),
                    signal.summary(),
                    signal.urgency(),
                    signal.needsAction(),
                    signal.data()));
            return findings.size() < limit;
        });
        return findings;
    }

    /** Drops those that were raised. */
    void remove(String agent, List<Finding> raised) {
        for (Finding finding : raised) {
            String index = index(agent) + finding.fingerprint();
            byte[] place = entries.get(index);
            if (place != null) {
                entries.delete(index);
                entries.delete(waiting(agent) + new String(place, UTF_8));
            }
        }
    }

    void removeAll(String agent) {
        List<String> keys = new ArrayList<>();
        for (String prefix : List.of(index(agent), waiting(agent))) {
            entries.scan(prefix, (key, _) -> keys.add(key));
        }
        keys.forEach(entries::delete);
    }

    private int count(String agent, int limit) {
        int[] count = {0};
        entries.scan(index(agent), (_, _) -> ++count[0] < limit);
        return count[0];
    }

    private static String waiting(String agent) {
        return "s\0" + agent + "\0";
    }

    private static String index(String agent) {
        return "i\0" + agent + "\0";
    }

    private static String fingerprint(HeartbeatInput.Signal signal) {
        return Fingerprint.of(Finding.SIGNALS, signal.source(), signal.signalId());
    }
}
