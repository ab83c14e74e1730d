package dev.noesis.check;

import dev.noesis.check.LoggedRun.Ending;
import dev.noesis.mind.Cognition;
import dev.noesis.mind.FindingLife;
import dev.noesis.mind.Fold;
import dev.noesis.mind.Folded;
import dev.noesis.mind.MapEntries;
import dev.noesis.mind.Memory.FindingEntry;
import dev.noesis.mind.Memory.FindingState;
import dev.noesis.mind.Run;
import dev.noesis.mind.RunState;
import dev.noesis.model.ErrorCode;
import dev.noesis.model.Lane;
import dev.noesis.model.MemoryWrite.Action;
import dev.noesis.model.MemoryWrite.DecideFinding;
import dev.noesis.model.MindEvent;
import dev.noesis.model.MindEvent.Barrier;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A partition's memory: the lanes' checkpoints against a fold of our own, and that fold against the {@link Referee}. What the
 * fold says is used for nothing else, but where the referee cannot know: which turns outgrew a record.
 */
final class MemoryRules {
    private final Referee referee;
    private final Tally tally;
    private final int partitions;
    private final Fold fold = new Fold(new MapEntries(), Fold.Position.START);
    private final Checkpoints checkpoints = new Checkpoints();
    private final Set<String> outOfService = new HashSet<>();
    private final Map<RunKey, Set<String>> alerts = new HashMap<>();
    private long clock;
    private boolean isStopped;

    /** @param partitions of each topic */
    MemoryRules(Referee referee, Tally tally, int partitions) {
        this.referee = referee;
        this.tally = tally;
        this.partitions = partitions;
    }

    /** Agents of which an event could not be folded: the lanes answer {@code internal} for them. */
    Set<String> outOfService() {
        return outOfService;
    }

    /** What each tick is to tell humans at once, by attentionId. */
    Map<RunKey, Set<String>> alerts() {
        return alerts;
    }

    /** Whether the log could not be folded on: then nothing behind that place is proven. */
    boolean isStopped() {
        return isStopped;
    }

    /** Folds the next record of the log; whether it is an event. */
    boolean fold(Seen record) {
        if (isStopped) {
            return false;
        }
        clock = Math.max(clock, record.timestamp());
        Fold.Result result;
        try {
            result = fold.fold(record.offset(), record.key(), record.value(), record.timestamp());
        } catch (Fold.StoppedException e) {
            isStopped = true;
            tally.violation(Rule.LOG, record.place(), null, null, String.valueOf(e.getMessage()));
            return false;
        }
        checkpoints.folded(
                result,
                fold.position(),
                (lane, problem) -> tally.violation(
                        Rule.CHECKPOINTS,
                        record.place(),
                        null,
                        null,
                        "the " + lane.id() + " lane's checkpoint " + problem));
        switch (result) {
            case Fold.Result.Event(String agent, MindEvent event, Folded folded) -> {
                if (folded instanceof Folded.Faulted(String reason, var _) && outOfService.add(agent)) {
                    tally.violation(Rule.LOG, record, null, "the agent is out of service: " + reason);
                }
                if (folded instanceof Folded.Raised raised) {
                    Set<String> ofTick =
                            alerts.computeIfAbsent(new RunKey(agent, raised.tickId()), _ -> new HashSet<>(2));
                    raised.alerts().forEach(alert -> ofTick.add(alert.attentionId()));
                    if (!raised.digest().isEmpty()) {
                        ofTick.add(raised.tickId() + "/digest");
                    }
                }
                if (event.body() instanceof Barrier barrier && barrier.partitions() != partitions) {
                    tally.violation(
                            Rule.LOG,
                            record.place(),
                            null,
                            null,
                            "a task began with " + barrier.partitions() + " partitions, and there are " + partitions);
                }
            }
            case Fold.Result.Poison _ -> tally.poison++;
            case Fold.Result.Skipped _ ->
                tally.violation(Rule.LOG, record.place(), null, null, "the record was there before");
        }
        return result instanceof Fold.Result.Event;
    }

    /** To be called at the log's end. */
    void compare() {
        for (Lane lane : Lane.values()) {
            tally.checkpoints(lane, checkpoints.of(lane));
            referee.tenures(lane)
                    .leftWithoutCheckpoint()
                    .forEach(barrier -> tally.missing(
                            Rule.CHECKPOINTS,
                            null,
                            null,
                            null,
                            "the " + lane.id() + " lane's task of barrier " + barrier
                                    + " handed over and left no checkpoint"));
        }
        tally.comparisons += checkpoints.comparisons();
        if (isStopped) {
            return;
        }
        Cognition memory = fold.cognition();
        Set<String> agents = new HashSet<>();
        for (LoggedRun run : referee.runs()) {
            if (!outOfService.contains(run.agent)) {
                agents.add(run.agent);
                if (referee.run(new RunKey(run.agent, run.runId)) == run) {
                    compare(memory.run(run.agent, run.runId), run);
                }
            }
        }
        agents.forEach(agent -> memory.findings(agent).forEach(entry -> compare(agent, entry)));
    }

    private void compare(@Nullable Run remembered, LoggedRun run) {
        boolean isEmptied = !run.isOpen() && run.endedAt <= referee.deletedAt(run.agent);
        if (remembered == null) {
            if (run.isOpen() || clock - run.endedTime <= run.rememberMs) {
                tally.violation(Rule.FIRST_WINS, run, "the run is in the log and not in memory");
            }
            return;
        }
        if (isEmptied) {
            return;
        }
        if (run.mayBeTooLarge()
                && remembered.state() instanceof RunState.Failed(ErrorCode code, String _)
                && code == ErrorCode.ANSWER_TOO_LARGE) {
            run.ending = new Ending.Failed(code);
            return;
        }
        if (!state(run.ending).equals(state(remembered.state()))) {
            tally.violation(
                    Rule.FIRST_WINS,
                    run,
                    "the run is " + state(run.ending) + " by the log, and " + state(remembered.state()) + " in memory");
        }
    }

    private void compare(String agent, FindingEntry entry) {
        String fingerprint = entry.finding().fingerprint();
        boolean isSettledOtherwise = referee.isReactedTo(agent, fingerprint) || FindingLife.isDigested(entry);
        if (entry.state() != FindingState.ACKNOWLEDGED || isSettledOtherwise) {
            return;
        }
        LoggedRun run = entry.runId() == null ? null : referee.run(new RunKey(agent, entry.runId()));
        DecideFinding decision = run == null ? null : run.decision(fingerprint);
        if (decision == null || decision.action() == Action.DEFER) {
            tally.violation(
                    Rule.FINDINGS,
                    null,
                    agent,
                    entry.runId(),
                    "finding " + fingerprint + " is acknowledged, and neither a finished run nor a human decided so");
        }
    }

    private static String state(@Nullable Ending ending) {
        return switch (ending) {
            case null -> "open";
            case Ending.Success _ -> "finished";
            case Ending.Cancelled(String reason) -> "cancelled: " + reason;
            case Ending.Failed(var code) -> "failed: " + code.id();
        };
    }

    private static String state(RunState state) {
        return switch (state) {
            case RunState.Open _ -> "open";
            case RunState.Finished _ -> "finished";
            case RunState.Cancelled(String reason) -> "cancelled: " + reason;
            case RunState.Failed(var code, String _) -> "failed: " + code.id();
        };
    }
}
