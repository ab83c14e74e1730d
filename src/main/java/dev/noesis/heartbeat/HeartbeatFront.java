package dev.noesis.heartbeat;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.noesis.config.HeartbeatConfig;
import dev.noesis.config.RunConfig;
import dev.noesis.heartbeat.checks.CheckRunner;
import dev.noesis.heartbeat.checks.Checks;
import dev.noesis.mind.Entries;
import dev.noesis.mind.Folded;
import dev.noesis.mind.Run;
import dev.noesis.model.Lane;
import dev.noesis.model.MindEvent;
import dev.noesis.model.MindEvent.CheckTuned;
import dev.noesis.model.MindEvent.FindingReacted;
import dev.noesis.model.MindEvent.FindingsRaised;
import dev.noesis.model.MindEvent.ScheduleSet;
import dev.noesis.model.Origin;
import dev.noesis.model.Schedule;
import dev.noesis.run.DeadLetter;
import dev.noesis.run.Desk;
import dev.noesis.run.Events;
import dev.noesis.run.Input;
import dev.noesis.run.LaneFront;
import dev.noesis.telemetry.LaneMetrics;
import dev.noesis.topics.Topics;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The heartbeat lane's front: keeps signals until a tick comes, appends what humans say of schedules, findings and checks, makes
 * the ticks that are due, and gives each tick to {@link Beats}.
 *
 * <p>A schedule is appended as {@code ScheduleSet}, what a human says of a finding as {@code FindingReacted}, of a check as
 * {@code CheckTuned}, and they count when the log tells them back. A tick that is due is made in
 * place, and goes the way of one that came as a record; that it was made, and when the next is due, are in one transaction.
 */
final class HeartbeatFront implements LaneFront {
    private final Desk desk;
    private final Topics topics;
    private final int maxSignals;
    private final CheckNames checkNames;
    private final ScheduleReader schedules;
    private final LaneMetrics metrics;
    private final Signals signals;
    private final Scheduler scheduler;
    private final Beats beats;
    private final Events orders = new Events(Lane.HEARTBEAT, Origin.OPERATOR);

    HeartbeatFront(
            Desk desk,
            Topics topics,
            HeartbeatConfig config,
            RunConfig run,
            Checks checks,
            Semaphore looks,
            List<String> tools,
            Set<String> models,
            LaneMetrics metrics,
            Function<String, Entries> sections) {
        this.desk = desk;
        this.topics = topics;
        this.maxSignals = config.maxSignals();
        this.checkNames = new CheckNames(checks.names());
        this.schedules = new ScheduleReader(models, checkNames);
        this.metrics = metrics;
        this.signals = new Signals(sections.apply(HeartbeatTopology.SIGNALS_SECTION));
        this.scheduler = new Scheduler(desk, metrics, new DueTicks(sections.apply(HeartbeatTopology.DUE_SECTION)));
        Told told = new Told(desk, scheduler);
        this.beats = new Beats(
                desk,
                config,
                run,
                metrics,
                signals,
                new Ticks(sections.apply(HeartbeatTopology.TICKS_SECTION)),
                new Rounds(desk, checks, new CheckRunner(looks, () -> {})),
                new Triage(desk, run, tools, metrics, told),
                told);
    }

    @Override
    public void accept(Input input) {
        String agent = input.key() == null ? null : new String(input.key(), UTF_8);
        switch (read(agent, input)) {
            case HeartbeatInput.Signal signal -> {
                if (!signals.add(String.valueOf(agent), signal, input.appendedAt(), input.offset(), maxSignals)) {
                    dead(input, "the agent has " + maxSignals + " signals waiting already");
                }
            }
            case HeartbeatInput.Tick tick -> beats.came(String.valueOf(agent), tick, input.appendedAt());
            case HeartbeatInput.ScheduleChange(Schedule schedule) ->
                desk.append(
                        String.valueOf(agent),
                        orders.decision(
                                "schedule/" + input.offset(), new ScheduleSet(schedule, input.offset(), desk.folded())),
                        0);
            case HeartbeatInput.Reaction reaction -> react(String.valueOf(agent), reaction, input);
            case HeartbeatInput.Tuning tuning -> tune(String.valueOf(agent), tuning, input);
            case HeartbeatInput.Unreadable(String reason) -> dead(input, reason);
        }
    }

    private void react(String agent, HeartbeatInput.Reaction reaction, Input input) {
        desk.append(
                agent,
                orders.decision(
                        "reaction/" + input.offset(),
                        new FindingReacted(
                                reaction.fingerprint(),
                                reaction.action(),
                                reaction.until(),
                                reaction.note(),
                                input.offset(),
                                desk.folded())),
                0);
    }

    private void tune(String agent, HeartbeatInput.Tuning tuning, Input input) {
        desk.append(
                agent,
                orders.decision(
                        "tuning/" + input.offset(),
                        new CheckTuned(
                                tuning.check(),
                                tuning.everyMs(),
                                tuning.resets(),
                                tuning.pinned(),
                                input.offset(),
                                desk.folded())),
                0);
    }

    private HeartbeatInput read(@Nullable String agent, Input input) {
        if (input.topic().equals(topics.agentSignals())) {
            return HeartbeatInputReader.signal(agent, input.value());
        }
        return input.topic().equals(topics.heartbeatSchedules())
                ? HeartbeatInputReader.schedule(agent, input.value(), input.appendedAt(), schedules)
                : HeartbeatInputReader.tick(agent, input.value(), input.appendedAt(), checkNames);
    }

    @Override
    public void tooLarge(Input input, boolean knows) {
        dead(input, "the record is larger than a tick, a signal or a schedule may be");
    }

    private void dead(Input input, String reason) {
        metrics.deadLetter();
        DeadLetter.send(desk, HeartbeatTopology.DLQ_SINK, input, reason);
    }

    @Override
    public long dueAt() {
        return beats.isLooking() ? desk.now() : scheduler.dueAt();
    }

    @Override
    public void takeDue() {
        beats.takeLooks();
        scheduler.take().forEach(beats::isDue);
    }

    @Override
    public void runMoved(String agent, @Nullable Run before, Run after, MindEvent event) {
        beats.runMoved(agent, after);
    }

    @Override
    public void folded(String agent, MindEvent event, Folded folded) {
        switch (folded) {
            case Folded.Raised raised -> beats.raised(agent, raised);
            case Folded.Scheduled(Schedule schedule) -> scheduler.set(agent, schedule);
            case Folded.Deleted _ -> {
                beats.giveUp(agent, "the agent was deleted");
                signals.removeAll(agent);
                scheduler.set(agent, null);
            }
            case Folded.Faulted(String reason, List<Run> _) -> beats.giveUp(agent, reason);
            case Folded.Ignored(String reason)
            when event.lane() == Lane.HEARTBEAT && event.body() instanceof FindingsRaised raised ->
                beats.notRaised(agent, raised.tickId(), reason);
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

    @Override
    public void recovered() {
        // What was appended goes on by itself; what was looked at is kept nowhere.
        beats.recovered();
    }

    @Override
    public void admit() {
        // A tick is decided when it comes; nothing waits to be admitted.
    }

    @Override
    public void close() {
        beats.close();
    }
}
