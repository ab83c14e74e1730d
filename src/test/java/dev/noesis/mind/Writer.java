package dev.noesis.mind;

import dev.noesis.model.Attempt;
import dev.noesis.model.CheckReport;
import dev.noesis.model.CheckTuning;
import dev.noesis.model.Content;
import dev.noesis.model.ErrorCode;
import dev.noesis.model.Finding;
import dev.noesis.model.Lane;
import dev.noesis.model.MemoryWrite;
import dev.noesis.model.Message;
import dev.noesis.model.MindEvent;
import dev.noesis.model.Origin;
import dev.noesis.model.Reaction;
import dev.noesis.model.RunSpec;
import dev.noesis.model.Schedule;
import dev.noesis.model.Usage;
import java.util.List;

/** Writes the events that a task of that lane and incarnation would. */
public record Writer(Lane lane, String incarnation) {
    /** What each attempt of these tests costs. */
    public static final Usage COST = new Usage(10, 5, 0, 0);

    public static Writer chat(String incarnation) {
        return new Writer(Lane.CHAT, incarnation);
    }

    public static Writer heartbeat(String incarnation) {
        return new Writer(Lane.HEARTBEAT, incarnation);
    }

    // ---- what belongs to the partition

    public MindEvent barrier() {
        return event(
                "barrier/" + incarnation,
                null,
                null,
                null,
                new MindEvent.Barrier(incarnation, MindEvent.VERSION, Cognition.FOLD_VERSION, 1));
    }

    public MindEvent handover(long forMs, MindEvent.CallRef... calls) {
        return event("handover/" + incarnation, null, null, incarnation, new MindEvent.Handover(List.of(calls), forMs));
    }

    public MindEvent checkpoint(long offset) {
        return event("checkpoint/" + offset, null, null, null, new MindEvent.Checkpoint(offset, "0", "0", 1));
    }

    // ---- runs

    public MindEvent opened(String run, String thread, String text) {
        return opened(run, thread, text, Specs.spec());
    }

    public MindEvent opened(String run, String thread, String text, RunSpec spec) {
        return opened(run, thread, new MindEvent.RunOpened(spec, List.of(Message.user(run + "/m", text)), 0));
    }

    public MindEvent opened(String run, String thread, MindEvent.RunOpened opened) {
        return event(run + "/opened", run, thread, incarnation, opened);
    }

    public MindEvent completed(String run, int step, Attempt attempt, String stopReason, Content... content) {
        return event(
                run + "/" + step + "/completed/" + attempt,
                run,
                "?",
                null,
                new MindEvent.StepCompleted(
                        step, attempt, 1, List.of(content), stopReason, COST, "model", 7, "anthropic", "primary"));
    }

    public MindEvent answered(String run, int step, Attempt attempt, String text) {
        return completed(run, step, attempt, "end_turn", new Content.Text(text));
    }

    /** The model asks for the tool {@code recall} once for each id. */
    public MindEvent asked(String run, int step, Attempt attempt, String... callIds) {
        Content[] uses = new Content[callIds.length];
        for (int i = 0; i < callIds.length; i++) {
            uses[i] = new Content.ToolUse(callIds[i], "recall", "{}");
        }
        return completed(run, step, attempt, "tool_use", uses);
    }

    public MindEvent failed(String run, int step, Attempt attempt, Long retryAt) {
        return event(
                run + "/" + step + "/failed/" + attempt,
                run,
                "?",
                incarnation,
                new MindEvent.StepFailed(
                        step, attempt, 1, ErrorCode.MODEL_UNAVAILABLE, "overloaded", retryAt, COST, 3));
    }

    public MindEvent tool(String run, int step, String callId, String text, MemoryWrite... writes) {
        return tool(run, step, callId, text, false, writes);
    }

    public MindEvent tool(String run, int step, String callId, String text, boolean endsRun, MemoryWrite... writes) {
        return event(
                run + "/" + step + "/tool/" + callId,
                run,
                "?",
                null,
                new MindEvent.ToolCompleted(step, callId, "recall", text, false, List.of(writes), endsRun));
    }

    public MindEvent cancelled(String run, String thread) {
        return event(run + "/cancelled", run, thread, incarnation, new MindEvent.RunCancelled("no longer needed"));
    }

    public MindEvent expired(String run, String thread) {
        return event(
                run + "/expired",
                run,
                thread,
                incarnation,
                new MindEvent.RunExpired(Specs.spec().deadlineAt()));
    }

    // ---- the rest

    public MindEvent raised(String tickId, Finding... findings) {
        return event(
                "tick/" + tickId + "/raised",
                null,
                null,
                incarnation,
                new MindEvent.FindingsRaised(tickId, List.of(findings), null));
    }

    /** What its checks found, and how they fared. */
    public MindEvent looked(String tickId, boolean isDigest, List<CheckReport> checks, Finding... findings) {
        return event(
                "tick/" + tickId + "/raised",
                null,
                null,
                incarnation,
                new MindEvent.FindingsRaised(tickId, List.of(findings), null, checks, isDigest ? true : null, null));
    }

    /** The tuner has judged that check. */
    public MindEvent judged(String tickId, CheckTuning tuning) {
        return event(
                "tick/" + tickId + "/raised",
                null,
                null,
                incarnation,
                new MindEvent.FindingsRaised(tickId, List.of(), null, List.of(), null, List.of(tuning)));
    }

    public MindEvent deleted() {
        return deleted(Long.MAX_VALUE);
    }

    /** The same, decided by one who had folded the log up to that offset. */
    public MindEvent raisedOn(long basedOn, String tickId, Finding... findings) {
        return event(
                "tick/" + tickId + "/raised",
                null,
                null,
                incarnation,
                new MindEvent.FindingsRaised(tickId, List.of(findings), basedOn));
    }

    /** By a request of that offset. */
    public MindEvent deleted(long requestOffset) {
        return event("deleted", null, null, incarnation, new MindEvent.AgentDeleted("asked for", requestOffset));
    }

    /** @param requestOffset null where no record asked for it */
    public MindEvent scheduled(Schedule schedule, Long requestOffset) {
        return scheduledOn(Long.MAX_VALUE, schedule, requestOffset);
    }

    /** The same, decided by one who had folded the log up to that offset. */
    public MindEvent scheduledOn(long basedOn, Schedule schedule, Long requestOffset) {
        return event(
                "schedule/" + requestOffset,
                null,
                null,
                incarnation,
                new MindEvent.ScheduleSet(schedule, requestOffset, basedOn));
    }

    /** What a human says of a finding, in a record of that offset. */
    public MindEvent reacted(String fingerprint, Reaction action, long requestOffset) {
        return reactedOn(Long.MAX_VALUE, fingerprint, action, requestOffset);
    }

    /** The same, decided by one who had folded the log up to that offset. */
    public MindEvent reactedOn(long basedOn, String fingerprint, Reaction action, long requestOffset) {
        return event(
                "reaction/" + requestOffset,
                null,
                null,
                incarnation,
                new MindEvent.FindingReacted(fingerprint, action, null, "said so", requestOffset, basedOn));
    }

    /** What the operator says of a check, in a record of that offset. */
    public MindEvent tuned(String check, Long everyMs, boolean reset, Boolean pinned, long requestOffset) {
        return tunedOn(Long.MAX_VALUE, check, everyMs, reset, pinned, requestOffset);
    }

    /** The same, decided by one who had folded the log up to that offset. */
    public MindEvent tunedOn(
            long basedOn, String check, Long everyMs, boolean reset, Boolean pinned, long requestOffset) {
        return event(
                "tuning/" + requestOffset,
                null,
                null,
                incarnation,
                new MindEvent.CheckTuned(check, everyMs, reset, pinned, requestOffset, basedOn));
    }

    public static Finding finding(String fingerprint) {
        return new Finding(fingerprint, "signals", "mail", "a mail " + fingerprint, Finding.Urgency.NORMAL, true, null);
    }

    private MindEvent event(String id, String run, String thread, String stamp, MindEvent.Body body) {
        return new MindEvent(MindEvent.VERSION, id, 1, lane, run, thread, Origin.USER, stamp, body);
    }
}
