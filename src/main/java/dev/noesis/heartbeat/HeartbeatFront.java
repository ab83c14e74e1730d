package dev.noesis.heartbeat;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.noesis.config.HeartbeatConfig;
import dev.noesis.config.RunConfig;
import dev.noesis.heartbeat.Gate.Verdict;
import dev.noesis.mind.DueTimes;
import dev.noesis.mind.Entries;
import dev.noesis.mind.Folded;
import dev.noesis.mind.Memory.Agent;
import dev.noesis.mind.Memory.FindingEntry;
import dev.noesis.mind.Run;
import dev.noesis.mind.RunState;
import dev.noesis.model.ErrorCode;
import dev.noesis.model.Finding;
import dev.noesis.model.Lane;
import dev.noesis.model.MemoryWrite.Action;
import dev.noesis.model.Message;
import dev.noesis.model.MindEvent;
import dev.noesis.model.MindEvent.FindingsRaised;
import dev.noesis.model.MindEvent.RunOpened;
import dev.noesis.model.MindEvent.ScheduleSet;
import dev.noesis.model.Origin;
import dev.noesis.model.RunSpec;
import dev.noesis.model.Schedule;
import dev.noesis.model.ScheduledTick;
import dev.noesis.run.DeadLetter;
import dev.noesis.run.Desk;
import dev.noesis.run.Events;
import dev.noesis.run.Input;
import dev.noesis.run.LaneFront;
import dev.noesis.serde.CloudEvents;
import dev.noesis.serde.Json;
import dev.noesis.telemetry.LaneMetrics;
import dev.noesis.tool.HeartbeatRespond;
import dev.noesis.topics.Topics;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * The heartbeat lane's front: keeps signals until a tick comes, makes the ticks that are due by the agents' schedules, lets
 * ticks through the gate, opens one run for what was found, and says what came of each tick.
 *
 * <p>A schedule is appended as {@code ScheduleSet}, and counts when the log tells it back. A tick that is due is made in
 * place, and goes the way of one that came as a record; that it was made, and when the next is due, are in one transaction.
 *
 * <p>A tick that passes appends {@code FindingsRaised}; when the log tells it back, the run is opened with every finding
 * that is new; when the run has ended, the outcome is written. A finding counts as handled only by the fold of a finished
 * run: if the run fails, it is still new, and the next tick finds it.
 */
final class HeartbeatFront implements LaneFront {
    private static final String PREFIX = "heartbeat-";
    private static final String OUT_OF_SERVICE = "the agent is out of service";

    private final Desk desk;
    private final Topics topics;
    private final HeartbeatConfig config;
    private final RunConfig run;
    private final List<String> tools;
    private final Set<String> models;
    private final LaneMetrics metrics;
    private final Signals signals;
    private final Ticks ticks;
    private final Scheduler scheduler;
    private final RateLimit raises;
    private final Events events = new Events(Lane.HEARTBEAT, Origin.HEARTBEAT);
    private final Events orders = new Events(Lane.HEARTBEAT, Origin.OPERATOR);

    HeartbeatFront(
            Desk desk,
            Topics topics,
            HeartbeatConfig config,
            RunConfig run,
            List<String> tools,
            Set<String> models,
            LaneMetrics metrics,
            Function<String, Entries> sections) {
        this.desk = desk;
        this.topics = topics;
        this.config = config;
        this.run = run;
        this.tools = tools;
        this.models = models;
        this.metrics = metrics;
        this.signals = new Signals(sections.apply(HeartbeatTopology.SIGNALS_SECTION));
        this.ticks = new Ticks(sections.apply(HeartbeatTopology.TICKS_SECTION));
        this.scheduler = new Scheduler(desk, metrics, new DueTicks(sections.apply(HeartbeatTopology.DUE_SECTION)));
        this.raises = new RateLimit(config.maxBeatsPerSecond(), desk.now());
    }

    @Override
    public void accept(Input input) {
        String agent = input.key() == null ? null : new String(input.key(), UTF_8);
        switch (read(agent, input)) {
            case HeartbeatInput.Signal signal -> {
                if (!signals.add(
                        String.valueOf(agent), signal, input.appendedAt(), input.offset(), config.maxSignals())) {
                    dead(input, "the agent has " + config.maxSignals() + " signals waiting already");
                }
            }
            case HeartbeatInput.Tick tick -> told(String.valueOf(agent), tick, input.appendedAt());
            case HeartbeatInput.ScheduleChange(Schedule schedule) ->
                desk.append(
                        String.valueOf(agent),
                        orders.decision(
                                "schedule/" + input.offset(), new ScheduleSet(schedule, input.offset(), desk.folded())),
                        0);
            case HeartbeatInput.Unreadable(String reason) -> dead(input, reason);
        }
    }

    private HeartbeatInput read(@Nullable String agent, Input input) {
        if (input.topic().equals(topics.agentSignals())) {
            return HeartbeatInputReader.signal(agent, input.value());
        }
        return input.topic().equals(topics.heartbeatSchedules())
                ? HeartbeatInputReader.schedule(agent, input.value(), input.appendedAt(), models)
                : HeartbeatInputReader.tick(agent, input.value(), input.appendedAt());
    }

    @Override
    public void tooLarge(Input input, boolean knows) {
        dead(input, "the record is larger than a tick, a signal or a schedule may be");
    }

    private void dead(Input input, String reason) {
        metrics.deadLetter();
        DeadLetter.send(desk, HeartbeatTopology.DLQ_SINK, input, reason);
    }

    /** A tick came from outside. */
    private void told(String agent, HeartbeatInput.Tick tick, long appendedAt) {
        boolean seen = ticks.seen(agent, tick.tickId());
        ticks.see(agent, tick.tickId(), appendedAt);
        Run known = seen ? null : desk.cognition().run(agent, PREFIX + tick.tickId());
        if (known != null && known.spec().requestedAt() == appendedAt) {
            takeUp(agent, tick, known, appendedAt);
        } else {
            // A run may be known for longer than its tick: then the id is used up, and no run of that name can be
            // opened.
            beat(agent, tick, seen || known != null, appendedAt);
        }
    }

    @Override
    public long dueAt() {
        return scheduler.dueAt();
    }

    @Override
    public void takeDue() {
        scheduler.take().forEach(this::isDue);
    }

    /** The scheduler has made a tick, now or before a crash. */
    private void isDue(ScheduledTick due) {
        HeartbeatInput.Tick tick = new HeartbeatInput.Tick(due.id(), due.dueAt(), "interval", null);
        Run known = desk.cognition().run(due.agent(), PREFIX + tick.tickId());
        if (known != null) {
            takeUp(due.agent(), tick, known, known.spec().requestedAt());
        } else {
            beat(due.agent(), tick, false, desk.now());
        }
    }

    /** @param appendedAt when it came, or was made */
    private void beat(String agent, HeartbeatInput.Tick tick, boolean seen, long appendedAt) {
        Agent memory = desk.cognition().agent(agent);
        Schedule schedule = desk.cognition().schedule(agent);
        Gate.View view = new Gate.View(
                new Gate.Beat(
                        ScheduledTick.isReserved(tick.tickId()),
                        tick.scheduledAt(),
                        desk.now(),
                        config.staleAfter().toMillis()),
                seen,
                schedule,
                memory.heartbeatRun() != null || ticks.underWay(agent) != null,
                !signals.isEmpty(agent)
                        || !Findings.toShow(desk.cognition().findings(agent)).isEmpty(),
                spentToday(agent, schedule),
                !raises.isOpen(desk.now()));
        switch (Gate.judge(view)) {
            case Verdict.Refuse(Gate.Skip reason) -> {
                if (reason == Gate.Skip.DUPLICATE) {
                    metrics.duplicate();
                }
                outcome(agent, tick.tickId(), Outcomes.skipped(tick.tickId(), reason));
            }
            case Verdict.Pass() -> {
                if (memory.fault() != null) {
                    outcome(agent, tick.tickId(), Outcomes.failed(tick.tickId(), OUT_OF_SERVICE));
                    return;
                }
                raises.take();
                List<Finding> found =
                        signals.findings(agent, Findings.room(desk.cognition().findings(agent)));
                Long deadline = tick.deadlineMs();
                ticks.begin(
                        agent,
                        new Ticks.UnderWay(
                                tick.tickId(),
                                appendedAt,
                                appendedAt + (deadline == null ? run.deadline().toMillis() : deadline),
                                found.size()));
                desk.append(
                        agent,
                        events.decision(
                                raisedId(tick.tickId()), new FindingsRaised(tick.tickId(), found, desk.folded())),
                        0);
            }
        }
    }

    private long spentToday(String agent, @Nullable Schedule schedule) {
        return schedule == null || schedule.tokensPerDay() == null
                ? 0
                : desk.cognition().spentSince(agent, DueTimes.midnight(schedule, desk.now()));
    }

    /** The tick was read before a crash, and its run stands in the log: it is this tick's, however far it has come. */
    private void takeUp(String agent, HeartbeatInput.Tick tick, Run known, long appendedAt) {
        List<Finding> raised = desk.cognition().findings(agent).stream()
                .filter(entry -> entry.tickId().equals(tick.tickId()))
                .map(FindingEntry::finding)
                .toList();
        signals.remove(agent, raised);
        Ticks.UnderWay underWay =
                new Ticks.UnderWay(tick.tickId(), appendedAt, known.spec().deadlineAt(), raised.size());
        if (known.isOpen() && desk.cognition().agent(agent).fault() != null) {
            outcome(agent, tick.tickId(), Outcomes.failed(tick.tickId(), OUT_OF_SERVICE));
        } else if (known.isOpen()) {
            ticks.begin(agent, underWay);
        } else {
            ended(agent, underWay, known);
        }
    }

    @Override
    public void runMoved(String agent, @Nullable Run before, Run after, MindEvent event) {
        Ticks.UnderWay tick = ticks.underWay(agent);
        if (after.isOpen() || tick == null || !after.runId().equals(PREFIX + tick.tickId())) {
            return;
        }
        ended(agent, tick, after);
        ticks.end(agent);
    }

    private void ended(String agent, Ticks.UnderWay tick, Run after) {
        List<Finding> shown = Findings.shownTo(after.runId(), desk.cognition().findings(agent));
        outcome(agent, tick.tickId(), Outcomes.of(tick, after, shown));
        if (after.state() instanceof RunState.Finished) {
            shown.forEach(finding -> notify(agent, tick.tickId(), after, finding));
        }
        metrics.runEnded(outcome(after));
        if (after.turn() >= 0 && !(after.state() instanceof RunState.Cancelled)) {
            metrics.replied(after.spec().requestedAt(), desk.now());
        }
    }

    private static String outcome(Run ended) {
        return switch (ended.state()) {
            case RunState.Finished _ -> "success";
            case RunState.Cancelled _ -> "cancelled";
            case RunState.Failed(ErrorCode code, String _) -> code.id();
            case RunState.Open _ -> throw new IllegalArgumentException("the run has not ended");
        };
    }

    private void notify(String agent, String tickId, Run after, Finding finding) {
        Outcomes.decision(after, finding)
                .filter(decision -> decision.action() == Action.NOTIFY)
                .ifPresent(decision -> send(
                        HeartbeatTopology.ATTENTION_SINK,
                        agent,
                        tickId + "/" + finding.fingerprint(),
                        "attention",
                        Outcomes.attention(tickId, finding, decision, desk.now())));
    }

    @Override
    public void folded(String agent, MindEvent event, Folded folded) {
        switch (folded) {
            case Folded.Raised(String tickId, List<Finding> findings) -> raised(agent, tickId, findings);
            case Folded.Scheduled(Schedule schedule) -> scheduler.set(agent, schedule);
            case Folded.Deleted _ -> {
                giveUp(agent, "the agent was deleted");
                signals.removeAll(agent);
                scheduler.set(agent, null);
            }
            case Folded.Faulted(String reason, List<Run> _) -> giveUp(agent, reason);
            case Folded.Ignored(String reason)
            when event.lane() == Lane.HEARTBEAT && event.body() instanceof FindingsRaised raised ->
                notRaised(agent, raised.tickId(), reason);
            case Folded.RunMoved _,
                    Folded.Ignored _,
                    Folded.Fenced _,
                    Folded.HandedOver _,
                    Folded.Noted _,
                    Folded.Stale _ -> {
                // nothing that a heartbeat waits for
            }
        }
    }

    private void raised(String agent, String tickId, List<Finding> findings) {
        Ticks.UnderWay tick = ticks.underWay(agent);
        if (tick == null || !tick.tickId().equals(tickId)) {
            return;
        }
        signals.remove(agent, findings);
        String id = PREFIX + tickId;
        Schedule schedule = desk.cognition().schedule(agent);
        Long tokens = schedule == null || schedule.tokensPerDay() == null
                ? null
                : Math.max(1, schedule.tokensPerDay() - spentToday(agent, schedule));
        desk.append(
                agent,
                events.opened(
                        id,
                        id,
                        new RunOpened(
                                new RunSpec(
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
                                        tickId,
                                        null),
                                List.of(Message.user(
                                        id + "/findings",
                                        TriagePrompt.of(
                                                Findings.toShow(desk.cognition().findings(agent))))),
                                -1,
                                desk.folded())),
                0);
    }

    /** No run follows: the tick ends here, or no other could begin. */
    private void notRaised(String agent, String tickId, String reason) {
        Ticks.UnderWay tick = ticks.underWay(agent);
        if (tick != null && tick.tickId().equals(tickId)) {
            giveUp(agent, reason);
        }
    }

    private void giveUp(String agent, String reason) {
        Ticks.UnderWay tick = ticks.underWay(agent);
        if (tick != null) {
            // What is not on its way yet must not come behind what ended the tick: a deleted agent's memory stays
            // empty.
            desk.withdraw(agent, raisedId(tick.tickId()));
            desk.withdraw(agent, Events.openedId(PREFIX + tick.tickId()));
            outcome(agent, tick.tickId(), Outcomes.failed(tick.tickId(), reason));
            ticks.end(agent);
        }
    }

    private static String raisedId(String tickId) {
        return "tick/" + tickId + "/raised";
    }

    @Override
    public void recovered() {
        // What was under way has its effects in the outbox, and they go on by themselves.
    }

    @Override
    public void admit() {
        // A tick is decided when it comes; nothing waits to be admitted.
    }

    private void outcome(String agent, String tickId, ObjectNode outcome) {
        Long next = scheduler.dueAt(agent);
        if (next != null) {
            outcome.put("nextDueAt", Instant.ofEpochMilli(next).toString());
        }
        send(HeartbeatTopology.OUTCOMES_SINK, agent, tickId, "outcome", Json.write(outcome));
    }

    private void send(String sink, String agent, String id, String type, byte[] json) {
        desk.send(
                sink,
                agent,
                json,
                CloudEvents.headers(
                        id,
                        "dev.noesis.heartbeat." + type,
                        "noesis/heartbeat",
                        agent,
                        desk.now(),
                        CloudEvents.traceparent(agent, id)));
    }
}
