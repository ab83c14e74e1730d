package dev.noesis.chaos;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What was asked for and what was answered, and how long answers stayed away after faults.
 *
 * <p><b>Threading.</b> Any thread.
 */
final class Ledger {
    private final Map<String, Long> askedAt = new HashMap<>();
    private final Set<String> answered = new HashSet<>();
    private final Map<String, Integer> outcomes = new TreeMap<>();
    private final List<Recovery> open = new ArrayList<>();
    private final Map<String, List<Double>> recovered = new TreeMap<>();
    private int replies;

    /** Partitions that have not answered anything that was asked since a fault. */
    private record Recovery(String kind, long since, Set<Integer> partitions) {}

    /** It may be asked for again; the first time counts. */
    synchronized void asked(String id) {
        askedAt.putIfAbsent(id, System.nanoTime());
    }

    /**
     * Notes an answer.
     *
     * @param partition where it stood
     * @param outcome what it says, for the count
     */
    synchronized void answered(String id, int partition, String outcome) {
        replies++;
        outcomes.merge(outcome, 1, Integer::sum);
        Long asked = askedAt.get(id);
        if (asked == null || !answered.add(id)) {
            return;
        }
        long now = System.nanoTime();
        open.removeIf(recovery -> {
            if (asked > recovery.since) {
                recovery.partitions.remove(partition);
            }
            if (recovery.partitions.isEmpty()) {
                recovered.computeIfAbsent(recovery.kind, _ -> new ArrayList<>()).add((now - recovery.since) / 1e9);
            }
            return recovery.partitions.isEmpty();
        });
    }

    /** A fault begins: from now to when each of these partitions has answered something that was asked after it. */
    synchronized void struck(String kind, Set<Integer> partitions) {
        if (!partitions.isEmpty()) {
            open.add(new Recovery(kind, System.nanoTime(), new HashSet<>(partitions)));
        }
    }

    synchronized int asked() {
        return askedAt.size();
    }

    synchronized int answered() {
        return answered.size();
    }

    synchronized int replies() {
        return replies;
    }

    /** How many answers said what. */
    synchronized Map<String, Integer> outcomes() {
        return new TreeMap<>(outcomes);
    }

    /** Seconds, by kind of fault. */
    synchronized Map<String, List<Double>> recovered() {
        Map<String, List<Double>> copy = new TreeMap<>();
        recovered.forEach((kind, seconds) -> copy.put(kind, List.copyOf(seconds)));
        return copy;
    }

    /** What has no answer. */
    synchronized List<String> open() {
        return askedAt.keySet().stream()
                .filter(id -> !answered.contains(id))
                .sorted()
                .toList();
    }
}
