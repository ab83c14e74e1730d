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
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

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

    Folded fence(Lane lane, Barrier barrier, long offset, long now) {
        Partition partition = partition();
        Fence before = partition.of(lane);
        if (before != null && before.knows(barrier.incarnation())) {
            return new Folded.Ignored("barrier written twice");
        }
        List<CallRef> left = leftToFinish(before, now);
        Fence fence = new Fence(
                barrier.incarnation(),
                offset,
                barrier.logVersion(),
                barrier.foldVersion(),
                barrier.partitions(),
                left,
                before == null || left.isEmpty() ? 0 : before.handedOverUntil(),
                /* own= */ false,
                before == null ? List.of() : before.line());
        store.put(Keys.PARTITION, partition.with(lane, fence));
        return new Folded.Fenced(lane, fence);
    }

    Folded handOver(Lane lane, Handover handover, long now) {
        Partition partition = partition();
        Fence fence = Objects.requireNonNull(partition.of(lane), "only an owner hands over");
        // It may itself wait for what its predecessor left: whoever comes next waits for both.
        List<CallRef> left = Stream.concat(handover.calls().stream(), leftToFinish(fence, now).stream())
                .distinct()
                .toList();
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
                                left,
                                Math.max(now + handover.forMs(), fence.handedOverUntil()),
                                /* own= */ true,
                                fence.former())));
        return new Folded.HandedOver(lane);
    }

    /** The calls that an owner, or whoever came before it, has left to finish. Nobody makes them again before their time. */
    private static List<CallRef> leftToFinish(@Nullable Fence fence, long now) {
        return fence != null && now < fence.handedOverUntil() ? fence.handedOver() : List.of();
    }
}
