package dev.noesis.cli;

import dev.noesis.mind.Fold;
import dev.noesis.model.Lane;
import dev.noesis.model.MindEvent;
import dev.noesis.model.MindEvent.Checkpoint;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Compares the checkpoints that the lanes wrote with a fold of the log that asked nobody. A lane whose store had gone another
 * way, or a log that was changed behind a lane's back, shows here. Pure.
 */
final class CheckpointVerifier {
    /** A checkpoint follows the offset that it is of within a few records; more than this is not remembered. */
    private static final int REMEMBERED = 100_000;

    private final Map<Long, Fold.Position> positions = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Fold.Position> eldest) {
            return size() > REMEMBERED;
        }
    };
    private final Map<Lane, Integer> held = new EnumMap<>(Lane.class);
    private final List<String> problems = new ArrayList<>();

    void accept(PartitionLog.Folded folded) {
        positions.put(folded.offset(), folded.position());
        switch (folded.result()) {
            case Fold.Result.Event(String _, MindEvent event, var _) -> {
                if (event.body() instanceof Checkpoint checkpoint) {
                    verify(event.lane(), checkpoint, folded.offset());
                }
            }
            case Fold.Result.Poison(String reason) ->
                problems.add("offset " + folded.offset() + " holds no event: " + reason);
            case Fold.Result.Skipped _ -> {
                // a fold from the beginning skips nothing
            }
        }
    }

    private void verify(Lane lane, Checkpoint checkpoint, long at) {
        Fold.Position own = positions.get(checkpoint.offset());
        String where = lane.id() + "'s checkpoint of offset " + checkpoint.offset() + " (at " + at + ")";
        if (own == null) {
            problems.add(where + " is of an offset that is not in the log before it");
        } else if (checkpoint.foldVersion() != own.foldVersion()) {
            problems.add(where + " was made by version " + checkpoint.foldVersion()
                    + " of the fold, and this build has " + own.foldVersion());
        } else if (!checkpoint.logHash().equals(own.logHash().hex())) {
            problems.add(where + " does not hold: the log up to there is not the one that the lane folded");
        } else if (!checkpoint.storeHash().equals(own.storeHash().hex())) {
            problems.add(where + " does not hold: the lane's store was not what the log says");
        } else {
            held.merge(lane, 1, Integer::sum);
        }
    }

    /** How many checkpoints of that lane hold. */
    int held(Lane lane) {
        return held.getOrDefault(lane, 0);
    }

    /** What does not hold, a sentence each; empty if all is well. */
    List<String> problems() {
        return List.copyOf(problems);
    }
}
