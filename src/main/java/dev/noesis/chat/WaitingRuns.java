package dev.noesis.chat;

import dev.noesis.mind.Entries;
import dev.noesis.serde.Json;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The runs of a partition that have not begun, in the order of their requests. The store has them whole; memory has where
 * they stand, and is made anew from the store when a task starts. StreamThread only.
 */
final class WaitingRuns {
    /** Where a waiting run stands. */
    record Place(String agentId, String threadId, String runId, long offset, String key) {}

    private final Entries entries;
    private final IntConsumer counted;
    private final Map<String, Map<String, Place>> byThread = new HashMap<>();
    private final Map<String, Place> byRun = new HashMap<>();
    private final Map<String, Integer> byAgent = new HashMap<>();

    /** @param counted told how many there are whenever that changes */
    WaitingRuns(Entries entries, IntConsumer counted) {
        this.entries = entries;
        this.counted = counted;
        List<WaitingRun> kept = new ArrayList<>();
        entries.scan("q\0", (_, value) -> kept.add(Json.read(value, WaitingRun.class)));
        kept.sort(Comparator.comparingLong(WaitingRun::offset));
        kept.forEach(this::place);
        counted.accept(count());
    }

    void add(WaitingRun run) {
        entries.put(run.key(), Json.write(run));
        place(run);
        counted.accept(count());
    }

    /** Takes it out; null if it is not there. */
    @Nullable
    Place remove(String agent, String runId) {
        Place place = byRun.remove(id(agent, runId));
        if (place == null) {
            return null;
        }
        entries.delete(place.key());
        counted.accept(count());
        byAgent.merge(agent, -1, (a, b) -> a + b == 0 ? null : a + b);
        String thread = id(agent, place.threadId());
        Map<String, Place> ofThread = byThread.get(thread);
        if (ofThread != null) {
            ofThread.remove(runId);
            if (ofThread.isEmpty()) {
                byThread.remove(thread);
            }
        }
        return place;
    }

    /** Where that run stands; null if it does not wait. */
    @Nullable
    Place find(String agent, String runId) {
        return byRun.get(id(agent, runId));
    }

    /** The oldest of a thread; null if none waits. */
    @Nullable
    Place head(String agent, String threadId) {
        Map<String, Place> ofThread = byThread.get(id(agent, threadId));
        return ofThread == null ? null : ofThread.values().iterator().next();
    }

    /** Those of a thread, oldest first. */
    List<Place> ofThread(String agent, String threadId) {
        return List.copyOf(byThread.getOrDefault(id(agent, threadId), Map.of()).values());
    }

    /** The oldest of each thread, in the order of their requests. */
    List<Place> heads() {
        return byThread.values().stream()
                .map(ofThread -> ofThread.values().iterator().next())
                .sorted(Comparator.comparingLong(Place::offset))
                .toList();
    }

    /** Those of an agent, in no order. */
    List<Place> ofAgent(String agent) {
        return byRun.values().stream()
                .filter(place -> place.agentId().equals(agent))
                .toList();
    }

    int countOf(String agent) {
        return byAgent.getOrDefault(agent, 0);
    }

    int count() {
        return byRun.size();
    }

    @Nullable
    WaitingRun load(Place place) {
        byte[] value = entries.get(place.key());
        return value == null ? null : Json.read(value, WaitingRun.class);
    }

    private void place(WaitingRun run) {
        Place place = new Place(run.agentId(), run.threadId(), run.runId(), run.offset(), run.key());
        byRun.put(id(run.agentId(), run.runId()), place);
        byThread.computeIfAbsent(id(run.agentId(), run.threadId()), _ -> new LinkedHashMap<>())
                .put(run.runId(), place);
        byAgent.merge(run.agentId(), 1, Integer::sum);
    }

    private static String id(String agent, String part) {
        return agent + "\0" + part;
    }
}
