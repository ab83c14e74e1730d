package dev.noesis.model;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One record of {@code mind.log}: something that happened to an agent, or to a partition.
 *
 * <p>There are two kinds. <b>Completions</b> report work that was paid for; they count whoever reports them, and the first
 * wins. <b>Decisions</b> count only from the current owner of the partition: the lane whose latest barrier carries the
 * event's {@code stamp}.
 *
 * <p>A field that a later build adds is one that may be absent: a nullable one, for a primitive that is missing makes the
 * event of an older build poison.
 *
 * @param version the lowest that a reader must know; it stops at one that it does not, and at a type that it does not
 * @param eventId the same cause gives the same id
 * @param at when it happened by the writer's clock, epoch milliseconds; for people, never folded
 * @param lane who wrote it
 * @param stamp the incarnation that decided it; null on what is no decision
 */
public record MindEvent(
        int version,
        String eventId,
        long at,
        Lane lane,
        @Nullable String runId,
        @Nullable String threadId,
        Origin origin,
        @Nullable String stamp,

        @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, include = JsonTypeInfo.As.EXTERNAL_PROPERTY, property = "type")
        Body body) {

    /**
     * The highest version that this build can fold. Each new type, of events or of memory writes, and each new value of an
     * enumeration counts it up.
     */
    public static final int VERSION = 3;

    /** An event of the version that its body needs. */
    public MindEvent(
            String eventId,
            long at,
            Lane lane,
            @Nullable String runId,
            @Nullable String threadId,
            Origin origin,
            @Nullable String stamp,
            Body body) {
        this(body.since(), eventId, at, lane, runId, threadId, origin, stamp, body);
    }

    /** The same event, decided by that incarnation now. */
    public MindEvent stamped(String incarnation, long now) {
        return new MindEvent(version, eventId, now, lane, runId, threadId, origin, incarnation, body);
    }

    /** Whether it counts only from the current owner of the partition. */
    @JsonIgnore
    public boolean isDecision() {
        return switch (body) {
            case RunOpened _ -> true;
            case StepFailed _ -> true;
            case RunCancelled _ -> true;
            case RunExpired _ -> true;
            case FindingsRaised _ -> true;
            case AgentDeleted _ -> true;
            case ScheduleSet _ -> true;
            case FindingReacted _ -> true;
            case CheckTuned _ -> true;
            case Handover _ -> true;
            case StepCompleted _ -> false;
            case ToolCompleted _ -> false;
            case Barrier _ -> false;
            case Checkpoint _ -> false;
            case Republished _ -> false;
        };
    }

    /** What happened. */
    @JsonSubTypes({
        @JsonSubTypes.Type(value = RunOpened.class, name = "RunOpened"),
        @JsonSubTypes.Type(value = StepCompleted.class, name = "StepCompleted"),
        @JsonSubTypes.Type(value = StepFailed.class, name = "StepFailed"),
        @JsonSubTypes.Type(value = ToolCompleted.class, name = "ToolCompleted"),
        @JsonSubTypes.Type(value = RunCancelled.class, name = "RunCancelled"),
        @JsonSubTypes.Type(value = RunExpired.class, name = "RunExpired"),
        @JsonSubTypes.Type(value = FindingsRaised.class, name = "FindingsRaised"),
        @JsonSubTypes.Type(value = AgentDeleted.class, name = "AgentDeleted"),
        @JsonSubTypes.Type(value = ScheduleSet.class, name = "ScheduleSet"),
        @JsonSubTypes.Type(value = FindingReacted.class, name = "FindingReacted"),
        @JsonSubTypes.Type(value = CheckTuned.class, name = "CheckTuned"),
        @JsonSubTypes.Type(value = Barrier.class, name = "Barrier"),
        @JsonSubTypes.Type(value = Handover.class, name = "Handover"),
        @JsonSubTypes.Type(value = Checkpoint.class, name = "Checkpoint"),
        @JsonSubTypes.Type(value = Republished.class, name = "Republished")
    })
    public sealed interface Body {
        /**
         * The version of the log that brought it, or what it carries. It is written only when the latest barriers of both lanes
         * say that their builds can fold it.
         */
        @JsonIgnore
        default int since() {
            return 1;
        }
    }

    /**
     * A run began: its messages now belong to the thread.
     *
     * @param requestOffset of the request in its input topic, so that a request read again is known from a duplicate;
     *     -1 where no request opened it
     * @param basedOn offset of the last event that the one who decided it had folded; null where the request's counts
     */
    public record RunOpened(
            RunSpec spec,
            List<Message> messages,
            long requestOffset,
            @Nullable Long basedOn) implements Body {
        /** One that a request opened. */
        public RunOpened(RunSpec spec, List<Message> messages, long requestOffset) {
            this(spec, messages, requestOffset, null);
        }

        public RunOpened {
            messages = List.copyOf(messages);
        }
    }

    /**
     * The model answered a step. Paid for: it counts whoever reports it.
     *
     * @param attempts how many attempts this report stands for, the winner and those that failed before it
     * @param usage of all of them
     * @param model who answered, in the provider's words
     * @param nextSeq the first sequence number of the run's stream that this attempt has not used
     * @param provider whose API answered; null where nobody said
     * @param target which of the models that the lane may ask; null where nobody said
     */
    public record StepCompleted(
            int step,
            Attempt attempt,
            int attempts,
            List<Content> content,
            String stopReason,
            Usage usage,
            String model,
            long nextSeq,
            @Nullable String provider,
            @Nullable String target)
            implements Body {
        public StepCompleted {
            content = List.copyOf(content);
        }
    }

    /**
     * A step will not be answered by this attempt.
     *
     * @param attempts how many attempts this report stands for
     * @param nextSeq the first sequence number of the run's stream that this attempt has not used
     * @param retryAt when the step is to be tried again, epoch milliseconds; null: the run fails with {@code code}
     */
    public record StepFailed(
            int step,
            Attempt attempt,
            int attempts,
            ErrorCode code,
            String message,
            @Nullable Long retryAt,
            Usage usage,
            long nextSeq)
            implements Body {}

    /**
     * A tool call ended. What it writes to memory travels with it, so that it counts exactly when this does.
     *
     * @param callId the model's name for the call
     * @param endsRun no further step follows
     */
    public record ToolCompleted(
            int step,
            String callId,
            String tool,
            String text,
            boolean isError,
            List<MemoryWrite> writes,
            boolean endsRun)
            implements Body {
        public ToolCompleted {
            writes = List.copyOf(writes);
        }

        @Override
        public int since() {
            return writes.stream().mapToInt(MemoryWrite::since).max().orElse(1);
        }
    }

    /** The run was cancelled, before it began or while it went on. */
    public record RunCancelled(String reason) implements Body {}

    /** The run's deadline passed, before it began or while it went on. */
    public record RunExpired(long deadlineAt) implements Body {}

    /**
     * A tick raised these.
     *
     * @param basedOn offset of the last event that the one who decided it had folded; null where nobody said
     * @param checks which looked; null: only what waited outside was raised
     * @param digest whether the day's digest is to be told with it; null for no
     * @param tuned which checks the tuner has look more often or less from here on, or has begun to judge anew; null for none
     */
    public record FindingsRaised(
            String tickId,
            List<Finding> findings,
            @Nullable Long basedOn,
            @Nullable List<CheckReport> checks,
            @Nullable Boolean digest,
            @Nullable List<CheckTuning> tuned)
            implements Body {
        public FindingsRaised {
            Objects.requireNonNull(tickId, "tickId");
            findings = List.copyOf(findings);
            checks = checks == null ? null : List.copyOf(checks);
            tuned = tuned == null ? null : List.copyOf(tuned);
        }

        /** What waited outside, and no check looked. */
        public FindingsRaised(String tickId, List<Finding> findings, @Nullable Long basedOn) {
            this(tickId, findings, basedOn, null, null, null);
        }

        /** How each check fared that looked; none where none did. */
        public List<CheckReport> reports() {
            return checks == null ? List.of() : checks;
        }

        @Override
        public int since() {
            return checks == null && digest == null && tuned == null ? 1 : 3;
        }
    }

    /**
     * The operator had the agent's memory emptied. What was asked of the agent before that is not done any more.
     *
     * @param requestOffset of the request in the topic of chat requests; null where nobody said
     */
    public record AgentDeleted(String reason, @Nullable Long requestOffset) implements Body {}

    /**
     * When the agent looks after itself from here on. The last one wins, and of those that records asked for the one of the
     * last record.
     *
     * @param schedule null: it has none any more
     * @param requestOffset of the record in the topic of schedules; null where no record asked for it
     * @param basedOn offset of the last event that the one who decided it had folded; null where nobody said
     */
    public record ScheduleSet(
            @Nullable Schedule schedule,
            @Nullable Long requestOffset,
            @Nullable Long basedOn) implements Body {
        @Override
        public int since() {
            return schedule == null || schedule.checks() == null ? 2 : 3;
        }
    }

    /**
     * A human said something about a finding.
     *
     * @param until of a dismissal: seen again before that it stays dismissed, epoch milliseconds; null for 30 days
     * @param note in the human's words; null for none
     * @param requestOffset of the record in the topic of signals; null where no record said so
     * @param basedOn offset of the last event that the one who decided it had folded; null where nobody said
     */
    public record FindingReacted(
            String fingerprint,
            Reaction action,
            @Nullable Long until,
            @Nullable String note,
            @Nullable Long requestOffset,
            @Nullable Long basedOn)
            implements Body {
        public FindingReacted {
            Objects.requireNonNull(fingerprint, "fingerprint");
            Objects.requireNonNull(action, "action");
        }

        @Override
        public int since() {
            return 3;
        }
    }

    /**
     * The operator said how often a check is to look at the agent, or whether the tuner may change that.
     *
     * @param everyMs milliseconds; null: that is left as it is, or put back
     * @param reset whether it is put back to what is configured
     * @param pinned whether the tuner is to leave it alone; null: as before
     * @param requestOffset of the record in the topic of signals; null where no record said so
     * @param basedOn offset of the last event that the one who decided it had folded; null where nobody said
     */
    public record CheckTuned(
            String check,
            @Nullable Long everyMs,
            boolean reset,
            @Nullable Boolean pinned,
            @Nullable Long requestOffset,
            @Nullable Long basedOn)
            implements Body {
        public CheckTuned {
            Objects.requireNonNull(check, "check");
        }

        @Override
        public int since() {
            return 3;
        }
    }

    /**
     * A task of this lane started on this partition: everything its predecessors wrote stands before this record, and what
     * they still decide behind it does not count. Like handovers, checkpoints and notes it has a key that names no agent.
     *
     * @param logVersion the highest {@link MindEvent#VERSION} that this build can fold
     * @param foldVersion what this build's fold means; another one rebuilds the store
     * @param partitions how many partitions the topics had
     */
    public record Barrier(String incarnation, int logVersion, int foldVersion, int partitions) implements Body {}

    /**
     * The owner leaves on purpose and lets these calls finish.
     *
     * @param forMs how long from this record's append time nobody needs to make them again
     */
    public record Handover(List<CallRef> calls, long forMs) implements Body {
        public Handover {
            calls = List.copyOf(calls);
        }
    }

    /**
     * A call in flight.
     *
     * @param callId of a tool call, as in {@link ToolCompleted}; null: the step's model call
     */
    public record CallRef(
            String agentId,
            String runId,
            int step,
            @Nullable String callId) {}

    /**
     * What a lane's store was when it had folded the record at {@code offset}. The fold ignores it.
     *
     * @param logHash rolling hash of the records folded, hexadecimal
     * @param storeHash set hash of the store's entries, hexadecimal
     */
    public record Checkpoint(long offset, String logHash, String storeHash, int foldVersion) implements Body {}

    /** An input record that its client had put into the wrong partition now stands in the right one as well. */
    public record Republished(String topic, long offset) implements Body {}
}
