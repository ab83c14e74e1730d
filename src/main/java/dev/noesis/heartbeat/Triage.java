package dev.noesis.heartbeat;

import dev.noesis.config.RunConfig;
import dev.noesis.mind.Alert;
import dev.noesis.mind.Attention;
import dev.noesis.mind.DueTimes;
import dev.noesis.mind.Run;
import dev.noesis.mind.RunState;
import dev.noesis.model.ErrorCode;
import dev.noesis.model.Finding;
import dev.noesis.model.Lane;
import dev.noesis.model.MemoryWrite.Action;
import dev.noesis.model.Message;
import dev.noesis.model.MindEvent.RunOpened;
import dev.noesis.model.Origin;
import dev.noesis.model.RunSpec;
import dev.noesis.model.Schedule;
import dev.noesis.run.Desk;
import dev.noesis.run.Events;
import dev.noesis.telemetry.LaneMetrics;
import dev.noesis.tool.HeartbeatRespond;
import java.util.List;
import java.util.Optional;

/** The one run of a tick, which decides about findings: how it begins, what it may spend, and what its end tells. */
final class Triage {
    /** Begins the names of runs, and of their threads; the tick's follows. */
    static final String PREFIX = "heartbeat-";

    private final Desk desk;
    private final RunConfig run;
    private final List<String> tools;
    private final LaneMetrics metrics;
    private final Told told;
    private final Events events = new Events(Lane.HEARTBEAT, Origin.HEARTBEAT);

    Triage(Desk desk, RunConfig run, List<String> tools, LaneMetrics metrics, Told told) {
        this.desk = desk;
        this.run = run;
        this.tools = tools;
        this.metrics = metrics;
        this.told = told;
    }

    /** Tokens that the agent's heartbeats were charged since its midnight; 0 where they have no budget. */
    long spentToday(String agent) {
        Schedule schedule = desk.cognition().schedule(agent);
        return schedule == null || schedule.tokensPerDay() == null
                ? 0
                : desk.cognition().spentSince(agent, DueTimes.midnight(schedule, desk.now()));
    }

    boolean isBudgetSpent(String agent) {
        Schedule schedule = desk.cognition().schedule(agent);
        return schedule != null && schedule.tokensPerDay() != null && spentToday(agent) >= schedule.tokensPerDay();
    }

    /** Shows these to a run, which may spend what is left of the day. */
    void open(String agent, Ticks.UnderWay tick, List<Finding> shown) {
        String id = PREFIX + tick.tickId();
        Schedule schedule = desk.cognition().schedule(agent);
        Long tokens = schedule == null || schedule.tokensPerDay() == null
                ? null
                : Math.max(1, schedule.tokensPerDay() - spentToday(agent));
        RunSpec spec = new RunSpec(
                tick.appendedAt(),
                tick.deadlineAt(),
                run.maxSteps(),
                run.remember().toMillis(),
                schedule == null ? null : schedule.model(),
                null,
                tokens,
                tools,
                HeartbeatRespond.NAME,
                List.of(TriagePrompt.INSTRUCTIONS),
                List.of(),
                null,
                tick.tickId(),
                null);
        Message findings = Message.user(id + "/findings", TriagePrompt.of(shown));
        desk.append(agent, events.opened(id, id, new RunOpened(spec, List.of(findings), -1, desk.folded())), 0);
    }

    /** The run has ended: its tick's outcome says how, and humans are told of what it decided to notify of. */
    void ended(String agent, Ticks.UnderWay tick, Run after) {
        List<Finding> shown = Findings.shownTo(after.runId(), desk.cognition().findings(agent));
        told.outcome(agent, tick.tickId(), Outcomes.of(tick, after, shown));
        if (after.state() instanceof RunState.Finished) {
            shown.forEach(finding -> decided(after, finding).ifPresent(attention -> told.attention(agent, attention)));
        }
        metrics.runEnded(outcome(after));
        if (after.turn() >= 0 && !(after.state() instanceof RunState.Cancelled)) {
            metrics.replied(after.spec().requestedAt(), desk.now());
        }
    }

    private static Optional<Attention> decided(Run after, Finding finding) {
        return Outcomes.decision(after, finding)
                .filter(decision -> decision.action() == Action.NOTIFY)
                .map(decision -> Alert.decided(finding, after, decision));
    }

    private static String outcome(Run ended) {
        return switch (ended.state()) {
            case RunState.Finished _ -> "success";
            case RunState.Cancelled _ -> "cancelled";
            case RunState.Failed(ErrorCode code, String _) -> code.id();
            case RunState.Open _ -> throw new IllegalArgumentException("the run has not ended");
        };
    }
}
