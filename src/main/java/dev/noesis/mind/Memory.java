package dev.noesis.mind;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.noesis.model.ErrorCode;
import dev.noesis.model.Finding;
import dev.noesis.model.Lane;
import dev.noesis.model.MemoryWrite.Stakes;
import dev.noesis.model.MemoryWrite.Verdict;
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
     * Something the agent decided, and how it turned out.
     *
     * @param decisionId unique within the agent
     * @param confidence from 0 to 1 that it would turn out well
     * @param category a word of the model's
     * @param decidedAt fold time, epoch milliseconds
     * @param review null until it was reviewed
     */
    public record Decision(
            String decisionId,
            String what,
            String why,
            double confidence,
            Stakes stakes,
            String category,
            Origin origin,
            long decidedAt,
            String threadId,
            @Nullable Review review) {
        /** The same, after that review. */
        Decision reviewed(Review by) {
            return new Decision(decisionId, what, why, confidence, stakes, category, origin, decidedAt, threadId, by);
        }
    }

    /**
     * How a decision turned out.
     *
     * @param reviewedAt fold time, epoch milliseconds
     */
    public record Review(Verdict verdict, String text, long reviewedAt) {}

    /**
     * A run that failed.
     *
     * @param failedAt fold time, epoch milliseconds
     */
    public record Failure(String runId, String threadId, Lane lane, ErrorCode code, String message, long failedAt) {}

    /**
     * A finding and what became of it. All times are the fold's, epoch milliseconds.
     *
     * @param tickId the tick that raised it last
     * @param runId the run that handled it; null for none
     * @param raisedAt when it was raised, or came back
     * @param lasts whether its check says so for as long as it is there; else it is something that happened
     * @param since when it came to this state
     * @param misses how many looks of its check in a row did not find it
     * @param reopened how often it came back after it was resolved
     * @param alertedAt when a human was last told without being asked; null for never
     * @param alertedBy the tick that did
     * @param until of a dismissed one: seen again before that, it stays dismissed
     * @param ignored whether humans were told and said nothing for three days; false once one has said something, null while
     *     that is open
     */
    public record FindingEntry(
            Finding finding,
            FindingState state,
            String tickId,
            @Nullable String runId,
            long raisedAt,
            @Nullable String decision,
            @Nullable String text,
            boolean lasts,
            long since,
            int misses,
            int reopened,
            @Nullable Long alertedAt,
            @Nullable String alertedBy,
            @Nullable Long until,
            @Nullable Boolean ignored) {

        static FindingEntry begun(
                Finding finding, FindingState state, String tickId, boolean lasts, int reopened, long now) {
            return new FindingEntry(
                    finding, state, tickId, null, now, null, null, lasts, now, 0, reopened, null, null, null, null);
        }

        FindingEntry saying(Finding now) {
            return new FindingEntry(
                    now, state, tickId, runId, raisedAt, decision, text, lasts, since, 0, reopened, alertedAt,
                    alertedBy, until, ignored);
        }

        FindingEntry missed(int times) {
            return new FindingEntry(
                    finding, state, tickId, runId, raisedAt, decision, text, lasts, since, times, reopened, alertedAt,
                    alertedBy, until, ignored);
        }

        FindingEntry in(FindingState next, long now, @Nullable Long end) {
            return new FindingEntry(
                    finding, next, tickId, runId, raisedAt, decision, text, lasts, now, 0, reopened, alertedAt,
                    alertedBy, end, ignored);
        }

        FindingEntry decided(@Nullable String run, String what, @Nullable String why) {
            return new FindingEntry(
                    finding, state, tickId, run, raisedAt, what, why, lasts, since, misses, reopened, alertedAt,
                    alertedBy, until, ignored);
        }

        FindingEntry alerted(String tick, long now) {
            return new FindingEntry(
                    finding, state, tickId, runId, raisedAt, decision, text, lasts, since, misses, reopened, now, tick,
                    until, ignored);
        }

        FindingEntry ignored(boolean nobodyReacted) {
            return new FindingEntry(
                    finding,
                    state,
                    tickId,
                    runId,
                    raisedAt,
                    decision,
                    text,
                    lasts,
                    since,
                    misses,
                    reopened,
                    alertedAt,
                    alertedBy,
                    until,
                    nobodyReacted);
        }
    }

    /** Where a finding stands. */
    public enum FindingState {
        /** A run is to decide about it. */
        NEW,
        /** It needs no action, and is told of in the digest. */
        TRIAGED,
        /** A run or a human has seen to it, and it may be there still. */
        ACKNOWLEDGED,
        /** It is over. */
        RESOLVED,
        /** A human does not want to hear of it, for a time. */
        DISMISSED,
        /** It comes and goes: told of in the digest only. */
        FLAPPING;

        /** Whether nothing is to be done about it any more, and in the end it is forgotten. */
        public boolean isSettled() {
            return switch (this) {
                case NEW, TRIAGED, FLAPPING -> false;
                case ACKNOWLEDGED, RESOLVED, DISMISSED -> true;
            };
        }
    }

    /**
     * How an agent's check fares. All times are the fold's, epoch milliseconds.
     *
     * @param tickId the tick that it looked for last
     * @param lookedAt when that was
     * @param okAt up to when it has seen what there was; null for never
     * @param failures in a row
     * @param openUntil its breaker is open: until then it is not to look; null for closed
     * @param accumulatedAt when a human was last told that much of it lies about; null for never
     * @param accumulatedBy the tick that did
     */
    public record CheckEntry(
            String tickId,
            long lookedAt,
            @Nullable Long okAt,
            int failures,
            @Nullable Long openUntil,
            @Nullable Long accumulatedAt,
            @Nullable String accumulatedBy) {}

    /**
     * How often a check looks at an agent, and what humans made of what it found since that was judged last. Outcomes are
     * counted in halves: what a human resolved or dismissed is two, what nobody reacted to is one.
     *
     * @param useful halves that speak for the check
     * @param noise halves that speak against it
     * @param everyMs how often it looks, milliseconds; null: as configured
     * @param beforeMs what the last cycle has changed that from; null where it changed nothing, or took a change back
     * @param pinned the tuner is to leave it alone
     */
    public record Tuning(
            int useful,
            int noise,
            @Nullable Long everyMs,
            @Nullable Long beforeMs,
            boolean pinned) {
        public static final Tuning NONE = new Tuning(0, 0, null, null, false);

        /** Ten outcomes make a cycle. */
        private static final int HALVES_OF_A_CYCLE = 20;

        /** Whether there is enough to judge by, and nobody said to leave it alone. */
        @JsonIgnore
        public boolean isComplete() {
            return !pinned && useful + noise >= HALVES_OF_A_CYCLE;
        }

        Tuning found(int moreUseful, int moreNoise) {
            return new Tuning(useful + moreUseful, noise + moreNoise, everyMs, beforeMs, pinned);
        }

        /** The next cycle begins. */
        Tuning every(@Nullable Long ms, @Nullable Long before) {
            return new Tuning(0, 0, ms, before, pinned);
        }

        Tuning pinned(boolean isPinned) {
            return new Tuning(useful, noise, everyMs, beforeMs, isPinned);
        }
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
