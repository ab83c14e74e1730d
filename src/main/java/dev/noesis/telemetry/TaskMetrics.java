package dev.noesis.telemetry;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What one task has at the moment. Its StreamThread writes, whoever reads the metrics reads; nobody waits, and no store is
 * touched.
 */
public final class TaskMetrics {
    /** What is to be done. */
    public enum Effects {
        APPEND("append"),
        MODEL("call_model"),
        TOOL("call_tool"),
        REPUBLISH("republish");

        private final String id;

        Effects(String id) {
            this.id = id;
        }

        /** The value of the tag {@code kind}. */
        public String id() {
            return id;
        }
    }

    /** Where a run stands that has not ended. */
    public enum Runs {
        /** It waits for its thread, or to be let begin. */
        QUEUED("queued"),
        THINKING("thinking"),
        ACTING("acting"),
        /** Its model is asked again at a time that is set. */
        WAITING("waiting");

        private final String id;

        Runs(String id) {
            this.id = id;
        }

        /** The value of the tag {@code state}. */
        public String id() {
            return id;
        }
    }

    /** Filled here and never changed, so that any thread may read them; what changes are the counts. */
    private final Map<Effects, AtomicLong> effects = new EnumMap<>(Effects.class);

    private final Map<Runs, AtomicLong> runs = new EnumMap<>(Runs.class);
    private volatile long oldestDueSince = Long.MAX_VALUE;

    TaskMetrics() {
        for (Effects kind : Effects.values()) {
            effects.put(kind, new AtomicLong());
        }
        for (Runs state : Runs.values()) {
            runs.put(state, new AtomicLong());
        }
    }

    public void set(Effects kind, long count) {
        of(effects, kind).setRelease(count);
    }

    public void set(Runs state, long count) {
        of(runs, state).setRelease(count);
    }

    /** @param epochMs since when the effect that is due first has been due, which may be a time to come; the highest: none */
    public void oldestDueSince(long epochMs) {
        oldestDueSince = epochMs;
    }

    long count(Effects kind) {
        return of(effects, kind).getAcquire();
    }

    long count(Runs state) {
        return of(runs, state).getAcquire();
    }

    long oldestDueSince() {
        return oldestDueSince;
    }

    private static <K> AtomicLong of(Map<K, AtomicLong> counts, K key) {
        return Objects.requireNonNull(counts.get(key), "each key has its count");
    }
}
