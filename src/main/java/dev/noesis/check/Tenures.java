package dev.noesis.check;

import dev.noesis.model.MindEvent.Barrier;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Who owned a partition in one lane, one after another, by the log. */
final class Tenures {
    private final List<Tenure> all = new ArrayList<>();
    private final Set<String> known = new HashSet<>();

    /** One task's. It ended with a death where the next began and it had not handed over. */
    private static final class Tenure {
        final String incarnation;
        final long barrier;
        boolean handedOver;
        boolean hasCheckpoint;

        Tenure(String incarnation, long barrier) {
            this.incarnation = incarnation;
            this.barrier = barrier;
        }
    }

    /** A barrier that the log had before begins nothing: it was written twice, or came late. */
    void began(Barrier barrier, long offset) {
        if (known.add(barrier.incarnation())) {
            all.add(new Tenure(barrier.incarnation(), offset));
        }
    }

    void handedOver() {
        if (!all.isEmpty()) {
            all.getLast().handedOver = true;
        }
    }

    void checkpoint() {
        if (!all.isEmpty()) {
            all.getLast().hasCheckpoint = true;
        }
    }

    /** Who decides now; null for nobody. */
    @Nullable
    String owner() {
        return all.isEmpty() ? null : all.getLast().incarnation;
    }

    int count() {
        return all.size();
    }

    /** How many ended without handing over. */
    int deaths() {
        return deathsSince(0);
    }

    /** How many of those that began at that barrier or later ended without handing over. */
    int deathsSince(long barrier) {
        int deaths = 0;
        for (int i = 0; i + 1 < all.size(); i++) {
            deaths += all.get(i).barrier >= barrier && !all.get(i).handedOver ? 1 : 0;
        }
        return deaths;
    }

    /** Whether another began after the one with that barrier. */
    boolean movedSince(long barrier) {
        return !all.isEmpty() && all.getLast().barrier > barrier;
    }

    /** The barrier of the one that owned the partition when the log had that offset; -1 for none. */
    long barrierAt(long offset) {
        for (int i = all.size() - 1; i >= 0; i--) {
            if (all.get(i).barrier <= offset) {
                return all.get(i).barrier;
            }
        }
        return -1;
    }

    /** Whether one began with the record of that offset. */
    boolean isBarrier(long offset) {
        return all.stream().anyMatch(tenure -> tenure.barrier == offset);
    }

    /** Barriers of those that handed over and left no checkpoint. */
    List<Long> leftWithoutCheckpoint() {
        return all.stream()
                .filter(tenure -> tenure.handedOver && !tenure.hasCheckpoint)
                .map(tenure -> tenure.barrier)
                .toList();
    }
}
