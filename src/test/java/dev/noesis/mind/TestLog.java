package dev.noesis.mind;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.noesis.mind.Fold.Result;
import dev.noesis.model.MindEvent;
import dev.noesis.serde.Json;
import java.util.ArrayList;
import java.util.List;

/** One partition of {@code mind.log} in memory. What is appended is folded at once, and kept to be folded again. */
public final class TestLog {
    /** A record as the broker keeps it. */
    public record Entry(long offset, byte[] key, byte[] value, long timestamp) {
        public Result foldInto(Fold fold) {
            return fold.fold(offset, key, value, timestamp);
        }
    }

    public static final String ADA = "ada";

    private final Fold fold;
    private final List<Entry> entries = new ArrayList<>();
    private long clock = Specs.T0;

    public TestLog() {
        this(new MapEntries());
    }

    public TestLog(Entries store) {
        fold = new Fold(store, Fold.Position.START);
    }

    public Fold fold() {
        return fold;
    }

    public Cognition cognition() {
        return fold.cognition();
    }

    public List<Entry> entries() {
        return entries;
    }

    public Run run(String runId) {
        return cognition().run(ADA, runId);
    }

    public RunState state(String runId) {
        return run(runId).state();
    }

    /** Later records are appended that much later. */
    public void pass(long ms) {
        clock += ms;
    }

    public long clock() {
        return clock;
    }

    public Result append(byte[] key, byte[] value) {
        Entry entry = new Entry(entries.size(), key, value, clock);
        entries.add(entry);
        return entry.foldInto(fold);
    }

    /** Appends an event of that agent. */
    public Folded append(String agent, MindEvent event) {
        return switch (append(agent.getBytes(UTF_8), Json.write(event))) {
            case Result.Event(String _, MindEvent _, Folded folded) -> folded;
            case Result.Poison(String reason) -> throw new AssertionError("poison: " + reason);
            case Result.Skipped _ -> throw new AssertionError("skipped");
        };
    }

    /** Appends an event of {@link #ADA}, or of the partition. */
    public Folded append(MindEvent event) {
        return append(isOfPartition(event) ? "~" + event.lane().id() : ADA, event);
    }

    public void appendAll(MindEvent... events) {
        for (MindEvent event : events) {
            append(event);
        }
    }

    private static boolean isOfPartition(MindEvent event) {
        return event.body() instanceof MindEvent.Barrier
                || event.body() instanceof MindEvent.Handover
                || event.body() instanceof MindEvent.Checkpoint;
    }
}
