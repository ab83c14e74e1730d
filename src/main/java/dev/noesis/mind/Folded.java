package dev.noesis.mind;

import dev.noesis.model.Finding;
import dev.noesis.model.Lane;
import dev.noesis.model.Schedule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a record of the log did to cognition, so that a lane can react to it. */
public sealed interface Folded {

    /** A run was opened, moved or ended. {@code before} is null where it was not open before. */
    record RunMoved(@Nullable Run before, Run after) implements Folded {}

    /**
     * A tick looked.
     *
     * @param findings what it raised
     * @param alerts what humans are to be told at once
     * @param digest what they are to be told of in the day's digest; empty for none
     */
    record Raised(String tickId, List<Finding> findings, List<Attention> alerts, List<Memory.FindingEntry> digest)
            implements Folded {}

    /** The agent has another schedule, or none any more. */
    record Scheduled(@Nullable Schedule schedule) implements Folded {}

    /** The agent's memory is empty; these runs were open. */
    record Deleted(List<Run> open) implements Folded {}

    /** A task of that lane began. A barrier seen twice is {@link Ignored}. */
    record Fenced(Lane lane, Memory.Fence fence) implements Folded {}

    /** The owner of that lane leaves its calls to finish. */
    record HandedOver(Lane lane) implements Folded {}

    /** It changes nothing: a checkpoint, or a note from one task to the next. */
    record Noted() implements Folded {}

    /** It came too late or twice, and changes nothing but charges. Its effect is done nevertheless. */
    record Ignored(String reason) implements Folded {}

    /** A decision of someone who does not own the partition any more. The owner has the same effect to do. */
    record Stale() implements Folded {}

    /**
     * The agent is out of service; other agents go on.
     *
     * @param open the runs that were open if it was this event that could not be folded; none if it was an earlier one
     */
    record Faulted(String reason, List<Run> open) implements Folded {}
}
