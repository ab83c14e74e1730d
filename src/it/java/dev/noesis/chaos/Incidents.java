package dev.noesis.chaos;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What happened to the cluster.
 *
 * <p><b>Threading.</b> Any thread.
 */
final class Incidents {
    private final Map<String, Integer> struck = new TreeMap<>();
    private final Map<String, String> skipped = new TreeMap<>();
    private final List<String> ended = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();

    synchronized void struck(String kind) {
        struck.merge(kind, 1, Integer::sum);
    }

    /** It cannot be done on this machine. */
    synchronized void skipped(String kind, String why) {
        skipped.put(kind, why);
    }

    /** A process ended by itself, and was started again. */
    synchronized void ended(String what) {
        ended.add(what);
    }

    /** Something that ought to be, and is not. */
    synchronized void failed(String what) {
        failures.add(what);
    }

    synchronized Map<String, Integer> struck() {
        return new TreeMap<>(struck);
    }

    synchronized Map<String, String> skipped() {
        return new TreeMap<>(skipped);
    }

    synchronized List<String> ended() {
        return List.copyOf(ended);
    }

    synchronized List<String> failures() {
        return List.copyOf(failures);
    }
}
