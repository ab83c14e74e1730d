package dev.noesis.check;

import dev.noesis.mind.Digest;
import dev.noesis.mind.Fold;
import dev.noesis.model.Lane;
import dev.noesis.model.MindEvent;
import dev.noesis.model.MindEvent.Checkpoint;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Compares the checkpoints that the lanes wrote into a partition of the log with a fold of that log that asked nobody. A lane
 * whose store had gone another way, or a log that was changed behind a lane's back, shows here. Pure.
 */
public final class Checkpoints {
    /** A checkpoint mostly stands a few records behind what it is of: the hashes of so many offsets are kept, 8 MB. */
    private static final int KEPT = 1 << 18;

    /** A lane that is far behind writes one every so many offsets: of these all are kept. */
    private static final int EVERY = 1_000;

    private static final int LONGS = 4;

    /** The hashes of the newest offsets, four longs each, each offset in the place of the one {@link #KEPT} before it. */
    private long[] ring = new long[LONGS * EVERY];

    private final Map<Long, Hashes> kept = new HashMap<>();
    private long first = -1;
    private long last = -1;
    private final Map<Lane, Report.Checked> checked = new EnumMap<>(Lane.class);
    private final Map<Long, Map<Lane, Checkpoint>> latest = new HashMap<>();
    private int comparisons;

    private record Hashes(Digest log, Digest store) {}

    public Checkpoints() {
        for (Lane lane : Lane.values()) {
            checked.put(lane, new Report.Checked(0, 0, 0));
        }
    }

    /**
     * Hears of the next record.
     *
     * @param after where the fold is, having folded it
     * @param problem told what does not hold, and of which lane's checkpoint
     */
    public void folded(Fold.Result result, Fold.Position after, BiConsumer<Lane, String> problem) {
        keep(after);
        if (result instanceof Fold.Result.Event(String _, MindEvent event, var _)
                && event.body() instanceof Checkpoint checkpoint) {
            check(event.lane(), checkpoint, after.foldVersion(), problem);
        }
    }

    /** How many of that lane's were compared, and how. */
    public Report.Checked of(Lane lane) {
        return checked.getOrDefault(lane, new Report.Checked(0, 0, 0));
    }

    /** How many times both lanes had one at the same offset. */
    public int comparisons() {
        return comparisons;
    }

    private void keep(Fold.Position at) {
        if (first < 0) {
            first = at.offset();
        }
        last = at.offset();
        if (last % EVERY == 0) {
            kept.put(last, new Hashes(at.logHash(), at.storeHash()));
        }
        if (last - first >= ring.length / LONGS && ring.length < LONGS * KEPT) {
            grow();
        }
        int place = place(last);
        ring[place] = at.logHash().high();
        ring[place + 1] = at.logHash().low();
        ring[place + 2] = at.storeHash().high();
        ring[place + 3] = at.storeHash().low();
    }

    /** So that a small log does not pay for a large one. */
    private void grow() {
        long[] old = ring;
        int held = old.length / LONGS;
        ring = new long[Math.min(LONGS * KEPT, old.length * 4)];
        for (long offset = last - held; offset < last; offset++) {
            if (offset >= first) {
                System.arraycopy(old, (int) (offset % held) * LONGS, ring, place(offset), LONGS);
            }
        }
    }

    private int place(long offset) {
        return (int) (offset % (ring.length / LONGS)) * LONGS;
    }

    private void check(Lane lane, Checkpoint checkpoint, int foldVersion, BiConsumer<Lane, String> problem) {
        long offset = checkpoint.offset();
        if (offset < first || offset >= last) {
            problem.accept(lane, "is of offset " + offset + ", which the log does not have before it");
            return;
        }
        Hashes own = hashes(offset);
        if (own == null) {
            count(lane, 0, 0, 1);
        } else if (!checkpoint.logHash().equals(own.log().hex())) {
            problem.accept(
                    lane, "does not hold: the log up to offset " + offset + " is not the one that the lane folded");
        } else if (checkpoint.foldVersion() != foldVersion) {
            count(lane, 0, 1, 0);
        } else if (!checkpoint.storeHash().equals(own.store().hex())) {
            problem.accept(
                    lane, "does not hold: at offset " + offset + " the lane's store was not what the log folds to");
        } else {
            count(lane, 1, 0, 0);
        }
        compare(lane, checkpoint, problem);
    }

    private void compare(Lane lane, Checkpoint checkpoint, BiConsumer<Lane, String> problem) {
        Map<Lane, Checkpoint> lanes = latest.computeIfAbsent(checkpoint.offset(), _ -> new EnumMap<>(Lane.class));
        if (lanes.put(lane, checkpoint) == null && lanes.size() > 1) {
            comparisons++;
        }
        for (Map.Entry<Lane, Checkpoint> other : lanes.entrySet()) {
            if (other.getKey() != lane
                    && other.getValue().foldVersion() == checkpoint.foldVersion()
                    && !other.getValue().equals(checkpoint)) {
                problem.accept(
                        lane,
                        "differs from the " + other.getKey().id() + " lane's of the same offset "
                                + checkpoint.offset());
            }
        }
    }

    private @Nullable Hashes hashes(long offset) {
        if (last - offset >= ring.length / LONGS) {
            return kept.get(offset);
        }
        int place = place(offset);
        return new Hashes(new Digest(ring[place], ring[place + 1]), new Digest(ring[place + 2], ring[place + 3]));
    }

    private void count(Lane lane, int held, int otherBuild, int tooOld) {
        checked.computeIfPresent(
                lane,
                (_, before) -> new Report.Checked(
                        before.held() + held, before.otherBuild() + otherBuild, before.tooOld() + tooOld));
    }
}
