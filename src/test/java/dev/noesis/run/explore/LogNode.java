package dev.noesis.run.explore;

import dev.noesis.mind.Digest;
import dev.noesis.model.Lane;
import dev.noesis.model.MindEvent;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The log up to and with a record. What its writers meant is told here by other means than the fold's. */
final class LogNode {
    final LogNode before;
    final Records.Rec record;
    final int offset;
    /** When it was appended. */
    final int time;
    /** A decision of someone who did not own the partition any more: it counts for nothing. */
    final boolean isStale;
    /** Who owned the partition, newest last, by lane. */
    private final Map<Lane, List<String>> owners;
    /** Cognition's hash when this was folded, by whoever folded it first. */
    Digest storeHash;

    LogNode(LogNode before, Records.Rec record, int time) {
        this.before = before;
        this.record = record;
        this.offset = before == null ? 0 : before.offset + 1;
        this.time = time;
        MindEvent truth = record.truth();
        Map<Lane, List<String>> known = before == null ? Map.of() : before.owners;
        List<String> ofLane = known.getOrDefault(truth.lane(), List.of());
        isStale = truth.isDecision() && (ofLane.isEmpty() || !ofLane.getLast().equals(truth.stamp()));
        if (truth.body() instanceof MindEvent.Barrier barrier && !ofLane.contains(barrier.incarnation())) {
            Map<Lane, List<String>> next = new EnumMap<>(Lane.class);
            next.putAll(known);
            List<String> line = new ArrayList<>(ofLane);
            line.add(barrier.incarnation());
            next.put(truth.lane(), line);
            owners = next;
        } else {
            owners = known;
        }
    }

    /** The current owner by the log's end; empty for none. */
    String owner(Lane lane) {
        List<String> line = owners.getOrDefault(lane, List.of());
        return line.isEmpty() ? "" : line.getLast();
    }

    LogNode at(long wanted) {
        LogNode node = this;
        while (node.offset > wanted) {
            node = Objects.requireNonNull(node.before, "the log begins at 0");
        }
        return node;
    }

    /** The record that made that incarnation the owner; null if there is none. */
    LogNode barrier(String incarnation) {
        LogNode first = null;
        for (LogNode node = this; node != null; node = node.before) {
            if (node.record.truth().body() instanceof MindEvent.Barrier barrier
                    && barrier.incarnation().equals(incarnation)) {
                first = node;
            }
        }
        return first;
    }
}
