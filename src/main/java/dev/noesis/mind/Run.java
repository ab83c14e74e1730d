package dev.noesis.mind;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.noesis.model.Attempt;
import dev.noesis.model.Lane;
import dev.noesis.model.MemoryWrite.DecideFinding;
import dev.noesis.model.RunSpec;
import dev.noesis.model.Usage;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A run as both lanes know it.
 *
 * @param turn which turn of its thread it is, from 0; -1 where it ended before it began
 * @param usage charged so far, lost attempts included where they were heard of
 * @param attempts how many attempts were heard of
 * @param charged the latest of those that reported themselves, newest last: a report that is repeated is not charged again
 * @param attempt the one that won the last completed step, or failed last
 * @param nextSeq the next sequence number of the stream that {@code attempt} began
 * @param requestOffset of the request that asked for it; -1 for none
 * @param decisions about findings, held back until the run has finished
 * @param answeredBy who gave the last answer that counts; null for nobody yet
 */
public record Run(
        String runId,
        String threadId,
        Lane lane,
        RunSpec spec,
        long turn,
        RunState state,
        Usage usage,
        int attempts,
        List<Attempt> charged,
        Attempt attempt,
        long nextSeq,
        long requestOffset,
        List<DecideFinding> decisions,
        @Nullable AnsweredBy answeredBy) {

    private static final int CHARGED_KEPT = 64;

    static final RunState.Cancelled DELETED = new RunState.Cancelled("the agent was deleted");

    public Run {
        charged = List.copyOf(charged);
        decisions = List.copyOf(decisions);
    }

    /** A run that begins its first step. */
    static Run opened(String runId, String threadId, Lane lane, RunSpec spec, long turn, long requestOffset) {
        return new Run(
                runId,
                threadId,
                lane,
                spec,
                turn,
                new RunState.Thinking(0),
                Usage.NONE,
                0,
                List.of(),
                Attempt.NONE,
                0,
                requestOffset,
                List.of(),
                null);
    }

    @JsonIgnore
    public boolean isOpen() {
        return state instanceof RunState.Open;
    }

    /** The same run, ended so. */
    public Run ended(RunState.Ended end) {
        return with(end);
    }

    Run with(RunState next) {
        return new Run(
                runId,
                threadId,
                lane,
                spec,
                turn,
                next,
                usage,
                attempts,
                charged,
                attempt,
                nextSeq,
                requestOffset,
                decisions,
                answeredBy);
    }

    /** Whether this attempt reported itself already. */
    boolean isCharged(Attempt reporting) {
        return charged.contains(reporting);
    }

    /** Charged for the attempts that this one's report stands for. */
    Run charged(Attempt reporting, Usage more, int moreAttempts) {
        List<Attempt> known = Stream.concat(
                        charged.stream().skip(Math.max(0, charged.size() + 1 - CHARGED_KEPT)), Stream.of(reporting))
                .toList();
        return new Run(
                runId,
                threadId,
                lane,
                spec,
                turn,
                state,
                usage.plus(more),
                attempts + moreAttempts,
                known,
                attempt,
                nextSeq,
                requestOffset,
                decisions,
                answeredBy);
    }

    /** The stream goes on after this attempt, from that sequence number. */
    Run streamed(Attempt winner, long seq) {
        return new Run(
                runId,
                threadId,
                lane,
                spec,
                turn,
                state,
                usage,
                attempts,
                charged,
                winner,
                seq,
                requestOffset,
                decisions,
                answeredBy);
    }

    Run deciding(List<DecideFinding> more) {
        return new Run(
                runId,
                threadId,
                lane,
                spec,
                turn,
                state,
                usage,
                attempts,
                charged,
                attempt,
                nextSeq,
                requestOffset,
                Stream.concat(decisions.stream(), more.stream()).toList(),
                answeredBy);
    }

    Run answered(AnsweredBy by) {
        return new Run(
                runId,
                threadId,
                lane,
                spec,
                turn,
                state,
                usage,
                attempts,
                charged,
                attempt,
                nextSeq,
                requestOffset,
                decisions,
                by);
    }

    /** What is kept of it when its agent is deleted: that there was a run of that id, and nothing of what it was about. */
    Run deleted() {
        return opened(runId, threadId, lane, spec.settled(), -1, requestOffset).with(DELETED);
    }

    /** What is kept of it once it has ended. */
    Run settled() {
        return new Run(
                runId,
                threadId,
                lane,
                spec.settled(),
                turn,
                state,
                usage,
                attempts,
                charged,
                attempt,
                nextSeq,
                requestOffset,
                decisions,
                answeredBy);
    }
}
