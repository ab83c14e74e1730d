package dev.noesis.check;

import dev.noesis.check.LoggedRun.Ending;
import dev.noesis.model.Finding;
import dev.noesis.model.Lane;
import dev.noesis.model.MemoryWrite.Action;
import dev.noesis.model.MemoryWrite.DecideFinding;
import dev.noesis.model.ScheduledTick;
import dev.noesis.model.Usage;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** A partition's ticks, outcomes and attention against its log. */
final class HeartbeatRules {
    /** How long a tick's name is known. */
    private static final long REMEMBERED_MS = 7L * 24 * 60 * 60 * 1000;

    private static final Set<String> REASONS =
            Set.of("duplicate", "disabled", "stale", "quiet_hours", "busy", "no_findings", "budget", "cooldown");

    private final Referee referee;
    private final Inputs inputs;
    private final RecordRules records;
    private final Tally tally;
    private final Kept ticks;
    private final Kept outcomes;
    private final Kept attentions;
    private final Map<RunKey, int[]> told = new HashMap<>();
    /** What humans are to be told of, by agent and attentionId: false until they are. */
    private final Map<RunKey, Boolean> notified = new HashMap<>();
    /** What each tick is to tell at once, by attentionId. */
    private final Map<RunKey, Set<String>> alerts;

    HeartbeatRules(
            History history,
            int partition,
            Referee referee,
            Inputs inputs,
            Map<RunKey, Set<String>> alerts,
            Tally tally) {
        this.referee = referee;
        this.alerts = alerts;
        this.inputs = inputs;
        this.records = new RecordRules(history, tally);
        this.tally = tally;
        this.ticks = new Kept(history, history.topics().heartbeatTicks(), partition);
        this.outcomes = new Kept(history, history.topics().heartbeatOutcomes(), partition);
        this.attentions = new Kept(history, history.topics().agentAttention(), partition);
    }

    // ---- outcomes

    /** Hears of the next outcome. */
    void outcome(Seen record) {
        outcomes.saw(record);
        JsonNode outcome = record.json();
        String tickId = outcome.path("tickId").asString("");
        records.check(record, tickId);
        RunKey tick = new RunKey(record.agent(), tickId);
        String status = outcome.path("status").asString("");
        boolean isDuplicate = outcome.path("skipReason").asString("").equals("duplicate");
        tally.outcome(
                status.equals("skipped")
                        ? "skipped: " + outcome.path("skipReason").asString("")
                        : status);
        told.computeIfAbsent(tick, _ -> new int[2])[isDuplicate ? 1 : 0]++;
        if (ScheduledTick.isReserved(tickId)) {
            ScheduledTick due = ScheduledTick.named(record.agent(), tickId);
            if (due == null || !referee.isDue(record.agent(), due.dueAt())) {
                tally.violation(Rule.TICKS, record, tickId, "no schedule of the agent made that tick due");
            }
        } else if (!inputs.ticks().containsKey(tick) && ticks.isWhole()) {
            tally.violation(Rule.TICKS, record, tickId, "nobody sent the tick of this outcome");
        }
        if (status.equals("skipped")
                && !REASONS.contains(outcome.path("skipReason").asString(""))) {
            tally.violation(
                    Rule.TICKS, record, tickId, "no tick is skipped for the reason " + outcome.path("skipReason"));
        }
        String runId = outcome.path("runId").asString("");
        for (String list : List.of("checks", "findings")) {
            if (!outcome.path(list).isArray()) {
                tally.violation(Rule.FINDINGS, record, tickId, list + " is a list");
            }
        }
        if (!runId.isEmpty()) {
            ended(record, outcome, tick, runId);
        } else {
            withoutRun(record, outcome, tick, status);
        }
        if (!status.equals("failed")) {
            expectAlerts(tick);
        }
    }

    private void withoutRun(Seen record, JsonNode outcome, RunKey tick, String status) {
        String reason = outcome.path("skipReason").asString("");
        Set<String> raised = referee.raisedBy(tick);
        boolean isRaised = raised != null;
        boolean isDone = status.equals("ok") || status.equals("notified");
        if (!isDone && !status.equals("skipped") && !status.equals("failed")) {
            tally.violation(Rule.FINDINGS, record, tick.id(), "the outcome is " + status + ", and names no run");
        } else if (isDone && !isRaised) {
            tally.violation(
                    Rule.FINDINGS,
                    record,
                    tick.id(),
                    "the outcome is " + status + ", it names no run, and the tick has raised nothing");
        } else if (status.equals("skipped")
                && !reason.equals("duplicate")
                && !reason.equals("budget")
                && isRaised
                && referee.tenures(Lane.HEARTBEAT).count() == 1) {
            // a task that comes upon what another had raised may have to skip the tick all the same
            tally.violation(Rule.TICKS, record, tick.id(), "the tick is skipped, and by the log it raised findings");
        }
        if (!status.equals("failed") && !reason.equals("duplicate")) {
            checks(record, outcome, tick);
        }
        outcome.path("findings").forEach(finding -> {
            String fingerprint = finding.path("fingerprint").asString("");
            if (raised == null || !raised.contains(fingerprint)) {
                tally.violation(Rule.FINDINGS, record, tick.id(), "the tick did not raise the finding " + fingerprint);
            }
            if (!finding.path("decision").asString("").equals("none")) {
                tally.violation(
                        Rule.FINDINGS, record, tick.id(), "no run decided about " + fingerprint + ", by the outcome");
            }
        });
    }

    private void expectAlerts(RunKey tick) {
        alerts.getOrDefault(tick, Set.of())
                .forEach(alert -> notified.putIfAbsent(new RunKey(tick.agent(), alert), false));
    }

    private void ended(Seen record, JsonNode outcome, RunKey tick, String runId) {
        LoggedRun run = referee.run(new RunKey(tick.agent(), runId));
        if (run == null || run.ending == null || !tick.id().equals(run.tickId)) {
            tally.violation(
                    Rule.FINDINGS,
                    record,
                    tick.id(),
                    run == null
                            ? "the log does not know the run " + runId
                            : run.ending == null
                                    ? "its run " + runId + " has not ended"
                                    : "its run " + runId + " is another tick's, " + run.tickId);
            return;
        }
        if (run.repliedAt >= 0) {
            tally.violation(
                    Rule.TICKS, record, tick.id(), "the end of the run is told at offset " + run.repliedAt + ", too");
        }
        run.repliedAt = record.offset();
        expect(record, run, "status", status(run), outcome.path("status").asString(""));
        if (run.ending instanceof Ending.Failed(var code)) {
            expect(record, run, "code", code.id(), outcome.path("code").asString(""));
        }
        if (run.failure != null) {
            expect(
                    record,
                    run,
                    "message",
                    run.failure.message(),
                    outcome.path("message").asString(""));
        }
        answeredBy(record, run, outcome);
        usage(record, run, outcome.path("usage"));
        checks(record, outcome, tick);
        outcome.path("findings").forEach(finding -> finding(record, run, tick, finding));
        decided(record, run, outcome.path("findings"));
    }

    /** What the checks found is what the tick raised. */
    private void checks(Seen record, JsonNode outcome, RunKey tick) {
        Set<String> raised = referee.raisedBy(tick);
        int logged = raised == null ? 0 : raised.size();
        int found = 0;
        for (JsonNode check : outcome.path("checks")) {
            found += check.path("findings").asInt(0);
        }
        // who takes up a tick after a crash knows of what was raised only what the memory has of it
        boolean isWhole = referee.tenures(Lane.HEARTBEAT).count() == 1;
        if (isWhole ? found != logged : found > logged) {
            tally.violation(
                    Rule.FINDINGS,
                    record,
                    tick.id(),
                    "its checks found " + found + " by the outcome, and it raised " + logged + " by the log");
        }
    }

    private static String status(LoggedRun run) {
        if (!(run.ending instanceof Ending.Success)) {
            return "failed";
        }
        boolean acts = run.decisions().stream().anyMatch(decision -> decision.action() == Action.ACT);
        boolean notifies = run.decisions().stream().anyMatch(decision -> decision.action() == Action.NOTIFY);
        return acts ? "acted" : notifies ? "notified" : "ok";
    }

    /** What the outcome of an older build does not tell is not held against it. */
    private void answeredBy(Seen record, LoggedRun run, JsonNode outcome) {
        Map<String, String> logged = run.answers.isEmpty() ? Map.of() : run.answers.getLast().by;
        for (String what : List.of("model", "provider", "target")) {
            if (outcome.has(what)) {
                expect(
                        record,
                        run,
                        what,
                        logged.getOrDefault(what, ""),
                        outcome.path(what).asString(""));
            }
        }
    }

    private void usage(Seen record, LoggedRun run, JsonNode told) {
        Usage usage = run.usage;
        expect(
                record,
                run,
                "usage.inputTokens",
                usage.inputTokens(),
                told.path("inputTokens").asLong(-1));
        expect(
                record,
                run,
                "usage.outputTokens",
                usage.outputTokens(),
                told.path("outputTokens").asLong(-1));
        expect(
                record,
                run,
                "usage.totalTokens",
                usage.total(),
                told.path("totalTokens").asLong(-1));
    }

    private void finding(Seen record, LoggedRun run, RunKey tick, JsonNode finding) {
        String fingerprint = finding.path("fingerprint").asString("");
        String urgency = finding.path("urgency").asString(Finding.Urgency.NORMAL.id());
        Set<String> urgencies = referee.raised(tick.agent()).get(fingerprint);
        if (urgencies == null || !urgencies.contains(urgency)) {
            tally.violation(
                    Rule.FINDINGS, record, tick.id(), "no tick raised the finding " + fingerprint + " as " + urgency);
        }
        DecideFinding decision = run.decision(fingerprint);
        String decided = decision == null ? "none" : decision.action().id();
        expect(
                record,
                run,
                "the decision of " + fingerprint,
                decided,
                finding.path("decision").asString(""));
        String text = decision == null || decision.text() == null ? "" : decision.text();
        expect(
                record,
                run,
                "the text of " + fingerprint,
                text,
                finding.path("text").asString(""));
        if (decision != null && decision.action() == Action.NOTIFY) {
            notified.putIfAbsent(new RunKey(tick.agent(), tick.id() + "/" + fingerprint), false);
        }
    }

    /** What the run decided about something that was raised is shown, unless its agent was deleted since. */
    private void decided(Seen record, LoggedRun run, JsonNode findings) {
        Set<String> shown = new HashSet<>();
        findings.forEach(finding -> shown.add(finding.path("fingerprint").asString("")));
        for (DecideFinding decision : run.decisions()) {
            boolean isKnown =
                    referee.raised(run.agent).containsKey(decision.fingerprint()) && referee.deletedAt(run.agent) < 0;
            if (isKnown && !shown.contains(decision.fingerprint()) && shown.size() < 50) {
                tally.violation(
                        Rule.FINDINGS,
                        record,
                        String.valueOf(run.tickId),
                        "the run decided " + decision.action().id() + " of " + decision.fingerprint()
                                + ", and the outcome does not say so");
            }
        }
    }

    private void expect(Seen record, LoggedRun run, String what, Object logged, Object told) {
        if (!logged.equals(told)) {
            tally.violation(
                    Rule.FINDINGS,
                    record,
                    String.valueOf(run.tickId),
                    what + " is " + ReplyRules.shortened(told) + " in the outcome, and " + ReplyRules.shortened(logged)
                            + " by the log");
        }
    }

    // ---- attention

    /** Hears of the next record that a human should see. To be called when all outcomes are read. */
    void attention(Seen record) {
        attentions.saw(record);
        JsonNode attention = record.json();
        String tickId = attention.path("tickId").asString("");
        String fingerprint = attention.path("fingerprint").asString("");
        String id = attention.path("attentionId").asString("");
        records.check(record, id);
        RunKey key = new RunKey(record.agent(), id);
        if (!alerts.getOrDefault(new RunKey(record.agent(), tickId), Set.of()).contains(id)) {
            decidedByRun(record, attention, tickId, fingerprint, id);
        }
        if (Boolean.TRUE.equals(notified.put(key, true))) {
            tally.violation(Rule.FINDINGS, record, tickId, "a human is told of " + id + " for the second time");
        }
    }

    private void decidedByRun(Seen record, JsonNode attention, String tickId, String fingerprint, String id) {
        LoggedRun run = referee.run(new RunKey(record.agent(), "heartbeat-" + tickId));
        DecideFinding decision = run == null ? null : run.decision(fingerprint);
        if (!id.equals(tickId + "/" + fingerprint)) {
            tally.violation(Rule.FINDINGS, record, tickId, "attentionId is not the tick's id and the fingerprint");
        }
        if (decision == null || decision.action() != Action.NOTIFY) {
            tally.violation(Rule.FINDINGS, record, tickId, "no finished run decided to notify of " + fingerprint);
        } else if (decision.text() != null
                && !decision.text().equals(attention.path("text").asString(""))) {
            tally.violation(Rule.FINDINGS, record, tickId, "the text is not what the run decided");
        }
    }

    // ---- when all are read

    void finish() {
        inputs.ticks().forEach(this::ticked);
        told.forEach((tick, counts) -> {
            if (ScheduledTick.isReserved(tick.id()) && counts[0] + counts[1] > 1) {
                tally.violation(
                        Rule.TICKS,
                        null,
                        tick.agent(),
                        tick.id(),
                        "the scheduler made the tick once, and it has " + (counts[0] + counts[1]) + " outcomes");
            }
        });
        notified.forEach((key, isTold) -> {
            if (!isTold && attentions.isWhole()) {
                tally.missing(Rule.FINDINGS, null, key.agent(), key.id(), "a human was to be told, and is not");
            }
        });
        Map<RunKey, LoggedRun> ofTick = new HashMap<>();
        for (LoggedRun run : referee.runs()) {
            if (run.lane == Lane.HEARTBEAT) {
                tally.ended(Lane.HEARTBEAT, ReplyRules.how(run.ending));
                LoggedRun other = run.tickId == null ? null : ofTick.put(new RunKey(run.agent, run.tickId), run);
                if (other != null && run.openedTime - other.openedTime < REMEMBERED_MS) {
                    tally.violation(Rule.TICKS, run, "the tick " + run.tickId + " began " + other + ", too");
                }
                boolean isDue = run.tickId != null && ScheduledTick.isReserved(run.tickId);
                if (isDue && run.ending != null && run.repliedAt < 0 && outcomes.covers(run.endedTime)) {
                    tally.missing(
                            Rule.TICKS, null, run.agent, run.tickId, run + " has ended, and its tick has no outcome");
                }
            }
        }
    }

    private void ticked(RunKey tick, Inputs.Times sent) {
        int[] counts = told.getOrDefault(tick, new int[2]);
        int all = counts[0] + counts[1];
        boolean mayBeForgotten = sent.lastAt - sent.firstAt > REMEMBERED_MS;
        if (all > sent.count && ticks.isWhole()) {
            tally.violation(
                    Rule.TICKS,
                    sent.place,
                    tick.agent(),
                    tick.id(),
                    "the tick was sent " + sent.count + " times, and has " + all + " outcomes");
        } else if (all < sent.count && outcomes.covers(sent.firstAt)) {
            tally.missing(
                    Rule.TICKS,
                    sent.place,
                    tick.agent(),
                    tick.id(),
                    "the tick was sent " + sent.count + " times, and has " + all + " outcomes");
        }
        if (counts[0] > 1 && !mayBeForgotten) {
            tally.violation(
                    Rule.TICKS, sent.place, tick.agent(), tick.id(), "the tick counted " + counts[0] + " times");
        } else if (counts[0] == 0 && all > 0 && outcomes.isWhole() && ticks.isWhole()) {
            tally.missing(
                    Rule.TICKS, sent.place, tick.agent(), tick.id(), "the tick is a duplicate, and never counted");
        }
    }
}
