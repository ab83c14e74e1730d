package dev.noesis.heartbeat;

import dev.noesis.config.HeartbeatConfig;
import dev.noesis.config.RunConfig;
import dev.noesis.heartbeat.Gate.Verdict;
import dev.noesis.mind.Alert;
import dev.noesis.mind.Folded;
import dev.noesis.mind.Memory.Agent;
import dev.noesis.mind.Memory.FindingEntry;
import dev.noesis.mind.Run;
import dev.noesis.model.CheckReport;
import dev.noesis.model.CheckTuning;
import dev.noesis.model.Finding;
import dev.noesis.model.Lane;
import dev.noesis.model.MindEvent.FindingsRaised;
import dev.noesis.model.Origin;
import dev.noesis.model.Schedule;
import dev.noesis.model.ScheduledTick;
import dev.noesis.run.Desk;
import dev.noesis.run.Events;
import dev.noesis.telemetry.LaneMetrics;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The life of a tick, from the gate to its outcome:
 *
 * <pre>
 *  tick ─▶ gate ─▶ checks look ─▶ FindingsRaised ─▶ fold ─┬─▶ alerts ─▶ agent.attention
 *           │           │                                 ├─▶ RunOpened ─▶ … heartbeat_respond … ─▶ fold ─┐
 *           │ refuses   │ nothing to tell                 │ no run is needed                              │ the run has ended
 *           └───────────┴─────────────────────────────────┴──────────────▶ outcome ◀──────────────────────┘
 * </pre>
 *
 * <p>A finding counts as handled only by the fold of a finished run: if the run fails, it is still new, and the next tick
 * finds it. StreamThread only.
 */
final class Beats {
    private static final String OUT_OF_SERVICE = "the agent is out of service";

    private final Desk desk;
    private final HeartbeatConfig config;
    private final RunConfig run;
    private final LaneMetrics metrics;
    private final Signals signals;
    private final Ticks ticks;
    private final Rounds rounds;
    private final Triage triage;
    private final Told told;
    private final RateLimit raises;
    private final Events events = new Events(Lane.HEARTBEAT, Origin.HEARTBEAT);

    Beats(
            Desk desk,
            HeartbeatConfig config,
            RunConfig run,
            LaneMetrics metrics,
            Signals signals,
            Ticks ticks,
            Rounds rounds,
            Triage triage,
            Told told) {
        this.desk = desk;
        this.config = config;
        this.run = run;
        this.metrics = metrics;
        this.signals = signals;
        this.ticks = ticks;
        this.rounds = rounds;
        this.triage = triage;
        this.told = told;
        this.raises = new RateLimit(config.maxBeatsPerSecond(), desk.now());
    }

    // ---- a tick comes

    /** A tick came from outside. */
    void came(String agent, HeartbeatInput.Tick tick, long appendedAt) {
        boolean seen = ticks.seen(agent, tick.tickId());
        ticks.see(agent, tick.tickId(), appendedAt);
        Run known = seen ? null : desk.cognition().run(agent, Triage.PREFIX + tick.tickId());
        if (known != null && known.spec().requestedAt() == appendedAt) {
            takeUp(agent, tick, known, appendedAt);
        } else {
            // A run may be known for longer than its tick: then the id is used up, and no run of that name can be
            // opened.
            beat(agent, tick, seen || known != null, appendedAt);
        }
    }

    /** The scheduler has made a tick, now or before a crash. */
    void isDue(ScheduledTick due) {
        HeartbeatInput.Tick tick = new HeartbeatInput.Tick(due.id(), due.dueAt(), "interval", null, null);
        Run known = desk.cognition().run(due.agent(), Triage.PREFIX + tick.tickId());
        if (known != null) {
            takeUp(due.agent(), tick, known, known.spec().requestedAt());
        } else {
            beat(due.agent(), tick, false, desk.now());
        }
    }

    /** @param appendedAt when it came, or was made */
    private void beat(String agent, HeartbeatInput.Tick tick, boolean seen, long appendedAt) {
        Schedule schedule = desk.cognition().schedule(agent);
        Agent memory = desk.cognition().agent(agent);
        switch (Gate.judge(view(agent, tick, seen, schedule, memory))) {
            case Verdict.Refuse(Gate.Skip reason) -> {
                if (seen) {
                    metrics.duplicate();
                } else {
                    tellAgain(agent, tick.tickId(), appendedAt);
                }
                told.outcome(agent, tick.tickId(), Outcomes.skipped(tick.tickId(), reason, List.of(), List.of()));
            }
            case Verdict.Pass(boolean isQuiet) -> {
                if (memory.fault() != null) {
                    told.outcome(agent, tick.tickId(), Outcomes.failed(tick.tickId(), OUT_OF_SERVICE));
                    return;
                }
                Long deadline = tick.deadlineMs();
                long deadlineAt =
                        appendedAt + (deadline == null ? run.deadline().toMillis() : deadline);
                Ticks.UnderWay underWay =
                        new Ticks.UnderWay(tick.tickId(), appendedAt, deadlineAt, isQuiet, tick.checks(), null, null);
                ticks.begin(agent, underWay);
                look(agent, underWay);
            }
        }
    }

    private Gate.View view(
            String agent, HeartbeatInput.Tick tick, boolean seen, @Nullable Schedule schedule, Agent memory) {
        List<FindingEntry> findings = desk.cognition().findings(agent);
        Selection byDay = selection(agent, tick.checks(), /* isQuiet= */ false);
        Selection inQuietHours = selection(agent, tick.checks(), /* isQuiet= */ true);
        boolean hasNews = (rounds.raisesSignals(byDay) && !signals.isEmpty(agent))
                || !rounds.due(agent, byDay).isEmpty()
                || Findings.isEscalationDue(findings, desk.now())
                || isDigestDue(agent, findings);
        return new Gate.View(
                new Gate.Beat(
                        ScheduledTick.isReserved(tick.tickId()),
                        tick.scheduledAt(),
                        desk.now(),
                        config.staleAfter().toMillis()),
                seen,
                schedule,
                memory.heartbeatRun() != null || ticks.underWay(agent) != null,
                !rounds.due(agent, inQuietHours).isEmpty(),
                hasNews,
                !Findings.toShow(findings).isEmpty(),
                triage.spentToday(agent),
                !raises.isOpen(desk.now()));
    }

    private boolean isDigestDue(String agent, List<FindingEntry> findings) {
        return Digests.isDue(
                desk.cognition().schedule(agent),
                config.digestHour(),
                desk.cognition().attentions(agent).digestAt(),
                findings,
                desk.now());
    }

    // ---- its checks look

    private void look(String agent, Ticks.UnderWay tick) {
        rounds.begin(agent, tick.tickId(), rounds.due(agent, selection(agent, tick)))
                .ifPresent(this::looked);
    }

    private Selection selection(String agent, Ticks.UnderWay tick) {
        return selection(agent, tick.only(), tick.comesInQuietHours());
    }

    private Selection selection(String agent, @Nullable List<String> named, boolean isQuiet) {
        Schedule schedule = desk.cognition().schedule(agent);
        return new Selection(named, schedule == null ? null : schedule.checks(), isQuiet);
    }

    /** Whether some tick waits for its checks. */
    boolean isLooking() {
        return rounds.isWaiting();
    }

    /** Raises what the checks have found that look on threads of their own. */
    void takeLooks() {
        rounds.finished().forEach(this::looked);
    }

    /** The task has come to own its partition: where a tick's checks were looking, they look again. */
    void recovered() {
        for (String agent : ticks.agents()) {
            Ticks.UnderWay tick = ticks.underWay(agent);
            if (tick != null && tick.checks() == null && !rounds.isWaiting(agent)) {
                look(agent, tick);
            }
        }
    }

    private void looked(Rounds.Result result) {
        String agent = result.agent();
        Ticks.UnderWay tick = ticks.underWay(agent);
        if (tick == null || !tick.tickId().equals(result.tickId()) || tick.checks() != null) {
            return;
        }
        List<FindingEntry> known = desk.cognition().findings(agent);
        boolean raisesSignals = rounds.raisesSignals(selection(agent, tick));
        List<Finding> waiting = raisesSignals ? signals.findings(agent, Findings.room(known)) : List.of();
        List<CheckReport> reports = new ArrayList<>();
        if (raisesSignals) {
            reports.add(signalsRaised(waiting.size()));
        }
        reports.addAll(result.reports());
        boolean isDigest = !tick.comesInQuietHours() && isDigestDue(agent, known);
        List<CheckTuning> tuned = config.tuner() ? rounds.tuned(agent) : List.of();
        boolean hasNews = !waiting.isEmpty()
                || isDigest
                || !tuned.isEmpty()
                || Findings.isEscalationDue(known, desk.now())
                || Findings.isNews(result, known, name -> desk.cognition().check(agent, name), desk.now());
        boolean wantsRun = !tick.comesInQuietHours() && !Findings.toShow(known).isEmpty();
        if (!hasNews && (!wantsRun || triage.isBudgetSpent(agent))) {
            tellAgain(agent, tick.tickId(), tick.appendedAt());
            told.outcome(
                    agent,
                    tick.tickId(),
                    Outcomes.skipped(
                            tick.tickId(), wantsRun ? Gate.Skip.BUDGET : Gate.Skip.NO_FINDINGS, List.of(), List.of()));
            ticks.end(agent);
            return;
        }
        raises.take();
        ticks.begin(agent, tick.looked(reports));
        desk.append(
                agent,
                events.decision(
                        raisedId(tick.tickId()),
                        new FindingsRaised(
                                tick.tickId(),
                                Stream.concat(waiting.stream(), result.findings().stream())
                                        .toList(),
                                desk.folded(),
                                reports,
                                isDigest ? true : null,
                                tuned.isEmpty() ? null : tuned)),
                0);
    }

    private CheckReport signalsRaised(int signals) {
        return new CheckReport(Finding.SIGNALS, CheckReport.Status.OK, signals, 0, desk.foldedAt(), false, null);
    }

    // ---- the log tells back what it raised

    void raised(String agent, Folded.Raised raised) {
        Ticks.UnderWay tick = ticks.underWay(agent);
        if (tick == null || !tick.tickId().equals(raised.tickId()) || tick.wasToldBack()) {
            return;
        }
        signals.remove(agent, raised.findings());
        raised.alerts().forEach(alert -> told.attention(agent, alert));
        if (!raised.digest().isEmpty()) {
            told.attention(agent, Digests.of(raised.digest(), tick.tickId(), tick.appendedAt()));
        }
        List<Finding> shown = tick.comesInQuietHours()
                ? List.of()
                : Findings.toShow(desk.cognition().findings(agent));
        if (shown.isEmpty() || triage.isBudgetSpent(agent)) {
            told.outcome(
                    agent,
                    tick.tickId(),
                    shown.isEmpty()
                            ? Outcomes.withoutRun(
                                    tick, raised.findings(), !raised.alerts().isEmpty())
                            : Outcomes.skipped(tick.tickId(), Gate.Skip.BUDGET, tick.reports(), raised.findings()));
            ticks.end(agent);
            return;
        }
        ticks.begin(agent, tick.toldBack());
        triage.open(agent, tick, shown);
    }

    // ---- its run ends

    void runMoved(String agent, Run after) {
        Ticks.UnderWay tick = ticks.underWay(agent);
        if (after.isOpen() || tick == null || !after.runId().equals(Triage.PREFIX + tick.tickId())) {
            return;
        }
        triage.ended(agent, tick, after);
        ticks.end(agent);
    }

    // ---- a crash, or the end of the agent

    /** The tick was read before a crash, and its run stands in the log: it is this tick's, however far it has come. */
    private void takeUp(String agent, HeartbeatInput.Tick tick, Run known, long appendedAt) {
        List<Finding> raised = desk.cognition().findings(agent).stream()
                .filter(entry -> entry.tickId().equals(tick.tickId()))
                .map(FindingEntry::finding)
                .toList();
        signals.remove(agent, raised);
        tellAgain(agent, tick.tickId(), appendedAt);
        Ticks.UnderWay underWay = new Ticks.UnderWay(
                tick.tickId(),
                appendedAt,
                known.spec().deadlineAt(),
                null,
                tick.checks(),
                List.of(signalsRaised(raised.size())),
                true);
        if (known.isOpen() && desk.cognition().agent(agent).fault() != null) {
            told.outcome(agent, tick.tickId(), Outcomes.failed(tick.tickId(), OUT_OF_SERVICE));
        } else if (known.isOpen()) {
            ticks.begin(agent, underWay);
        } else {
            triage.ended(agent, underWay, known);
        }
    }

    /**
     * The tick goes another way than before a crash. What it had raised by then counts, and what was to be told of that has died
     * with its transaction.
     */
    private void tellAgain(String agent, String tickId, long appendedAt) {
        desk.cognition().attentions(agent).items().stream()
                .filter(attention -> attention.tickId().equals(tickId) && Alert.isOfTick(attention))
                .forEach(attention -> told.attention(agent, attention));
        List<FindingEntry> digest = desk.cognition().digest(agent, tickId);
        if (!digest.isEmpty()) {
            told.attention(agent, Digests.of(digest, tickId, appendedAt));
        }
    }

    /** No run follows: the tick ends here, or no other could begin. */
    void notRaised(String agent, String tickId, String reason) {
        Ticks.UnderWay tick = ticks.underWay(agent);
        if (tick != null && tick.tickId().equals(tickId)) {
            giveUp(agent, reason);
        }
    }

    void giveUp(String agent, String reason) {
        rounds.drop(agent);
        Ticks.UnderWay tick = ticks.underWay(agent);
        if (tick != null) {
            // What is not on its way yet must not come behind what ended the tick: a deleted agent's memory stays
            // empty.
            desk.withdraw(agent, raisedId(tick.tickId()));
            desk.withdraw(agent, Events.openedId(Triage.PREFIX + tick.tickId()));
            told.outcome(agent, tick.tickId(), Outcomes.failed(tick.tickId(), reason));
            ticks.end(agent);
        }
    }

    void close() {
        rounds.close();
    }

    private static String raisedId(String tickId) {
        return "tick/" + tickId + "/raised";
    }
}
