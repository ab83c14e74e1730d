package dev.noesis.mind;

import dev.noesis.model.Finding;
import dev.noesis.model.Lane;
import dev.noesis.model.MindEvent.CallRef;
import dev.noesis.model.Origin;
import dev.noesis.model.Schedule;
import dev.noesis.model.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The records that cognition keeps, besides {@link Run} and {@link Turn}. */
public final class Memory {
    private Memory() {}

    /**
     * An agent as a whole.
     *
     * @param chatUsage all that its chat runs were charged
     * @param heartbeatUsage all that its heartbeat runs were charged
     * @param openChatRuns how many of its chat runs have not ended
     * @param heartbeatRun its open heartbeat run; null for none
     * @param fault why this agent is not served any more: a fold of one of its events threw; null for none
     * @param faultOffset of that event; -1 for none
     */
    public record Agent(
            Usage chatUsage,
            Usage heartbeatUsage,
            int openChatRuns,
            @Nullable String heartbeatRun,
            @Nullable String fault,
            long faultOffset) {
        static final Agent NEW = new Agent(Usage.NONE, Usage.NONE, 0, null, null, -1);

        Agent charged(Lane lane, Usage more) {
            return switch (lane) {
                case CHAT ->
                    new Agent(chatUsage.plus(more), heartbeatUsage, openChatRuns, heartbeatRun, fault, faultOffset);
                case HEARTBEAT ->
                    new Agent(chatUsage, heartbeatUsage.plus(more), openChatRuns, heartbeatRun, fault, faultOffset);
            };
        }

        Agent began(Lane lane, String run) {
            return switch (lane) {
                case CHAT -> new Agent(chatUsage, heartbeatUsage, openChatRuns + 1, heartbeatRun, fault, faultOffset);
                case HEARTBEAT -> new Agent(chatUsage, heartbeatUsage, openChatRuns, run, fault, faultOffset);
            };
        }

        Agent ended(Lane lane) {
            return switch (lane) {
                case CHAT -> new Agent(chatUsage, heartbeatUsage, openChatRuns - 1, heartbeatRun, fault, faultOffset);
                case HEARTBEAT -> new Agent(chatUsage, heartbeatUsage, openChatRuns, null, fault, faultOffset);
            };
        }

        Agent faulted(String why, long offset) {
            return new Agent(chatUsage, heartbeatUsage, openChatRuns, heartbeatRun, why, offset);
        }
    }

    /**
     * That an agent was deleted: what was decided before, and reaches the log behind it, does not bring back what is gone.
     *
     * @param offset of the deletion in the log
     * @param requestOffset of its request in the topic of chat requests; null where nobody said
     */
    public record Deletion(long offset, @Nullable Long requestOffset) {
        /** Whether there is one that the decision did not know of. */
        static boolean isUnknownTo(@Nullable Deletion deletion, @Nullable Long basedOn) {
            return deletion != null && basedOn != null && basedOn < deletion.offset();
        }

        /** Whether there is one that was asked for after that request. */
        static boolean isBehind(@Nullable Deletion deletion, long requestOffset) {
            return deletion != null && deletion.requestOffset() != null && requestOffset < deletion.requestOffset();
        }
    }

    /**
     * A conversation.
     *
     * @param turns how many it has
     * @param activeRun the open run; null for none
     */
    public record ThreadHead(long turns, @Nullable String activeRun) {
        static final ThreadHead NEW = new ThreadHead(0, null);
    }

    /**
     * Something the agent holds to be true.
     *
     * @param learnedAt fold time, epoch milliseconds
     */
    public record Fact(
            String subject, String statement, double confidence, Origin origin, long learnedAt, String threadId) {}

    /**
     * A finding and what became of it.
     *
     * @param tickId the tick that raised it last
     * @param runId the run that handled it; null for none
     */
    public record FindingEntry(
            Finding finding,
            FindingState state,
            String tickId,
            @Nullable String runId,
            long raisedAt,
            @Nullable String decision,
            @Nullable String text) {}

    /** Where a finding stands. */
    public enum FindingState {
        NEW,
        ACKNOWLEDGED
    }

    /**
     * An agent's schedule, or that it has none any more: a record that is read again does not bring back an older one.
     *
     * @param requestOffset of the last record in the topic of schedules that counted; -1 for none
     */
    public record ScheduleEntry(@Nullable Schedule schedule, long requestOffset) {
        static final ScheduleEntry NONE = new ScheduleEntry(null, -1);
    }

    /**
     * What an agent's heartbeats were charged of late, by quarters of an hour, oldest first. When its day began is for readers
     * to say: there every zone's midnight lies, and a fold that knew zones would differ where their rules do.
     */
    public record Spent(List<Quarter> quarters) {
        private static final long QUARTER_MS = 15L * 60 * 1000;

        /** The longest day has 25 hours. */
        private static final long KEPT_MS = 26L * 60 * 60 * 1000;

        static final Spent NOTHING = new Spent(List.of());

        public Spent {
            quarters = List.copyOf(quarters);
        }

        /** @param beganAt epoch milliseconds */
        public record Quarter(long beganAt, long tokens) {}

        Spent plus(long tokens, long now) {
            long current = now - Math.floorMod(now, QUARTER_MS);
            List<Quarter> kept = new ArrayList<>(quarters.stream()
                    .filter(quarter -> quarter.beganAt() > now - KEPT_MS)
                    .toList());
            long before = !kept.isEmpty() && kept.getLast().beganAt() == current
                    ? kept.removeLast().tokens()
                    : 0;
            kept.add(new Quarter(current, before + tokens));
            return new Spent(kept);
        }

        /** How many tokens since then, epoch milliseconds. */
        long since(long at) {
            return quarters.stream()
                    .filter(quarter -> quarter.beganAt() >= at)
                    .mapToLong(Quarter::tokens)
                    .sum();
        }
    }

    /** What the fold knows of a partition: who owns it, in each lane. Fields rather than a map, whose order no hash could rely on. */
    public record Partition(@Nullable Fence chat, @Nullable Fence heartbeat) {
        static final Partition NEW = new Partition(null, null);

        public @Nullable Fence of(Lane lane) {
            return switch (lane) {
                case CHAT -> chat;
                case HEARTBEAT -> heartbeat;
            };
        }

        Partition with(Lane lane, Fence fence) {
            return switch (lane) {
                case CHAT -> new Partition(fence, heartbeat);
                case HEARTBEAT -> new Partition(chat, fence);
            };
        }
    }

    /**
     * The current owner of a partition in one lane: who appended its latest barrier.
     *
     * @param offset of that barrier
     * @param handedOver the calls that this owner leaves to finish, or that those before it left
     * @param handedOverUntil epoch milliseconds, fold time
     * @param former the incarnations that owned it before, newest first, as many as are remembered: a barrier of theirs that
     *     comes late takes nothing back
     * @param own whether {@code handedOver} is this owner's (it left) or only its predecessors' (it just came)
     */
    public record Fence(
            String incarnation,
            long offset,
            int logVersion,
            int foldVersion,
            int partitions,
            List<CallRef> handedOver,
            long handedOverUntil,
            boolean own,
            List<String> former) {
        private static final int REMEMBERED = 16;

        public Fence {
            handedOver = List.copyOf(handedOver);
            former = List.copyOf(former);
        }

        /** Whether that incarnation owns the partition, or did. */
        boolean knows(String other) {
            return incarnation.equals(other) || former.contains(other);
        }

        /** What a successor remembers of those before it. */
        List<String> line() {
            return Stream.concat(Stream.of(incarnation), former.stream())
                    .limit(REMEMBERED)
                    .toList();
        }
    }
}
