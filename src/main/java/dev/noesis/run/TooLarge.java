package dev.noesis.run;

import dev.noesis.model.ErrorCode;
import dev.noesis.model.Finding;
import dev.noesis.model.MindEvent;
import dev.noesis.model.MindEvent.AgentDeleted;
import dev.noesis.model.MindEvent.Barrier;
import dev.noesis.model.MindEvent.Body;
import dev.noesis.model.MindEvent.CheckTuned;
import dev.noesis.model.MindEvent.Checkpoint;
import dev.noesis.model.MindEvent.FindingReacted;
import dev.noesis.model.MindEvent.FindingsRaised;
import dev.noesis.model.MindEvent.Handover;
import dev.noesis.model.MindEvent.Republished;
import dev.noesis.model.MindEvent.RunCancelled;
import dev.noesis.model.MindEvent.RunExpired;
import dev.noesis.model.MindEvent.RunOpened;
import dev.noesis.model.MindEvent.ScheduleSet;
import dev.noesis.model.MindEvent.StepCompleted;
import dev.noesis.model.MindEvent.StepFailed;
import dev.noesis.model.MindEvent.ToolCompleted;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What stands in the log in place of an event that no record of it can hold: the smallest with which the run goes on, or ends
 * at once and says why. It has the id of the first, so that the effect that wanted that appended is done.
 */
final class TooLarge {
    private static final String NO_RECORD_HOLDS_IT = "is larger than a record of the log may be";

    /** Of a sentence, in characters. */
    private static final int MAX_SENTENCE = 1_000;

    /** Of a finding's name and summary, in characters. */
    private static final int MAX_WORDS = 200;

    private static final int MAX_FINDINGS = 1_000;

    private TooLarge() {}

    /**
     * @param stamp the incarnation that a decision is made under, should one take the place of a completion
     * @return null where the event is as small as it can be
     */
    static @Nullable MindEvent instead(MindEvent event, @Nullable String stamp) {
        Body body = switch (event.body()) {
            case RunOpened _ -> new RunCancelled("the request " + NO_RECORD_HOLDS_IT);
            case StepCompleted completed ->
                new StepFailed(
                        completed.step(),
                        completed.attempt(),
                        completed.attempts(),
                        ErrorCode.ANSWER_TOO_LARGE,
                        "the answer " + NO_RECORD_HOLDS_IT,
                        null,
                        completed.usage(),
                        completed.nextSeq());
            case StepFailed failed ->
                new StepFailed(
                        failed.step(),
                        failed.attempt(),
                        failed.attempts(),
                        failed.code(),
                        cut(failed.message(), MAX_SENTENCE),
                        failed.retryAt(),
                        failed.usage(),
                        failed.nextSeq());
            case ToolCompleted tool ->
                new ToolCompleted(
                        tool.step(),
                        tool.callId(),
                        tool.tool(),
                        "answer_too_large: what the tool answered and wanted to keep in memory " + NO_RECORD_HOLDS_IT
                                + "; nothing of it was kept",
                        true,
                        List.of(),
                        false);
            case RunCancelled(String reason) -> new RunCancelled(cut(reason, MAX_SENTENCE));
            case FindingsRaised(
                    String tickId,
                    List<Finding> findings,
                    Long basedOn,
                    var checks,
                    Boolean digest,
                    var tuned) ->
                new FindingsRaised(
                        tickId,
                        findings.stream().limit(MAX_FINDINGS).map(TooLarge::cut).toList(),
                        basedOn,
                        checks,
                        digest,
                        tuned);
            case AgentDeleted(String reason, Long requestOffset) ->
                new AgentDeleted(cut(reason, MAX_SENTENCE), requestOffset);
            // Its calls are made again: that costs, and loses nothing.
            case Handover(var _, long forMs) -> new Handover(List.of(), forMs);
            case RunExpired small -> small;
            case ScheduleSet small -> small;
            case FindingReacted small -> small;
            case CheckTuned small -> small;
            case Barrier small -> small;
            case Checkpoint small -> small;
            case Republished small -> small;
        };
        if (body.equals(event.body())) {
            return null;
        }
        return new MindEvent(
                event.version(),
                event.eventId(),
                event.at(),
                event.lane(),
                event.runId(),
                event.threadId(),
                event.origin(),
                body instanceof StepFailed && event.stamp() == null ? stamp : event.stamp(),
                body);
    }

    private static Finding cut(Finding finding) {
        return new Finding(
                finding.fingerprint(),
                cut(finding.check(), MAX_WORDS),
                cut(finding.source(), MAX_WORDS),
                cut(finding.summary(), MAX_WORDS),
                finding.urgency(),
                finding.needsAction(),
                null);
    }

    private static String cut(String text, int limit) {
        return text.length() <= limit ? text : Text.first(text, limit) + "…";
    }
}
