package dev.noesis.mind;

import dev.noesis.mind.Memory.Fence;
import dev.noesis.mind.Memory.Partition;
import dev.noesis.model.Lane;
import dev.noesis.model.MindEvent;
import dev.noesis.model.MindEvent.Barrier;
import dev.noesis.model.MindEvent.CallRef;
import dev.noesis.model.MindEvent.Handover;
import java.util.List;
import java.util.Objects;

/** The fold of what belongs to the partition and to no agent: who owns it in each lane, and what the last owner left. */
final class Owners {
    private final MindStore store;

    Owners(MindStore store) {
        this.store = store;
    }

    Partition partition() {
        Partition known = store.get(Keys.PARTITION, Partition.class);
        return known == null ? Partition.NEW : known;
    }

    /** Whether the event is stamped by the one who owns the partition now. */
    boolean wrote(MindEvent event) {
        Fence fence = partition().of(event.lane());
        return fence != null && fence.incarnation().equals(event.stamp());
    }

    Folded fence(Lane lane, Barrier barrier, long offset) {
        Partition partition = partition();
        Fence before = partition.of(lane);
        if (before != null && before.knows(barrier.incarnation())) {
            return new Folded.Ignored("barrier written twice");
        }
        // What a predecessor left to finish counts for its next successor, and for no later one.
        List<CallRef> left = before != null && before.own() ? before.handedOver() : List.of();
        long leftUntil = before != null && before.own() ? before.handedOverUntil() : 0;
        Fence fence = new Fence(
                barrier.incarnation(),
                offset,
                barrier.logVersion(),
                barrier.foldVersion(),
                barrier.partitions(),
                left,
                leftUntil,
                /* own= */ false,
                before == null ? List.of() : before.line());
        store.put(Keys.PARTITION, partition.with(lane, fence));
        return new Folded.Fenced(lane, fence);
    }

    Folded handOver(Lane lane, Handover handover, long now) {
        Partition partition = partition();
        Fence fence = Objects.requireNonNull(partition.of(lane), "only an owner hands over");
        store.put(
                Keys.PARTITION,
                partition.with(
                        lane,
                        new Fence(
                                fence.incarnation(),
                                fence.offset(),
                                fence.logVersion(),
                                fence.foldVersion(),
                                fence.partitions(),
                                handover.calls(),
                                now + handover.forMs(),
                                /* own= */ true,
                                fence.former())));
        return new Folded.HandedOver(lane);
    }
}
